"""Comments of YAML files, and what the lines beside them open."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from drone_lint.model.node import Mapping, Node, Scalar
from drone_lint.model.node import Sequence as SequenceNode


def comments(text: str, roots: Sequence[Node], sign: str) -> Iterator[tuple[int, int]]:
    """Comments that have a sign in them: a `#` after white space that stands in no scalar."""
    scalars = sorted(
        (node.start, node.end) for root in roots for node in _nodes(root) if isinstance(node, Scalar) and 0 <= node.start < node.end
    )
    for match in re.finditer(r"(?m)(?:^|(?<=\s))#[^\n]*$", text):
        if sign not in match.group():
            continue
        before = bisect_left(scalars, (match.start() + 1, -1)) - 1
        if before < 0 or match.start() >= _trimmed(text, *scalars[before]):
            yield match.start(), match.end()


def _trimmed(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())


def blocks(roots: Sequence[Node]) -> list[tuple[int, int]]:
    """Where maps and lists begin (for a key's value: where the key does) and end."""
    found = []
    for root in roots:
        for node in _nodes(root):
            if isinstance(node, Mapping) and node.start >= 0:
                found.append((node.start, node.end))
                found += [
                    (entry.start, entry.node.end)
                    for entry in node.entries.values()
                    if not isinstance(entry.node, Scalar) and entry.start < entry.node.start
                ]
    return found


def _nodes(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Mapping):
            stack.extend(entry.node for entry in node.entries.values())
        elif isinstance(node, SequenceNode):
            stack.extend(node.items)
