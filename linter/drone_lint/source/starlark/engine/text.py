"""Strings that know which literals, names and fields of `ctx` their characters come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Piece = tuple[int, int, int, int]
"""Start and length in the string, the source, and the offset in the source's own value.

Sources from 0 are literals and names of the program, by number; below 0 they are fields of `ctx`: -1 is the first.
"""
_MOST = 64
"""Pieces that are remembered of one string."""


class Text(str):
    """A string with its pieces, in order."""

    __slots__ = ("pieces",)
    pieces: tuple[Piece, ...]


def text(value: str, pieces: tuple[Piece, ...]) -> str:
    """A string with pieces; a plain one where there are none."""
    if not pieces:
        return value
    made = Text(value)
    made.pieces = pieces
    return made


def whole(value: str, source: int) -> str:
    """A string that is all of a source."""
    return text(value, ((0, len(value), source, 0),))


def pieces_of(value: str) -> tuple[Piece, ...]:
    """The pieces of a string."""
    return value.pieces if type(value) is Text else ()


def concatenated(left: str, right: str) -> str:
    """Both, one after the other."""
    if not left:
        return right
    if not right:
        return left
    value = str.__add__(left, right)
    before, after = pieces_of(left), pieces_of(right)
    if not after or len(before) >= _MOST:
        return text(value, before)
    shift = len(left)
    return text(value, before + tuple([(start + shift, length, source, offset) for start, length, source, offset in after]))


def joined(parts: Sequence[str]) -> str:
    """All of them, one after the other."""
    if len(parts) == 1:
        return parts[0]
    pieces: list[Piece] = []
    at = 0
    for part in parts:
        if type(part) is Text and len(pieces) < _MOST:
            pieces += [(start + at, length, source, offset) for start, length, source, offset in part.pieces]
        at += len(part)
    return text("".join(parts), tuple(pieces))


def sliced(value: str, start: int, end: int) -> str:
    """The characters from `start` to `end`, both inside of the string."""
    if start == 0 and end == len(value):
        return value
    cut = str.__getitem__(value, slice(start, end))
    if type(value) is not Text or not cut:
        return cut
    found = []
    for at, length, source, offset in value.pieces:
        low, high = max(at, start), min(at + length, end)
        if low < high:
            found.append((low - start, high - low, source, offset + low - at))
    return text(cut, tuple(found))


def relettered(value: str, other: str) -> str:
    """Another string of the same length, character for character made of `value`."""
    return text(other, pieces_of(value)) if len(value) == len(other) else text(other, _spread(value, other))


def _spread(value: str, other: str) -> tuple[Piece, ...]:
    """Where lengths differ: everything comes from the sources of `value`, at places that cannot be told."""
    sources: Iterable[Piece] = pieces_of(value)
    return tuple([(0, len(other), source, -1) for _, _, source, _ in sources][:1])
