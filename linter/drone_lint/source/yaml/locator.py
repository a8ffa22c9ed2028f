"""Spans of nodes that know where they stand: YAML's half of `Document.locate`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from drone_lint.model.document import Document, Located
from drone_lint.model.node import Mapping, Node, Scalar, descend
from drone_lint.model.value import Part, Place
from drone_lint.text.position import Path, Precision, SourceFile, Span, whole_file

Origin = Callable[[int], int]
"""From an offset in the text that was parsed to one in the source file."""


class NodeLocator:
    """Finds spans in the nodes themselves. `text` is what was parsed, `origin` leads from there to the source."""

    def __init__(self, source: SourceFile, root: Node, text: str | None = None, origin: Origin | None = None) -> None:
        self._source = source
        self._root = root
        self._text = source.text if text is None else text
        self._origin = origin

    def prepare(self, places: Iterable[Place]) -> None:
        """Nothing to prepare: nodes know where they stand."""

    def locate(self, place: Place) -> Located:
        """The span of a value or key; a mapping that is a list's item is shown by its first key."""
        path = place.path
        if place.at is not None:
            return self._located(place.at[0], self._content_end(*place.at))
        if place.part is Part.KEY and path and isinstance(path[-1], str):
            parent = descend(self._root, path[:-1])
            entry = parent.entries.get(path[-1]) if isinstance(parent, Mapping) else None
            if entry is not None and entry.start >= 0:
                return self._located(entry.start, entry.end)
        node = descend(self._root, path)
        if node is None or node.start < 0:
            return self._nearest(path)
        if place.range is not None and isinstance(node, Scalar):
            start, end = (scalar_offset(self._text, node, at) for at in place.range)
            return self._located(start, max(end, start))
        if isinstance(node, Mapping) and node.entries and (not path or isinstance(path[-1], int)):
            first = min(node.entries.values(), key=lambda entry: (entry.start < node.start, entry.start))
            return self._located(first.start, first.end)
        return self._located(node.start, self._content_end(node.start, node.end))

    def _content_end(self, start: int, end: int) -> int:
        """A node's end without the white space that a block's end mark has passed."""
        while end > start and self._text[end - 1 : end] in (" ", "\t", "\r", "\n"):
            end -= 1
        return max(end, start)

    def _located(self, start: int, end: int) -> Located:
        if self._origin is not None:
            start, end = self._origin(start), self._origin(end)
        start = min(start, len(self._source.text))
        return Located(Span(self._source, start, min(max(end, start), len(self._source.text))))

    def _nearest(self, path: Path) -> Located:
        if not path:
            return Located(whole_file(self._source))
        found = self.locate(Place(_NO_DOCUMENT, path[:-1], Part.KEY)).primary
        precision = found.precision if found.precision is Precision.FILE else Precision.APPROXIMATE
        return Located(found._replace(precision=precision))


_NO_DOCUMENT: Document = None  # type: ignore[assignment]


def scalar_offset(text: str, node: Scalar, at: int) -> int:
    """The offset in `text` of the `at`-th character of a scalar's decoded text."""
    node = node._replace(start=_content_start(text, node.start))
    if not node.quoted or node.start >= len(text):
        return _plain_offset(text, node, at)
    if text[node.start] == '"':
        return _double_offset(text, node, at)
    if text[node.start] == "'":
        return _single_offset(text, node, at)
    if text[node.start] in "|>":
        return _block_offset(text, node, at)
    return _plain_offset(text, node, at)


def _content_start(text: str, offset: int) -> int:
    """Past an anchor and a tag, which stand before the scalar's own text; no scalar begins with their signs."""
    while text[offset : offset + 1] in ("&", "!"):
        while offset < len(text) and text[offset] not in " \t\r\n":
            offset += 1
        offset = _skip_blank(text, offset)
    return offset


def _plain_offset(text: str, node: Scalar, at: int) -> int:
    if text.startswith(node.text, node.start):
        return node.start + at
    return _folded_offset(text, node.start, node, at, lambda offset: (1, text[offset]))


