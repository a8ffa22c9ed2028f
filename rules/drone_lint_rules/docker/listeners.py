"""Where a Docker daemon of the pipeline listens: its sockets, its ports, and whether it asks for certificates.

What Docker's own image does is `dockerd-entrypoint.sh` of docker-library/docker (read 2026-11): it adds its own `--host` and TLS options
only where the command is empty or begins with an option; since 19.03 the image sets `DOCKER_TLS_CERTDIR=/certs`, in 18.09 it honours the
variable, before 18.09 it knows no TLS. Nothing is known of the flags of other images.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from drone_lint.api import ImageReference, Pipeline, Step, Value, remembered
from drone_lint_rules.docker.daemons import STARTERS, daemons, is_service_start, starts_daemon
from drone_lint_rules.docker.volumes import is_host
from drone_lint_rules.host import clean
from drone_lint_rules.shell import script_of

SOCKET = "/run/docker.sock"
"""The usual socket, without the link `/var/run`."""
_WRAPPERS = ("docker-init", "tini", "dumb-init", "dind", "--", "-s", "exec")
_FIRST_TLS, _FIRST_BY_ITSELF = (18, 9), (19, 3)
_MOVING = ("", "latest", "dind", "dind-rootless", "rootless", "stable-dind", "stable", "edge-dind", "test-dind", "rc-dind")
"""Tags that were moved to 19.03 or later before they stopped."""


class Listener(NamedTuple):
    """A TCP port of a daemon."""

    port: int
    tls: bool | None
    """None where that is not known."""


class Daemon(NamedTuple):
    """What is known of a container that is a Docker daemon."""

    step: Step
    known: bool
    """Whether all that it listens on is known."""
    sockets: tuple[str, ...] = ()
    """Absolute paths in its container, without the link `/var/run`."""
    listeners: tuple[Listener, ...] = ()
    certificates: str = ""
    """The folder in which it makes certificates, `client` in it those of clients; empty where it makes none."""
    names: tuple[str, ...] = ()
    """Host names that its certificate covers, as far as they are known before it starts."""
    decided_by: Value | None = None
    """What in the configuration decides where it listens: the variable, the command, or the image."""

    @property
    def name(self) -> str:
        """The host name under which the pipeline's network knows it."""
        return self.step.name


def usual(path: str) -> str:
    """A path without detours; `/var/run` is a link to `/run` in Docker's images, and in all others that matter."""
    cleaned = clean(path)
    return cleaned[4:] if cleaned == "/var/run" or cleaned.startswith("/var/run/") else cleaned


@remembered
def listening(pipeline: Pipeline) -> dict[str, Daemon]:
    """The daemons of a pipeline by name, what each listens on with them."""
    return {step.name: _daemon(step) for step in daemons(pipeline)}


@remembered
def own_daemon(step: Step) -> Daemon | None:
    """The daemon that a step starts beside its own commands; None where it starts none."""
    return _daemon(step) if step.commands and starts_daemon(step) else None


def variable(step: Step, name: str) -> Value | None:
    """A variable in the environment of a step, or of its pipeline, which the runner adds to every step and service."""
    found = step.environment.get(name)
    return found if found is not None else step.pipeline.value.at("environment", name)


def plain_text(value: Value | None) -> str | None:
    """A variable's text; None where a secret or another variable decides it. An absent one is empty."""
    if value is None or value.is_null:
        return ""
    return value.text if value.is_scalar and "$" not in value.text else None


def _daemon(step: Step) -> Daemon:
    arguments = _arguments(step)
    if arguments is None or _is_configured(step, arguments[1]):
        return Daemon(step, False, decided_by=step.image)
    added, words = arguments
    if not added:
        return _plain(step, words)
    return _by_entrypoint(step, words)


def _is_configured(step: Step, words: Sequence[str]) -> bool:
    """Whether a configuration file, which cannot be seen, may say where the daemon listens."""
    if any(word.startswith("--config-file") for word in words):
        return True
    return any(clean(mount.path).startswith("/etc") for mount in step.mounts)


def _by_entrypoint(step: Step, words: Sequence[str]) -> Daemon:
    """The daemon that the image's entrypoint starts."""
    folder = certificates_folder(step)
    if folder is None or not _is_dockers(step.reference):
        return Daemon(step, False, decided_by=step.image)
    tls: bool | None = bool(folder)
    if folder and any(word in ("--tls=false", "--tlsverify=false") for word in words):
        tls = None
    hosts = _hosts(words)
    listeners = [Listener(2376 if folder else 2375, tls), *(Listener(port, tls) for port in _ports(hosts, tls=bool(folder)))]
    certdir = variable(step, "DOCKER_TLS_CERTDIR")
    return Daemon(
        step,
        True,
        (_default_socket(step), *_sockets(hosts)),
        tuple(listeners),
        folder,
        ("docker", "localhost", *_more_names(step)) if not _brings_own(step, folder) else (),
        certdir if certdir is not None else step.get("command") or step.image,
    )


