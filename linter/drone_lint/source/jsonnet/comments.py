"""Comments of Jsonnet programs, and what the lines beside them open."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.source.jsonnet.syntax.tokens import structure


def comments(text: str) -> Iterator[tuple[int, int]]:
    """Where comments begin and end."""
    return ((token.start, token.end) for token in structure(text).comments)


def blocks(text: str) -> list[tuple[int, int]]:
    """Where objects begin and end."""
    return [(literal.start, literal.end) for literal in structure(text).objects]
