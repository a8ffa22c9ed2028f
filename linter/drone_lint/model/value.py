"""A value together with its place, and places as rules name them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from drone_lint.model.node import Mapping, Node, Scalar, Sequence, child, plain
from drone_lint.text.position import Path, SourceFile

if TYPE_CHECKING:
    from drone_lint.model.document import Document


class Part(str, Enum):
    """Which side of a mapping's entry a place means."""

    VALUE = "value"
    KEY = "key"


class Place(NamedTuple):
    """A place in a document: a value, its key, or a range of characters inside a scalar's decoded text."""

    document: Document
    path: Path
    part: Part = Part.VALUE
    range: tuple[int, int] | None = None
    at: tuple[int, int] | None = None
    """Offsets in the document's text, where the path leads to another value: one that replaced this."""


class TextPlace(NamedTuple):
    """A range of raw text that belongs to no value: a comment, a separator, a long line."""

    source: SourceFile
    start: int
    end: int
    document: Document | None = None


AnyPlace: TypeAlias = "Place | TextPlace"


class Value:
    """A node of a document and the path that leads to it. Never without its place."""

    __slots__ = ("document", "node", "path")

    def __init__(self, document: Document, path: Path, node: Node) -> None:
        self.document = document
        self.path = path
        self.node = node

    def __repr__(self) -> str:
        return f"Value({'/'.join(map(str, self.path))!r}: {plain(self.node)!r})"

    # -- places

    @property
    def place(self) -> Place:
        """The value itself."""
        return Place(self.document, self.path)

    @property
    def key(self) -> Place:
        """The key under which the value stands (for a list's item: the item)."""
        return Place(self.document, self.path, Part.KEY)

    def range(self, start: int, end: int) -> Place:
        """Characters `start` to `end` of this scalar's decoded text."""
        return Place(self.document, self.path, Part.VALUE, (start, end))

    # -- shape

    @property
    def is_map(self) -> bool:
        """Whether this is a mapping."""
        return isinstance(self.node, Mapping)

    @property
    def is_list(self) -> bool:
        """Whether this is a list."""
        return isinstance(self.node, Sequence)

    @property
    def is_scalar(self) -> bool:
        """Whether this is a scalar, null included."""
        return isinstance(self.node, Scalar)

    @property
    def is_null(self) -> bool:
        """Whether this is null."""
        return isinstance(self.node, Scalar) and self.node.value is None

    @property
    def is_string(self) -> bool:
        """Whether this resolves to a string."""
        return isinstance(self.node, Scalar) and isinstance(self.node.value, str)

    @property
    def has_null(self) -> bool:
        """Whether this is a list with null among its items."""
        return isinstance(self.node, Sequence) and any(isinstance(item, Scalar) and item.value is None for item in self.node.items)

    # -- content

    @property
    def text(self) -> str:
        """What a Go string field would hold: the source text of any scalar, empty for null and for what is no scalar."""
        return self.node.text if isinstance(self.node, Scalar) else ""

    @property
    def true(self) -> bool:
        """Whether this is the boolean true, in any of YAML 1.1's spellings."""
        return isinstance(self.node, Scalar) and self.node.value is True

    @property
    def data(self) -> Any:
        """Plain Python data with resolved types."""
        return plain(self.node)

    def get(self, key: str | int) -> Value | None:
        """The value under a key or index; None where there is none or this is no container."""
        node = self.node
        if isinstance(node, Mapping):  # asked hundreds of times a file
            entry = node.entries.get(key)  # type: ignore[arg-type]
            return None if entry is None else Value(self.document, (*self.path, key), entry.node)
        found = child(node, key)
        return None if found is None else Value(self.document, (*self.path, key), found)

    def __getitem__(self, key: str | int) -> Value:
        """As `get`, for a value that is known to be there.

        Raises:
            KeyError: there is no such value.
        """
        found = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def at(self, *path: str | int) -> Value | None:
        """The value at a path below this one."""
        found: Value | None = self
        for key in path:
            found = found.get(key) if found is not None else None
        return found

    def items(self) -> Iterator[tuple[str, Value]]:
        """Keys and values of a mapping, in written order; nothing for others."""
        if isinstance(self.node, Mapping):
            for key, entry in self.node.entries.items():
                yield key, Value(self.document, (*self.path, key), entry.node)

    def __iter__(self) -> Iterator[Value]:
        """The items of a list; nothing for others."""
        if isinstance(self.node, Sequence):
            for index, item in enumerate(self.node.items):
                yield Value(self.document, (*self.path, index), item)

    def scalars(self) -> Iterator[Value]:
        """This scalar, or every scalar below."""
        stack = [self]
        while stack:
            value = stack.pop()
            if value.is_scalar:
                yield value
            else:
                below = [item for _, item in value.items()] if value.is_map else list(value)
                stack.extend(reversed(below))
