"""What programs of every language have in common: the text that the server makes of their values, and the way back from it."""

from __future__ import annotations

import json
from collections.abc import Sequence as Items
from typing import TYPE_CHECKING, Any

from drone_lint.findings.finding import Refusal
from drone_lint.model.document import Document
from drone_lint.model.node import Mapping, Node, Scalar, Sequence
from drone_lint.model.pipeline import RUNNERS
from drone_lint.model.value import AnyPlace, Part, Place
from drone_lint.settings import Settings
from drone_lint.source.facts import UnreadText
from drone_lint.text.position import Path

if TYPE_CHECKING:
    from drone_lint.source.views import Views
    from drone_lint.source.yaml.decoder import Decoded


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


def runner_documents(views: Views, server: tuple[Document, ...]) -> tuple[Document, ...]:
    """What runners see, placed through the server's documents; those where substitution changes nothing or breaks the text."""
    if views.runner is views.server:
        return server
    from drone_lint.source.yaml.locator import PathLocator

    changed = {one.number: one for one in views.runner.decoded}

    def made(number: int, document: Document) -> Document:
        root = changed[number].root
        return Document(number, root, PathLocator(document), document.source, document.default_runner, events=document.events)

    found = [made(number, document) if number in changed else document for number, document in enumerate(server)]
    return (*found, *(made(number, server[-1]) for number in sorted(changed) if number >= len(server)))


def runner_types_of(documents: Items[Document], settings: Settings) -> tuple[str, ...]:
    """The types of the runners that read some documents; the settings' one where there is no pipeline."""
    found = dict.fromkeys(one.pipeline.type for one in documents if one.pipeline is not None)
    return tuple(name for name in found if name in RUNNERS) if found else (settings.runner,)


def cut_off(views: Views, places: RenderedPlaces) -> list[UnreadText]:
    """A value so long that Drone cuts the text inside it."""
    if views.server.split.too_long is None:
        return []
    from drone_lint.source.views import runner_refusals

    drone = [Refusal("server", f"yaml: {error.message}") for error, _ in views.server.failures]
    drone += [refusal for error, _ in views.server.failures for refusal in runner_refusals(views, f"yaml: {error.message}")]
    longest = max((item for one in places.documents for item in one.value.scalars()), key=lambda item: len(item.text))
    return [UnreadText(longest.place, "long value", tuple(dict.fromkeys(drone)))]


def refusals_as_yaml(text: str, settings: Settings) -> tuple[Refusal, ...]:
    """What Drone says to a program's source, read as YAML: which the server does with what gives no documents."""
    from drone_lint.source.views import runner_refusals, views_of

    views = views_of(text, settings)
    words = [f"yaml: {error.message}" for error, _ in views.server.failures]
    words += ["yaml: unmarshal errors:" for one in views.server.decoded if not isinstance(one.root, Mapping)]
    if not words:
        return (Refusal("server", "yaml: missing kind attribute"),)
    return tuple(dict.fromkeys(item for word in words for item in (Refusal("server", word), *runner_refusals(views, word))))


def is_deeper(data: Any, levels: int) -> bool:
    """Whether containers stand in more than so many others."""
    row = [data]
    for _ in range(levels + 1):
        row = [item for one in row if isinstance(one, (dict, list)) for item in (one.values() if isinstance(one, dict) else one)]
        if not row:
            return False
    return True