def _plain(step: Step, words: Sequence[str]) -> Daemon:
    """A `dockerd` with the given options and no others."""
    hosts = _hosts(words)
    verifies = [word for word in words if word.split("=")[0] in ("--tlsverify", "--tls") and not word.endswith("=false")]
    inherited = plain_text(variable(step, "DOCKER_TLS_VERIFY")) != ""
    tls = True if verifies else None if inherited else False
    sockets = _sockets(hosts) if hosts else [SOCKET]
    decided = step.get("command") or step.get("entrypoint") or step.image
    return Daemon(step, True, tuple(sockets), tuple(Listener(port, tls) for port in _ports(hosts, tls=bool(tls))), "", (), decided)


def _arguments(step: Step) -> tuple[bool, list[str]] | None:
    """Whether the image's entrypoint adds its own options, and the options given; None where neither is known."""
    if step.commands:
        return _in_script(step)
    entrypoint = [item.text for item in _list(step, "entrypoint")]
    command = [item.text for item in _list(step, "command")]
    while entrypoint and (entrypoint[0].rpartition("/")[2] in _WRAPPERS or entrypoint[0] in _WRAPPERS):
        entrypoint.pop(0)
    words = [*entrypoint, *command]
    first = words[0].rpartition("/")[2] if words else ""
    if entrypoint and first in ("dockerd-entrypoint.sh", "dockerd-entrypoint"):
        words, first = words[1:], words[1].rpartition("/")[2] if len(words) > 1 else ""
    elif entrypoint and first != "dockerd":
        return None
    if first == "dockerd":
        return False, words[1:]
    return (True, words) if not words or words[0].startswith("-") else None


def _in_script(step: Step) -> tuple[bool, list[str]] | None:
    for command in script_of(step).commands:
        if is_service_start(command):
            return False, []
        if command.program in STARTERS:
            words = [word.text for word in command.arguments if word.literal is not None]
            if command.program == "dockerd":
                return False, words
            if command.program.startswith("dockerd-entrypoint"):
                return (False, words[1:]) if words[:1] == ["dockerd"] else (True, words)
            return None
    return None


def _list(step: Step, key: str) -> list[Value]:
    found = step.get(key)
    return list(found.scalars()) if found is not None else []


def certificates_folder(step: Step) -> str | None:
    """`DOCKER_TLS_CERTDIR` as a daemon's entrypoint sees it: empty without TLS; None where that is not known."""
    given = variable(step, "DOCKER_TLS_CERTDIR")
    version = version_of(step.reference)
    if version is not None and version < _FIRST_TLS:
        return ""
    if given is not None:
        return plain_text(given)
    if version is None:
        return "/certs" if _bare(step.reference.tag) in _MOVING and not (step.reference.digest and not step.reference.tag) else None
    return "/certs" if version >= _FIRST_BY_ITSELF else ""


def version_of(reference: ImageReference) -> tuple[int, int] | None:
    """Major and minor version in a tag of Docker's image; `20` is the last of 20; None where there is none."""
    found = re.match(r"v?(\d+)(?:\.(\d+))?(?:[.-]|$)", reference.tag)
    return (int(found[1]), int(found[2]) if found[2] else 99) if found else None


def _bare(tag: str) -> str:
    return re.sub(r"-(?:alpine[\d.]*|git)$", "", tag)


def _is_dockers(reference: ImageReference) -> bool:
    return reference.familiar == "docker" or reference.repository.endswith("library/docker")


def _default_socket(step: Step) -> str:
    given = plain_text(variable(step, "DOCKER_HOST")) or ""
    if given.startswith("unix://"):
        return usual(given.removeprefix("unix://"))
    return "/run/user/1000/docker.sock" if "rootless" in step.reference.tag else SOCKET


def _hosts(words: Sequence[str]) -> list[str]:
    """The values of `-H` and `--host`."""
    found: list[str] = []
    for at, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in ("-H", "--host"):
            found.append(value if equals else "".join(words[at + 1 : at + 2]))
        elif word.startswith("-H"):
            found.append(word[2:])
    return found


def _sockets(hosts: Sequence[str]) -> list[str]:
    return [usual(host.removeprefix("unix://")) for host in hosts if host.startswith("unix://")]


def _ports(hosts: Sequence[str], *, tls: bool) -> list[int]:
    found = []
    for host in hosts:
        if "://" not in host or host.startswith("tcp://"):
            port = host.removeprefix("tcp://").rpartition("]")[2].rpartition(":")[2]
            found.append(int(port) if port.isdigit() and len(port) < 6 else 2376 if tls else 2375)
    return found


def _more_names(step: Step) -> list[str]:
    text = plain_text(variable(step, "DOCKER_TLS_SAN"))
    if text is None:
        return ["*"]
    return [part.strip().partition(":")[2] for part in text.split(",") if ":" in part]


def _brings_own(step: Step, folder: str) -> bool:
    """Whether certificates come from a volume of the host, so that nobody knows from here whom they name."""
    return any(is_host(mount.volume) and folder and clean(folder).startswith(clean(mount.path)) for mount in step.mounts)
