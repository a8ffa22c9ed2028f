"""Drone 0.8 files, which the server converts before it parses them (drone-yaml yaml/converter/legacy)."""

from __future__ import annotations

import re

from drone_lint.model.node import Mapping, Node, Scalar


def is_legacy(text: str, *, marked: bool = False) -> bool:
    """Whether some line is an unindented `pipeline:` and nothing else (match.go); behind a byte order mark the first line is none."""
    found = _line(text) if "pipeline:" in text else None
    return found is not None and not (marked and found.start() == 0 and _line(text[1:]) is None)


def legacy_line(text: str) -> int:
    """The offset of the line that makes the text a 0.8 file."""
    match = _line(text)
    return match.start() if match is not None else 0


def _line(text: str) -> re.Match[str] | None:
    return re.search(r"(?m)^pipeline:(\s+)?$", text)


def is_convertible(root: Node) -> bool:
    """Whether the converter can decode a document: its `pipeline` is a map of maps. What it cannot decode stays as it is."""
    entry = root.entries.get("pipeline") if isinstance(root, Mapping) else None
    if entry is None or not isinstance(entry.node, Mapping):
        return True
    return all(isinstance(step.node, Mapping) for step in entry.node.entries.values())


def has_odd_platform(root: Node) -> bool:
    """Whether `platform` is text, as it was in 0.8, which today's runners cannot decode."""
    entry = root.entries.get("platform") if isinstance(root, Mapping) else None
    return entry is not None and isinstance(entry.node, Scalar) and bool(entry.node.text)
