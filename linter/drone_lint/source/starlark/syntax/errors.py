"""What is wrong with a program before it runs."""

from __future__ import annotations


class StaticError(Exception):
    """A program that the server refuses to compile.

    Args:
        message: the server's words, without the place.
        at: offset of the place that the server names.
        start: offset of what is wrong.
        end: where that ends.
    """

    def __init__(self, message: str, at: int, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.start = start
        self.end = end


class DepthError(Exception):
    """A program nested deeper than is read here; the server has no such limit."""
