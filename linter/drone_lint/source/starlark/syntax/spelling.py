"""The name that was most likely meant, as go.starlark.net guesses it (internal/spell)."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, candidates: Iterable[str]) -> str:
    """The candidate with the fewest edits from a name, empty where none is near; case and underscores do not count."""
    folded = _folded(name)
    best, least = "", (len(folded) + 1) // 2
    for candidate in candidates:
        edits = _distance(folded, _folded(candidate), least)
        if edits < least:
            best, least = candidate, edits
    return best


def did_you_mean(name: str, candidates: Iterable[str], dot: str = "") -> str:
    """The hint behind a message, with a space before it; empty where there is none."""
    guess = nearest(name, candidates)
    return f" (did you mean {dot}{guess}?)" if guess else ""


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def _distance(left: str, right: str, most: int) -> int:
    """The number of edits, where that is below `most`; else any number above it."""
    short, long = sorted((left, right), key=len)
    for number, char in enumerate(short):
        if char != long[number]:
            short, long = short[number:], long[number:]
            break
    if not short:
        return len(long)
    if len(long) - len(short) > most:
        return len(long) - len(short)
    row = list(range(len(long) + 1))
    for number, char in enumerate(short, 1):
        before, row[0] = row[0], number
        for column, other in enumerate(long, 1):
            before, row[column] = row[column], min(before + (char != other), row[column - 1] + 1, row[column] + 1)
        if min(row) > most:
            return min(row)
    return row[-1]
