"""How steps reach a Docker daemon."""

from __future__ import annotations

from typing import NamedTuple

from drone_lint.api import Mount, Pipeline, Step, Value, remembered
from drone_lint_rules.docker.daemons import covers, daemons, is_shared
from drone_lint_rules.docker.volumes import is_host
from drone_lint_rules.host import clean, host_mounts, socket_of
from drone_lint_rules.shell import script_of

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
        if mount.volume is not None and not is_host(mount.volume) and _is_seen(mount, step, socket) and is_shared(mount, pipeline):
            return Access("shared", mount.value)
    return None


def _is_seen(mount: Mount, step: Step, socket: str | None) -> bool:
    """Whether a client of the step finds what is mounted."""
    path = clean(mount.path)
    if socket is not None:
        return covers(path, clean(socket))
    if covers(path, "/var/run/docker.sock") or covers(path, "/run/docker.sock") or "pipe" in path:
        return True
    return path not in ("", "/") and script_of(step).mentions(mount.path.rstrip("/"))


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
