"""Runs programs with our engine and with `starlark-go`, the server's own engine as a Python package."""

from __future__ import annotations

import re
import sys
from typing import NamedTuple

from drone_lint.source.starlark.engine.failure import Failure
from drone_lint.source.starlark.engine.formatting import shown
from drone_lint.source.starlark.engine.program import Program
from drone_lint.source.starlark.engine.values import UNSET
from drone_lint.source.starlark.syntax.literals import from_bytes

if sys.version_info >= (3, 10, 7):
    sys.set_int_max_str_digits(0)


class Result(NamedTuple):
    """What a program does: its globals as text, or its error with the line and column that the engine names."""

    values: tuple[tuple[str, str], ...] = ()
    error: str | None = None
    at: tuple[int, int] | None = None

    def __str__(self) -> str:
        if self.error is None:
            return "; ".join(f"{name} = {value}" for name, value in self.values)
        return f"{self.error} at {self.at[0]}:{self.at[1]}" if self.at else self.error


def ours(text: str) -> Result:
    """Our engine's."""
    program = Program(text)
    if program.refused is not None:
        message = re.sub("\0(\\d+)\0", lambda match: "f.star:{}:{}".format(*_position(text, int(match[1]))), program.refused["error"])
        return Result(error=message, at=_position(text, program.refused["static"]))
    machine, names = program._machine, program._names
    machine.reset(len(names))
    try:
        program._run([[UNSET] if local.scope == "cell" else UNSET for local in program._locals])
    except Failure as error:
        return Result(error=from_bytes(error.message), at=_position(text, error.sites[0][0]))
    found = {name: from_bytes(shown(machine.globals[at])) for name, at in names.items() if machine.globals[at] is not UNSET}
    return Result(tuple(sorted(found.items())))


def _position(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def theirs(text: str) -> Result | None:
    """The server's engine's; None where the package cannot say its error: a message cut in the middle of a character."""
    import starlark_go

    engine = starlark_go.Starlark(print=lambda _: None)
    try:
        engine.exec(text, filename="f.star")
    except TypeError:
        return None
    except starlark_go.SyntaxError as error:
        return Result(error=error.msg, at=(error.line, error.column))
    except starlark_go.ResolveError as error:
        return Result(error=error.errors[0].msg, at=(error.errors[0].line, error.errors[0].column))
    except starlark_go.EvalError as error:
        match = re.match(r"(\S+) in (.*?):(\d+):(\d+): (.*)", error.error, re.DOTALL)
        assert match is not None
        return Result(error=match[5], at=None if match[1] == "<builtin>" else (int(match[3]), int(match[4])))
    return Result(tuple((name, engine.eval(name, convert=False)) for name in sorted(engine.globals())))


_NEWER = (
    (r'for parameter "(\w+)"', r"for parameter \1"),
    (r'(parameter|argument|name) "(\w+)"', r"\1 \2"),
    (r"keyword argument (\w+) is repeated", r"keyword argument \1 repeated"),
)
"""Words of the package, which is newer than the server's engine, and those of the server's."""


_ELSEWHERE = ("function ", "invalid slice", "zero is not a valid slice", "invalid start index", "invalid end index")
"""Errors that the server's engine places at the function instead of the call, or at the last part of a slice that has a place."""


def agree(mine: Result, other: Result | None) -> bool:
    """Whether two engines say the same, but for places that one of them gives elsewhere: the server's messages do not have them."""
    if other is None:
        return mine.error is not None
    if mine.error is None or other.error is None:
        return mine == other
    message = other.error
    if message == "load not implemented by this application":
        return "cannot load external scripts" in mine.error
    for newer, older in _NEWER:
        message = re.sub(newer, older, message)
    elsewhere = mine.error.startswith(_ELSEWHERE)
    return mine.error == message and (elsewhere or other.at is None or mine.at == other.at)
