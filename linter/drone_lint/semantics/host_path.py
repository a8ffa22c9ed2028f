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
    "/run/docker/containerd/containerd.sock",
    "/var/run/docker/containerd/containerd.sock",
    "/run/k3s/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/var/run/podman/podman.sock",
    "/run/crio/crio.sock",
    "/var/run/crio/crio.sock",
    "/run/buildkit/buildkitd.sock",
    "/var/run/buildkit/buildkitd.sock",
    "/var/run/cri-dockerd.sock",
    "/run/cri-dockerd.sock",
    "/var/run/dockershim.sock",
    "/run/dockershim.sock",
    "/var/run/balena-engine.sock",
    "/run/balena-engine.sock",
)
"""Where container engines listen; whoever writes there is root on the host."""

_ANYWHERE = frozenset((*(socket.rpartition("/")[2] for socket in SOCKETS), "docker.sock.raw", "docker-containerd.sock"))
"""Names of sockets that are an engine's in whatever directory."""
_ENDINGS = ("/lxd/unix.socket", "/incus/unix.socket")
_PIPE_FOLDERS = ("/./pipe/", "/?/pipe/", "/pipe/")
_PIPES = ("docker", "containerd", "podman")
"""How the names of the engines' pipes on Windows begin."""


def clean_host_path(path: str) -> str:
    """A host path without detours, lower-cased as Drone compares it; backslashes become slashes. A drive's letter stays."""
    text = path.strip().replace("\\", "/").lower()
    drive, text = (text[:2], text[2:] or "/") if text[1:2] == ":" else ("", text)
    cleaned = posixpath.normpath(text) if text else ""
    return drive + ("/" + cleaned.lstrip("/") if cleaned.startswith("/") else cleaned)


def socket_of(path: str) -> str | None:
    """The engine's socket or named pipe that a host path is or contains; None when it leads to none."""
    cleaned = clean_host_path(path)
    if not cleaned.startswith("/"):
        return None
    if cleaned.startswith(_PIPE_FOLDERS):
        return cleaned if cleaned.rpartition("/")[2].startswith(_PIPES) else None
    inside = cleaned.rstrip("/") + "/"
    for socket in SOCKETS:
        if cleaned == socket or socket.startswith(inside):
            return socket
    if cleaned.rpartition("/")[2] in _ANYWHERE or cleaned.endswith(_ENDINGS):
        return cleaned
    of_user = cleaned.startswith(("/run/user/", "/var/run/user/"))
    return cleaned if of_user and cleaned.rpartition("/")[2] == "podman" else None


def host_mounts(step: Step) -> Iterator[tuple[Mount, Value]]:
    """The step's mounts of host volumes, with the host path's value; a volume with `temp` as well is a temp volume (drone-semantics 8.3)."""
    for mount in step.mounts:
        path = mount.volume.host_path if mount.volume is not None and not mount.volume.is_temp else None
        if path is not None and path.text:
            yield mount, path
