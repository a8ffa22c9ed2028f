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
_OUTSIDE = rf"""
  (?P<passed>@'(?:[^']|'')*'|@"(?:[^"]|"")*"|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|//[^\n]*|\#[^\n]*|/\*.*?\*/|\|\|\|.*?\n[ \t]*\|\|\|)
| (?P<number>[0-9]\.[0-9]|\b[0-9]+[eE][-+0-9]|[0-9]{{16}})
| (?P<operator>[*/])
| (?P<member>\.\s*(?:{_MEMBERS})\b|\bquote_keys\b)
"""
_INDEXED = rf"""\[\s*@?['"](?:{_MEMBERS})['"]"""


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(_OUTSIDE, re.VERBOSE | re.DOTALL), re.compile(_INDEXED)


@lru_cache(maxsize=256)
def _doubtful(text: str) -> bool:
    outside, indexed = _patterns()
    return any(match.lastgroup != "passed" for match in outside.finditer(text)) or indexed.search(text) is not None


def agreed(texts: Iterable[str], value: str) -> bool:
    """Whether the engines surely agree.

    Args:
        texts: all code that took part.
        value: the JSON that one of them gave.
    """
    if re.search("[0-9]{16}|[\x7f-\x9f]", value) is not None:
        return False
    return not any(_doubtful(text) for text in texts)
