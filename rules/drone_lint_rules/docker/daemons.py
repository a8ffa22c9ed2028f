"""Containers of a pipeline that are Docker daemons, and where they put their sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drone_lint.api import ImageReference, Mount, Pipeline, Step, remembered
from drone_lint_rules.docker.volumes import is_host
from drone_lint_rules.host import clean
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

STARTERS = frozenset(("dockerd", "dockerd-entrypoint.sh", "dockerd-entrypoint", "wrapdocker", "start-docker.sh", "start-dockerd"))
"""Programs that start a daemon which needs privilege."""
_OTHERS = ("cruizba/ubuntu-dind", "jpetazzo/dind", "billyteves/ubuntu-dind", "teracy/ubuntu")


def is_daemon(reference: ImageReference) -> bool:
    """Whether an image is a Docker daemon that needs privilege: Docker's own, its copies in other registries, and some that are known."""
    if reference.familiar in _OTHERS:
        return "dind" in reference.repository or "dind" in reference.tag
    is_docker = reference.familiar == "docker" or reference.repository.endswith("library/docker")
    return is_docker and "dind" in reference.tag and "rootless" not in reference.tag


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
    if runs_text(step):
        return False
    reference = step.reference
    if reference.familiar == "docker" and reference.digest and not reference.tag:
        return step.is_service  # what else would it do there
    return is_daemon(reference) or "dind" in reference.tag or "dind" in reference.repository.rpartition("/")[2]


def runs_text(step: Step) -> bool:
    """Whether `commands` is a text and no list: Drone refuses it, and no daemon was meant."""
    found = step.get("commands")
    return found is not None and found.is_scalar and bool(found.text)


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


def is_shared(mount: Mount, pipeline: Pipeline) -> bool:
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
    return any(covers(clean(mount.path), clean(word.partition("unix://")[2])) for word in words if "unix://" in word)


@remembered
def shared_volumes(pipeline: Pipeline) -> dict[str, Step]:
    """Names of volumes, not the host's, in which a daemon puts its socket."""
    return {
        mount.name: daemon
        for daemon in daemons(pipeline)
        for mount in daemon.mounts
        if _holds_socket(daemon, mount) and mount.volume is not None and not is_host(mount.volume)
    }


def covers(path: str, file: str) -> bool:
    """Whether a mount at a path holds a file."""
    return file == path or file.startswith(path.rstrip("/") + "/")
