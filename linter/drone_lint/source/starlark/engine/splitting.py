"""Taking strings apart, with the pieces of each part."""

from __future__ import annotations

from drone_lint.source.starlark.engine.letters import BLANKS
from drone_lint.source.starlark.engine.text import joined, sliced
from drone_lint.source.starlark.syntax.literals import runes


def split_by(value: str, separator: str, most: int) -> list[str]:
    """Split at a separator, at most so many times from the left (below 0: everywhere)."""
    found: list[str] = []
    at = 0
    while most < 0 or len(found) < most:
        end = value.find(separator, at)
        if end < 0:
            break
        found.append(sliced(value, at, end))
        at = end + len(separator)
    found.append(sliced(value, at, len(value)))
    return found


def rsplit_by(value: str, separator: str, most: int) -> list[str]:
    """Split at separators, which are found from the left, and keep the last ones."""
    parts = split_by(value, separator, -1)
    excess = len(parts) - most
    if excess <= 1:
        return parts
    length = sum(map(len, parts[:excess])) + len(separator) * (excess - 1)
    return [sliced(value, 0, length), *parts[excess:]]


def _fields(value: str) -> list[tuple[int, int]]:
    """Where the parts of a string between blanks stand."""
    found, at = [], 0
    for match in BLANKS.finditer(value):
        if match.start() > at:
            found.append((at, match.start()))
        at = match.end()
    if at < len(value):
        found.append((at, len(value)))
    return found


def split_blanks(value: str, most: int) -> list[str]:
    """Split at blanks; what is left after so many parts keeps those at its end."""
    fields = _fields(value)
    if most < 0 or len(fields) <= most:
        return [sliced(value, start, end) for start, end in fields]
    return [*(sliced(value, start, end) for start, end in fields[:most]), sliced(value, fields[most][0], len(value))]


def rsplit_blanks(value: str, most: int) -> list[str]:
    """Split at blanks from the right; what is left keeps those at its beginning."""
    fields = _fields(value)
    if len(fields) <= most:
        return [sliced(value, start, end) for start, end in fields]
    kept = fields[len(fields) - most :] if most else []
    return [sliced(value, 0, fields[len(fields) - most - 1][1]), *(sliced(value, start, end) for start, end in kept)]


def split_lines(value: str, *, keep: bool) -> list[str]:
    r"""Split at `\n`, which the lines keep or lose."""
    found, at = [], 0
    while at < len(value):
        end = value.find("\n", at)
        if end < 0:
            found.append(sliced(value, at, len(value)))
            break
        found.append(sliced(value, at, end + 1 if keep else end))
        at = end + 1
    return found


def replaced(value: str, old: str, new: str, most: int) -> str:
    """Every `old` by `new`, at most so many times (below 0: everywhere); an empty `old` stands before each code point, and at the end."""
    parts: list[str] = []
    at = 0
    matches = _matches(value, old)
    for start, end in matches if most < 0 else matches[:most]:
        parts += (sliced(value, at, start), new)
        at = end
    if not parts:
        return value
    parts.append(sliced(value, at, len(value)))
    return joined(parts)


def _matches(value: str, old: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    at = 0
    if not old:
        for _, size in runes(value):
            found.append((at, at))
            at += size
        return [*found, (at, at)]
    while (start := value.find(old, at)) >= 0:
        found.append((start, start + len(old)))
        at = start + len(old)
    return found
