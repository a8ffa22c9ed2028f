"""The YAML that a repository commits beside a program: whether it is what the program gives, or from elsewhere."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from drone_lint.model.document import Document
from drone_lint.model.node import Mapping, Node, Scalar, descend, walk
from drone_lint.model.value import TextPlace
from drone_lint.semantics.decoded import decoded, first_difference, likeness
from drone_lint.settings import Settings
from drone_lint.source.facts import StaleYaml
from drone_lint.source.pairs import generated_file
from drone_lint.source.yaml.legacy import is_legacy
from drone_lint.source.yaml.loader import load_yaml
from drone_lint.text.files import LARGEST, read_text, relative_path
from drone_lint.text.position import Path, SourceFile

_ALIKE = 0.5
"""How much of its values some YAML shares with a program of which it is the output at another time."""


class Committed(NamedTuple):
    """The YAML beside a program."""

    source: SourceFile
    state: Literal["equal", "stale", "unrelated"]
    signed: bool
    difference: tuple[int, int] = (0, 0)
    """Where stale YAML differs first in meaning."""

    @property
    def is_read(self) -> bool:
        """Whether Drone evidently reads the YAML, and not the program."""
        return self.signed or self.state == "equal"


def committed_yaml(source: SourceFile, absolute: str, evaluations: Sequence[Sequence[Document]], settings: Settings) -> Committed | None:
    """What stands beside a program; None where nothing does.

    Args:
        source: the program.
        absolute: its absolute path.
        evaluations: the documents that it gives, for each distinct set of events.
        settings: what holds for it.
    """
    path = generated_file(absolute)
    if path is None:
        return None
    try:
        text = read_text(path, LARGEST)
    except (OSError, UnicodeDecodeError):
        return None
    shown = os.path.normpath(os.path.join(os.path.dirname(source.path), relative_path(path, os.path.dirname(absolute))))
    yaml = SourceFile(shown.replace(os.sep, "/"), text)
    if is_legacy(text):
        return Committed(yaml, "unrelated", signed=False)
    return _compared(yaml, [[document.root for document in one] for one in evaluations if one], settings)


def stale_yaml(source: SourceFile, committed: Committed | None) -> tuple[StaleYaml, ...]:
    """That the YAML beside a program is out of date, if it is."""
    if committed is None or committed.state != "stale":
        return ()
    return (StaleYaml(TextPlace(committed.source, *committed.difference), source.path, "#" in committed.source.text),)


def _compared(yaml: SourceFile, wanted: Sequence[Sequence[Node]], settings: Settings) -> Committed:
    file = load_yaml(yaml, settings)
    documents = [document for evaluation in file.evaluations for document in evaluation.server]
    signed = any(document.kind == "signature" for document in documents)
    roots = [document.root for document in documents if document.kind != "signature"]
    file.forget()  # after its kinds were asked for, which makes views that refer back to it
    found = [decoded(root) for root in roots]
    given = [[decoded(root) for root in one] for one in wanted]
    differences = [first_difference(found, one) for one in given]
    first = next((path for path in differences if path is not None), None)
    if not given or file.problems:
        return Committed(yaml, "unrelated", signed)
    if None in differences or first is None:
        return Committed(yaml, "equal", signed)
    if not _is_generated(yaml.text, roots, found, given):
        return Committed(yaml, "unrelated", signed)
    other = given[differences.index(first)]
    return Committed(yaml, "stale", signed, _offsets(yaml.text, roots, first, both=_has(other, first)))


def _is_generated(text: str, roots: Sequence[Node], found: Sequence[Any], given: Sequence[Sequence[Any]]) -> bool:
    """Whether a program evidently made some YAML: this one by its values, or any by its form (sorted keys, no comments or anchors)."""
    if any(likeness(list(found), list(one)) >= _ALIKE for one in given):
        return True
    maps = [node for root in roots for _, node in walk(root) if isinstance(node, Mapping) and len(node.entries) > 1]
    has_names = any(sign in text for sign in (" #", "\n#", ": &", ": *", "- &", "- *", "<<:"))
    return bool(maps) and not has_names and all(list(node.entries) == sorted(node.entries) for node in maps)


def _has(value: Any, path: Path) -> bool:
    for key in path:
        if not (key in value if isinstance(value, dict) else isinstance(value, list) and isinstance(key, int) and key < len(value)):
            return False
        value = value[key]
    return True


def _offsets(text: str, roots: Sequence[Node], path: Path, *, both: bool) -> tuple[int, int]:
    """A value that differs, or the key of what the program does not give; where the YAML lacks something, what should hold it."""
    number = path[0] if path else 0
    if not isinstance(number, int) or number >= len(roots):
        start = max(roots[-1].start, 0) if roots else 0
    else:
        start = _start(roots[number], path[1:], value=both)
    stop = text.find("\n", start)
    return start, len(text) if stop < 0 else max(stop, start)


def _start(root: Node, path: Path, *, value: bool) -> int:
    """Offset of the key or item at a path, or of the nearest above it that is there."""
    for length in range(len(path), 0, -1):
        above = descend(root, path[: length - 1])
        entry = above.entries.get(str(path[length - 1])) if isinstance(above, Mapping) else None
        if value and length == len(path) and entry is not None and isinstance(entry.node, Scalar) and entry.node.start >= 0:
            return entry.node.start
        if entry is not None and entry.start >= 0:
            return entry.start
        node = descend(root, path[:length])
        if entry is None and node is not None and node.start >= 0:
            return node.start
    return max(root.start, 0)
