"""Steps and services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drone_lint.model.condition import Conditions
from drone_lint.model.image import ImageReference, parse_image
from drone_lint.model.lazy import lazy
from drone_lint.model.value import Value
from drone_lint.model.volume import Mount

if TYPE_CHECKING:
    from drone_lint.model.pipeline import Pipeline


class Step:
    """A step or service. Keys that are read often have properties; any other is `step.get(key)`."""

    def __init__(self, value: Value, pipeline: Pipeline, section: str, index: int) -> None:
        self.value = value
        self.pipeline = pipeline
        self.section = section
        """`steps` or `services`."""
        self.index = index
        self.memo: dict[object, Any] = {}
        """What has been worked out about the step for one rule, for the next."""

    def get(self, key: str) -> Value | None:
        """The value of a key."""
        return self.value.get(key)

    def __getitem__(self, key: str) -> Value:
        """The value of a key that is known to be there."""
        return self.value[key]

    @property
    def is_service(self) -> bool:
        """Whether it stands under `services`."""
        return self.section == "services"

    @property
    def kind(self) -> str:
        """`step` or `service`, for messages."""
        return "service" if self.is_service else "step"

    @lazy
    def name(self) -> str:
        """`name`, as text."""
        found = self.value.get("name")
        return found.text if found is not None else ""

    @lazy
    def title(self) -> str:
        """For messages: the kind with the name, or with the position when there is no name."""
        return f"{self.kind} `{self.name}`" if self.name else f"{self.kind} {self.index + 1}"

    @lazy
    def image(self) -> Value | None:
        """`image`."""
        return self.value.get("image")

    @lazy
    def reference(self) -> ImageReference:
        """The image's name taken apart; all empty when there is none."""
        return parse_image(self.image.text if self.image is not None else "")

    @lazy
    def commands(self) -> tuple[Value, ...]:
        """The items of `commands`."""
        found = self.value.get("commands")
        return tuple(found) if found is not None else ()

    @lazy
    def environment(self) -> dict[str, Value]:
        """`environment` by name."""
        found = self.value.get("environment")
        return dict(found.items()) if found is not None else {}

    @lazy
    def settings(self) -> dict[str, Value]:
        """`settings` by name."""
        found = self.value.get("settings")
        return dict(found.items()) if found is not None else {}

    @lazy
    def mounts(self) -> tuple[Mount, ...]:
        """The items of `volumes`."""
        found = self.value.get("volumes")
        return tuple(Mount(item, self, self.pipeline) for item in found) if found is not None else ()

    @lazy
    def when(self) -> Conditions:
        """`when`."""
        return Conditions(self.value.get("when"))

    @lazy
    def privileged(self) -> bool:
        """Whether `privileged` is true."""
        found = self.value.get("privileged")
        return found is not None and found.true

    @lazy
    def secrets(self) -> tuple[tuple[str, Value], ...]:
        """Secret names that the step gets by `from_secret`, with the value that names each."""
        found = []
        for value in (*self.environment.values(), *self.settings.values()):
            reference = value.get("from_secret")
            if reference is not None and reference.text:
                found.append((reference.text, reference))
        return tuple(found)
