"""The text that the server makes of a Jsonnet program's value: JSON, one document an element, and the way back from it.

harness/drone plugin/converter/jsonnet writes `---` and go-jsonnet's manifestation of each element; runners substitute in it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from drone_lint.model.node import go_number

if TYPE_CHECKING:
    pass

_LONG = 65_000


def render(elements: list[Any]) -> str:
    """The server's text for the elements of a stream."""
    parts: list[str] = []
    for element in elements:
        parts.append("---\n")
        _write(element, "", parts)
        parts.append("\n")
    return "".join(parts)


def _write(value: Any, indent: str, parts: list[str]) -> None:
    if isinstance(value, dict):
        _write_items([(f"{_quoted(key)}: ", value[key]) for key in sorted(value)], "{", "}", indent, parts)
    elif isinstance(value, list):
        _write_items([("", item) for item in value], "[", "]", indent, parts)
    elif isinstance(value, str):
        parts.append(_quoted(value))
    elif isinstance(value, bool) or value is None:
        parts.append({True: "true", False: "false", None: "null"}[value])
    else:
        parts.append(go_number(value))


def _write_items(items: list[tuple[str, Any]], opening: str, closing: str, indent: str, parts: list[str]) -> None:
    """go-jsonnet indents by three spaces and writes empty containers with a space inside."""
    if not items:
        parts.append(f"{opening} {closing}")
        return
    deeper = indent + "   "
    for number, (key, item) in enumerate(items):
        parts.append(f"{',' if number else opening}\n{deeper}{key}")
        _write(item, deeper, parts)
    parts.append(f"\n{indent}{closing}")


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@lru_cache(maxsize=1)
def _escaped() -> re.Pattern[str]:
    return re.compile(r'["\\\x00-\x1f\x7f-\x9f]')


def _quoted(text: str) -> str:
    return '"' + _escaped().sub(lambda match: _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04x}", text) + '"'


def needs_text(value: str) -> bool:
    """Whether runners, or the server's YAML parser, could see anything else than the value itself; `value` is any JSON of it."""
    if "$" in value or "\\\\" in value or "\\/" in value or len(value) > _LONG:
        return True
    return not (value.isascii() and "\\u" not in value and "\x7f" not in value) and _odd().search(value) is not None


@lru_cache(maxsize=1)
def _odd() -> re.Pattern[str]:
    """Characters that JSON may leave as they are and YAML folds, breaks lines at, or refuses; escapes of them count too."""
    return re.compile("[\u0085\u2028\u2029\ufeff\ufffe\uffff\x7f-\x9f]|\\\\u(?:2028|2029|feff|fff[ef]|00[0189]|d[89a-f])", re.IGNORECASE)
