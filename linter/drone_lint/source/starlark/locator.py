"""Places of documents that a Starlark program made, as spans: the literal that made a string, the key of anything else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import NamedTuple

from drone_lint.model.document import Located
from drone_lint.model.node import Mapping, Node, Scalar, Sequence, descend
from drone_lint.model.value import Part, Place
from drone_lint.source.starlark.syntax.literals import pieces as pieces_of_literal
from drone_lint.text.position import Path, Precision, SourceFile, Span, whole_file


@lru_cache(maxsize=2)
def sources_of(text: str) -> list[tuple[int, int]]:
    """Offsets of literals and names, which the engine gives as `start-end` with commas between them."""
    return [(int(start), int(end)) for start, _, end in (one.partition("-") for one in text.split(",") if one)]


def fields_in(places: Iterable[str]) -> set[int]:
    """Numbers of the fields of `ctx` that strings of some documents come from, the first one 0."""
    return {-1 - int(found) for text in places for found in re.findall(r"(?:^|[ :])(-\d+)", text, re.MULTILINE)}


class Piece(NamedTuple):
    """Characters of a string that come from one source."""

    start: int
    length: int
    source: int
    """A literal or name by its number; below 0 a field of `ctx`, -1 the first."""
    offset: int
    """Where they begin in the source's value; -1: somewhere."""

    @property
    def end(self) -> int:
        """Where they end."""
        return self.start + self.length


class Origin(NamedTuple):
    """Where a key or value comes from."""

    pieces: tuple[Piece, ...] = ()
    whole: bool = False
    """Whether the one piece is the whole string, and all of its source."""
    written: tuple[int, int] | None = None
    """Offsets of the expression that made a list or dict."""


_NOWHERE = Origin()


class Origins:
    """The origins of one document's values, read when first asked for.

    Args:
        file: the program.
        places: what the engine says of the document.
        sources: offsets of literals and names.
        fields: fields of `ctx`.
        root: the document.
    """

    def __init__(self, file: SourceFile, places: str, sources: list[tuple[int, int]], fields: tuple[str, ...], root: Node) -> None:
        self.file = file
        self.fields = fields
        self.root = root
        self.sources = sources
        self._places = places

    @cached_property
    def table(self) -> dict[Path, tuple[Origin, Origin]]:
        """The key's and the value's origin by path; empty where the document does not have the engine's shape."""
        lines = iter(self._places.split("\n"))
        found: dict[Path, tuple[Origin, Origin]] = {}
        stack: list[tuple[Path, Node]] = [((), self.root)]
        while stack:
            path, node = stack.pop()
            line = next(lines, None)
            if line is None:
                return {}
            key, _, value = line.partition(" ")
            found[path] = (self._origin(key, None), self._origin(value, node))
            if isinstance(node, Mapping):
                stack += [((*path, name), entry.node) for name, entry in reversed(node.entries.items())]
            elif isinstance(node, Sequence):
                stack += [((*path, index), item) for index, item in reversed(list(enumerate(node.items)))]
        return found if next(lines, None) is None else {}

    def _origin(self, text: str, node: Node | None) -> Origin:
        if not text:
            return _NOWHERE
        if text.startswith("["):
            start, _, end = text[1:].partition("-")
            return Origin(written=(int(start), int(end)))
        if "+" not in text:
            length = len(node.text) if isinstance(node, Scalar) else 0
            return Origin((Piece(0, length, int(text), 0),), whole=True)
        return Origin(tuple(_piece(one) for one in text.split(",")))

    def key(self, path: Path) -> Origin:
        """Where a key comes from."""
        return self.table.get(path, (_NOWHERE, _NOWHERE))[0]

    def value(self, path: Path) -> Origin:
        """Where a value comes from."""
        return self.table.get(path, (_NOWHERE, _NOWHERE))[1]

    def span(self, source: int, precision: Precision = Precision.EXACT) -> Span:
        """The text of a literal or name."""
        return Span(self.file, *self.sources[source], precision)

    def within(self, piece: Piece, start: int, end: int) -> Span:
        """The source of characters of a string, which a piece of a literal covers."""
        begin, finish = self.sources[piece.source]
        raw = self.file.text[begin:finish]
        if piece.offset < 0 or raw[-1:] not in ("'", '"'):
            return self.span(piece.source, Precision.APPROXIMATE)
        first, last = (piece.offset + min(max(at - piece.start, 0), piece.length) for at in (start, end))
        return Span(self.file, begin + offset_in(raw, first), begin + offset_in(raw, last))


