"""Docker daemons that anyone in the network may command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

from drone_lint.api import CWE, Finding, Jsonnet, Pipeline, Rule, Step, Trigger, Value
from drone_lint_rules.docker.access import host_of
from drone_lint_rules.docker.connection import split_address
from drone_lint_rules.docker.daemons import STARTERS, daemons, is_dind
from drone_lint_rules.docker.listeners import listening
from drone_lint_rules.drone import CONTAINERS
from drone_lint_rules.shell import script_of

_T = TypeVar("_T")


class DindInsecureTcp(Rule):
    """A Docker daemon listens without TLS.

    On port 2375, or with `DOCKER_TLS_CERTDIR` empty, the daemon asks nobody who they are: every container of the pipeline's network owns it, and with it the
    privilege that the daemon has.

    Share the socket through a `temp` volume at `/var/run`, or use port 2376 with the certificates that `docker:dind` makes.
    """

    name = "dind-insecure-tcp"
    view = "both"
    trigger = Trigger(words=("docker", "dind", "tcp://", "http://"))
    why = "every container in the pipeline's network owns the daemon"
    help = "share the socket through a `temp` volume at `/var/run`, or use port 2376 with certificates"
    references = (CWE(319), CWE(306))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        environment:
          DOCKER_HOST: tcp://daemon:2375  # <- dind-insecure-tcp
        steps:
        - name: build
          image: docker:27.3.1
          environment:
            DOCKER_HOST: tcp://daemon  # <- dind-insecure-tcp
          commands:
          - export DOCKER_HOST="tcp://daemon:2375" && docker info  # <- dind-insecure-tcp
          - docker -H tcp://daemon:2375 info  # <- dind-insecure-tcp
        services:
        - name: daemon
          image: docker:27.3.1-dind
          privileged: true
          environment:
            DOCKER_TLS_CERTDIR: ""  # <- dind-insecure-tcp
        - name: other
          image: docker:27.3.1-dind
          privileged: true
          command: [dockerd, --host=tcp://0.0.0.0:2375]  # <- dind-insecure-tcp
        - name: third
          image: cruizba/ubuntu-dind:noble-27.3.1
          privileged: true
          command:
          - -H
          - 0.0.0.0:2375  # <- dind-insecure-tcp
        """,
        """
        kind: pipeline
        type: docker
        name: disguised
        environment:
          DOCKER_TLS_CERTDIR:  # <- dind-insecure-tcp
        steps:
        - name: build
          image: docker:27.3.1
          commands:
          - sudo -E docker -Htcp://[fd00::1]:2375 info  # <- dind-insecure-tcp
          - env DOCKER_HOST=http://daemon:2375/ docker-compose up  # <- dind-insecure-tcp
          - dockerd -H 0.0.0.0:2375 --tls=false &  # <- dind-insecure-tcp
        services:
        - {name: daemon, image: "docker:27.3.1-dind", privileged: true}
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'docker:27.3.1', environment: {
            DOCKER_HOST: 'tcp://docker:2375',  // <- dind-insecure-tcp
          } },
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: docker:27.3.1
          environment: {DOCKER_HOST: "tcp://daemon:2376", DOCKER_TLS_CERTDIR: ""}
          commands: ["export DOCKER_HOST=unix:///var/run/docker.sock", "dockerd -H tcp://127.0.0.1:2375 &", "export DOCKER_HOST=tcp://localhost:2375"]
        services:
        - {name: daemon, image: "docker:27.3.1-dind", privileged: true, environment: {DOCKER_TLS_CERTDIR: /certs}}
        - {name: default, image: "docker:27.3.1-dind", privileged: true}
        - {name: verified, image: "docker:27.3.1-dind", privileged: true, command: [dockerd, -H, "tcp://0.0.0.0:2375", --tlsverify]}
        ---
        kind: pipeline
        type: docker
        name: verified
        steps:
        - name: build
          image: docker:27.3.1
          environment: {DOCKER_HOST: "tcp://daemon:2375", DOCKER_TLS_VERIFY: "1"}
        - name: secret
          image: docker:27.3.1
          environment: {DOCKER_HOST: {from_secret: docker_host}}
          commands: ["curl http://daemon:2375/info", "echo tcp://daemon:2375", "docker --context remote info", "docker -H ssh://host info"]
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in CONTAINERS:
            return
        environment = pipeline.get("environment")
        value = environment.get("DOCKER_HOST") if environment is not None else None
        if value is not None and _is_open(value.text) and not _verifies(environment) and _listens(pipeline, value.text):
            yield self._host(value)
        certificates = environment.get("DOCKER_TLS_CERTDIR") if environment is not None else None
        if certificates is not None and certificates.is_scalar and not certificates.text and daemons(pipeline):
            yield self.finding(certificates.place, "the Docker daemons of the pipeline are without TLS: `DOCKER_TLS_CERTDIR` is empty")

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in CONTAINERS:
            return
        value = step.environment.get("DOCKER_HOST")
        verifies = _verifies(step.get("environment")) or _verifies(pipeline.get("environment"))
        if value is not None and _is_open(value.text) and not verifies and _listens(pipeline, value.text):
            yield self._host(value)
        certificates = step.environment.get("DOCKER_TLS_CERTDIR")
        if certificates is not None and certificates.is_scalar and not certificates.text and _uses_entrypoint(step):
            yield self.finding(certificates.place, f"{step.title} is a Docker daemon without TLS: `DOCKER_TLS_CERTDIR` is empty")
        yield from self._arguments(step)
        if not verifies:
            yield from self._commands(step)

    def _host(self, value: Value) -> Finding:
        return self.finding(value.place, f"`DOCKER_HOST` is a daemon without TLS: `{value.text}`")

    def _arguments(self, step: Step) -> Iterator[Finding]:
        items = [item for key in ("command", "entrypoint") if (found := step.get(key)) is not None for item in found.scalars()]
        if not is_dind(step) or any(item.text in ("--tlsverify", "--tlsverify=true") for item in items):
            return
        for item, text in _addresses([(item, item.text) for item in items]):
            if _is_open(_as_listener(text)) or item.text in ("--tls=false", "--tlsverify=false"):
                yield self.finding(item.place, f"{step.title} is a Docker daemon without TLS: `{item.text}`")

    def _commands(self, step: Step) -> Iterator[Finding]:
        script = script_of(step)
        if not script.mentions("tcp://", ":2375", "http://"):
            return
        for command in script.commands:
            for assignment in command.assignments:
                text = assignment.value.text
                if assignment.name == "DOCKER_HOST" and _is_open(text) and _listens(step.pipeline, text):
                    yield self.finding(script.place(assignment.start, assignment.end), "`DOCKER_HOST` is a daemon without TLS")
            words = [word.text for word in command.arguments]
            if command.program not in ("docker", "docker-compose", *STARTERS) or "--tlsverify" in words or "--tls" in words:
                continue
            for word, text in _addresses([(word, word.text) for word in command.arguments]):
                listens = command.program in STARTERS
                if _is_open(_as_listener(text) if listens else text) and (listens or _listens(step.pipeline, text)):
                    yield self.finding(script.place(word.start, word.end), "this is a daemon without TLS")


def _listens(pipeline: Pipeline, address: str) -> bool:
    """Whether a daemon without TLS may be at an address: not where the pipeline's own is known to listen otherwise (`unreachable-daemon`)."""
    daemon = listening(pipeline).get(host_of(address))
    if daemon is None or not daemon.known or pipeline.type != "docker":
        return True
    port = split_address(address.partition("://")[2], tls=False)[1]
    return any(one.port == port and not one.tls for one in daemon.listeners)


