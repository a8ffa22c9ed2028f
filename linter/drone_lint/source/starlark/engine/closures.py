"""What expressions are compiled to, where several kinds share it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drone_lint.source.starlark.engine import operators
from drone_lint.source.starlark.engine.failure import Failure, Site
from drone_lint.source.starlark.engine.formatting import shown
from drone_lint.source.starlark.engine.values import UNSET, Dict
from drone_lint.source.starlark.syntax import nodes
from drone_lint.source.starlark.syntax.tokens import BYTES, STRING

Run = Callable[[list[Any]], Any]
"""A compiled expression: from a function's variables to a value."""


def checked(index: int, message: str, site: Site) -> Run:
    """A local variable."""

    def run(f: list[Any]) -> Any:
        value = f[index]
        if value is UNSET:
            raise unset(message, site)
        return value

    return run


def checked_cell(index: int, message: str, site: Site) -> Run:
    """A variable that inner functions share."""

    def run(f: list[Any]) -> Any:
        value = f[index][0]
        if value is UNSET:
            raise unset(message, site)
        return value

    return run


def checked_global(values: list[Any], index: int, message: str, site: Site) -> Run:
    """A variable of the program."""

    def run(_: list[Any]) -> Any:
        value = values[index]
        if value is UNSET:
            raise unset(message, site)
        return value

    return run


def unset(message: str, site: Site) -> Failure:
    """The error of a variable that was not assigned yet."""
    error = Failure(message)
    error.place(site)
    return error


def set_new(made: Dict, key: Any, value: Any, site: Site) -> None:
    """Set a key of a dict as it is written, where no key may stand twice."""
    before = len(made.items)
    try:
        made.set(key, value)
        if len(made.items) == before:
            raise Failure(f"duplicate key: {shown(key)}")
    except Failure as error:
        error.place(site)
        raise


def applied(function: Callable[[Any], Any], operand: Run, site: Site) -> Run:
    """A function of one value."""

    def run(f: list[Any]) -> Any:
        value = operand(f)
        try:
            return function(value)
        except Failure as error:
            error.place(site)
            raise

    return run


def operated(function: Callable[[Any, Any], Any], left: Run, right: Run, site: Site) -> Run:
    """A function of two values."""

    def run(f: list[Any]) -> Any:
        one, other = left(f), right(f)
        try:
            return function(one, other)
        except Failure as error:
            error.place(site)
            raise

    return run


def added(left: Any, right: Any, site: Site) -> Any:
    """A sum."""
    try:
        return operators.add(left, right)
    except Failure as error:
        error.place(site)
        raise


def terms(node: nodes.Binary) -> list[tuple[list[nodes.Expr], Site]]:
    """The terms of a sum, adjacent literals of one type together, with the places of their `+`."""
    found: list[tuple[nodes.Expr, Site]] = []
    left: nodes.Expr = node
    while isinstance(left, nodes.Binary) and left.operator == "+":
        found.append((nodes.unparenthesised(left.right), (left.at, left.start, left.end)))
        left = nodes.unparenthesised(left.left)
    found.append((left, (0, 0, 0)))
    found_terms: list[tuple[list[nodes.Expr], Site]] = []
    for term, site in reversed(found):
        kind = addable(term)
        if found_terms and kind and kind == addable(found_terms[-1][0][0]):
            found_terms[-1][0].append(term)
        else:
            found_terms.append(([term], site))
    return found_terms


def addable(node: nodes.Expr) -> str:
    """The type of literals that the server's compiler puts together, empty for everything else."""
    if isinstance(node, nodes.Literal):
        return node.kind if node.kind in (STRING, BYTES) else ""
    return type(node).__name__ if isinstance(node, (nodes.ListExpr, nodes.TupleExpr)) else ""
