"""Where things stand: files, positions, spans. The lowest layer; imports nothing of ours."""

from __future__ import annotations

from bisect import bisect_right
from enum import Enum
from typing import NamedTuple, TypeAlias

Path: TypeAlias = "tuple[str | int, ...]"
"""Keys and indices that lead from a document's root to a value."""


class Precision(str, Enum):
    """How sure a span is."""

    EXACT = "exact"
    APPROXIMATE = "approximate"
    FILE = "file"


class Position(NamedTuple):
    """A place in a text; both numbers are 1-based and columns count characters."""

    line: int
    column: int


class SourceFile:
    r"""A file's text and the path under which the user knows it.

    `path` is shown to the user, with forward slashes. `text` has no byte order mark; its line ends are the file's own.
    Lines end at `\n` only, as Drone's document splitter sees them.
    """

    __slots__ = ("_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._starts: list[int] | None = None

    def __repr__(self) -> str:
        return f"SourceFile({self.path!r}, {len(self.text)} characters)"

    @property
    def line_starts(self) -> list[int]:
        """Offsets at which lines begin."""
        if self._starts is None:
            starts, at = [0], self.text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = self.text.find("\n", at + 1)
            self._starts = starts
        return self._starts

    def position(self, offset: int) -> Position:
        """The position of the character at `offset`; offsets past the end mean the end."""
        starts = self.line_starts
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    def offset(self, line: int, column: int) -> int:
        """The offset of a position, clipped to the text."""
        starts = self.line_starts
        if line < 1:
            return 0
        if line > len(starts):
            return len(self.text)
        return min(starts[line - 1] + column - 1, len(self.text))

    def line(self, number: int) -> str:
        """The text of a line (1-based) without its line end; empty past the end."""
        starts = self.line_starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


class Span(NamedTuple):
    """A range of characters of a file, `start` inclusive and `end` exclusive."""

    file: SourceFile
    start: int
    end: int
    precision: Precision = Precision.EXACT

    @property
    def begin(self) -> Position:
        """Where the span starts."""
        return self.file.position(self.start)

    @property
    def finish(self) -> Position:
        """Where the span ends (exclusive)."""
        return self.file.position(self.end)

    @property
    def text(self) -> str:
        """The text that the span covers."""
        return self.file.text[self.start : self.end]


def whole_file(file: SourceFile) -> Span:
    """The span to give when nothing better is known."""
    return Span(file, 0, 0, Precision.FILE)
