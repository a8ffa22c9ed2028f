"""Operators (go.starlark.net starlark/eval.go)."""

from __future__ import annotations

import math
import operator as python
from collections.abc import Callable
from typing import Any

from drone_lint.source.starlark.engine.compare import equal
from drone_lint.source.starlark.engine.failure import Failure
from drone_lint.source.starlark.engine.formatting import interpolate
from drone_lint.source.starlark.engine.text import Text, concatenated, joined
from drone_lint.source.starlark.engine.values import (
    Bytes,
    Dict,
    List,
    Range,
    Struct,
    as_int32,
    finite_float,
    number_to_int,
    type_name,
)

_LARGEST = 1 << 30
"""Bytes or items that `*` may make at once, as in Go."""
_NUMBERS = (int, float)
_STRINGS = (str, Text)


def unknown(operator: str, left: Any, right: Any) -> Failure:
    """The error of an operator that two types do not have."""
    return Failure(f"unknown binary op: {type_name(left)} {operator} {type_name(right)}")


def _floats(left: Any, right: Any) -> tuple[float, float]:
    return (
        left if type(left) is float else finite_float(left),
        right if type(right) is float else finite_float(right),
    )


def add(left: Any, right: Any) -> Any:
    """`+`."""
    kind, other = type(left), type(right)
    if kind in _STRINGS:
        if other in _STRINGS:
            return concatenated(left, right)
    elif kind is other and kind in (int, float, tuple):
        return left + right
    elif kind is List and other is List:
        return List(left.items + right.items)
    elif kind in _NUMBERS and other in _NUMBERS:
        one, two = _floats(left, right)
        return one + two
    elif kind is Struct and other is Struct:
        if left.name != right.name:
            raise Failure(f"cannot add structs of different constructors: {left.name} + {right.name}")
        return Struct(left.name, left.prefix, dict(sorted({**left.fields, **right.fields}.items())))
    raise unknown("+", left, right)


def subtract(left: Any, right: Any) -> Any:
    """`-`."""
    if type(left) is int and type(right) is int:
        return left - right
    if type(left) in _NUMBERS and type(right) in _NUMBERS:
        one, two = _floats(left, right)
        return one - two
    raise unknown("-", left, right)


def multiply(left: Any, right: Any) -> Any:
    """`*`."""
    kind, other = type(left), type(right)
    if kind is int and other is int:
        return left * right
    if kind in _NUMBERS and other in _NUMBERS:
        one, two = _floats(left, right)
        return one * two
    if other is int:
        return _repeated(left, right, right)
    if kind is int:
        return _repeated(right, left, right)
    raise unknown("*", left, right)


def _repeated(value: Any, count: int, right: Any) -> Any:
    kind = type(value)
    if kind in _STRINGS:
        return joined([value] * _times(value, count)) if len(value) < _FEW else str.__mul__(value, _times(value, count))
    if kind is Bytes:
        return Bytes(value.data * _times(value.data, count))
    if kind is List:
        return List(value.items * _times(value.items, count))
    if kind is tuple:
        return value * _times(value, count)
    raise unknown("*", *((value, right) if right is count else (count, value)))


_FEW = 1 << 16


def _times(value: Any, count: int) -> int:
    if not value:
        return 0
    try:
        times = as_int32(count)
    except Failure:
        raise Failure(f"repeat count {count} too large") from None
    if times > 0 and len(value) * times >= _LARGEST:
        raise Failure(f"excessive repeat ({len(value)} * {times} elements)")
    return max(times, 0)


def divide(left: Any, right: Any) -> Any:
    """`/`."""
    if type(left) in _NUMBERS and type(right) in _NUMBERS:
        one, two = _floats(left, right)
        if two == 0:
            raise Failure("floating-point division by zero")
        return _quotient(one, two)
    raise unknown("/", left, right)


def _quotient(left: float, right: float) -> float:
    try:
        return left / right
    except OverflowError:
        return math.copysign(math.inf, left) * math.copysign(1, right)


def floor_divide(left: Any, right: Any) -> Any:
    """`//`."""
    if type(left) is int and type(right) is int:
        if right == 0:
            raise Failure("floored division by zero")
        return left // right
    if type(left) in _NUMBERS and type(right) in _NUMBERS:
        one, two = _floats(left, right)
        if two == 0:
            raise Failure("floored division by zero")
        quotient = _quotient(one, two)
        return float(math.floor(quotient)) if math.isfinite(quotient) else quotient
    raise unknown("//", left, right)


