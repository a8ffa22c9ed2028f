"""What the container-escape rules share: their options, and the classification of host paths."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from drone_lint.api import RESTRICTED_BELOW, SOCKETS, Mount, Pipeline, Settings, Step, Value, host_mounts, runner_text, socket_of
from drone_lint.api import clean_host_path as clean

__all__ = [
    "SOCKETS",
    "HostMount",
    "Options",
    "PathOptions",
    "allowed",
    "allowed_path",
    "clean",
    "host_mounts",
    "in_container",
    "is_sensitive",
    "mounts_of_host",
    "socket_of",
    "untrusted",
]

_NO_CONTAINERS_OF_HOST = ("exec", "ssh", "digitalocean", "macstadium", "vm")
"""Runners on which privileged mode does not matter: they have no containers, or create a machine for each build (drone-semantics 5.2)."""

_ALSO_BELOW = ("/root", "/var/lib/docker", "/var/lib/kubelet", "/lib/modules", "/var/lib/containerd", "/var/lib/containers", "/nix")
_THEMSELVES = ("/", "/etc", "/var", "/home", "/boot", "~")
_OF_A_USER = ("/.ssh", "/.docker", "/.kube", "/.aws", "/.azure", "/.gnupg", "/.config/gcloud")
"""Folders of any user's home directory that contain keys."""
_KEYS_ANYWHERE = ("/.ssh", "/.docker", "/.docker/config.json", "/.kube", "/.kube/config", "/.aws", "/.aws/credentials", "/.gnupg")
"""What contains keys wherever the home directory is: `/srv/ci/.ssh`, `/var/lib/jenkins/.docker`."""
_WINDOWS = ("/windows", "/programdata/docker", "/programdata/containerd", "/program files/docker")
_WINDOWS_THEMSELVES = ("/", "/programdata", "/program files", "/users")


class Options(NamedTuple):
    """Options of the container-escape rules."""

    allow: tuple[str, ...] = ()
    """Patterns of step names that the rule does not report."""


class PathOptions(NamedTuple):
    """Options of the rules on host paths."""

    allow: tuple[str, ...] = ()
    """Patterns of step names, or of host paths (those with a `/`), that the rule does not report."""


def allowed(step: Step, patterns: tuple[str, ...]) -> bool:
    """Whether the `allow` option names the step."""
    return any("/" not in pattern and fnmatchcase(step.name, pattern) for pattern in patterns)


def allowed_path(step: Step, path: str, patterns: tuple[str, ...]) -> bool:
    """Whether the `allow` option names the step, or the host path that it mounts."""
    return allowed(step, patterns) or any("/" in pattern and fnmatchcase(clean(path), clean(pattern)) for pattern in patterns)


def is_sensitive(path: str) -> bool:
    """Whether a host path is, or contains, one that gives control of the host."""
    cleaned = clean(path)
    if cleaned[1:2] == ":":
        return cleaned[2:] in _WINDOWS_THEMSELVES or _is_in(cleaned[2:], _WINDOWS)
    if cleaned.startswith(("~", "/home/")) and any(f"{folder}/" in f"{cleaned}/" for folder in _OF_A_USER):
        return True
    if cleaned.endswith(_KEYS_ANYWHERE):
        return True
    listed = (*RESTRICTED_BELOW, *_ALSO_BELOW)
    holds_one = cleaned.startswith("/") and any(folder.startswith(f"{cleaned}/") for folder in listed)
    return cleaned in _THEMSELVES or _is_in(cleaned, listed) or holds_one


def _is_in(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def in_container(pipeline: Pipeline) -> bool:
    """Whether the pipeline's steps are containers on a machine that other builds use as well."""
    return pipeline.type not in _NO_CONTAINERS_OF_HOST


class HostMount(NamedTuple):
    """A host directory in a step."""

    mount: Mount
    value: Value
    """`host.path`."""
    path: str
    """The path after the runner has replaced `${}`."""


def mounts_of_host(step: Step, settings: Settings) -> Iterator[HostMount]:
    """The host directories that a step's container gets."""
    if in_container(step.pipeline):
        for mount, value in host_mounts(step):
            yield HostMount(mount, value, runner_text(value.text, settings))


def untrusted(words: str) -> str:
    """A note with the runner's error for untrusted repositories; the refusal itself is reported by `requires-trusted`."""
    return f'refused unless the repository is trusted: "linter: untrusted repositories cannot {words}"'
