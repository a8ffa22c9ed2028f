"""YAML that is committed beside the program that it was made of."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from drone_lint.model.node import Entry, Node, Scalar
from drone_lint.model.node import Mapping as MappingNode
from drone_lint.model.node import Sequence as SequenceNode
from drone_lint.model.value import TextPlace
from drone_lint.settings import Settings
from drone_lint.source.facts import StaleYaml
from drone_lint.source.loaded import Evaluation
from drone_lint.source.pairs import generated_file
from drone_lint.source.yaml.loader import load_yaml
from drone_lint.text.files import LARGEST, read_text
from drone_lint.text.position import SourceFile


def stale_yaml(source: SourceFile, absolute: str, evaluations: Sequence[Evaluation], settings: Settings) -> Iterator[StaleYaml]:
    """Whether the YAML beside the program is what the program gives, signatures aside: by decoded documents, not by text."""
    beside = generated_file(absolute)
    wanted = [[document.root for document in one.server] for one in evaluations if one.server]
    if beside is None or not wanted:
        return
    try:
        text = read_text(beside, LARGEST)
    except (OSError, UnicodeDecodeError):
        return
    generated = SourceFile(os.path.join(os.path.dirname(source.path), os.path.basename(beside)).replace(os.sep, "/"), text)
    file = load_yaml(generated, settings)
    found = [one.root for evaluation in file.evaluations for one in evaluation.server if one.kind != "signature"]
    file.forget()
    at = [_difference(found, roots) for roots in wanted]
    first = next((offset for offset in at if offset is not None), None)
    if first is None or None in at:
        return
    stop = text.find("\n", first)
    yield StaleYaml(TextPlace(generated, first, len(text) if stop < 0 else max(stop, first)), source.path)


def _difference(found: Sequence[Node], wanted: Sequence[Node]) -> int | None:
    """The offset at which documents begin to differ; None where they are equal."""
    for one, other in zip(found, wanted, strict=False):
        at = _differs(one, other)
        if at is not None:
            return at
    if len(found) == len(wanted):
        return None
    return max(found[len(wanted)].start, 0) if len(found) > len(wanted) else max((found[-1].start if found else 0), 0)


def _differs(one: Node, other: Node) -> int | None:
    if isinstance(one, MappingNode) and isinstance(other, MappingNode):
        return _entries_differ(one, other)
    if isinstance(one, SequenceNode) and isinstance(other, SequenceNode):
        for left, right in zip(one.items, other.items, strict=False):
            at = _differs(left, right)
            if at is not None:
                return at
        return None if len(one.items) == len(other.items) else max(one.start, 0)
    if isinstance(one, Scalar) and isinstance(other, Scalar) and (one.value == other.value and type(one.value) is type(other.value)):
        return None
    return (
        None
        if isinstance(one, Scalar) and isinstance(other, Scalar) and one.text == other.text and one.tag == other.tag
        else max(one.start, 0)
    )


def _entries_differ(one: MappingNode, other: MappingNode) -> int | None:
    for key, entry in one.entries.items():
        match: Entry | None = other.entries.get(key)
        at = max(entry.start, 0) if match is None else _differs(entry.node, match.node)
        if at is not None:
            return at
    return None if len(one.entries) == len(other.entries) else max(one.start, 0)