def modulo(left: Any, right: Any) -> Any:
    """`%`: the remainder, or a string's format."""
    if type(left) in _STRINGS:
        return interpolate(left, right)
    if type(left) is int and type(right) is int:
        if right == 0:
            raise Failure("integer modulo by zero")
        return left % right
    if type(left) in _NUMBERS and type(right) in _NUMBERS:
        one, two = _floats(left, right)
        if two == 0:
            raise Failure("floating-point modulo by zero")
        return _remainder(one, two)
    raise unknown("%", left, right)


def _remainder(left: float, right: float) -> float:
    if math.isinf(left) or math.isnan(left) or math.isnan(right):
        return math.nan
    found = math.fmod(left, right)
    return found + right if (left < 0) != (right < 0) and found != 0 else found


def contains(left: Any, right: Any) -> bool:
    """`left in right`."""
    kind = type(right)
    if kind is List or kind is tuple:
        return any(equal(item, left) for item in (right if kind is tuple else right.items))
    if kind is Dict:
        try:
            return right.get(left) is not None
        except Failure:
            return False
    if kind in _STRINGS:
        if type(left) not in _STRINGS:
            raise Failure(f"'in <string>' requires string as left operand, not {type_name(left)}")
        return str.__contains__(right, left)
    if kind is Bytes:
        return _in_bytes(left, right)
    if kind is Range:
        try:
            return number_to_int(left) in right.numbers
        except Failure:
            raise Failure(f"'in <range>' requires integer as left operand, not {type_name(left)}") from None
    raise unknown("in", left, right)


def _in_bytes(left: Any, right: Bytes) -> bool:
    if type(left) is Bytes:
        return left.data in right.data
    if type(left) is int:
        if not 0 <= left < 256:
            raise Failure(f"int in bytes: {left} out of range (want value in unsigned 8-bit range)")
        return chr(left) in right.data
    raise Failure(f"'in bytes' requires bytes or int as left operand, not {type_name(left)}")


def unite(left: Any, right: Any) -> Any:
    """`|`."""
    if type(left) is int and type(right) is int:
        return left | right
    if type(left) is Dict and type(right) is Dict:
        made = Dict()
        made.items = {**left.items, **right.items}
        return made
    raise unknown("|", left, right)


def _on_ints(operator: str, function: Callable[[int, int], int]) -> Callable[[Any, Any], Any]:
    def run(left: Any, right: Any) -> Any:
        if type(left) is int and type(right) is int:
            return function(left, right)
        raise unknown(operator, left, right)

    return run


def _shift(operator: str, left: Any, right: Any) -> Any:
    if type(left) is not int:
        raise unknown(operator, left, right)
    count = as_int32(right)
    if count < 0:
        raise Failure(f"negative shift count: {count}")
    if operator == "<<" and count >= 512:
        raise Failure(f"shift count too large: {count}")
    return left << count if operator == "<<" else left >> count


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "//": floor_divide,
    "%": modulo,
    "|": unite,
    "&": _on_ints("&", python.and_),
    "^": _on_ints("^", python.xor),
    "<<": lambda left, right: _shift("<<", left, right),
    ">>": lambda left, right: _shift(">>", left, right),
    "in": contains,
    "not in": lambda left, right: not contains(left, right),
}


def in_place(operator: str, left: Any, right: Any) -> Any:
    """`+=` and `|=` change a list or dict; every other operator makes a new value."""
    if operator == "+" and type(left) is List:
        from drone_lint.source.starlark.engine.values import elements

        more = elements(right)
        if more is not None:
            left.check_mutable("apply += to")
            left.items += list(more)
            return left
    if operator == "|" and type(left) is Dict and type(right) is Dict:
        left.check_mutable("apply |= to")
        left.items.update(dict(right.items))
        return left
    return BINARY[operator](left, right)


def unary(operator: str, value: Any) -> Any:
    """`-`, `+`, `~`."""
    kind = type(value)
    if kind is int or (kind is float and operator != "~"):
        return -value if operator == "-" else value if operator == "+" else ~value
    raise Failure(f"unknown unary op: {operator} {type_name(value)}")
