"""Drone's document splitting: by lines, before anything is parsed (drone-yaml yaml/parse.go ParseRaw; drone-semantics 2.2)."""

from __future__ import annotations

from typing import NamedTuple

LONGEST_LINE = 65_535
"""Bytes. Go's `bufio.Scanner` stops at a longer line, unnoticed by Drone, and the rest of the file is gone."""


class Chunk(NamedTuple):
    """The text of one document, from `start` to `end`, and the separator line above it, if there is one."""

    start: int
    end: int
    separator: tuple[int, int] | None


class Split(NamedTuple):
    """A file as Drone splits it."""

    chunks: tuple[Chunk, ...]
    terminator: int | None = None
    """Offset of a line that starts with `...`, after which nothing is read."""
    too_long: int | None = None
    """Offset of a line that is longer than `LONGEST_LINE`, from which on nothing is read."""


def split(text: str, *, marked: bool = False) -> Split:
    """Split a text as Drone does.

    Args:
        text: the file's text, without a byte order mark.
        marked: whether a byte order mark stands before it: Drone looks for separators before anything drops the mark, so that the first
            line cannot be one.
    """
    chunks: list[Chunk] = []
    opened: tuple[int, tuple[int, int] | None] | None = None
    at = 0
    long = len(text) > LONGEST_LINE // 4
    while at < len(text):
        newline = text.find("\n", at)
        stop = len(text) if newline < 0 else newline
        following = min(stop + 1, len(text)) if newline >= 0 else len(text)
        if long and stop - at > LONGEST_LINE // 4 and len(text[at:stop].encode("utf-8", "surrogatepass")) > LONGEST_LINE:
            return _ended(chunks, opened, at, too_long=at)
        hidden = marked and at == 0
        if text.startswith("---", at) and not hidden:
            if opened is not None:
                chunks.append(Chunk(opened[0], at, opened[1]))
            opened = (following, (at, stop))
        elif opened is None:
            opened = (at, None)
        if text.startswith("...", at) and not hidden:
            return _ended(chunks, opened, at, terminator=at)
        at = following
    return _ended(chunks, opened, len(text))


def _ended(
    chunks: list[Chunk],
    opened: tuple[int, tuple[int, int] | None] | None,
    at: int,
    *,
    terminator: int | None = None,
    too_long: int | None = None,
) -> Split:
    if opened is not None:
        chunks.append(Chunk(opened[0], max(at, opened[0]), opened[1]))
    return Split(tuple(chunks), terminator, too_long)
