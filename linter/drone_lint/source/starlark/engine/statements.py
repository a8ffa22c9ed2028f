"""Statements as functions of a frame.

A statement gives None to go on, BREAK or CONTINUE, or what is returned in a tuple of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from drone_lint.source.starlark.engine import operators
from drone_lint.source.starlark.engine.closures import Run
from drone_lint.source.starlark.engine.comprehensions import Store, iterate, no_field, store
from drone_lint.source.starlark.engine.costs import Costs
from drone_lint.source.starlark.engine.expressions import ExpressionCompiler
from drone_lint.source.starlark.engine.failure import CancelledError, Failure
from drone_lint.source.starlark.engine.slicing import get_index, set_index
from drone_lint.source.starlark.syntax import nodes
from drone_lint.source.starlark.syntax.literals import to_bytes

BREAK, CONTINUE = "break", "continue"


class Compiler(ExpressionCompiler):
    """Compiles a program."""

    def program(self, program: nodes.Program) -> Run:
        """The program's own statements."""
        return self.body(program.toplevel)

    def body(self, code: nodes.Function) -> Run:
        """The body of a function, with the steps of its statements."""
        outer, costs = self.function, self.costs
        self.function, self.costs = code, Costs()
        run = self.block(code.body)
        self.function, self.costs = outer, costs
        machine = self.machine

        def call(f: list[Any]) -> Any:
            result = run(f)
            if result is None:
                machine.steps += 2
                return None
            return result[0]

        return call

    def block(self, statements: Iterable[nodes.Statement]) -> Run:
        """Statements one after the other."""
        made = [self.statement(statement) for statement in statements]
        runs = [run for run in made if run is not None]
        if len(runs) == 1:
            return runs[0]

        def run_all(f: list[Any]) -> Any:
            for run in runs:
                result = run(f)
                if result is not None:
                    return result
            return None

        return run_all

    def statement(self, node: nodes.Statement) -> Run | None:
        """A statement; None for one that does nothing."""
        return _COMPILERS[type(node)](self, node)

    def _steps(self) -> int:
        """What has been counted, which the statement has to add."""
        return self.costs.taken(0)

    # -- simple statements

    def expression_statement(self, node: nodes.ExprStatement) -> Run | None:
        """A call, or a comment written as a string."""
        if isinstance(node.value, nodes.Literal):
            return None
        machine, value = self.machine, self.expression(node.value)
        steps = self._steps() + 1

        def run(f: list[Any]) -> None:
            machine.steps += steps
            value(f)

        return run

    def branch(self, node: nodes.Branch) -> Run | None:
        """`pass`, `break` or `continue`."""
        if node.word == "pass":
            return None
        machine, word = self.machine, BREAK if node.word == "break" else CONTINUE
        steps = 1 if word == CONTINUE else 0

        def run(_: list[Any]) -> str:
            machine.steps += steps
            return word

        return run

    def return_(self, node: nodes.Return) -> Run:
        """`return`."""
        machine = self.machine
        value = self.expression(node.value) if node.value is not None else None
        steps = self._steps() + (1 if value is not None else 2)

        def run(f: list[Any]) -> tuple[Any]:
            machine.steps += steps
            return (value(f) if value is not None else None,)

        return run

    def def_(self, node: nodes.Def) -> Run:
        """A function definition."""
        return self._stored(self.make_function(node.code), store(self, node.name, (node.start, node.start, node.name.end)))

    def assign(self, node: nodes.Assign) -> Run:
        """An assignment."""
        if node.operator:
            return self._augmented(node)
        value = self.expression(node.value)
        return self._stored(value, store(self, node.target, (node.at, node.start, node.value.end)))

    def _stored(self, value: Run, target: Store) -> Run:
        machine, steps = self.machine, self._steps()

        def run(f: list[Any]) -> None:
            machine.steps += steps
            target(f, value(f))

        return run

    def _augmented(self, node: nodes.Assign) -> Run:
        target = nodes.unparenthesised(node.target)
        if isinstance(target, nodes.Index):
            return self._augmented_index(node, target)
        if isinstance(target, nodes.Dot):
            return self._augmented_field(node, target)
        current, value = self.expression(target), self.expression(node.value)
        self.costs.add(1, 1)
        combined = self._combined(node)
        return self._stored(lambda f: combined(current(f), value(f)), store(self, target, (node.at, node.start, node.value.end)))

    def _combined(self, node: nodes.Assign) -> Callable[[Any, Any], Any]:
        operator, site = node.operator, (node.at, node.start, node.value.end)

        def combined(left: Any, right: Any) -> Any:
            try:
                return operators.in_place(operator, left, right)
            except Failure as error:
                error.place(site)
                raise

        return combined

    def _augmented_index(self, node: nodes.Assign, target: nodes.Index) -> Run:
        machine = self.machine
        owner, key, value = self.expression(target.owner), self.expression(target.key), self.expression(node.value)
        steps = self._steps() + 4
        combined, site = self._combined(node), (target.at, target.start, target.end)

        def run(f: list[Any]) -> None:
            machine.steps += steps
            container, at = owner(f), key(f)
            try:
                current = get_index(container, at)
            except Failure as error:
                error.place(site)
                raise
            result = combined(current, value(f))
            try:
                set_index(container, at, result)
            except Failure as error:
                error.place(site)
                raise

        return run

    def _augmented_field(self, node: nodes.Assign, target: nodes.Dot) -> Run:
        """No value has fields that can be set: the last step always fails."""
        current, owner, value = self.expression(target), self.expression(target.owner), self.expression(node.value)
        combined, site = self._combined(node), (target.at, target.start, target.end)

        def run(f: list[Any]) -> None:
            combined(current(f), value(f))
            error = no_field(owner(f), to_bytes(target.name.name))
            error.place(site)
            raise error

        return run

    def load(self, node: nodes.Load) -> Run:
        """`load`, which the server never allows."""

        def run(_: list[Any]) -> None:
            error = Failure(f"cannot load {to_bytes(node.module)}: starlark: cannot load external scripts")
            error.place((node.start, node.start, node.end))
            raise error

        return run

    # -- compound statements

    def if_(self, node: nodes.If) -> Run:
        """`if`, with `elif` and `else`."""
        machine, costs = self.machine, self.costs
        condition = self.condition(node.condition)
        steps, padding = self._steps(), costs.padding
        then = self.block(node.then)
        otherwise = self.block(node.otherwise) if node.otherwise else None

        def run(f: list[Any]) -> Any:
            machine.steps += steps
            if condition(f):
                machine.steps += 1
                return then(f)
            machine.steps += padding
            return otherwise(f) if otherwise is not None else None

        return run

    def for_(self, node: nodes.For) -> Run:
        """A loop."""
        machine = self.machine
        iterable = self.expression(node.iterable)
        steps = self._steps() + 3
        self.costs.jump()
        padding = self.costs.padding
        target = store(self, node.target, (node.start, node.start, node.iterable.end))
        extra = self._steps() + padding + 1
        body = self.block(node.body)
        site = (node.start, node.iterable.start, node.iterable.end)

        def run(f: list[Any]) -> Any:
            machine.steps += steps
            items = iterate(iterable(f), site)
            for item in items:
                machine.steps += extra
                if machine.steps >= machine.limit:
                    raise CancelledError
                target(f, item)
                result = body(f)
                if result is not None and result is not CONTINUE:
                    items.close()  # type: ignore[attr-defined]
                    return None if result is BREAK else result
            return None

        return run


_COMPILERS: dict[type[Any], Callable[[Any, Any], Run | None]] = {
    nodes.ExprStatement: Compiler.expression_statement,
    nodes.Branch: Compiler.branch,
    nodes.Return: Compiler.return_,
    nodes.Def: Compiler.def_,
    nodes.Assign: Compiler.assign,
    nodes.Load: Compiler.load,
    nodes.If: Compiler.if_,
    nodes.For: Compiler.for_,
}
