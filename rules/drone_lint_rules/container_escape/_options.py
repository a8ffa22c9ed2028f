"""What the container-escape rules share: the option, and where a host path leads."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple

from drone_lint.api import SOCKETS, Step, host_mounts, socket_of
from drone_lint.api import clean_host_path as clean

__all__ = ["SOCKETS", "Options", "PathOptions", "allowed", "allowed_path", "clean", "host_mounts", "is_sensitive", "socket_of"]

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


def is_sensitive(path: str) -> bool:
    """Whether a host path is one whose content decides over the host."""
    cleaned = clean(path)
    return cleaned in _THEMSELVES or any(cleaned == folder or cleaned.startswith(folder + "/") for folder in (*_BELOW, *_ALSO_BELOW))
