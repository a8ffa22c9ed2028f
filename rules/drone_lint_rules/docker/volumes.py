"""What a pipeline's volume really is: `temp` wins over `host` (every compiler of a runner looks at it first)."""

from __future__ import annotations

from drone_lint.api import Volume


def is_host(volume: Volume | None) -> bool:
    """Whether a volume is a folder or file of the host."""
    return volume is not None and volume.host is not None and not volume.is_temp


def is_memory(volume: Volume | None) -> bool:
    """Whether a volume is a tmpfs: on the docker runner each container has one of its own, and nothing is shared."""
    medium = volume.value.at("temp", "medium") if volume is not None else None
    return medium is not None and medium.text == "memory"
