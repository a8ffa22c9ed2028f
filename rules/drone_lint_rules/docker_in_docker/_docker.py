"""What steps do with Docker: their commands, how they reach a daemon, and which daemons the pipeline runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from drone_lint.api import Mount, Pipeline, Step, Value, remembered
from drone_lint_rules.container_escape._options import clean, host_mounts, socket_of
from drone_lint_rules.docker_in_docker._daemon_images import is_daemon
from drone_lint_rules.docker_in_docker._folders import runs_elsewhere
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_WITHOUT_DAEMON = frozenset(
    ("login", "logout", "--version", "-v", "manifest", "context", "help", "--help", "completion", "trust", "plugin")
)
_COMPOSE_WITHOUT = frozenset(("config", "convert", "version", "--version", "-v", "help", "--help"))
_BUILDX_WITHOUT = frozenset(("version", "imagetools", "--help", "help", "rm", "ls", "use", "install", "uninstall"))
DOCKER_VALUES = frozenset(("-H", "--host", "-c", "--context", "--config", "-l", "--log-level", "--tlscacert", "--tlscert", "--tlskey"))
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
        "--log-level",
        "--tlscacert",
        "--tlscert",
        "--tlskey",
    )
)
_OWN = (
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "docker context",
    "dockerd",
    "start-docker",
    "service docker",
    "systemctl",
    "rc-service",
    "podman",
    "colima",
    "--driver kubernetes",
    "--driver=kubernetes",
    "--driver remote",
    "--driver=remote",
)
"""What in a script says that it sees to a daemon itself."""
STARTERS = frozenset(("dockerd", "dockerd-entrypoint.sh", "dockerd-entrypoint", "wrapdocker", "start-docker.sh", "start-dockerd"))
"""Programs that start a daemon which needs privilege."""


class DockerCommand(NamedTuple):
    """A command that uses Docker."""

    command: SimpleCommand
    compose: bool
    verb: str
    """`build`, `up`, `buildx`; an option when there is no verb."""
    needs_daemon: bool

    @property
    def shown(self) -> str:
        """For messages: `docker build`, `docker-compose up`, `docker compose up`."""
        name = "docker compose" if self.compose and self.command.program.startswith("docker") and "-" not in self.command.program else ""
        return f"{name or self.command.program} {self.verb}".strip()


def docker_commands(step: Step) -> Iterator[DockerCommand]:
    """The step's commands that run `docker` or `docker-compose` in its own container."""
    script = script_of(step)
    if not script.mentions("docker"):
        return
    for command in script.commands:
        found = read(command)
        if found is not None and not runs_elsewhere(command):
            yield found


def read(command: SimpleCommand) -> DockerCommand | None:
    """A command as one of Docker's; None when it is another program."""
    words = [word.text for word in command.arguments]
    if command.program in ("docker-compose", "docker-compose-v1"):
        return _compose(command, words)
    if command.program not in ("docker", "docker.exe"):
        return None
    at = first_operand(words, DOCKER_VALUES)
    verb = words[at] if at < len(words) else (words[0] if words else "")
    rest = words[at + 1 :]
    remote = _is_remote(words[:at])
    if verb == "compose":
        found = _compose(command, rest)
        return found._replace(needs_daemon=found.needs_daemon and not remote)
    if verb == "buildx":
        return DockerCommand(command, False, verb, bool(rest) and rest[0] not in _BUILDX_WITHOUT and "--print" not in rest)
    return DockerCommand(command, False, verb, verb not in _WITHOUT_DAEMON and verb != "" and not remote and "--help" not in rest)


def _compose(command: SimpleCommand, words: list[str]) -> DockerCommand:
    at = first_operand(words, COMPOSE_VALUES)
    verb = words[at] if at < len(words) else (words[0] if words else "")
    return DockerCommand(command, True, verb, verb not in _COMPOSE_WITHOUT and not _is_remote(words[:at]) and "--help" not in words[at:])


def _is_remote(options: list[str]) -> bool:
    """Whether options name a daemon that is reached otherwise than through a socket of this container."""
    for at, word in enumerate(options):
        name, equals, value = word.partition("=")
        if word.startswith("-H") and len(word) > 2:
            name, value, equals = "-H", word[2:].removeprefix("="), "="
        if name in ("-H", "--host", "-c", "--context"):
            value = value if equals else "".join(options[at + 1 : at + 2])
            return not value.startswith(("unix:", "fd:")) and value != "default"
    return False


