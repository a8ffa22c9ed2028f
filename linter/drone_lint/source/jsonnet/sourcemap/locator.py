"""Places of documents that a Jsonnet program made, as spans: the literal that made a string, the key of anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from drone_lint.model.document import Located
from drone_lint.model.value import Part, Place
from drone_lint.source.jsonnet.sourcemap.origins import shown
from drone_lint.text.position import Path, Precision, Span

if TYPE_CHECKING:
    from drone_lint.source.jsonnet.sourcemap.map import SourceMap


class MapLocator:
    """Locates places of one document through the source map of its evaluation."""

    def __init__(self, source_map: Callable[[], SourceMap], index: int | None) -> None:
        """Locate in the document of an index, None where the value is one document; the map is made when first needed."""
        self._source_map = source_map
        self._prefix: Path = () if index is None else (index,)

    @cached_property
    def _map(self) -> SourceMap:
        return self._source_map()

    def prepare(self, places: Iterable[Place]) -> None:
        """Announce the strings and the names among the places."""
        strings: list[Path] = []
        names: list[Path] = []
        for place in places:
            (strings if place.part is Part.VALUE else names).append((*self._prefix, *place.path))
        self._map.announce(strings, names)

    def locate(self, place: Place) -> Located:
        """The literal for a string, the key for anything else; the field or import as related where that is another place."""
        self._map.search()
        path = (*self._prefix, *place.path)
        if place.part is Part.VALUE:
            made = self._made(place, path)
            if made is not None:
                return self._string(path, made)
        span = self._map.key_span(path) if place.path else self._root(path)
        return Located(span, self._imported(span))

    def _root(self, path: Path) -> Span:
        literals = self._map.literals(path)
        if not literals:
            return self._map.key_span(path)
        file, literal = literals[0]
        first = literal.fields[0] if literal.fields else None
        start, end = (first.start, first.end) if first else (literal.start, literal.start + 1)
        return Span(self._map.files[file], start, end)

    def _made(self, place: Place, path: Path) -> Span | None:
        pieces = self._map.pieces(path)
        if not pieces:
            return None
        return shown(pieces, self._map.value_at(path), place.range, image=path[-1:] == ("image",))

    def _string(self, path: Path, span: Span) -> Located:
        field = self._map.key_span(path)
        elsewhere = (
            field.precision is Precision.EXACT and field.begin.line != span.begin.line and not (span.start <= field.start < span.end)
        )
        related = [("used here", field)] if elsewhere or field.file is not span.file else []
        return Located(span, [*related, *self._imported(span)])

    def _imported(self, span: Span) -> list[tuple[str, Span]]:
        found = self._map.import_of(span.file)
        return [found] if found is not None else []
