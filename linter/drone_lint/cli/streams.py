"""Standard input, output and error of the process."""

from __future__ import annotations

import os
import sys
from contextlib import suppress


def open_streams() -> None:
    """Standard streams that the caller closed lead nowhere, instead of into the next file that is opened."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - as long as the process


def drop_output() -> None:
    """Have the interpreter's last flush succeed."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(text: str) -> None:
    """One line on standard error, in which nothing drives the terminal."""
    from drone_lint.report.wording import one_line

    print(f"drone-lint: {one_line(text)}", file=sys.stderr)


def read_stdin() -> bytes:
    """All of standard input."""
    return sys.stdin.buffer.read()


def print_text(text: str) -> None:
    """To standard output, whatever its encoding can show."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
