"""What a program read of `ctx`, and what it compared that with."""

from __future__ import annotations

from typing import Any

from drone_lint.source.starlark.engine.text import Text
from drone_lint.source.starlark.engine.values import Dict, List, Struct, elements
from drone_lint.source.starlark.syntax.literals import from_bytes

_MOST = 64
"""Comparisons that are told of one evaluation."""


class Reads:
    """Fields by name (`build.event`), and comparisons, in the order in which they came."""

    def __init__(self) -> None:
        self.fields: dict[str, None] = {}
        self.compared: dict[tuple[int, int, int, str], None] = {}
        """Source of the field (see `text.Piece`), which characters of it were compared, and with what text."""

    def note(self, owner: Struct, name: str) -> None:
        """A field was read."""
        self.fields[owner.prefix + name] = None

    def compare(self, left: Any, right: Any) -> None:
        """Two values are compared for equality, one of which may be text of a field."""
        if type(left) is Text and left.pieces[0][2] < 0:
            self._compare(left, right)
        if type(right) is Text and right.pieces[0][2] < 0:
            self._compare(right, left)

    def look_in(self, wanted: Any, container: Any) -> None:
        """A value, which may be text of a field, is looked for in a container, or the other way round."""
        if type(wanted) is Text and wanted.pieces[0][2] < 0 and type(container) in (List, Dict, tuple):
            for item in elements(container):
                self._compare(wanted, item)
        elif type(container) is Text and container.pieces[0][2] < 0:
            self._compare(container, wanted)

    def _compare(self, value: Text, other: Any) -> None:
        """Note it where the value is a part of one field, and the other is text of the program."""
        if len(value.pieces) != 1 or not isinstance(other, str) or len(self.compared) >= _MOST:
            return
        start, length, source, offset = value.pieces[0]
        if offset < 0 or start != 0 or length != len(value) or (type(other) is Text and other.pieces[0][2] < 0):
            return
        self.compared[(source, offset, length, from_bytes(str(other)))] = None