def first_operand(words: list[str], valued: frozenset[str]) -> int:
    """The index of the first word that is neither an option nor an option's value."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in valued else 1
    return at


class Access(NamedTuple):
    """How a step reaches a Docker daemon."""

    how: str
    """`socket` (the host's), `variable` (`DOCKER_HOST`), `shared` (a service's, through a volume), `own`."""
    value: Value | None = None


def access(step: Step, pipeline: Pipeline) -> Access | None:
    """How a step reaches a daemon; None when nothing says that it does."""
    variable = docker_host(step, pipeline)
    if variable is not None:
        found = _by_variable(step, pipeline, variable)
        if found is not None:
            return found
    elif (mounted := _by_mount(step, pipeline, None)) is not None:
        return mounted
    script = script_of(step)
    return Access("own") if script.mentions(*_OWN) or "podman" in step.reference.repository else None


def _by_mount(step: Step, pipeline: Pipeline, socket: str | None) -> Access | None:
    """The daemon behind a mount: at the place of a socket, or where clients look by themselves."""
    for mount, path in host_mounts(step):
        if (socket_of(path.text) is not None or path.text.startswith("$")) and _is_seen(mount, step, socket):
            return Access("socket", mount.value)
    for mount in step.mounts:
        if mount.volume is not None and mount.volume.host is None and _is_seen(mount, step, socket) and _is_shared(mount, pipeline):
            return Access("shared", mount.value)
    return None


def _is_seen(mount: Mount, step: Step, socket: str | None) -> bool:
    """Whether a client of the step finds what is mounted."""
    path = clean(mount.path)
    if socket is not None:
        return _covers(path, clean(socket))
    if _covers(path, "/var/run/docker.sock") or _covers(path, "/run/docker.sock") or "pipe" in path:
        return True
    return path not in ("", "/") and script_of(step).mentions(mount.path.rstrip("/"))


def _covers(path: str, file: str) -> bool:
    return file == path or file.startswith(path.rstrip("/") + "/")


def _by_variable(step: Step, pipeline: Pipeline, variable: Value) -> Access | None:
    text = variable.text
    if text.startswith("unix://"):
        return _by_mount(step, pipeline, text.removeprefix("unix://"))
    if pipeline.type == "docker" and "://" in text:
        host = host_of(text)
        mode = step.get("network_mode")
        if host in ("localhost", "127.0.0.1") and (mode is None or mode.text != "host"):
            return None
    return Access("variable", variable)


def unknown_host(step: Step, pipeline: Pipeline) -> str | None:
    """The host of `DOCKER_HOST` that is no container of the pipeline, though one of them is a daemon; None where all is well."""
    variable = docker_host(step, pipeline)
    if variable is None or pipeline.type != "docker" or not variable.text.startswith("tcp://") or "$" in variable.text:
        return None
    host = host_of(variable.text)
    if not host or "." in host or ":" in host or host == "localhost" or step.get("extra_hosts") is not None:
        return None
    return host if daemons(pipeline) and host not in _names(pipeline) else None


@remembered
def _names(pipeline: Pipeline) -> frozenset[str]:
    return frozenset(one.name for one in pipeline.containers)


def host_of(address: str) -> str:
    """The host in `tcp://host:port`; an IPv6 address without brackets."""
    rest = address.partition("://")[2].partition("/")[0]
    return rest[1:].partition("]")[0] if rest.startswith("[") else rest.partition(":")[0]


def docker_host(step: Step, pipeline: Pipeline) -> Value | None:
    """`DOCKER_HOST`, or `DOCKER_CONTEXT`, in the environment of the step or the pipeline."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        found = step.environment.get(name)
        if found is None:
            found = pipeline.value.at("environment", name)
        if found is not None and (not found.is_scalar or found.text) and not (name == "DOCKER_CONTEXT" and found.text == "default"):
            return found
    return None


@remembered
def daemons(pipeline: Pipeline) -> list[Step]:
    """Services, and detached steps, that are Docker daemons."""
    return [step for step in pipeline.containers if (step.is_service or _detached(step)) and is_dind(step)]


@remembered
def daemon_set(pipeline: Pipeline) -> frozenset[Step]:
    """The same, to look a step up in."""
    return frozenset(daemons(pipeline))


def is_dind(step: Step) -> bool:
    """Whether a container is a Docker daemon: Docker's own image, one that says so in its name, or commands that start one."""
    if step.commands:
        return starts_daemon(step)
    reference = step.reference
    if reference.familiar == "docker" and reference.digest and not reference.tag:
        return step.is_service  # what else would it do there
    return is_daemon(reference) or "dind" in reference.tag or "dind" in reference.repository.rpartition("/")[2]


def starts_daemon(step: Step) -> bool:
    """Whether the commands of a step start a Docker daemon."""
    script = script_of(step)
    return script.mentions("docker") and any(one.program in STARTERS or is_service_start(one) for one in script.commands)


def is_service_start(command: SimpleCommand) -> bool:
    """`service docker start` and the like."""
    words = [word.text for word in command.arguments]
    return command.program in ("service", "systemctl", "rc-service", "invoke-rc.d") and "docker" in words and "start" in words


def _detached(step: Step) -> bool:
    found = step.get("detach")
    return found is not None and found.true


def socket_folder(path: str) -> bool:
    """Whether a container path is where the daemon puts its socket."""
    return clean(path) in ("/var/run", "/run", "/var/run/docker.sock", "/run/docker.sock")


def _is_shared(mount: Mount, pipeline: Pipeline) -> bool:
    """Whether a mount is of a volume in which a daemon of the pipeline puts its socket."""
    return mount.name in _with_sockets(pipeline)


@remembered
def _with_sockets(pipeline: Pipeline) -> frozenset[str]:
    return frozenset(mount.name for daemon in daemons(pipeline) for mount in daemon.mounts if _holds_socket(daemon, mount))


def _holds_socket(daemon: Step, mount: Mount) -> bool:
    """Whether a daemon puts a socket into what it mounts: at the usual place, or at one that its arguments name."""
    if socket_folder(mount.path):
        return True
    words = [item.text for key in ("command", "entrypoint") if (value := daemon.get(key)) is not None for item in value.scalars()]
    return any(_covers(clean(mount.path), clean(word.partition("unix://")[2])) for word in words if "unix://" in word)


@remembered
def shared_volumes(pipeline: Pipeline) -> dict[str, Step]:
    """Names of volumes, not the host's, in which a daemon puts its socket."""
    return {
        mount.name: daemon
        for daemon in daemons(pipeline)
        for mount in daemon.mounts
        if _holds_socket(daemon, mount) and mount.volume is not None and mount.volume.host is None
    }
