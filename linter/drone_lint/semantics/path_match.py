"""Go's `path.Match`, with which envsubst trims values: `*` and `?` stop at a `/`, classes are `[a-z]` and `[^a-z]`."""

from __future__ import annotations


def path_match(pattern: str, name: str) -> bool:
    """Whether a pattern takes a whole name.

    Chunk by chunk, a star going back no further than to itself, so that no pattern takes longer than their product.

    Raises:
        ValueError: the pattern is malformed, as far as matching got to see.
    """
    at = 0
    while pattern:
        star, chunk, pattern = _chunk(pattern)
        if star and not chunk:
            return "/" not in name[at:]
        end = _matched(chunk, name, at)
        if (end < 0 or (not pattern and end < len(name))) and star:
            end = _after_star(chunk, name, at, last=not pattern)
        if end < 0 or (not pattern and end < len(name)):
            return False
        at = end
    return at == len(name)


def _chunk(pattern: str) -> tuple[bool, str, str]:
    """Whether stars begin a pattern, what stands before the next star outside of a class, and the rest."""
    rest = pattern.lstrip("*")
    at, in_class = 0, False
    while at < len(rest) and (in_class or rest[at] != "*"):
        if rest[at] == "\\":
            at += 1
        elif rest[at] in "[]":
            in_class = rest[at] == "["
        at += 1
    return len(rest) < len(pattern), rest[:at], rest[at:]


def _after_star(chunk: str, name: str, at: int, *, last: bool) -> int:
    while at < len(name) and name[at] != "/":
        at += 1
        end = _matched(chunk, name, at)
        if end >= 0 and (not last or end == len(name)):
            return end
    return -1


def _matched(chunk: str, name: str, at: int) -> int:
    """Where a chunk without stars ends in a name from `at` on; -1 where it does not match."""
    place = 0
    while place < len(chunk):
        if at >= len(name):
            return -1
        sign, char = chunk[place], name[at]
        place, at = place + 1, at + 1
        if sign == "[":
            takes, place = _class(chunk, place, char)
        elif sign == "?":
            takes = char != "/"
        else:
            if sign == "\\":
                sign, place = _literal(chunk, place - 1)
            takes = sign == char
        if not takes:
            return -1
    return at


def _class(chunk: str, place: int, char: str) -> tuple[bool, int]:
    negated = chunk.startswith("^", place)
    place += negated
    found, first = False, True
    while first or not chunk.startswith("]", place):
        low, place = _member(chunk, place)
        high = low
        if chunk.startswith("-", place):
            high, place = _member(chunk, place + 1)
        if place >= len(chunk):
            raise ValueError(chunk)
        found, first = found or low <= char <= high, False
    return found != negated, place + 1


def _member(chunk: str, place: int) -> tuple[str, int]:
    if chunk[place : place + 1] in ("", "-", "]"):
        raise ValueError(chunk)
    return _literal(chunk, place)


def _literal(chunk: str, place: int) -> tuple[str, int]:
    place += chunk[place] == "\\"
    if place >= len(chunk):
        raise ValueError(chunk)
    return chunk[place], place + 1
