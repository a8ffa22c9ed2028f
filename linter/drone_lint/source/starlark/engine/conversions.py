"""`int` and `float` (go.starlark.net starlark/library.go)."""

from __future__ import annotations

import math
import re
from typing import Any

from drone_lint.source.starlark.engine.arguments import ABSENT
from drone_lint.source.starlark.engine.failure import Failure
from drone_lint.source.starlark.engine.text import Text
from drone_lint.source.starlark.engine.values import as_int32, finite_float, number_to_int, type_name
from drone_lint.source.starlark.syntax.numbers import parsed_int

_STRINGS = (str, Text)
_PREFIXES = {"o": 8, "x": 16, "b": 2}
_WORDS = {"inf": math.inf, "infinity": math.inf, "nan": math.nan}
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_HEXADECIMAL = re.compile(r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+")


def to_float(given: list[Any]) -> float:
    """What `float` gives."""
    if not given:
        return 0.0
    if len(given) != 1:
        raise Failure(f"float got {len(given)} arguments, wants 1")
    value = given[0]
    if type(value) is bool or type(value) is float:
        return float(value)
    if type(value) is int:
        return finite_float(value)
    if type(value) in _STRINGS:
        return _parsed_float(str(value))
    raise Failure(f"float got {type_name(value)}, want number or string")


def _parsed_float(value: str) -> float:
    if not value:
        raise Failure("float: empty string")
    sign, word = (value[0], value[1:]) if value[0] in "+-" else ("", value)
    if word.lower() in _WORDS:
        return -_WORDS[word.lower()] if sign == "-" else _WORDS[word.lower()]
    try:
        found = float.fromhex(value) if _HEXADECIMAL.fullmatch(value) else float(value) if _DECIMAL.fullmatch(value) else None
    except OverflowError:
        found = math.inf
    if found is None:
        raise Failure(f"invalid float literal: {value}")
    if math.isinf(found):
        raise Failure("floating-point number too large")
    return found


def to_int(value: Any, base: Any) -> int:
    """What `int` gives; `base` is ABSENT where it is not given."""
    if type(value) in _STRINGS:
        radix = _radix(base)
        found = parsed(str(value), radix)
        if found is None:
            raise Failure(f"int: invalid literal with base {radix}: {value}")
        return found
    if base is not ABSENT:
        raise Failure("int: can't convert non-string with explicit base")
    if type(value) is bool:
        return int(value)
    try:
        return number_to_int(value)
    except Failure as error:
        raise Failure(f"int: {error.message}") from None


def _radix(base: Any) -> int:
    if base is ABSENT:
        return 10
    try:
        radix = as_int32(base)
    except Failure:
        raise Failure(f"int: for base, got {type_name(base)}, want int") from None
    if radix != 0 and not 2 <= radix <= 36:
        raise Failure("int: base must be an integer >= 2 && <= 36")
    return radix


def parsed(text: str, base: int) -> int | None:
    """A number in a base, 0 for the one that its prefix says; None where it is none."""
    negative = text.startswith("-")
    digits = text[1:] if text[:1] in ("+", "-") else text
    prefixed = _PREFIXES.get(digits[1:2].lower(), 0) if len(digits) > 2 and digits[0] == "0" else 0
    if prefixed and base in (0, prefixed):
        base, digits = prefixed, digits[2:]
    elif base == 0:
        if len(digits) > 1 and digits[0] == "0":
            return None if digits.strip("0") else 0
        base = 10
    if not digits or not all(_digit(char) < base for char in digits):
        return None
    number = parsed_int(digits, base)
    return -number if negative else number


def _digit(char: str) -> int:
    return int(char, 36) if char.isascii() and char.isalnum() else 99
