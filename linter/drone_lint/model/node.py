"""Decoded documents as plain trees, with the offsets of what was written where that is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

from drone_lint.text.position import Path

DEEPEST = 200
"""Levels of nesting that are read. Drone has no such limit; nothing that people write comes near it."""
UNKNOWN = -1
"""The offset of a node that no text of ours holds (values from Jsonnet)."""


class Scalar(NamedTuple):
    """A scalar. `text` is what a Go `string` field would hold (null: empty); `value` what an untyped one would."""

    text: str
    value: str | int | float | bool | None
    start: int = UNKNOWN
    end: int = UNKNOWN
    quoted: bool = False
    """Written with quotes or as a block, so that it is a string whatever it looks like."""
    tag: str = ""
    """The short YAML tag that was resolved or written (`!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, ...)."""


class Entry(NamedTuple):
    """One key of a mapping with its value."""

    node: Node
    start: int = UNKNOWN
    """Offset of the key."""
    end: int = UNKNOWN


class Mapping(NamedTuple):
    """A mapping after merge keys and duplicate keys were applied as Drone applies them."""

    entries: dict[str, Entry]
    start: int = UNKNOWN
    end: int = UNKNOWN
    replaced: tuple[tuple[str, Entry], ...] = ()
    """Entries that a later one of the same key replaced, which decoders read and refuse all the same."""


class Sequence(NamedTuple):
    """A list."""

    items: tuple[Node, ...]
    start: int = UNKNOWN
    end: int = UNKNOWN


Node: TypeAlias = "Scalar | Mapping | Sequence"

NULL = Scalar("", None, tag="!!null")


def child(node: Node, key: str | int) -> Node | None:
    """The node below `node` under a key or index; None where there is none."""
    if isinstance(node, Mapping):
        entry = node.entries.get(key) if isinstance(key, str) else None
        return None if entry is None else entry.node
    if isinstance(node, Sequence) and isinstance(key, int) and 0 <= key < len(node.items):
        return node.items[key]
    return None


def descend(node: Node, path: Path) -> Node | None:
    """The node at `path` below `node`."""
    found: Node | None = node
    for key in path:
        if found is None:
            return None
        found = child(found, key)
    return found


def plain(node: Node) -> Any:
    """The node as Python data, scalars with their resolved types."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Mapping):
        return {key: plain(entry.node) for key, entry in node.entries.items()}
    return [plain(item) for item in node.items]


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """The node and everything below it, parents first, in written order."""
    stack: list[tuple[Path, Node]] = [(path, node)]
    while stack:
        at, found = stack.pop()
        yield at, found
        if isinstance(found, Mapping):
            stack.extend(((*at, key), entry.node) for key, entry in reversed(found.entries.items()))
        elif isinstance(found, Sequence):
            stack.extend(((*at, index), item) for index, item in reversed(list(enumerate(found.items))))


class Content(NamedTuple):
    """What stands in some documents, wherever it stands."""

    keys: set[str]
    text: str
    """All scalars but the documents' own `type`, which is `docker` in most."""
    commands: str
    """The scalars of `commands`; without Go's `./...`, which looks like a program of the repository and is none."""
    texts: tuple[str, ...] = ()
    """The scalars that `text` is made of."""


def content(roots: Iterable[Node]) -> Content:
    """What stands in documents with these roots."""
    keys: set[str] = set()
    texts: list[str] = []
    commands: list[str] = []
    stack = [root if not isinstance(root, Mapping) else _without_type(root, keys) for root in roots]
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            texts.append(node.text)
        elif isinstance(node, Mapping):
            keys.update(node.entries)
            found = node.entries.get("commands")
            if found is not None and isinstance(found.node, Sequence):
                commands += [item.text for item in found.node.items if isinstance(item, Scalar)]
            stack.extend([entry.node for entry in node.entries.values()])
        else:
            stack.extend(node.items)
    run = "\n".join(commands)
    return Content(keys, "\n".join(texts), re.sub(r"\./[^\s]*\.\.\.", "", run) if "..." in run else run, tuple(texts))


def _without_type(root: Mapping, keys: set[str]) -> Mapping:
    keys.update(root.entries)
    return Mapping({key: entry for key, entry in root.entries.items() if key != "type"})


def go_number(value: float) -> str:
    """A number as go-jsonnet writes it: `%.17g`, integers of any size with all their digits (drone-semantics 1.1)."""
    if value == int(value):
        return str(int(float(value)))
    return format(value, ".17g")


def from_data(value: Any) -> Node:
    """JSON-like Python data as nodes without offsets; numbers get the text that the Jsonnet engine gives them."""
    if isinstance(value, str):
        text: Scalar = _new(Scalar, (value, value, UNKNOWN, UNKNOWN, True, "!!str"))
        return text
    if isinstance(value, dict):
        return Mapping({key: _new(Entry, (from_data(item), UNKNOWN, UNKNOWN)) for key, item in value.items()})
    if isinstance(value, list):
        return Sequence(tuple(map(from_data, value)))
    if value is None:
        return NULL
    if isinstance(value, bool):
        return Scalar("true" if value else "false", value, tag="!!bool")
    return Scalar(go_number(value), value, tag="!!int" if isinstance(value, int) else "!!float")


_new: Any = tuple.__new__
"""Makes a named tuple of all its fields in half the time: a program's value has hundreds."""
