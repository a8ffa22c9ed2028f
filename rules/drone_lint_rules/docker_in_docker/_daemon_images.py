"""Images whose entrypoint is a Docker daemon."""

from __future__ import annotations

from drone_lint.api import ImageReference

_OTHERS = ("cruizba/ubuntu-dind", "jpetazzo/dind", "billyteves/ubuntu-dind", "teracy/ubuntu")


def is_daemon(reference: ImageReference) -> bool:
    """Whether an image is a Docker daemon that needs privilege: Docker's own, its copies in other registries, and some that are known."""
    if reference.familiar in _OTHERS:
        return "dind" in reference.repository or "dind" in reference.tag
    is_docker = reference.familiar == "docker" or reference.repository.endswith("library/docker")
    return is_docker and "dind" in reference.tag and "rootless" not in reference.tag
