"""Numbers as go.starlark.net's scanner reads them (scanNumber in syntax/scan.go)."""

from __future__ import annotations

import math
import re

from drone_lint.source.starlark.syntax.errors import StaticError

_BASES = {"x": (16, "hex", re.compile("[0-9A-Fa-f]*")), "o": (8, "octal", re.compile("[0-7]*")), "b": (2, "binary", re.compile("[01]*"))}
_DIGITS = re.compile("[0-9]*")
_EXPONENT = re.compile("[eE]([+-]?)([0-9]*)")
_LARGEST = 1 << 63


def scan_number(text: str, start: int) -> tuple[int | float, int]:
    """The number that begins at an offset, and where it ends. Raises StaticError."""
    based = _BASES.get(text[start + 1 : start + 2].lower()) if text[start] == "0" else None
    if based is not None:
        return _based(text, start, *based)
    digits = _end(text, start)
    end = digits
    if text[end : end + 1] == ".":
        end = _end(text, end + 1)
    exponent = _EXPONENT.match(text, end)
    if exponent is not None:
        if exponent[1] and not exponent[2]:
            raise StaticError("invalid float literal", exponent.end(), start, exponent.end())
        return _float(text, start, exponent.end()), exponent.end()
    if end > digits:
        return _float(text, start, end), end
    return _int(text, start, end), end


def _end(text: str, start: int) -> int:
    match = _DIGITS.match(text, start)
    return match.end() if match else start


def _based(text: str, start: int, base: int, name: str, digits: re.Pattern[str]) -> tuple[int, int]:
    match = digits.match(text, start + 2)
    end = match.end() if match else start + 2
    if end == start + 2:
        raise StaticError(f"invalid {name} literal", start if base == 16 else end, start, end)
    value = int(text[start + 2 : end], base)
    if base != 16 and value >= _LARGEST:
        raise StaticError("invalid int literal", start, start, end)
    return value, end


def _int(text: str, start: int, end: int) -> int:
    digits = text[start:end]
    if digits[0] == "0" and digits.strip("0"):
        if not set(digits) & {"8", "9"}:
            raise StaticError(f"obsolete form of octal literal; use 0o{digits[1:]}", end, start, end)
        raise StaticError("invalid int literal", start, start, end)
    return parsed_int(digits)


def _float(text: str, start: int, end: int) -> float:
    try:
        value = float(text[start:end])
    except ValueError:
        value = math.inf
    if math.isinf(value):
        raise StaticError("invalid float literal", end, start, end)
    return value


def parsed_int(digits: str, base: int = 10) -> int:
    """Digits as a number, of any length: Python refuses to read more than 4,300 at once."""
    if base & (base - 1) == 0 or len(digits) <= 4000:
        return int(digits, base)
    half = len(digits) // 2
    scale: int = base ** (len(digits) - half)
    return parsed_int(digits[:half], base) * scale + parsed_int(digits[half:], base)
