"""A value as the server writes it (harness/drone plugin/converter/starlark/write.go)."""

from __future__ import annotations

from typing import Any

from drone_lint.source.starlark.engine.failure import Failure
from drone_lint.source.starlark.engine.formatting import shown
from drone_lint.source.starlark.engine.numbers import written_float
from drone_lint.source.starlark.engine.text import Text
from drone_lint.source.starlark.engine.values import Bytes, Dict, Elems, List, Range, type_name
from drone_lint.source.starlark.syntax.literals import from_bytes, go_quoted

TOO_LARGE = "starlark: maximum file size exceeded"
_MOST = 16 << 20
"""Characters after which writing stops: the result is too large by then, whatever the server's limit."""
_JSON = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


class BytesError(Exception):
    """A `bytes` value is written, in which the server's writer goes round in circles until it crashes."""


class Writer:
    """Writes one document."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0

    def document(self, value: Any) -> str:
        """The text of a value, on one line. Raises Failure for what cannot be written."""
        self._parts, self._size = [], 0
        self._write(value)
        return "".join(self._parts)

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self._size += len(text)
        if self._size > _MOST:
            raise Failure(TOO_LARGE)

    def _write(self, value: Any) -> None:
        kind = type(value)
        if kind is str or kind is Text:
            self._add(written_string(value))
        elif kind is Dict:
            self._entries(value)
        elif kind is List or kind is tuple:
            self._items(value if kind is tuple else value.items)
        elif value is None or kind is bool:
            self._add("null" if value is None else "true" if value else "false")
        elif kind is int:
            self._add(str(value))
        elif kind is float:
            self._add(written_float(value))
        elif kind is Range or (kind is Elems and value.type == "string.elems"):
            self._items(value.numbers if kind is Range else value.items)
        elif kind is Bytes:
            if value.data:
                raise BytesError
            self._add("[]")
        else:
            raise Failure(f"value {shown(value)} (type `{type_name(value)}') can't be converted to JSON")

    def _items(self, items: Any) -> None:
        self._add("[")
        for number, item in enumerate(items):
            if number:
                self._add(", ")
            self._write(item)
        self._add("]")

    def _entries(self, value: Dict) -> None:
        self._add("{")
        for number, (key, item) in enumerate(value.items.values()):
            if number:
                self._add(", ")
            self._write(key)
            self._add(": ")
            self._write(item)
        self._add("}")


def written_string(value: str) -> str:
    """A string by Go's `%q`, or as JSON where it has a control character or one beyond U+FFFF."""
    if value.isascii() and value.isprintable():
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    text = value.encode("latin-1").decode("utf-8", "surrogateescape")
    if any(char < " " or char >= "\U00010000" for char in text):
        return '"' + "".join(map(_json_char, from_bytes(value))) + '"'
    return go_quoted(text)


def _json_char(char: str) -> str:
    if char in _JSON:
        return _JSON[char]
    if char < " " or char in "\u2028\u2029":
        return f"\\u{ord(char):04x}"
    return char
