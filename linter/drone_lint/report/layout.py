"""Where the boxes of a layered drawing stand: a column for each step of the order, rows by the positions of neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

_SWEEPS = 8

Edge = tuple[int, int]
"""From and to, as indexes of boxes."""


class Layout(NamedTuple):
    """A drawing in columns and rows."""

    columns: tuple[tuple[int, ...], ...]
    """The boxes of each column, from top to bottom. Numbers past those of the boxes keep rows free for lines that pass a column."""
    ways: tuple[tuple[int, ...], ...]
    """For each edge the boxes and free rows that its line goes by, ends included."""


def lay_out(columns: Sequence[int], edges: Iterable[Edge]) -> Layout:
    """Rows with few crossings: none for trees. The same for the same input.

    Args:
        columns: for each box the column that it stands in, from 0.
        edges: those that do not lead to a later column are passed over.
    """
    place = list(columns)
    ways = tuple(_way(edge, place) for edge in edges if columns[edge[0]] < columns[edge[1]])
    neighbours: dict[int, list[int]] = {number: [] for number in range(len(place))}
    before: dict[int, list[int]] = {number: [] for number in range(len(place))}
    for way in ways:
        for start, end in pairwise(way):
            neighbours[start].append(end)
            before[end].append(start)
    candidates = [_by_search(place, neighbours), _by_search(place, before), _by_search(place, _both(neighbours, before))]
    candidates += [_swept(one, neighbours, before) for one in tuple(candidates)]
    best = min(candidates, key=lambda rows: crossings(rows, neighbours))
    return Layout(tuple(map(tuple, best)), ways)


def _way(edge: Edge, place: list[int]) -> tuple[int, ...]:
    """An edge as links between neighbouring columns, with a free row in each column between."""
    start, end = edge
    first = len(place)
    place.extend(range(place[start] + 1, place[end]))
    return (start, *range(first, len(place)), end)


def _both(one: Mapping[int, list[int]], other: Mapping[int, list[int]]) -> dict[int, list[int]]:
    return {number: one[number] + other[number] for number in one}


def _by_search(place: Sequence[int], neighbours: Mapping[int, list[int]]) -> list[list[int]]:
    """Rows in the order in which a search in depth meets the boxes: what branches like a tree has no crossing then."""
    rows: list[list[int]] = [[] for _ in range(max(place, default=-1) + 1)]
    seen: set[int] = set()
    targets = {end for ends in neighbours.values() for end in ends}
    for root in sorted(range(len(place)), key=lambda one: (one in targets, place[one], one)):
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if number not in seen:
                seen.add(number)
                rows[place[number]].append(number)
                waiting += reversed(neighbours[number])
    return rows


def _swept(rows: Sequence[Sequence[int]], after: Mapping[int, list[int]], before: Mapping[int, list[int]]) -> list[list[int]]:
    """The best of some sweeps, each of which orders columns by the mean row of their neighbours."""
    current = [list(column) for column in rows]
    best, fewest = current, crossings(current, after)
    for sweep in range(_SWEEPS):
        if fewest == 0:
            break
        links = before if sweep % 2 == 0 else after
        numbers = range(1, len(current)) if sweep % 2 == 0 else range(len(current) - 2, -1, -1)
        current = [list(column) for column in current]
        for number in numbers:
            beside = current[number - 1 if sweep % 2 == 0 else number + 1]
            current[number] = _by_barycentre(current[number], beside, links)
        found = crossings(current, after)
        if found < fewest:
            best, fewest = current, found
    return best


def _by_barycentre(column: Sequence[int], beside: Sequence[int], links: Mapping[int, list[int]]) -> list[int]:
    row = {number: index for index, number in enumerate(beside)}
    means = {}
    for index, number in enumerate(column):
        rows = [row[one] for one in links[number] if one in row]
        means[number] = sum(rows) / len(rows) if rows else float(index)
    return sorted(column, key=lambda number: means[number])


def crossings(rows: Sequence[Sequence[int]], after: Mapping[int, list[int]]) -> int:
    """How many pairs of links between neighbouring columns cross."""
    found = 0
    for left, right in pairwise(rows):
        row = {number: index for index, number in enumerate(right)}
        seen: list[int] = []
        for number in left:
            ends = sorted(row[end] for end in after[number])
            found += sum(1 for end in ends for one in seen if one > end)
            seen += ends
    return found
