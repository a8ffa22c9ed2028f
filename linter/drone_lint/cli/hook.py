"""`drone-lint-hook`: what hooks call with the names of files, which are anybody's choice."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

MARKER = "--"
"""Nothing behind it is an option."""


def main() -> NoReturn:
    """Lint the files that are named behind the marker, with the options before it."""
    from drone_lint.cli.main import main as run

    run(words_of(sys.argv[1:]))


def words_of(arguments: Sequence[str]) -> list[str]:
    """A hook's arguments as a call of `check`, in which no file's name is an option, a command or standard input.

    A hook whose own arguments have no marker has them and the names side by side: the call is refused then if an option among them is
    the name of a file as well (`drone_lint.cli.main`).
    """
    if MARKER not in arguments:
        return ["check", *arguments]
    at = list(arguments).index(MARKER)
    names = [f"./{name}" if name.startswith("-") else name for name in arguments[at + 1 :]]
    return ["check", *arguments[:at], MARKER, *names]
