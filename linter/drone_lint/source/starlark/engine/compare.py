"""Comparisons (go.starlark.net starlark/value.go)."""

from __future__ import annotations

from typing import Any

from drone_lint.source.starlark.engine.failure import Failure
from drone_lint.source.starlark.engine.text import Text
from drone_lint.source.starlark.engine.values import Bytes, Dict, Elems, List, Range, Struct, type_name

_DEEPEST = 10
_STRINGS = (str, Text)


def equal(left: Any, right: Any, depth: int = _DEEPEST) -> bool:
    """Whether two values are equal. Raises Failure where they are nested too deep."""
    kind = type(left)
    if kind is str or kind is Text:
        return isinstance(right, str) and str.__eq__(left, right)
    if depth < 1:
        raise Failure("comparison exceeded maximum recursion depth")
    other = type(right)
    if kind is not other:
        return {kind, other} == {int, float} and bool(left == right)
    if kind is float:
        return bool(left == right) or (left != left and right != right)  # noqa: PLR0124 - two that are not numbers are equal
    if kind is List or kind is tuple:
        return _all_equal(left if kind is tuple else left.items, right if kind is tuple else right.items, depth)
    if kind is Dict:
        return _dicts_equal(left, right, depth)
    if kind is Range:
        return bool(left.numbers == right.numbers)
    if kind is Bytes:
        return bool(left.data == right.data)
    if kind is Struct:
        return _structs_equal(left, right, depth)
    if kind is Elems:
        return bool(left.type == right.type and left.method == right.method and equal(left.owner, right.owner))
    return bool(left is right or (kind in (int, bool) and left == right))


def _all_equal(left: Any, right: Any, depth: int) -> bool:
    return len(left) == len(right) and all(equal(one, other, depth - 1) for one, other in zip(left, right, strict=True))


def _dicts_equal(left: Dict, right: Dict, depth: int) -> bool:
    if len(left.items) != len(right.items):
        return False
    for key, (_, value) in left.items.items():
        found = right.items.get(key)
        if found is None or not equal(value, found[1], depth - 1):
            return False
    return True


def _structs_equal(left: Struct, right: Struct, depth: int) -> bool:
    if list(left.fields) != list(right.fields) or left.name != right.name:
        return False
    return all(equal(value, right.fields[name], depth - 1) for name, value in left.fields.items())


def ordered(operator: str, left: Any, right: Any, depth: int = _DEEPEST) -> bool:
    """`<`, `<=`, `>` or `>=`. Raises Failure for values that have no order."""
    if depth < 1:
        raise Failure("comparison exceeded maximum recursion depth")
    kind, other = type(left), type(right)
    if kind in _STRINGS and other in _STRINGS:
        return _holds(operator, (str.__gt__(left, right)) - (str.__lt__(left, right)))
    if kind in (int, float) and other in (int, float):
        return _holds(operator, _numbers(left, right))
    if kind is other and kind is bool:
        return _holds(operator, left - right)
    if kind is other and kind is Bytes:
        return _holds(operator, (left.data > right.data) - (left.data < right.data))
    if kind is other and kind in (List, tuple):
        return _sequences(operator, left if kind is tuple else left.items, right if kind is tuple else right.items, depth)
    raise Failure(f"{type_name(left)} {operator} {type_name(right)} not implemented")


def _numbers(left: float, right: float) -> int:
    """The order of two numbers; what is not a number comes after all that are."""
    if left > right:
        return 1
    if left < right:
        return -1
    if left == right:
        return 0
    return (left != left) - (right != right)  # noqa: PLR0124


def _sequences(operator: str, left: Any, right: Any, depth: int) -> bool:
    for one, other in zip(left, right, strict=False):
        if not equal(one, other, depth - 1):
            return ordered(operator, one, other, depth - 1)
    return _holds(operator, len(left) - len(right))


def _holds(operator: str, order: int) -> bool:
    if operator == "<":
        return order < 0
    if operator == "<=":
        return order <= 0
    return order > 0 if operator == ">" else order >= 0
