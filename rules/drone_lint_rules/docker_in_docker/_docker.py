"""What steps do with Docker: their commands, how they reach a daemon, and which daemons the pipeline runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from drone_lint.api import Mount, Pipeline, Step, Value
from drone_lint_rules.container_escape._options import clean, host_mounts, socket_of
from drone_lint_rules.docker_in_docker.dind_not_privileged import is_daemon
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_WITHOUT_DAEMON = frozenset(
    ("login", "logout", "--version", "-v", "manifest", "context", "help", "--help", "completion", "trust", "plugin")
)
_COMPOSE_WITHOUT = frozenset(("config", "convert", "version", "--version", "-v", "help", "--help"))
_DOCKER_VALUES = frozenset(("-H", "--host", "-c", "--context", "--config", "-l", "--log-level", "--tlscacert", "--tlscert", "--tlskey"))
COMPOSE_VALUES = frozenset(
    (
        "-f",
        "--file",
        "-p",
        "--project-name",
        "--profile",
        "--env-file",
        "--project-directory",
        "-H",
        "--host",
        "-c",
        "--context",
        "--ansi",
        "--parallel",
        "--progress",
    )
)


class DockerCommand(NamedTuple):
    """A command that uses Docker."""

    command: SimpleCommand
    compose: bool
    verb: str
    """`build`, `up`, `buildx`; an option when there is no verb."""
    needs_daemon: bool


def docker_commands(step: Step) -> Iterator[DockerCommand]:
    """The step's commands that run `docker` or `docker-compose`."""
    script = script_of(step)
    if not script.mentions("docker"):
        return
    for command in script.commands:
        found = read(command)
        if found is not None:
            yield found


def read(command: SimpleCommand) -> DockerCommand | None:
    """A command as one of Docker's; None when it is another program."""
    words = [word.text for word in command.arguments]
    if command.program in ("docker-compose", "docker-compose-v1"):
        return _compose(command, words)
    if command.program not in ("docker", "docker.exe"):
        return None
    at = _first_operand(words, _DOCKER_VALUES)
    verb = words[at] if at < len(words) else (words[0] if words else "")
    rest = words[at + 1 :]
    if verb == "compose":
        return _compose(command, rest)
    if verb == "buildx":
        return DockerCommand(command, False, verb, bool(rest) and rest[0] not in ("version", "imagetools", "--help", "rm"))
    remote = any(word in ("-H", "--host", "-c", "--context") or word.startswith(("--host=", "--context=")) for word in words[:at])
    return DockerCommand(command, False, verb, verb not in _WITHOUT_DAEMON and verb != "" and not remote)


def _compose(command: SimpleCommand, words: list[str]) -> DockerCommand:
    at = _first_operand(words, COMPOSE_VALUES)
    verb = words[at] if at < len(words) else (words[0] if words else "")
    return DockerCommand(command, True, verb, verb not in _COMPOSE_WITHOUT)


def _first_operand(words: list[str], valued: frozenset[str]) -> int:
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in valued else 1
    return at


class Access(NamedTuple):
    """How a step reaches a Docker daemon."""

    how: str
    """`socket` (the host's), `variable` (`DOCKER_HOST`), `shared` (a service's, through a volume), `own`, `plugin`."""
    value: Value | None = None


def access(step: Step, pipeline: Pipeline) -> Access | None:
    """How a step reaches a daemon; None when nothing says that it does."""
    for mount, path in host_mounts(step):
        if socket_of(path.text) is not None or path.text.startswith("$"):
            return Access("socket", mount.value)
    variable = docker_host(step, pipeline)
    if variable is not None:
        return Access("variable", variable)
    for mount in step.mounts:
        if mount.volume is not None and shares_socket(mount, pipeline):
            return Access("shared", mount.value)
    script = script_of(step)
    if script.mentions("DOCKER_HOST", "docker context", "dockerd", "start-docker", "service docker", "systemctl", "rc-service", "podman"):
        return Access("own")
    return None


def docker_host(step: Step, pipeline: Pipeline) -> Value | None:
    """`DOCKER_HOST` in the environment of the step or the pipeline."""
    found = step.environment.get("DOCKER_HOST")
    if found is None:
        found = pipeline.value.at("environment", "DOCKER_HOST")
    return found if found is not None and (not found.is_scalar or found.text) else None


def daemons(pipeline: Pipeline) -> list[Step]:
    """Services, and detached steps, that are Docker daemons."""
    return [step for step in pipeline.containers if (step.is_service or _detached(step)) and is_dind(step)]


def is_dind(step: Step) -> bool:
    """Whether a container is a Docker daemon: Docker's own image, or one that says so in its name."""
    reference = step.reference
    return is_daemon(reference) or "dind" in reference.tag or "dind" in reference.repository.rpartition("/")[2]


def _detached(step: Step) -> bool:
    found = step.get("detach")
    return found is not None and found.true


def socket_folder(path: str) -> bool:
    """Whether a container path is where the daemon puts its socket."""
    return clean(path) in ("/var/run", "/run", "/var/run/docker.sock", "/run/docker.sock")


def shares_socket(mount: Mount, pipeline: Pipeline) -> bool:
    """Whether a mount is of the volume in which a daemon of the pipeline puts its socket, and at the place where clients look."""
    return socket_folder(mount.path) and any(
        other.name == mount.name and socket_folder(other.path) for daemon in daemons(pipeline) for other in daemon.mounts
    )


def shared_volumes(pipeline: Pipeline) -> dict[str, Step]:
    """Names of volumes, not the host's, in which a daemon puts its socket."""
    return {
        mount.name: daemon
        for daemon in daemons(pipeline)
        for mount in daemon.mounts
        if socket_folder(mount.path) and mount.volume is not None and mount.volume.host is None
    }
