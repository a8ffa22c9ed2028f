"""The text that the server makes of a Jsonnet program's value: JSON, one document an element, and the way back from it.

harness/drone plugin/converter/jsonnet writes `---` and go-jsonnet's manifestation of each element; runners substitute in it.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from drone_lint.model.document import Document
from drone_lint.model.node import Mapping, Node, Scalar, Sequence, go_number
from drone_lint.model.value import AnyPlace, Part, Place
from drone_lint.text.position import Path

if TYPE_CHECKING:
    from drone_lint.source.views import Views
    from drone_lint.source.yaml.decoder import Decoded

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


class RenderedPlaces:
    """From ranges of the rendered text to values of the documents that it stands for."""

    def __init__(self, views: Views, documents: tuple[Document, ...]) -> None:
        self._text = views.text
        self.documents = documents
        self._chunks = views.server.split.chunks
        self._decoded = {one.number: one for one in views.server.decoded}

    def __call__(self, start: int, end: int) -> AnyPlace:
        """The value, or the characters of it, that a range was written for."""
        number = self._number(start)
        document = self.documents[min(number, len(self.documents) - 1)]
        decoded = self._decoded.get(number)
        if decoded is None:
            return Place(document, ())
        return self._place(document, decoded, start, end)

    def _number(self, offset: int) -> int:
        return max((number for number, chunk in enumerate(self._chunks) if chunk.start <= offset), default=0)

    def _place(self, document: Document, decoded: Decoded, start: int, end: int) -> Place:
        path, node, is_key = _descend(decoded.root, start)
        if is_key:
            return Place(document, path, Part.KEY)
        if isinstance(node, Scalar) and node.quoted and self._text[node.start : node.start + 1] == '"' and start > node.start:
            first = self._decoded_length(node.start + 1, start)
            last = self._decoded_length(node.start + 1, min(end, node.end - 1))
            if first is not None and last is not None:
                return Place(document, path, Part.VALUE, (first, last))
        return Place(document, path)

    def _decoded_length(self, start: int, end: int) -> int | None:
        """How many characters of the string a part of its JSON stands for; a half escape counts as its character."""
        for stop in (end, end - 1):
            try:
                return len(json.loads(f'"{self._text[start:stop]}"'))
            except ValueError:
                continue
        return None


def _descend(root: Node, offset: int) -> tuple[Path, Node, bool]:
    """The deepest node that covers an offset, with its path; the flag says that its key does."""
    path: Path = ()
    node = root
    while True:
        below: tuple[str | int, Node] | None = None
        if isinstance(node, Mapping):
            for key, entry in node.entries.items():
                if entry.start <= offset < entry.end:
                    return (*path, key), entry.node, True
                if entry.node.start <= offset < entry.node.end:
                    below = (key, entry.node)
        elif isinstance(node, Sequence):
            below = next(((index, item) for index, item in enumerate(node.items) if item.start <= offset < item.end), None)
        if below is None:
            return path, node, False
        path, node = (*path, below[0]), below[1]
