"""What go-yaml v2.1.0 makes of a plain scalar (resolve.go): YAML 1.1 booleans, Go's integers, its own idea of floats."""

from __future__ import annotations

import re
from functools import lru_cache

_BOOLEANS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_SPECIAL = {
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_HINTS = frozenset("+-0123456789yYnNtTfFoO~.")


def resolve(text: str) -> tuple[str, str | int | float | bool | None]:
    """The short tag and value of a plain scalar without a tag."""
    if text and text[0] not in _HINTS:
        return "!!str", text
    if text in _BOOLEANS:
        return "!!bool", _BOOLEANS[text]
    if text in _NULLS:
        return "!!null", None
    if text in _SPECIAL:
        return "!!float", _SPECIAL[text]
    if text[0] == ".":
        return _dotted(text)
    return _number(text) if text[0] in "+-0123456789" else ("!!str", text)


def _dotted(text: str) -> tuple[str, str | float]:
    if _pattern(r"\.[0-9]+(?:[eE][-+]?[0-9]+)?").fullmatch(text):
        return _float(text, text)
    return "!!str", text


def _float(plain: str, text: str) -> tuple[str, str | float]:
    """A number too large for a float is an error to strconv.ParseFloat, and so a string."""
    number = float(plain)
    return ("!!str", text) if number in (float("inf"), float("-inf")) else ("!!float", number)


def _number(text: str) -> tuple[str, str | int | float]:
    plain = text.replace("_", "")
    number = _integer(plain)
    if number is not None:
        return "!!int", number
    if _pattern(r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+][0-9]+)?").fullmatch(plain):
        return _float(plain, text)
    return "!!str", text


def _integer(plain: str) -> int | None:
    """As strconv.ParseInt with base 0 reads it; None for what it refuses."""
    digits = plain.lstrip("+-") if plain[:1] in "+-" and plain[1:2] not in "+-" else plain
    for prefix, base, allowed in (
        ("0x", 16, "0123456789abcdef"),
        ("0o", 8, "01234567"),
        ("0b", 2, "01"),
        ("0", 8, "01234567"),
        ("", 10, "0123456789"),
    ):
        low = digits.lower()
        if low.startswith(prefix) and low != "0":
            rest = low[len(prefix) :]
            if not rest or rest.strip(allowed):
                return None
            if len(rest.lstrip("0")) > 64:
                return None
            number = int(rest, base) * (-1 if plain.startswith("-") else 1)
            return number if -(1 << 63) <= number < 1 << 64 else None
    return 0 if digits == "0" else None


@lru_cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)
