"""Patterns of conditions: bmatcuk/doublestar v1.1.1, `/` as the separator (drone-semantics 4.10)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache


class BadPatternError(ValueError):
    """A malformed pattern; Drone treats it as one that never matches."""


def matches(pattern: str, value: str) -> bool:
    """Whether Drone's conditions take `value` for `pattern`; a malformed pattern matches nothing."""
    try:
        return match(pattern, value)
    except BadPatternError:
        return False


@lru_cache(maxsize=4096)
def match(pattern: str, value: str) -> bool:
    """As `matches`.

    Raises:
        BadPatternError: the pattern is malformed, as far as matching got to see.
    """
    return _components(pattern.split("/"), value.split("/"))


def _components(pattern: list[str], value: list[str]) -> bool:
    if not pattern:
        return not value
    if pattern[0] == "**":
        return any(_components(pattern[1:], value[at:]) for at in range(len(value) + 1))
    return bool(value) and fnmatchcase(value[0], pattern[0]) and _components(pattern[1:], value[1:])
