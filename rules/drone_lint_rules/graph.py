"""The dependency graph of items, in the order in which Drone reads their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from drone_lint.api import Value


class Item(NamedTuple):
    """A pipeline, step or service."""

    name: str
    depends_on: tuple[Value, ...]
    kind: str = "pipeline"
    """What it is called in messages."""


class Edge(NamedTuple):
    """A dependency that Drone does not accept."""

    item: Item
    value: Value
    """The item of `depends_on`."""
    later: bool
    """Whether its name is defined, but further down in the file."""
    cycle: tuple[str, ...]
    """The names of the cycle that it closes, its own first; empty where it closes none."""


def wrong_edges(items: Sequence[Item], known: Sequence[str] = ()) -> Iterator[Edge]:
    """Every dependency on a name that is not defined before the item itself, and every one on itself."""
    defined = set(known)
    by_name: dict[str, Item] = {}
    for item in items:
        by_name.setdefault(item.name, item)
    for item in items:
        for value in item.depends_on:
            name = value.text
            if name == item.name:
                yield Edge(item, value, False, (name,))
            elif name not in defined:
                yield Edge(item, value, name in by_name, _path(by_name, name, item.name))
        defined.add(item.name)


def _path(by_name: dict[str, Item], start: str, goal: str) -> tuple[str, ...]:
    """The names on the path from `goal` through `start` back to `goal`; empty if there is none."""
    paths: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    while paths:
        path = paths.pop(0)
        item = by_name.get(path[-1])
        for value in item.depends_on if item is not None else ():
            if value.text == goal:
                return (goal, *path)
            if value.text not in seen:
                seen.add(value.text)
                paths.append((*path, value.text))
    return ()
