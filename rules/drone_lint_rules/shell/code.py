"""Words of a command that something reads as code: shells, other interpreters, shells on other machines."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from drone_lint_rules.shell.programs import SHELLS, here_documents, joined, piped_scripts, scripts_of
from drone_lint_rules.shell.syntax import SimpleCommand, Word

_FLAGS = {
    "python": "c",
    "pypy": "c",
    "perl": "eE",
    "ruby": "e",
    "node": "ep",
    "nodejs": "ep",
    "php": "r",
    "lua": "e",
    "deno": "",
    "bun": "e",
}
_SSH_VALUES = "-o -i -p -l -F -J -L -R -S -c -b -D -W -m -E -e -I -O -Q -w -B"


def code_of(command: SimpleCommand) -> Iterator[tuple[str, Word]]:
    """Who reads it, and the word (or here-document); only what this command gives, not files."""
    program = command.program
    if program not in ("eval", "trap"):
        shell = next((name for word in command.words if (name := word.text.rpartition("/")[2]) in SHELLS), program)
        yield from (
            (f"{shell} -c", word) for word in scripts_of(command) if word.start >= command.start and word not in here_documents(command)
        )
    yield from ((program, word) for word in piped_scripts(command))
    if program in SHELLS:
        yield from ((program, word) for word in scripts_of(command) if word in here_documents(command))
    elif program == "ssh":
        yield from ((program, word) for word in _remote(command))
    elif program in ("awk", "gawk", "mawk"):
        yield from ((program, word) for word in itertools.islice((word for word in command.arguments if not word.text.startswith("-")), 1))
    else:
        yield from _inline(command)


def _inline(command: SimpleCommand) -> Iterator[tuple[str, Word]]:
    letters = _FLAGS.get(re.sub(r"[0-9.]+$", "", command.program), "")
    for flag, word in itertools.pairwise(command.arguments) if letters else ():
        if re.fullmatch("-[A-Za-z]*", flag.text) and flag.text[-1:] in letters:
            yield f"{command.program} {flag.text}", word
            return
        if not flag.text.startswith("-"):
            return


def _remote(command: SimpleCommand) -> Iterator[Word]:
    """What `ssh host ...` runs there: its words after the host, or its input."""
    from drone_lint_rules.shell.options import operands

    words = operands(command, _SSH_VALUES)
    if len(words) > 1:
        yield joined(words[1:])
    elif words:
        yield from here_documents(command)
