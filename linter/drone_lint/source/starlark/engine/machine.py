"""The state of a running program: globals, steps, calls, and what it read of `ctx`."""

from __future__ import annotations

from typing import Any

from drone_lint.source.starlark.engine.arguments import Named
from drone_lint.source.starlark.engine.binding import bind_arguments
from drone_lint.source.starlark.engine.failure import CancelledError, Failure
from drone_lint.source.starlark.engine.reads import Reads
from drone_lint.source.starlark.engine.values import UNSET, Builtin, Function, List, Struct, elements, type_name

_PRINTED = 1 << 16
"""Characters of what is printed that are kept."""
UNLIMITED = 1 << 62


class Machine:
    """One program, which can be run several times."""

    def __init__(self) -> None:
        self.globals: list[Any] = []
        self.steps = 0
        """Instructions of go.starlark.net's virtual machine that were run, as nearly as can be told."""
        self.limit = UNLIMITED
        self.reads = Reads()
        self.output: list[str] = []
        self._active: set[Any] = set()

    def reset(self, size: int) -> None:
        """Forget everything; the program has so many globals."""
        self.globals[:] = [UNSET] * size
        self.steps = 0
        self.limit = UNLIMITED
        self.reads = Reads()
        self.output = []
        self._active.clear()

    def check_steps(self) -> None:
        """Stop a program that took too many steps."""
        if self.steps >= self.limit:
            raise CancelledError

    def call(self, function: Any, given: list[Any], named: Named) -> Any:
        """Call a function of the program or of the language. Raises Failure."""
        if type(function) is Function:
            return self._run(function, given, named)
        if type(function) is Builtin:
            first = self if function.owner is None else function.name
            second = function.name if function.owner is None else function.owner
            return function.run(first, second, given, named)
        raise Failure(f"invalid call of non-function ({type_name(function)})")

    def _run(self, function: Function, given: list[Any], named: Named) -> Any:
        code = function.code
        if code in self._active:
            error = Failure(f"function {code.name} called recursively")
            raise error
        if self.steps >= self.limit:
            raise CancelledError
        frame = bind_arguments(function, given, named)
        self._active.add(code)
        try:
            return function.run(frame)
        except Failure as error:
            error.leave(code.name)
            raise
        finally:
            self._active.discard(code)

    def iterated(self, source: Any, key: Any) -> list[tuple[Any, Any]]:
        """Items of an iterable with what a key function makes of each; the source cannot be changed meanwhile."""
        items = list(elements(source))
        if type(key) is not Function and type(key) is not Builtin:
            return [(item, item) for item in items]
        counted = type(source) is List or hasattr(source, "iterating")
        if counted:
            source.iterating += 1
        try:
            return [(item, self.call(key, [item], [])) for item in items]
        finally:
            if counted:
                source.iterating -= 1

    def read(self, owner: Struct, name: str, value: Any) -> Any:
        """Note that a field of `ctx` is read."""
        self.reads.note(owner, name)
        return value

    def printed(self, line: str) -> None:
        """Keep what `print` was given."""
        if sum(map(len, self.output)) < _PRINTED:
            self.output.append(line[:_PRINTED])
