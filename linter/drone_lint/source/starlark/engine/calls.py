"""Calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drone_lint.source.starlark.engine.arguments import ABSENT, Named
from drone_lint.source.starlark.engine.failure import Failure, Site
from drone_lint.source.starlark.engine.machine import Machine
from drone_lint.source.starlark.engine.methods import METHODS, attribute, no_attribute
from drone_lint.source.starlark.engine.text import Text
from drone_lint.source.starlark.engine.values import Dict, Struct, elements, type_name
from drone_lint.source.starlark.syntax import nodes
from drone_lint.source.starlark.syntax.literals import to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from drone_lint.source.starlark.engine.expressions import ExpressionCompiler

Run = Callable[[list[Any]], Any]


class Arguments:
    """The arguments of a call, compiled: in the order in which they are evaluated."""

    def __init__(self, compiler: ExpressionCompiler, node: nodes.Call) -> None:
        self._positional: list[Run] = []
        self._named: list[tuple[str, Run]] = []
        self._star: Run | None = None
        self._stars: Run | None = None
        for argument in sorted(node.arguments, key=lambda one: ("*", "**").index(one.kind) + 1 if one.kind in ("*", "**") else 0):
            value = compiler.expression(argument.value)
            if argument.name is not None:
                compiler.costs.add()
                name = compiler.source(to_bytes(argument.name.name), argument.name.start, argument.name.end)
                self._named.append((name, value))
            elif argument.kind == "*":
                self._star = value
            elif argument.kind == "**":
                self._stars = value
            else:
                self._positional.append(value)
        compiler.costs.add(1, 3)
        self.plain = not self._named and self._star is None and self._stars is None

    def __call__(self, f: list[Any]) -> tuple[list[Any], Named]:
        """Evaluate them. Raises Failure where `*` or `**` is given something else than a list or dict."""
        given = [value(f) for value in self._positional]
        if self.plain:
            return given, []
        named = [(name, value(f)) for name, value in self._named]
        star = self._star(f) if self._star is not None else None
        if self._stars is not None:
            named += _from_dict(self._stars(f))
        if self._star is not None:
            more = elements(star)
            if more is None:
                raise Failure(f"argument after * must be iterable, not {type_name(star)}")
            given += more
        return given, named


def _from_dict(value: Any) -> Named:
    if type(value) is not Dict:
        raise Failure(f"argument after ** must be a mapping, not {type_name(value)}")
    for key, _ in value.items.values():
        if type(key) is not str and type(key) is not Text:
            raise Failure(f"keywords must be strings, not {type_name(key)}")
    return list(value.items.values())


def call_closure(machine: Machine, function: Run, arguments: Arguments, site: Site) -> Run:
    """The call of what an expression gives."""
    call = machine.call

    def run(f: list[Any]) -> Any:
        called = function(f)
        try:
            given, named = arguments(f)
            return call(called, given, named)
        except Failure as error:
            error.place(site)
            raise

    return run


def method_closure(machine: Machine, owner: Run, name: str, arguments: Arguments, site: Site, dot: Site) -> Run:
    """The call of a method, which needs no value of its own."""

    def run(f: list[Any]) -> Any:
        value = owner(f)
        methods = METHODS.get(type(value))
        method = methods.get(name) if methods is not None else None
        if method is None:
            return _other(f, value)
        try:
            given, named = arguments(f)
            if name in _COMPARING and given:
                machine.reads.look_in(value, given[0] if type(given[0]) is tuple else (given[0],))
            return method(name, value, given, named)
        except Failure as error:
            error.place(site)
            raise

    def _other(f: list[Any], value: Any) -> Any:
        found = attribute(value, name)
        if found is ABSENT:
            error = no_attribute(value, name)
            error.place(dot)
            raise error
        if type(value) is Struct:
            machine.read(value, name, found)
        try:
            given, named = arguments(f)
            return machine.call(found, given, named)
        except Failure as error:
            error.place(site)
            raise

    return run


_COMPARING = frozenset(("startswith", "endswith"))
