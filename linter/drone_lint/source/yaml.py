"""Drone's reading of YAML: documents split by lines, nodes with the spans of what was written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from drone_lint.config_file import ConfigFile, Evaluation
from drone_lint.finding import Problem, Refusal
from drone_lint.model.document import Document, Located
from drone_lint.model.node import Entry, Mapping, Node, Scalar, Sequence, descend
from drone_lint.model.value import Part, Place
from drone_lint.settings import Settings
from drone_lint.source.position import Precision, SourceFile, Span, whole_file


def load_yaml(source: SourceFile, settings: Settings, *, root: str | None = None) -> ConfigFile:
    """Read YAML (or JSON) text as Drone does."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for start, end in _split(source.text):
        try:
            node = yaml.compose(source.text[start:end], Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            at = start + (error.problem_mark.index if error.problem_mark else 0)
            message = f"{error.problem or error.context}"
            problems.append(
                Problem("invalid-yaml", source.path, message, Span(source, at, at + 1), drone=(Refusal("server", f"yaml: {message}"),))
            )
            continue
        except yaml.YAMLError as error:
            problems.append(
                Problem("invalid-yaml", source.path, str(error).split("\n", 1)[0], whole_file(source), drone=(Refusal("server", "yaml: "),))
            )
            continue
        if node is None:
            continue
        tree = _convert(node, start)
        documents.append(Document(len(documents), tree, NodeLocator(source, tree), source, settings.runner))
    if not documents and not problems:
        problems.append(
            Problem(
                "empty-config",
                source.path,
                "no documents in the file",
                whole_file(source),
                drone=(Refusal("server", "yaml: missing kind attribute"),),
            )
        )
    views = tuple(documents)
    return ConfigFile(source, "yaml", (Evaluation(None, views, views),), tuple(problems), root=root, sources=(source,))


def _split(text: str) -> list[tuple[int, int]]:
    spans, start, at = [], 0, 0
    for line in text.splitlines(keepends=True):
        if line.startswith("---"):
            if text[start:at].strip():
                spans.append((start, at))
            start = at + len(line)
        at += len(line)
    if text[start:].strip():
        spans.append((start, at))
    return spans


def _convert(node: Any, base: int) -> Node:
    start, end = base + node.start_mark.index, base + node.end_mark.index
    if isinstance(node, yaml.ScalarNode):
        loader = yaml.SafeLoader("")
        value = loader.construct_object(node)
        if not isinstance(value, (str, int, float, bool, type(None))):
            value = node.value
        return Scalar(
            "" if value is None else node.value, value, start, end, node.style is not None, node.tag.replace("tag:yaml.org,2002:", "!!")
        )
    if isinstance(node, yaml.SequenceNode):
        return Sequence(tuple(_convert(item, base) for item in node.value), start, end)
    entries = {}
    for key, item in node.value:
        entries[str(key.value)] = Entry(_convert(item, base), base + key.start_mark.index, base + key.end_mark.index)
    return Mapping(entries, start, end)


class NodeLocator:
    """Finds spans in the nodes themselves."""

    def __init__(self, source: SourceFile, root: Node) -> None:
        self._source = source
        self._root = root

    def prepare(self, places: Iterable[Place]) -> None:
        """Nothing to prepare: nodes know where they stand."""

    def locate(self, place: Place) -> Located:
        """The span of a value or key; a container that is a list's item is shown by its first key."""
        path = place.path
        if place.part is Part.KEY and path and isinstance(path[-1], str):
            parent = descend(self._root, path[:-1])
            if isinstance(parent, Mapping) and path[-1] in parent.entries:
                entry = parent.entries[path[-1]]
                return Located(Span(self._source, entry.start, entry.end))
        node = descend(self._root, path)
        if node is None or node.start < 0:
            return Located(whole_file(self._source)._replace(precision=Precision.APPROXIMATE))
        if place.range is not None and isinstance(node, Scalar):
            return Located(Span(self._source, node.start + place.range[0], node.start + place.range[1]))
        if isinstance(node, Mapping) and node.entries and path and isinstance(path[-1], int):
            first = next(iter(node.entries.values()))
            return Located(Span(self._source, first.start, first.end))
        return Located(Span(self._source, node.start, node.end))
