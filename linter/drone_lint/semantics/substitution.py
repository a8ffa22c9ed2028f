r"""The runner's `${}` substitution: drone/envsubst v1.0.3, over the whole text, before YAML is parsed (drone-semantics 2.4).

The scanner is followed step by step, quirks included: `$$` becomes `$`, a `\` before `/` or `\` is removed everywhere, and
unknown variables are empty.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

Lookup = Callable[[str], str]
DEEPEST = 50
"""Levels of `${}` inside of `${}` that are read; nothing that people write comes near it."""


class SubstitutionError(ValueError):
    """A form that envsubst refuses, or (a message that begins with `PANIC`) one that crashes the runner."""

    def __init__(self, message: str, start: int, end: int) -> None:
        self.message = message
        self.start = start
        self.end = end
        super().__init__(message)


class TooDeepError(SubstitutionError):
    """An expansion inside of expansions that is not read, though envsubst would."""


class Expansion(NamedTuple):
    """One `${...}` of the source text."""

    name: str
    form: str
    """The function between name and argument: `:-`, `##`, `/`, `^^` ...; `#` before the name is `length`; empty for the plain form."""
    start: int
    end: int
    value: str


class Segment(NamedTuple):
    """A part of the result and where it comes from. An expansion's part stands for the whole of its source."""

    result: int
    start: int
    end: int
    """End of the source part."""
    copied: bool


class Substituted(NamedTuple):
    """The text after substitution."""

    text: str
    expansions: tuple[Expansion, ...]
    segments: tuple[Segment, ...]
    removed: tuple[int, ...]
    r"""Offsets of backslashes that were dropped."""

    def origin(self, offset: int) -> int:
        """The source offset of an offset in the result."""
        segments = self.segments
        if not segments:
            return offset
        at = max(bisect_right(segments, offset, key=lambda segment: segment.result) - 1, 0)
        segment = segments[at]
        if not segment.copied:
            return segment.start
        return min(segment.start + offset - segment.result, segment.end)


def may_change(text: str) -> bool:
    """Whether substitution could change a text at all: a cheap test."""
    return "${" in text or "$$" in text or "\\\\" in text or "\\/" in text


@lru_cache(maxsize=1)
def _special() -> re.Pattern[str]:
    return re.compile(r"\$\$|\\[/\\]|\$\{")


def substitute(text: str, lookup: Lookup) -> Substituted:
    """Substitute a whole text.

    Raises:
        SubstitutionError: envsubst refuses it; its first error.
    """
    parser = _Parser(text, lookup)
    parts: list[str] = []
    segments: list[Segment] = []
    removed: list[int] = []
    length, at = 0, 0

    def emit(part: str, start: int, end: int, copied: bool) -> None:
        nonlocal length
        segments.append(Segment(length, start, end, copied))
        parts.append(part)
        length += len(part)

    while (match := _special().search(text, at)) is not None:
        start = match.start()
        if start > at:
            emit(text[at:start], at, start, True)
        if match.group() == "${":
            value, at = parser.expand(start)
            emit(value, start, at, False)
        else:
            if match.group() != "$$":
                removed.append(start)
            at = start + 2
            emit(text[start + 1], start + 1, at, True)
    if at < len(text):
        emit(text[at:], at, len(text), True)
    return Substituted("".join(parts), tuple(parser.expansions), tuple(segments), tuple(removed))


def scan(text: str, lookup: Lookup) -> tuple[tuple[Expansion, ...], tuple[SubstitutionError, ...]]:
    """Every expansion of a text that envsubst refuses, and everything for which it does; it stops at the first itself."""
    parser = _Parser(text, lookup)
    errors: list[SubstitutionError] = []
    at = 0
    while (match := _special().search(text, at)) is not None:
        at = match.end()
        if match.group() == "${":
            try:
                _, at = parser.expand(match.start())
            except SubstitutionError as error:
                errors.append(error)
                if isinstance(error, TooDeepError):
                    break
                at = max(at, error.end)
    return tuple(parser.expansions), tuple(errors)


