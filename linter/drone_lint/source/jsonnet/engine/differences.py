"""Whether the two engines could give different values for a program that both accept.

They write fractions and large numbers into text differently (`'go' + 1.1` is `go1.1000000000000001` to the arbiter and the server, and
`go1.1` to rjsonnet), multiply strings or do not, and differ in a few members of `std`: found by running some 260 expressions through
both. Such programs are rare, and are evaluated by the arbiter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_MEMBERS = "acos|asin|atan2?|avg|base64\\w*|cos|deg2rad|escapeStringJson|exp|id|log(?:2|10)?|mantissa|mod|parseJson|parseYaml|pow|rad2deg|sha\\d+|sin|sqrt|tan"
_PASSED = r"""
  @'[^']*(?:''[^']*)*' | @"[^"]*(?:""[^"]*)*" | '[^'\\]*(?:\\.[^'\\]*)*' | "[^"\\]*(?:\\.[^"\\]*)*"
| //[^\n]* | \#[^\n]* | /\*.*?\*/ | \|\|\|.*?\n[ \t]*\|\|\|
"""
"""Strings and comments."""
_NUMBER = r"[0-9](?:\.[0-9]|[0-9]*[eE][-+0-9]|[0-9]{15})"
_MEMBER = rf"\.\s*(?:{_MEMBERS})\b"
_INDEXED = rf"""\[\s*@?['"](?:{_MEMBERS})['"]"""
_ZEROS = bytes.maketrans(b"123456789", b"000000000")


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    return re.compile(_PASSED, re.VERBOSE | re.DOTALL), re.compile(_NUMBER), re.compile(_MEMBER), re.compile(_INDEXED)


@lru_cache(maxsize=256)
def _doubtful(text: str) -> bool:
    passed, number, member, indexed = _patterns()
    code = passed.sub(" ", text)
    if "*" in code or "/" in code or "quote_keys" in code:
        return True
    return any(sign.search(code) is not None for sign in (number, member)) or indexed.search(text) is not None


def agreed(texts: Iterable[str], value: str) -> bool:
    """Whether the engines surely agree.

    Args:
        texts: all code that took part.
        value: the JSON that one of them gave.
    """
    return not _has_odd(value) and not any(_doubtful(text) for text in texts)


def _has_odd(value: str) -> bool:
    """Whether a value has numbers of 16 digits, or control characters beyond ASCII's first 32."""
    if b"0" * 16 in value.encode("utf-8", "surrogatepass").translate(_ZEROS):
        return True
    return "\x7f" in value or (not value.isascii() and re.search("[\x80-\x9f]", value) is not None)