def _single_offset(text: str, node: Scalar, at: int) -> int:
    return _folded_offset(text, node.start + 1, node, at, lambda offset: (2, "'") if text[offset] == "'" else (1, text[offset]))


_LENGTHS = {"x": 4, "u": 6, "U": 10}


def _double_offset(text: str, node: Scalar, at: int) -> int:
    def unit(offset: int) -> tuple[int, str]:
        if text[offset] != "\\":
            return 1, text[offset]
        return _LENGTHS.get(text[offset + 1 : offset + 2], 2), "?"

    return _folded_offset(text, node.start + 1, node, at, unit)


def _folded_offset(text: str, offset: int, node: Scalar, at: int, unit: Callable[[int], tuple[int, str]]) -> int:
    """Walk through a flow scalar whose line breaks fold to spaces or fewer breaks."""
    done = 0
    while done < at and offset < node.end:
        if text.startswith("\\\n", offset) or text.startswith("\\\r\n", offset):
            offset = _skip_blank(text, text.index("\n", offset) + 1)
            continue
        blank = _skip_blank(text, offset)
        if "\n" in text[offset:blank]:
            breaks = text.count("\n", offset, blank)
            folded = 1 if breaks == 1 else breaks - 1
            done += folded
            offset = blank if done <= at else offset
            continue
        width, _ = unit(offset)
        offset += width
        done += 1
    return min(offset, node.end)


def _skip_blank(text: str, offset: int) -> int:
    while offset < len(text) and text[offset] in " \t\r\n":
        offset += 1
    return offset


def _block_offset(text: str, node: Scalar, at: int) -> int:
    """Literal blocks line by line; folded ones by looking for the words, as their breaks are not the value's."""
    first = text.find("\n", node.start) + 1
    body = text[first : node.end]
    indent = max(_indent(body) - _indent(node.text), 0)  # an indentation that the block's header gives leaves the value its own spaces
    if text[node.start] == ">":
        return _folded_block(text, first, node, at, indent)
    before = node.text[:at]
    row, column = before.count("\n"), len(before) - (before.rfind("\n") + 1)
    offset = first
    for _ in range(row):
        following = text.find("\n", offset)
        if following < 0:
            return node.end
        offset = following + 1
    return min(offset + indent + column, node.end)


def _indent(text: str) -> int:
    """The spaces before the first line that is not blank."""
    return next((len(line) - len(line.lstrip(" ")) for line in text.split("\n") if line.strip()), 0)


def _folded_block(text: str, first: int, node: Scalar, at: int, indent: int) -> int:
    offset, done = first + indent, 0
    while done < at and offset < node.end:
        value = node.text[done]
        if text[offset] == value or (value == " " and text[offset] == "\n"):
            offset += indent + 1 if text[offset] == "\n" else 1
            done += 1
        else:
            offset += 1
    return min(offset, node.end)


class PathLocator:
    """Locates a runner's document through the server's: the same paths stand at the same places."""

    def __init__(self, server: Document) -> None:
        self._server = server

    def prepare(self, places: Iterable[Place]) -> None:
        """Pass on what the server's document will be asked."""
        self._server.locator.prepare([self._place(place)[0] for place in places])

    def locate(self, place: Place) -> Located:
        """Where the server's document has the same path; its nearest ancestor, approximate, where it has none."""
        asked, exact = self._place(place)
        located = self._server.locate(asked)
        if exact or located.primary.precision is Precision.FILE:
            return located
        return Located(located.primary._replace(precision=Precision.APPROXIMATE), located.related)

    def _place(self, place: Place) -> tuple[Place, bool]:
        path = place.path
        while path and descend(self._server.root, path) is None:
            path = path[:-1]
        exact = path == place.path
        same = place.range is not None and exact and _text(self._server.root, path) == _text(place.document.root, path)
        return Place(self._server, path, place.part, place.range if same else None), exact


def _text(root: Node, path: Path) -> str | None:
    node = descend(root, path)
    return node.text if isinstance(node, Scalar) else None