class _Parser:
    """One pass of envsubst's parser over the functions of a text."""

    def __init__(self, text: str, lookup: Lookup) -> None:
        self._text = text
        self._lookup = lookup
        self._at = 0
        self._outer = 0
        self._depth = 0
        self.expansions: list[Expansion] = []

    def expand(self, start: int) -> tuple[str, int]:
        """The value of the `${` at an offset, and the offset behind its `}`."""
        self._outer, self._depth = start, 0
        self._at = start + 2
        value = self._function(start)
        return value, self._at

    # -- reading

    def _peek(self) -> str:
        return self._text[self._at] if self._at < len(self._text) else ""

    def _fail(self, message: str) -> SubstitutionError:
        stop = self._text.find("\n", self._outer)
        closing = self._text.find("}", self._outer)
        line_end = len(self._text) if stop < 0 else stop
        end = closing + 1 if 0 <= closing < line_end else min(max(self._at, self._outer + 2), line_end)
        return SubstitutionError(message, self._outer, max(end, self._outer + 2))

    def _word(self, accept: Callable[[str], bool], escapes: bool = False) -> str | None:
        """Characters that are accepted, up to a `${`; None when there is none. `${` first is the caller's."""
        found: list[str] = []
        text = self._text
        while self._at < len(text):
            char = text[self._at]
            if char == "$" and text.startswith("${", self._at):
                break
            if escapes and self._escaped(char):
                found.append(text[self._at + 1])
                self._at += 2
                continue
            if not accept(char):
                break
            found.append(char)
            self._at += 1
        return "".join(found) if found else None

    def _escaped(self, char: str) -> bool:
        following = self._text[self._at + 1 : self._at + 2]
        return (char == "$" and following == "$") or (char == "\\" and following in ("/", "\\"))

    def _identifier(self) -> str | None:
        """Letters, digits and `_` of any script; envsubst does not look for `${` here."""
        start = self._at
        while self._at < len(self._text) and (
            self._text[self._at] == "_" or self._text[self._at].isalpha() or self._text[self._at].isdecimal()
        ):
            self._at += 1
        return self._text[start : self._at] or None

    def _close(self, message: str = "bad substitution") -> None:
        if self._peek() != "}":
            raise self._fail(message)
        self._at += 1

    def _parameter(self, accept: Callable[[str], bool], escapes: bool = False) -> str:
        if self._text.startswith("${", self._at):
            start = self._at
            self._at += 2
            self._depth += 1
            if self._depth > DEEPEST:
                raise TooDeepError(f"nested deeper than {DEEPEST} levels", self._outer, self._outer + 2)
            value = self._function(start)
            self._depth -= 1
            return value
        found = self._word(accept, escapes)
        if found is None:
            raise self._fail("unable to parse substitution within function")
        return found

    # -- functions

    def _function(self, start: int) -> str:
        if self._peek() == "#":
            return self._length(start)
        name = self._identifier()
        if name is None:
            raise self._fail("unable to parse variable name")
        sign = self._peek()
        if sign == ":":
            following = self._text[self._at + 1 : self._at + 2]
            return self._default(start, name) if following in ("=", "-", "?", "+") else self._substring(start, name)
        if sign == "=":
            return self._default(start, name)
        if sign in (",", "^"):
            return self._casing(start, name)
        if sign == "/":
            return self._replace(start, name)
        if sign in ("#", "%"):
            return self._remove(start, name)
        self._close("missing closing brace")
        return self._done(start, name, "", self._lookup(name))

    def _done(self, start: int, name: str, form: str, value: str) -> str:
        self.expansions.append(Expansion(name, form, start, self._at, value))
        return value

    def _length(self, start: int) -> str:
        self._at += 1
        name = self._identifier()
        if name is None:
            raise self._fail("bad substitution")
        self._close()
        return self._done(start, name, "length", str(len(self._lookup(name).encode("utf-8", "surrogatepass"))))

    def _default(self, start: int, name: str) -> str:
        form = "=" if self._peek() == "=" else self._text[self._at : self._at + 2]
        self._at += len(form)
        arguments = []
        while self._peek() != "}":
            arguments.append(self._parameter(lambda char: char != "}"))
        self._close()
        return self._done(start, name, form, self._lookup(name) or "".join(arguments))

    def _substring(self, start: int, name: str) -> str:
        self._at += 1
        first = self._parameter(lambda char: char not in (":", "}"))
        second = None
        if self._peek() == ":":
            while self._peek() == ":":
                self._at += 1
            second = self._parameter(lambda char: char != "}")
        elif self._peek() != "}":
            raise self._fail("bad substitution")
        self._close()
        return self._done(start, name, ":", self._slice(self._lookup(name), first, second))

    def _slice(self, value: str, first: str, second: str | None) -> str:
        """As Go slices bytes; a negative length panics the runner."""
        data = value.encode("utf-8", "surrogatepass")
        position = _number(first)
        if position is None:
            return value
        position = max(len(data) + position, 0) if position < 0 else position
        if second is None:
            return data[position:].decode("utf-8", "replace")
        length = _number(second)
        if length is None:
            return value
        if position + length >= len(data):
            return data[position:].decode("utf-8", "replace")
        if length < 0:
            raise self._fail("PANIC: runtime error: slice bounds out of range")
        return data[position : position + length].decode("utf-8", "replace")

    def _casing(self, start: int, name: str) -> str:
        sign = self._peek()
        self._at += 1
        form = sign
        if self._peek() == sign:
            self._at += 1
            form = sign * 2
        elif self._peek() in (",", "^"):
            self._at += 1
            form = self._text[self._at - 2 : self._at]
        self._close()
        return self._done(start, name, form, _cased(self._lookup(name), form))

    def _remove(self, start: int, name: str) -> str:
        sign = self._peek()
        form = sign * 2 if self._text.startswith(sign * 2, self._at) else sign
        self._at += len(form)
        pattern = self._parameter(lambda char: char != "}")
        self._close()
        return self._done(start, name, form, _trimmed(self._lookup(name), form, pattern))

    def _replace(self, start: int, name: str) -> str:
        form = self._text[self._at : self._at + 2]
        form = form if form in ("//", "/#", "/%") else "/"
        self._at += len(form)
        pattern = self._parameter(lambda char: char != "/", escapes=True)
        if self._peek() != "/":
            raise self._fail("bad substitution")
        self._at += 1
        if self._peek() == "}":
            self._close()
            return self._done(start, name, form, _replaced(self._lookup(name), form, pattern, None))
        replacement = self._parameter(lambda char: char != "}", escapes=True)
        self._close()
        return self._done(start, name, form, _replaced(self._lookup(name), form, pattern, replacement))


