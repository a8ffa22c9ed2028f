"""An error while a program runs."""

from __future__ import annotations

Site = tuple[int, int, int]
"""Offsets: what the server names, and the start and end of the expression."""


class Failure(Exception):  # noqa: N818 - it is the program that fails
    """A program's error, in the server's words; on its way out it collects where it happened."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.sites: list[Site] = []
        """Innermost first: one for each function that was running."""
        self.functions: list[str] = []
        """Names of those functions, except the outermost."""
        self._placed = False

    def place(self, site: Site) -> None:
        """Note where it happened in the function that is running, if that is not known yet."""
        if not self._placed:
            self._placed = True
            self.sites.append(site)

    def leave(self, function: str) -> None:
        """Note that it leaves a function; the next place is that of the call."""
        if not self._placed:
            self.sites.append(self.sites[-1] if self.sites else (0, 0, 0))
        self.functions.append(function)
        self._placed = False


class CancelledError(Exception):
    """The step limit was reached."""
