"""Documents, and how a place in them becomes a span of source text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from drone_lint.model.lazy import lazy
from drone_lint.model.node import Content, Node, content
from drone_lint.model.value import Place, Value
from drone_lint.text.position import SourceFile, Span

if TYPE_CHECKING:
    from drone_lint.model.pipeline import Pipeline


class Located(NamedTuple):
    """A place's primary span, and further spans that explain how the value came there."""

    primary: Span
    """The text that the user edits."""
    related: Sequence[tuple[str, Span]] = ()
    """Messages and spans: the field that took an argument, the import that brought a library."""


class Locator(Protocol):
    """Turns places into spans; a loader's half of a document."""

    def prepare(self, places: Iterable[Place]) -> None:
        """Announce all places that will be asked for, so that costly work is done once for all."""

    def locate(self, place: Place) -> Located:
        """The span of a place. Never raises: what cannot be found is the nearest known ancestor, marked approximate."""


class Document:
    """One document of a configuration, in one view (the server's or a runner's). Equal to itself only."""

    def __init__(
        self,
        index: int,
        root: Node,
        locator: Locator,
        source: SourceFile,
        default_runner: str = "docker",
        anchors: tuple[int, ...] = (),
        events: tuple[str, ...] | None = None,
    ) -> None:
        self.index = index
        self.root = root
        self.locator = locator
        self.source = source
        self.default_runner = default_runner
        """The type of the runner that there is, as the settings say."""
        self.anchors = anchors
        """Offsets of what has a YAML anchor."""
        self.events = events
        """The build events for which there is such a document; None: all. A program may make others for other events."""
        self.memo: dict[object, Any] = {}
        """What has been worked out about the document for one rule, for the next."""

    @lazy
    def value(self) -> Value:
        """The document's root."""
        return Value(self, (), self.root)

    @lazy
    def content(self) -> Content:
        """What stands in it, wherever it stands: for questions that most documents answer with no."""
        return content([self.root])

    @lazy
    def kind(self) -> str:
        """`kind`, as text."""
        return self._text("kind")

    @lazy
    def name(self) -> str:
        """`name`, as text."""
        return self._text("name")

    @lazy
    def pipeline(self) -> Pipeline | None:
        """The document as a pipeline; None for other kinds."""
        from drone_lint.model.pipeline import Pipeline

        return Pipeline(self) if self.kind == "pipeline" else None

    def forget(self) -> None:
        """Let go of views of the document, which refer back to it."""
        pipeline = self.__dict__.pop("pipeline", None)
        if pipeline is not None:
            pipeline.forget()
        self.__dict__.pop("value", None)
        self.__dict__.pop("content", None)
        self.memo.clear()

    def locate(self, place: Place) -> Located:
        """The span of a place in this document."""
        return self.locator.locate(place)

    def _text(self, key: str) -> str:
        found = self.value.get(key)
        return found.text if found is not None else ""
