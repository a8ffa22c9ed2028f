"""Which steps run privileged without saying so (drone-semantics 5.2)."""

from __future__ import annotations

import posixpath
from functools import lru_cache

from drone_lint.model.image import ImageReference, parse_image
from drone_lint.model.step import Step
from drone_lint.model.value import Value

AUTOMATIC = ("plugins/docker", "plugins/acr", "plugins/ecr", "plugins/gcr", "plugins/heroku", "plugins/gar")
"""Images that the docker runner v1.8.4 privileges (engine/compiler/compiler.go)."""
_VARIABLES = ("XDG_RUNTIME_DIR", "DOCKER_OPTS", "DOCKER_HOST", "PATH", "HOME")
_RESTRICTED = ("/", "/etc", "/etc/docker", "/var")
RESTRICTED_BELOW = (
    "/etc/docker",
    "/var/run",
    "/proc",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/bin",
    "/bin",
    "/mnt",
    "/mount",
    "/media",
    "/sys",
    "/dev",
)
"""Directories that the runner keeps for itself with everything below (runner-go container/volume.go)."""


def automatic_plugin(reference: ImageReference, more: tuple[str, ...] = ()) -> str | None:
    """The privileged image that a name counts as; tag and digest do not matter. None for all others."""
    if not reference.valid:
        return next((name for name in more if name == reference.text), None)
    return _by_familiar_name(more).get(reference.familiar) if reference.registry == reference.registry.lower() else None


@lru_cache(maxsize=64)
def _by_familiar_name(more: tuple[str, ...]) -> dict[str, str]:
    return {parse_image(name).familiar: name for name in reversed((*AUTOMATIC, *more))}


def automatic_for(step: Step, more: tuple[str, ...] = (), *, plugin_volumes: bool = False) -> str | None:
    """The image for which a runner privileges a step that does not ask for it; None where it does not, or where the step loses it.

    Args:
        step: a step or service.
        more: what `DRONE_RUNNER_PRIVILEGED_IMAGES` adds.
        plugin_volumes: whether `DRONE_FLAG_ALLOW_DOCKER_PLUGIN_VOLUMES` is set.
    """
    if step.image is None or step.privileged or step.pipeline.type not in ("docker", "kubernetes"):
        return None
    plugin = automatic_plugin(step.reference, more)
    if plugin is None or (plugin == "plugins/gar" and plugin not in more and step.pipeline.type == "kubernetes"):
        return None
    return None if lost_by(step, plugin_volumes=plugin_volumes) else plugin


def lost_by(step: Step, *, plugin_volumes: bool = False) -> list[Value]:
    """What in the step takes the automatic privilege away silently."""
    found = [value for key in ("commands", "command", "entrypoint") if (value := step.get(key)) is not None and _is_filled(value)]
    volumes = step.get("volumes")
    if volumes is not None and _is_filled(volumes) and not plugin_volumes:
        found.append(volumes)
    return found + [value for name, value in step.environment.items() if name in _VARIABLES]


def _is_filled(value: Value) -> bool:
    return any(True for _ in value) or any(True for _ in value.items())


def restricted(path: str) -> bool:
    """Whether a container path is one that the runner keeps for itself (runner-go container/volume.go)."""
    cleaned = posixpath.normpath(path.lower()) if path else "."
    cleaned = "/" + cleaned.lstrip("/") if cleaned.startswith("/") else cleaned
    return cleaned in _RESTRICTED or any(cleaned == folder or cleaned.startswith(folder + "/") for folder in RESTRICTED_BELOW)
