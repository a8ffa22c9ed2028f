"""The start of the program: streams, the choice of a command, and how a process ends."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from drone_lint import __version__
from drone_lint.cli.options import parse_plain
from drone_lint.cli.outcome import CLEAN, USAGE, run_command
from drone_lint.cli.streams import complain, drop_output, open_streams

COMMANDS = ("check", "rule", "rules", "render", "dind", "plan", "diff", "baseline", "init", "serve")

NEAR = {"explain": "rule", "help": "--help", "version": "--version", "lint": "check"}
"""What people type first, from other programs, and what it is here; a file of that name comes first."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The `drone-lint` program."""
    gc.disable()  # a quarter of a run's time; `run` collects after every few files
    words = list(sys.argv[1:] if arguments is None else arguments)
    open_streams()
    try:
        code = _dispatch(words)
        sys.stdout.flush()
    except BrokenPipeError:
        drop_output()
        code = 141
    except KeyboardInterrupt:
        code = 130
        if "drone_lint.run.pool" in sys.modules:
            os._exit(code)  # at an ordinary end its threads wait for processes that the interrupt ended, too; those left end with this one
    except OSError as error:
        drop_output()
        complain(f"standard output: {error.strerror or error}")
        code = USAGE
    raise SystemExit(code)


def _dispatch(words: list[str]) -> int:
    if not words and any(name.startswith("PLUGIN_") for name in os.environ):
        return run_command(_plugin, {})
    return _call(words)


def _plugin(_options: dict[str, Any]) -> int:
    from drone_lint.cli.plugin import words_of

    return _call(["check", *words_of(os.environ)])


def _call(words: list[str]) -> int:
    name = _name_as_option(words)
    if name is not None:
        complain(
            f"{name}: both an option and the name of a file; write options before `--` and file names after it, or `./` before the name"
        )
        return USAGE
    words = _meant(words)
    if words == ["--version"]:
        print(f"drone-lint {__version__}")
        return CLEAN
    if words and words[0] == "check":
        words = words[1:]
    elif words and (words[0] in COMMANDS or words[0] in ("--help", "-h", "--install-completion", "--show-completion")):
        return _typer(words)
    if "_DRONE_LINT_COMPLETE" in os.environ:
        return _typer(words)
    plain = parse_plain(words)
    return run_command("check", plain) if plain is not None else _typer(["check", *words])


def _meant(words: list[str]) -> list[str]:
    """The words, with a command of other programs replaced by the one that does it here."""
    if not words or words[0] not in NEAR or os.path.lexists(words[0]):
        return words
    if words[0] == "help" and words[1:]:
        return [*words[1:], "--help"]
    if words == ["explain"]:
        return ["rules"]
    return [NEAR[words[0]], *words[1:]]


def _name_as_option(words: Sequence[str]) -> str | None:
    """An argument that would be read as an option and is a file's name: a glob, xargs or a hook passes names that anybody may choose."""
    for word in words:
        if word == "--":
            break
        if word.startswith("-") and word != "-" and os.path.lexists(word):
            return word
    return None


def _typer(words: Sequence[str]) -> int:
    from drone_lint.cli.app import invoke

    return invoke(words)
