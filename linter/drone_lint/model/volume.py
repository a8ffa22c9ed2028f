"""Volumes of a pipeline and mounts of its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drone_lint.model.lazy import lazy
from drone_lint.model.value import Value

if TYPE_CHECKING:
    from drone_lint.model.pipeline import Pipeline
    from drone_lint.model.step import Step

SOURCES = ("temp", "host", "claim", "config_map", "secret")
"""Keys that say what a volume is."""


class Volume:
    """An entry of a pipeline's `volumes`."""

    def __init__(self, value: Value) -> None:
        self.value = value

    @lazy
    def name(self) -> str:
        """`name`, as text."""
        found = self.value.get("name")
        return found.text if found is not None else ""

    @lazy
    def host(self) -> Value | None:
        """`host`, when it is there and not null."""
        found = self.value.get("host")
        return found if found is not None and not found.is_null else None

    @lazy
    def host_path(self) -> Value | None:
        """`host.path`."""
        return self.host.get("path") if self.host is not None else None

    @lazy
    def sources(self) -> tuple[Value, ...]:
        """The keys that say what the volume is, where not null."""
        found = (self.value.get(key) for key in SOURCES)
        return tuple(value for value in found if value is not None and not value.is_null)

    @lazy
    def is_temp(self) -> bool:
        """Whether a runner makes an empty volume of it, whatever else it says: it looks at `temp` first (drone-semantics 8.3)."""
        return any(value.path[-1] == "temp" for value in self.sources)


class Mount:
    """An entry of a step's `volumes`."""

    def __init__(self, value: Value, step: Step, pipeline: Pipeline) -> None:
        self.value = value
        self.step = step
        self._pipeline = pipeline

    @lazy
    def name(self) -> str:
        """The name of the volume to mount."""
        found = self.value.get("name")
        return found.text if found is not None else ""

    @lazy
    def path(self) -> str:
        """Where the volume appears in the container."""
        found = self.value.get("path")
        return found.text if found is not None else ""

    @lazy
    def volume(self) -> Volume | None:
        """The pipeline's volume of that name: the first, as the runner looks it up; None where there is none."""
        return self._pipeline.volume(self.name)
