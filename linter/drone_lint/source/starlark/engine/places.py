"""Where the keys and values of a document come from, as a compact text.

One line for each value, in the order in which they are written: the value itself, then what is in it. A line has a key, a blank and a
value. A key, and a string, is a list of pieces, `,` between them: `start+length:source@offset` in code points, or a source alone
where the string is all of it. A list or dict is `[start-end`, where the expression stands that made it. What is not known is empty.
"""

from __future__ import annotations

from typing import Any

from drone_lint.source.starlark.engine.text import Text
from drone_lint.source.starlark.engine.values import Dict, Elems, List, Range, elements


class PlaceWriter:
    """Writes the places of one document.

    Args:
        values: what each source stands for, by its number: literals from 0, fields of `ctx` from -1 downwards.
    """

    def __init__(self, values: dict[int, str]) -> None:
        self._values = values
        self._lines: list[str] = []

    def document(self, value: Any) -> str:
        """The places of a document."""
        self._lines = []
        self._add("", value)
        return "\n".join(self._lines)

    def _add(self, key: str, value: Any) -> None:
        """A value under a key, and what is in it."""
        self._lines.append(f"{key} {self._origin(value)}")
        kind = type(value)
        if kind is Dict:
            for name, item in value.items.values():
                self._add(self._origin(name), item)
        elif kind is List or kind is tuple or kind is Range or kind is Elems:
            for item in elements(value):
                self._add("", item)

    def _origin(self, value: Any) -> str:
        kind = type(value)
        if kind is Text:
            pieces = value.pieces
            if len(pieces) == 1:
                _, length, source, offset = pieces[0]
                if offset == 0 and length == len(value) == len(self._values.get(source, "")):
                    return str(source)
            return ",".join([self._piece(value, *piece) for piece in pieces])
        if (kind is List or kind is Dict) and value.written is not None:
            return f"[{value.written.start}-{value.written.end}"
        return ""

    def _piece(self, value: str, start: int, length: int, source: int, offset: int) -> str:
        if not value.isascii():
            start, length = _points(value, start), _points(value, start + length) - _points(value, start)
        of = self._values.get(source, "")
        return f"{start}+{length}:{source}@{offset if offset < 0 or of.isascii() else _points(of, offset)}"


def _points(value: str, at: int) -> int:
    """How many code points begin before a byte."""
    return sum(1 for char in str.__getitem__(value, slice(0, at)) if not "\x80" <= char <= "\xbf")