def _piece(text: str) -> Piece:
    start, _, rest = text.partition("+")
    length, _, rest = rest.partition(":")
    source, _, offset = rest.partition("@")
    return Piece(int(start), int(length), int(source), int(offset))


def offset_in(raw: str, at: int) -> int:
    """The offset, in a literal's text, of a character of its value."""
    seen = behind = 0
    for start, end, length in pieces_of_literal(raw):
        if seen + length > at:
            return start
        seen, behind = seen + length, end
    return behind or raw.index(raw[-1]) + 1


class PlaceLocator:
    """Locates places of one document."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins

    def prepare(self, places: Iterable[Place]) -> None:
        """Nothing needs to be prepared: the evaluation told where everything comes from."""

    def locate(self, place: Place) -> Located:
        """The literal for a string, the key for anything else; the key as related where that is on another line."""
        path = place.path
        node = descend(self._origins.root, path)
        if place.part is Part.VALUE and isinstance(node, Scalar):
            span = self._string(self._origins.value(path), place.range)
            if span is not None:
                return Located(span, self._used(path, span))
        return Located(self.key_span(path))

    def _string(self, origin: Origin, wanted: tuple[int, int] | None) -> Span | None:
        """The literal that holds characters of a string; of the whole string, the longest one."""
        written = [piece for piece in origin.pieces if piece.source >= 0]
        if not written:
            return None
        if wanted is None:
            return self._origins.span(max(written, key=lambda piece: piece.length).source)
        start, end = wanted
        best = max(written, key=lambda piece: (min(piece.end, end) - max(piece.start, start), piece.length))
        if best.start <= start and end <= best.end:
            return self._origins.within(best, start, end)
        covered = min(best.end, end) - max(best.start, start)
        return self._origins.span(best.source, Precision.EXACT if covered > 0 else Precision.APPROXIMATE)

    def _used(self, path: Path, span: Span) -> list[tuple[str, Span]]:
        """The key, or item, that a string from elsewhere is the value of."""
        field = self.key_span(path)
        if field.precision is not Precision.EXACT or field.begin.line == span.begin.line or span.start <= field.start < span.end:
            return []
        return [("used here", field)]

    def key_span(self, path: Path) -> Span:
        """The key of a value; an item by what shows it; else the nearest ancestor, approximate."""
        if not path or isinstance(path[-1], int):
            return self._item(path)
        origin = self._origins.key(path)
        written = [piece for piece in origin.pieces if piece.source >= 0]
        if not written:
            return self._ancestor(path)
        longest = max(written, key=lambda piece: piece.length)
        return self._origins.span(longest.source, Precision.EXACT if origin.whole else Precision.APPROXIMATE)

    def _item(self, path: Path) -> Span:
        """A dict by its first key, a string by its literal, a list by the expression that made it."""
        node = descend(self._origins.root, path)
        if isinstance(node, Mapping) and node.entries:
            first = self._origins.key((*path, next(iter(node.entries))))
            if first.whole and first.pieces[0].source >= 0:
                return self._origins.span(first.pieces[0].source)
        origin = self._origins.value(path)
        if isinstance(node, Scalar):
            span = self._string(origin, None)
            if span is not None:
                return span
        if origin.written is not None:
            return Span(self._origins.file, origin.written[0], origin.written[0] + 1)
        return self._ancestor(path)

    def _ancestor(self, path: Path) -> Span:
        if not path:
            return whole_file(self._origins.file)
        origin = self._origins.value(path[:-1])
        if isinstance(path[-1], str) and origin.written is not None:
            start = origin.written[0]
            return Span(self._origins.file, start, start + 1, Precision.APPROXIMATE)
        span = self.key_span(path[:-1])
        return span if span.precision is Precision.FILE else span._replace(precision=Precision.APPROXIMATE)
