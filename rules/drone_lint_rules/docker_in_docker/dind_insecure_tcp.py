"""Docker daemons that anyone in the network may command."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, Finding, Jsonnet, Pipeline, Rule, Step, Value
from drone_lint_rules.docker_in_docker._docker import is_dind
from drone_lint_rules.drone import CONTAINERS
from drone_lint_rules.shell import script_of


class DindInsecureTcp(Rule):
    """A Docker daemon listens without TLS.

    On port 2375, or with `DOCKER_TLS_CERTDIR` empty, the daemon asks nobody who they are: every container of the pipeline's network owns it, and with it the
    privilege that the daemon has.

    Share the socket through a `temp` volume at `/var/run`, or use port 2376 with the certificates that `docker:dind` makes.
    """

    name = "dind-insecure-tcp"
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
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        value = pipeline.value.at("environment", "DOCKER_HOST")
        if value is not None and pipeline.type in CONTAINERS and _is_open(value.text):
            yield self._host(value)

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in CONTAINERS:
            return
        value = step.environment.get("DOCKER_HOST")
        if value is not None and _is_open(value.text):
            yield self._host(value)
        certificates = step.environment.get("DOCKER_TLS_CERTDIR")
        if certificates is not None and is_dind(step) and certificates.is_scalar and not certificates.text:
            yield self.finding(certificates.place, f"{step.title} is a Docker daemon without TLS: `DOCKER_TLS_CERTDIR` is empty")
        yield from self._arguments(step)
        yield from self._commands(step)

    def _host(self, value: Value) -> Finding:
        return self.finding(value.place, f"`DOCKER_HOST` is a daemon without TLS: `{value.text}`")

    def _arguments(self, step: Step) -> Iterator[Finding]:
        for key in ("command", "entrypoint"):
            found = step.get(key)
            for item in found.scalars() if found is not None and is_dind(step) else ():
                if _is_open(item.text.partition("=")[2] or item.text) or item.text in ("--tls=false", "--tlsverify=false"):
                    yield self.finding(item.place, f"{step.title} is a Docker daemon without TLS: `{item.text}`")

    def _commands(self, step: Step) -> Iterator[Finding]:
        script = script_of(step)
        if not script.mentions("tcp://"):
            return
        for command in script.commands:
            for assignment in command.assignments:
                if assignment.name == "DOCKER_HOST" and _is_open(assignment.value.text):
                    yield self.finding(script.place(assignment.start, assignment.end), "`DOCKER_HOST` is a daemon without TLS")
            if command.program in ("docker", "docker-compose", "dockerd"):
                for word in command.arguments:
                    if _is_open(word.text.partition("=")[2] if word.text.startswith("-") else word.text):
                        yield self.finding(script.place(word.start, word.end), "this is a daemon without TLS")


def _is_open(text: str) -> bool:
    """Whether an address is one of a daemon that asks nobody who they are, and not only for this container."""
    if not text.startswith("tcp://"):
        return False
    host, _, port = text.removeprefix("tcp://").rstrip("/").partition(":")
    return host not in ("localhost", "127.0.0.1", "[") and port in ("", "2375")
