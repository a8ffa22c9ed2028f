"""What the container-escape rules share: the option, and where a host path leads."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from drone_lint.api import Mount, Step, Value

SOCKETS = (
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/var/run/containerd/containerd.sock",
    "/run/k3s/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/var/run/podman/podman.sock",
    "/run/crio/crio.sock",
    "/var/run/crio/crio.sock",
    "/run/buildkit/buildkitd.sock",
    "/var/run/buildkit/buildkitd.sock",
    "/var/run/balena-engine.sock",
    "/run/balena-engine.sock",
)
"""Where container engines listen; whoever writes there is root on the host."""

_PIPES = ("docker_engine", "containerd-containerd", "podman-machine-default")

_BELOW = (
    "/proc",
    "/sys",
    "/dev",
    "/var/run",
    "/etc/docker",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/bin",
    "/bin",
    "/mnt",
    "/mount",
    "/media",
)
"""Directories that Drone's own list of restricted paths marks with everything below (runner-go container/volume.go)."""
_ALSO_BELOW = ("/root", "/var/lib/docker", "/var/lib/kubelet", "/lib/modules", "/var/lib/containerd", "/var/lib/containers")
_THEMSELVES = ("/", "/etc", "/var", "/home", "/boot")


class Options(NamedTuple):
    """Options of the container-escape rules."""

    allow: tuple[str, ...] = ()
    """Patterns of step names that may."""


class PathOptions(NamedTuple):
    """Options of the rules on host paths."""

    allow: tuple[str, ...] = ()
    """Patterns of step names, or of host paths (those with a `/`), that may."""


def allowed(step: Step, patterns: tuple[str, ...]) -> bool:
    """Whether a step is one of those that may."""
    return any("/" not in pattern and fnmatchcase(step.name, pattern) for pattern in patterns)


def allowed_path(step: Step, path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a step, or what it mounts, is one of those that may."""
    return allowed(step, patterns) or any("/" in pattern and fnmatchcase(clean(path), clean(pattern)) for pattern in patterns)


def clean(path: str) -> str:
    """A host path without detours, lower-cased as Drone compares it; backslashes become slashes."""
    text = path.strip().replace("\\", "/").lower()
    if len(text) > 1 and text[1] == ":":
        text = text[2:] or "/"
    cleaned = posixpath.normpath(text) if text else ""
    return "/" + cleaned.lstrip("/") if cleaned.startswith("/") else cleaned


def socket_of(path: str) -> str | None:
    """The engine's socket that a host path is or contains; None when it leads to none."""
    cleaned = clean(path)
    if not cleaned.startswith("/"):
        return None
    if cleaned.startswith(("/./pipe/", "/pipe/")):
        return cleaned if cleaned.rsplit("/", 1)[-1] in _PIPES else None
    inside = cleaned.rstrip("/") + "/"
    for socket in SOCKETS:
        if cleaned == socket or socket.startswith(inside):
            return socket
    if cleaned.endswith(("/docker.sock", "/containerd.sock", "/podman.sock", "/crio.sock", "/buildkitd.sock")):
        return cleaned
    if cleaned.startswith(("/run/user/", "/var/run/user/")) and cleaned.rsplit("/", 1)[-1] in ("docker.sock", "podman"):
        return cleaned
    return None


def is_sensitive(path: str) -> bool:
    """Whether a host path is one whose content decides over the host."""
    cleaned = clean(path)
    return cleaned in _THEMSELVES or any(cleaned == folder or cleaned.startswith(folder + "/") for folder in (*_BELOW, *_ALSO_BELOW))


def host_mounts(step: Step) -> Iterator[tuple[Mount, Value]]:
    """The step's mounts of host volumes, with the host path's value."""
    for mount in step.mounts:
        path = mount.volume.host_path if mount.volume is not None else None
        if path is not None and path.text:
            yield mount, path
