"""Patterns of conditions as Drone matches them: doublestar v1.1.1, what it gets wrong included (bmatcuk/doublestar)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MOST_STARS = 32
LONGEST = 512
"""Bounds on what is matched: stars and alternatives of a pattern, characters of pattern and value. Beyond them nothing matches,
because Drone's own way takes exponential time there; no ref and no path that people write comes near them."""


class MalformedPatternError(ValueError):
    """A pattern that can never match, which Drone treats as one that does not match."""


def matches(pattern: str, value: str) -> bool:
    """Whether a condition's pattern takes a value. A malformed pattern takes none."""
    if _SIGNS.isdisjoint(pattern) and "/" not in value:
        return pattern == value
    if max(len(pattern), len(value)) > LONGEST or pattern.count("*") + pattern.count("{") > MOST_STARS:
        return False
    try:
        return _Matching().components(tuple(_split(pattern, "/")), tuple(_split(value, "/")))
    except MalformedPatternError:
        return False


_SIGNS = frozenset("*?[]{}\\/")


def is_malformed(pattern: str) -> bool:
    """Whether some part of a pattern is broken: a class or alternative that is not closed, an empty class, a lone backslash."""
    try:
        for component in _split(pattern, "/"):
            _check(component)
    except MalformedPatternError:
        return True
    return False


def is_literal(pattern: str) -> bool:
    """Whether a pattern takes exactly the text that it is."""
    return not any(sign in pattern for sign in "*?[]{}\\")


def alternatives(pattern: str) -> list[str]:
    """A pattern with its plain `{a,b}` written out; the pattern alone where there is none, or one that is nested, broken or has a `/` in it."""
    before, opened, rest = pattern.partition("{")
    inside, closed, after = rest.partition("}")
    if (
        not opened
        or not closed
        or any(sign in before + inside for sign in "{[\\")
        or "/" in inside
        or pattern.count("{") > 3
        or pattern.count(",") > 24
    ):
        return [pattern]
    return [before + option + end for option in inside.split(",") for end in alternatives(after)]


def _find(text: str, wanted: str, start: int) -> int:
    """The next `wanted` that no backslash stands before; -1 where there is none. A backslash before that one does not count."""
    at = text.find(wanted, start)
    while at > start and text[at - 1] == "\\":
        start = at + 1
        at = text.find(wanted, start)
    return at


def _split(text: str, separator: str) -> list[str]:
    """Parts between separators; a separator at the very end begins no part."""
    if separator not in text:
        return [text]
    parts = []
    start = 0
    while start < len(text):
        end = _find(text, separator, start)
        end = len(text) if end < 0 else end
        parts.append(text[start:end])
        start = end + 1
    return parts


class _Matching:
    """One match. Remembers what was tried, so that patterns that go back and forth take no more than the product of their lengths."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, object], bool | None] = {}
        """None stands for a malformed pattern."""

    def components(self, patterns: tuple[str, ...], names: tuple[str, ...]) -> bool:
        if not patterns or not names:
            return not patterns and not names
        for index, pattern in enumerate(patterns):
            if index >= len(names):
                return False
            if pattern == "**":
                rest = patterns[index + 1 :]
                return not rest or any(self._remembered(self.components, rest, names[at:]) is True for at in range(index, len(names)))
            if not self._match(pattern, names[index]):
                return False
        return len(patterns) == len(names)

    def _remembered(self, match: Callable[[Any, Any], bool], pattern: Any, name: Any) -> bool | None:
        key = (pattern, name)
        if key not in self._known:
            try:
                self._known[key] = match(pattern, name)
            except MalformedPatternError:
                self._known[key] = None
        return self._known[key]

    def _alternative(self, pattern: str, name: str) -> bool:
        found = self._remembered(self._match, pattern, name)
        if found is None:
            raise MalformedPatternError(pattern)
        return found

    def _match(self, pattern: str, name: str) -> bool:
        """One component. Broken parts count only when the match comes to them."""
        if not pattern or not name:
            return pattern in (name, "*")
        at = index = 0
        while at < len(pattern) and index < len(name):
            sign = pattern[at]
            if sign == "*":
                rest = pattern[at + 1 :]
                return not rest or any(self._remembered(self._match, rest, name[start:]) is True for start in range(index, len(name)))
            if sign == "{":
                end = _closing(pattern, "}", at + 1)
                return any(self._alternative(option + pattern[end + 1 :], name[index:]) for option in _split(pattern[at + 1 : end], ","))
            if sign == "[":
                end = _closing(pattern, "]", at + 1)
                if not _in_class(pattern[at + 1 : end], name[index]):
                    return False
                at = end
            elif sign == "\\":
                at += 1
                if at >= len(pattern):
                    raise MalformedPatternError(pattern)
                if pattern[at] != name[index]:
                    return False
            elif sign not in ("?", name[index]):
                return False
            at += 1
            index += 1
        rest = pattern[at:]
        return (not rest and index >= len(name)) or (rest == "*" and index >= len(name)) or rest == "**"


def _closing(pattern: str, bracket: str, start: int) -> int:
    end = _find(pattern, bracket, start)
    if end < 0:
        raise MalformedPatternError(pattern)
    return end


def _in_class(content: str, character: str) -> bool:
    """Whether a class `[...]` takes a character; only `^` negates, a `!` is an ordinary member."""
    if not content:
        raise MalformedPatternError("[]")
    negated = content[0] == "^"
    found = any(low <= character <= high for low, high in _ranges(content[1:] if negated else content))
    return found != negated


def _ranges(content: str) -> list[tuple[str, str]]:
    found = []
    at = 0
    while at < len(content):
        low, at = _member(content, at)
        high = low
        if content[at : at + 1] == "-":
            high, at = _member(content, at + 1)
        found.append((low, high))
    return found


def _member(content: str, at: int) -> tuple[str, int]:
    if content[at : at + 1] == "\\":
        at += 1
    elif content[at : at + 1] == "-":
        raise MalformedPatternError(content)
    if at >= len(content):
        raise MalformedPatternError(content)
    return content[at], at + 1


def _check(component: str) -> None:
    """Look at every part, whether a match would come to it or not."""
    at = 0
    while at < len(component):
        sign = component[at]
        if sign == "\\":
            at += 1
            if at >= len(component):
                raise MalformedPatternError(component)
        elif sign == "[":
            end = _closing(component, "]", at + 1)
            _in_class(component[at + 1 : end], "a")
            at = end
        elif sign == "{":
            end = _closing(component, "}", at + 1)
            for option in _split(component[at + 1 : end], ","):
                _check(option)
            at = end
        at += 1