def _number(text: str) -> int | None:
    """As strconv.Atoi reads it; None for what it refuses, numbers of more than 64 bits too."""
    match = re.fullmatch(r"([+-]?)0*([0-9]{1,19})", text)
    if match is None:
        return None
    number = int(match[1] + match[2])
    return number if -(1 << 63) <= number < 1 << 63 else None


def _cased(value: str, form: str) -> str:
    change = _upper if form[0] == "^" else _lower
    if form in (",,", "^^"):
        return "".join(map(change, value))
    return change(value[:1]) + value[1:] if form in (",", "^") else value


def _upper(char: str) -> str:
    """One character to one, as Go maps them."""
    return char.upper() if len(char.upper()) == 1 else char


def _lower(char: str) -> str:
    return char.lower() if len(char.lower()) == 1 else char


def _replaced(value: str, form: str, pattern: str, replacement: str | None) -> str:
    if form in ("/#", "/%") and replacement is None:
        return value
    new = replacement or ""
    if form == "//":
        return value.replace(pattern, new)
    if form == "/":
        return value.replace(pattern, new, 1)
    if form == "/#":
        return value.replace(pattern, new, 1) if value.startswith(pattern) else value
    return value.removesuffix(pattern) + new if value.endswith(pattern) else value


def _trimmed(value: str, form: str, pattern: str) -> str:
    backwards = form[0] == "%"
    text, glob = (value[::-1], pattern[::-1]) if backwards else (value, pattern)
    kept = _trim(text, glob, longest=len(form) == 2)
    return kept[::-1] if backwards else kept


def _trim(value: str, pattern: str, *, longest: bool) -> str:
    from drone_lint.semantics.path_match import path_match

    shortest = ""
    for stop in range(len(value), 0, -1):
        try:
            if path_match(pattern, value[:stop]):
                if longest:
                    return value[stop:]
                shortest = value[:stop]
        except ValueError:
            return value
    return value[len(shortest) :]


def quoted_if_multiline(value: str) -> str:
    """A variable's value as the runner inserts it: in Go's `%q` quotes when it has a line feed (runner-go pipeline/runtime/runner.go)."""
    return go_quote(value) if "\n" in value else value


_QUOTED = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\", '"': '\\"'}


def go_quote(value: str) -> str:
    """Go's strconv.Quote."""
    found = []
    for char in value:
        code = ord(char)
        if char in _QUOTED:
            found.append(_QUOTED[char])
        elif char == " " or char.isprintable():
            found.append(char)
        elif code < 0x80:
            found.append(f"\\x{code:02x}")
        elif code < 0x10000:
            found.append(f"\\u{code:04x}")
        else:
            found.append(f"\\U{code:08x}")
    return '"' + "".join(found) + '"'


@lru_cache(maxsize=4096)
def expansions_in(text: str) -> tuple[Expansion, ...]:
    """Every `${}` of one value's text that Drone replaces, inner ones too; none where envsubst refuses the text."""
    if "${" not in text:
        return ()
    try:
        return substitute(text, lookup_in({})).expansions
    except SubstitutionError:
        return ()


def lookup_in(values: Mapping[str, str]) -> Lookup:
    """Variables from a mapping; all others are empty."""
    return lambda name: quoted_if_multiline(values.get(name, ""))
