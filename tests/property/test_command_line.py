"""The small reader of command lines and typer read every one of them alike."""

from __future__ import annotations

import contextlib
import io
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from drone_lint.cli import app as cli
from drone_lint.cli.app import invoke
from drone_lint.cli.options import CHECK, parse_plain

FLAGS = [flag for option in CHECK for flag in option.flags]
VALUES = sorted(
    {choice for option in CHECK for choice in option.choices}
    | {"x", "a=b", "", "1", "0.5", "-1", "1e3", "1_0", "nan", "é", "-", "a b", "=", "-q"}
)
WORDS = st.one_of(
    st.sampled_from(FLAGS),
    st.sampled_from(VALUES),
    st.builds("{}={}".format, st.sampled_from(FLAGS), st.sampled_from(VALUES)),
    st.builds("{}{}".format, st.sampled_from([flag for flag in FLAGS if len(flag) == 2]), st.sampled_from(VALUES)),
    st.sampled_from(["--", "--nothing", "-x", "--help", "--form", "-qq", "-q-"]),
)
LINES = st.lists(
    st.one_of(WORDS, st.builds(lambda option, value: [option, value], st.sampled_from(FLAGS), st.sampled_from(VALUES))), max_size=6
)


def by_typer(words: list[str]) -> dict[str, Any] | None:
    """What typer makes of a command line; None where it does not come to a check."""
    seen: list[dict[str, Any]] = []
    original = cli.run_command
    cli.run_command = lambda _, options: seen.append(options) or 0  # type: ignore[assignment]
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            invoke(["check", *words])
    finally:
        cli.run_command = original
    return seen[0] if seen else None


@settings(max_examples=250)
@given(LINES)
@example([["--format", "text"], ["--format", "junit"], ["--output", "x"]])
@example(["-qo", "x", "-Jlib", "--max-seconds=0.5"])
@example(["--tla-code", "-1", "--", "--fix"])
def test_both_read_every_command_line_alike(line):
    words = [word for item in line for word in (item if isinstance(item, list) else [item])]
    plain, typer = parse_plain(words), by_typer(words)
    if plain is not None:
        plain["output"] = [name for name in plain["output"] if name is not None]
    assert repr(plain) == repr(typer)  # as text: `nan` is not equal to itself
