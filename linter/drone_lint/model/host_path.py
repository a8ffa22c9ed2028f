"""Where paths of the host lead: to the sockets of container engines, which make whoever has them root on the host (drone-semantics 5.2)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from drone_lint.model.step import Step
from drone_lint.model.value import Value
from drone_lint.model.volume import Mount

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


def clean_host_path(path: str) -> str:
    """A host path without detours, lower-cased as Drone compares it; backslashes become slashes."""
    text = path.strip().replace("\\", "/").lower()
    if len(text) > 1 and text[1] == ":":
        text = text[2:] or "/"
    cleaned = posixpath.normpath(text) if text else ""
    return "/" + cleaned.lstrip("/") if cleaned.startswith("/") else cleaned


def socket_of(path: str) -> str | None:
    """The engine's socket that a host path is or contains; None when it leads to none."""
    cleaned = clean_host_path(path)
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


def host_mounts(step: Step) -> Iterator[tuple[Mount, Value]]:
    """The step's mounts of host volumes, with the host path's value."""
    for mount in step.mounts:
        path = mount.volume.host_path if mount.volume is not None else None
        if path is not None and path.text:
            yield mount, path
