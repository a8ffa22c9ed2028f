"""Pipelines."""

from __future__ import annotations

from typing import Any

from drone_lint.model.condition import Conditions
from drone_lint.model.document import Document
from drone_lint.model.lazy import lazy
from drone_lint.model.step import Step
from drone_lint.model.value import Value
from drone_lint.model.volume import Volume

RUNNERS = ("docker", "kubernetes", "exec", "ssh", "digitalocean", "macstadium", "vm")
"""Pipeline types that a runner of Drone takes (drone-semantics 2.3)."""


class Pipeline:
    """A document of kind `pipeline`."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.value: Value = document.value

    def get(self, key: str) -> Value | None:
        """The value of a key."""
        return self.value.get(key)

    @property
    def memo(self) -> dict[object, Any]:
        """What has been worked out about the pipeline for one rule, for the next."""
        return self.document.memo

    @lazy
    def name(self) -> str:
        """`name`, as text; empty where there is none."""
        return self.document.name

    @property
    def title(self) -> str:
        """For messages: the name, or `default`, which the server gives to an unnamed pipeline."""
        return f"pipeline `{self.name or 'default'}`"

    @lazy
    def type(self) -> str:
        """`type`; `docker` where there is none, whatever runners there are (harness/drone trigger/trigger.go:406)."""
        found = self.value.get("type")
        return (found.text if found is not None else "") or "docker"

    @lazy
    def steps(self) -> tuple[Step, ...]:
        """The items of `steps`."""
        return self._steps("steps")

    @lazy
    def services(self) -> tuple[Step, ...]:
        """The items of `services`."""
        return self._steps("services")

    @lazy
    def containers(self) -> tuple[Step, ...]:
        """Services and steps, services first as the runner takes them."""
        return (*self.services, *self.steps)

    @lazy
    def volumes(self) -> tuple[Volume, ...]:
        """The items of `volumes`."""
        found = self.value.get("volumes")
        return tuple(Volume(item) for item in found) if found is not None else ()

    @lazy
    def _volumes_by_name(self) -> dict[str, Volume]:
        found: dict[str, Volume] = {}
        for volume in self.volumes:
            found.setdefault(volume.name, volume)
        return found

    def volume(self, name: str) -> Volume | None:
        """The volume of a name: the first, as the runner looks it up."""
        return self._volumes_by_name.get(name)

    @lazy
    def trigger(self) -> Conditions:
        """`trigger`."""
        return Conditions(self.value.get("trigger"))

    @lazy
    def depends_on(self) -> tuple[Value, ...]:
        """The items of `depends_on`."""
        found = self.value.get("depends_on")
        return tuple(found) if found is not None else ()

    def forget(self) -> None:
        """Let go of everything: steps, and what they have, refer to each other."""
        for section in ("steps", "services"):
            for step in self.__dict__.get(section, ()):
                step.__dict__.clear()
        self.__dict__.clear()

    def _steps(self, section: str) -> tuple[Step, ...]:
        found = self.value.get(section)
        if found is None:
            return ()
        return tuple(Step(item, self, section, index) for index, item in enumerate(found) if item.is_map)
