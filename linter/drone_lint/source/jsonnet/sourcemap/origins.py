"""Which pieces of an evaluated text came from which literal, and where in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from drone_lint.source.jsonnet.sourcemap.transparent import FIRST_BEGIN, FIRST_END
from drone_lint.source.jsonnet.syntax.tokens import StringLiteral, offset_in
from drone_lint.text.position import Precision, SourceFile, Span


class Maker(NamedTuple):
    """A literal, or a file that is imported as text."""

    file: SourceFile
    literal: StringLiteral | None
    """None: the whole file."""

    @property
    def value(self) -> str:
        """The text that it stands for."""
        return self.literal.value if self.literal is not None else self.file.text

    @property
    def whole(self) -> Span:
        """All of the literal, quotes included; the first line of a file."""
        if self.literal is not None:
            return Span(self.file, self.literal.start, self.literal.end)
        end = self.file.text.find("\n")
        return Span(self.file, 0, len(self.file.text) if end < 0 else end)

    def span(self, start: int, end: int) -> Span:
        """Where characters of its value stand."""
        if self.literal is None:
            return Span(self.file, start, end)
        text = self.file.text
        return Span(self.file, offset_in(text, self.literal, start), offset_in(text, self.literal, end))


class Piece(NamedTuple):
    """Characters `start` to `end` of a text, and what made them."""

    start: int
    end: int
    maker: Maker
    at: int | None
    """Offset of the first of them in the maker's value; None where that is not certain."""


class _Run(NamedTuple):
    start: int
    end: int
    number: int
    instance: int


def pieces_of(marked: str, makers: Sequence[Maker]) -> tuple[str, list[Piece]]:
    """A text without its marks, and the pieces that are known, in order; where literals are nested, the innermost counts."""
    plain, runs = _runs(marked)
    return plain, _aligned(plain, runs, makers)


def _runs(marked: str) -> tuple[str, list[_Run]]:
    stack: list[tuple[int, int]] = []
    parts: list[str] = []
    found: list[_Run] = []
    position = start = at = instances = 0

    def flush(upto: int) -> None:
        nonlocal position, at
        text = marked[start:upto]
        parts.append(text)
        if text and stack:
            found.append(_Run(position, position + len(text), *stack[-1]))
        position += len(text)

    for at, character in enumerate(marked):
        code = ord(character)
        if code < FIRST_BEGIN:
            continue
        flush(at)
        start = at + 1
        if code < FIRST_END:
            stack.append((code - FIRST_BEGIN, instances))
            instances += 1
        else:
            _take(stack, code - FIRST_END)
    flush(len(marked))
    return "".join(parts), found


def _take(stack: list[tuple[int, int]], number: int) -> None:
    for index in range(len(stack) - 1, -1, -1):
        if stack[index][0] == number:
            del stack[index]
            return


def _aligned(plain: str, runs: Sequence[_Run], makers: Sequence[Maker]) -> list[Piece]:
    """The runs with their offsets in the literals: a literal's pieces stand in it in order."""
    cursors: dict[int, int] = {}
    parts = Counter(run.instance for run in runs)
    found = []
    for run in runs:
        value, text = makers[run.number].value, plain[run.start : run.end]
        cursor = cursors.get(run.instance, 0)
        at = _place(value, text, cursor, whole=parts[run.instance] == 1)
        if at is not None:
            cursors[run.instance] = at + len(text)
        found.append(Piece(run.start, run.end, makers[run.number], at))
    return found


def _place(value: str, text: str, cursor: int, *, whole: bool) -> int | None:
    """Where a piece stands in the literal; a text that was changed character by character stands where it stood."""
    if whole and len(value) == len(text):
        return 0
    if whole and len(value) == len(text) + 1 and value.endswith("\n") and value.startswith(text):
        return 0  # a text block's last line end bears no mark
    at = value.find(text, cursor)
    return at if at >= 0 and (at == cursor or value.find(text, at + 1) < 0) else None


# -- choosing


def shown(pieces: Sequence[Piece], text: str, wanted: tuple[int, int] | None, *, image: bool) -> Span | None:
    """The span for a text, or for a range of it; None where nothing is known of it.

    The literal that holds the range counts; for an image the one with the tag; else the one that gave most of the text.
    """
    if not pieces:
        return None
    if wanted is not None:
        return _range(pieces, text, wanted)
    if image:
        at = _tag(text)
        return next((piece for piece in reversed(pieces) if piece.start <= at), pieces[-1]).maker.whole
    if len({_identity(piece) for piece in pieces}) == 1:
        return pieces[0].maker.whole
    sizes: dict[tuple[int, int], int] = {}
    for piece in pieces:
        sizes[_identity(piece)] = sizes.get(_identity(piece), 0) + piece.end - piece.start
    longest = max(pieces, key=lambda piece: (sizes[_identity(piece)], -piece.start))
    return longest.maker.whole._replace(precision=Precision.APPROXIMATE)


def _identity(piece: Piece) -> tuple[int, int]:
    literal = piece.maker.literal
    return id(piece.maker.file), literal.start if literal is not None else -1


def _tag(image: str) -> int:
    """Offset of the first character of an image's tag or digest, or of its last character."""
    at = max(image.find("@"), image.rfind(":") if image.rfind(":") > image.rfind("/") else -1)
    return at + 1 if 0 <= at < len(image) - 1 else len(image) - 1


def _range(pieces: Sequence[Piece], text: str, wanted: tuple[int, int]) -> Span:
    start, end = wanted
    touched = [piece for piece in pieces if piece.start < max(end, start + 1) and start < piece.end]
    if not touched:  # a number, a variable: the literal beside it
        beside = [piece for piece in pieces if piece.end <= start][-1:] or pieces[:1]
        return beside[0].maker.whole._replace(precision=Precision.APPROXIMATE)
    first = touched[0]
    if len(touched) == 1 and first.start <= start and end <= first.end:
        return _exact(first, text, start, end)
    # the literal in which the range begins: `'${REF:-' + s + '}'` is shown at `'${REF:-'`
    held = _exact(first, text, max(start, first.start), min(end, first.end))
    return held._replace(precision=Precision.APPROXIMATE)


def _exact(piece: Piece, text: str, start: int, end: int) -> Span:
    if piece.at is not None:
        return piece.maker.span(piece.at + start - piece.start, piece.at + end - piece.start)
    at = piece.maker.value.find(text[start:end])
    if at >= 0 and end > start and piece.maker.value.find(text[start:end], at + 1) < 0:
        return piece.maker.span(at, at + end - start)
    return piece.maker.whole._replace(precision=Precision.APPROXIMATE)