def _addresses(words: list[tuple[_T, str]]) -> Iterator[tuple[_T, str]]:
    """The values of `-H` and `--host`, and other words as they are."""
    for at, (item, text) in enumerate(words):
        if text.startswith("-H") and len(text) > 2:
            yield item, text[2:].removeprefix("=")
        elif text.startswith("--"):
            yield item, text.partition("=")[2]
        elif "://" in text or (at and words[at - 1][1] in ("-H", "--host")):
            yield item, text


def _as_listener(text: str) -> str:
    """An address as the daemon reads it: `tcp://` may be left out."""
    return "tcp://" + text if text and "://" not in text and re.search(r":\d+$", text) else text


def _uses_entrypoint(step: Step) -> bool:
    """Whether the image's entrypoint starts the daemon, which is what reads `DOCKER_TLS_CERTDIR`."""
    return is_dind(step) and (not step.commands or script_of(step).mentions("dockerd-entrypoint"))


def _verifies(environment: Value | None) -> bool:
    """Whether clients are told to use TLS, whatever the port."""
    found = environment.get("DOCKER_TLS_VERIFY") if environment is not None else None
    return found is not None and found.text not in ("", "0")


def _is_open(text: str) -> bool:
    """Whether an address is one of a daemon that asks nobody who they are, and not only for this container."""
    if not text.startswith(("tcp://", "http://")):
        return False
    host = host_of(text)
    rest = text.partition("://")[2].rstrip("/").rpartition("]")[2]
    port = rest.rpartition(":")[2] if ":" in rest else ""
    return host not in ("localhost", "::1") and not host.startswith("127.") and port in ("", "2375")
