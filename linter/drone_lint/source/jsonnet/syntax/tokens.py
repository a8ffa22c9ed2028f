"""Jsonnet source as tokens, and the object literals, array literals and imports in it. No parser: brackets are enough."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

COMMENT, STRING, IDENTIFIER, NUMBER, PUNCTUATION, BAD = "comment", "string", "identifier", "number", "punctuation", "bad"
PREFIXES = frozenset(("if", "local", "function", "assert", "error", "import", "importstr", "importbin"))
"""Words with which an expression begins that goes on as far as it can."""


class Token(NamedTuple):
    """A piece of source text; `end` is exclusive."""

    kind: str
    start: int
    end: int
    text: str


class StringLiteral(NamedTuple):
    """A string literal with the value it stands for."""

    start: int
    end: int
    value: str
    content: int
    """Offset of its first character of content."""
    block: bool
    """A text block (`|||`)."""


class Field(NamedTuple):
    """A field of an object literal whose name is written in the source."""

    name: str
    start: int
    end: int
    """End of the key."""
    value: int
    """Offset of the value's first token."""
    value_end: int


class ObjectLiteral(NamedTuple):
    """An object literal `{...}`."""

    start: int
    end: int
    fields: tuple[Field, ...]
    comprehension: bool
    computed: tuple[tuple[int, int], ...]
    """Where computed names stand, brackets included."""


class ArrayLiteral(NamedTuple):
    """An array literal `[...]` that is no comprehension: where its items stand."""

    start: int
    end: int
    items: tuple[tuple[int, int], ...]


class Import(NamedTuple):
    """An `import`, `importstr` or `importbin` with its path."""

    start: int
    end: int
    path: str
    text: bool
    """Whether the file is taken as text."""


class Structure(NamedTuple):
    """What the source map needs to know of a file."""

    objects: tuple[ObjectLiteral, ...]
    arrays: dict[int, ArrayLiteral]
    """By offset of the opening bracket."""
    strings: dict[int, StringLiteral]
    """By offset."""
    imports: tuple[Import, ...]
    comments: tuple[Token, ...]


_PATTERN = r"""
  (?P<space>[ \t\r\n]+)
| (?P<comment>//[^\n]*|\#[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)
| (?P<block>\|\|\|-?)
| (?P<string>@'(?:[^']|'')*'|@"(?:[^"]|"")*"|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
| (?P<identifier>[A-Za-z_][A-Za-z0-9_]*)
| (?P<number>[0-9](?:[0-9_]*[0-9])?(?:\.[0-9][0-9_]*)?(?:[eE][+-]?[0-9]+)?)
| (?P<bracket>[\[\](){},;.$])
| (?P<operator>:::|::|:|\+:::|\+::|\+:|[!%&*+\-/<=>^|~]+?(?=[^!%&*+\-/<=>^|~:]|$|//|/\*|\|\|\||[:+\-!~]))
| (?P<other>.)
"""


@lru_cache(maxsize=1)
def _scanner() -> re.Pattern[str]:
    return re.compile(_PATTERN, re.VERBOSE | re.DOTALL)


def tokenise(text: str) -> list[Token]:
    """All tokens but white space, comments included. Never fails: what is no token is one `bad` character."""
    tokens: list[Token] = []
    scan = _scanner().match
    at, end = 0, len(text)
    while at < end:
        match = scan(text, at)
        if match is None:
            break
        kind, start, at = match.lastgroup, at, match.end()
        if kind == "space":
            continue
        if kind == "block":
            at = _block_end(text, at)
            tokens.append(Token(STRING if at > match.end() else BAD, start, at, text[start:at]))
            continue
        tokens.append(Token(_KINDS.get(kind or "", PUNCTUATION), start, at, match.group()))
    return tokens


_KINDS = {"comment": COMMENT, "string": STRING, "identifier": IDENTIFIER, "number": NUMBER, "other": BAD}


def _block_end(text: str, at: int) -> int:
    """The end of a text block whose `|||` ends at `at`; `at` itself when it is none."""
    opened = re.compile(r"[ \t\r]*\n(?:[ \t]*\n)*([ \t]+)").match(text, at)
    if opened is None:
        return at
    indent = opened[1]
    line = text.index("\n", at) + 1
    while line < len(text):
        stop = text.find("\n", line)
        stop = len(text) if stop < 0 else stop
        content = text[line:stop]
        if content.strip() and not content.startswith(indent):
            closed = re.compile(r"[ \t]*\|\|\|").match(text, line)
            return closed.end() if closed else at
        line = stop + 1
    return at


def string_value(text: str, start: int) -> StringLiteral | None:
    """The literal that stands at `start`; None where it is broken."""
    if text.startswith("|||", start):
        return _block_value(text, start)
    match = _scanner().match(text, start)
    if match is None or match.lastgroup != "string":
        return None
    body = match.group()
    if body[0] == "@":
        return StringLiteral(start, match.end(), body[2:-1].replace(body[1] * 2, body[1]), start + 2, False)
    value = body[1:-1]
    return StringLiteral(start, match.end(), _unescape(value) if "\\" in value else value, start + 1, False)


def _block_value(text: str, start: int) -> StringLiteral | None:
    opening = 4 if text.startswith("|||-", start) else 3
    end = _block_end(text, start + opening)
    if end == start + opening:
        return None
    first = text.index("\n", start) + 1
    lines = text[first:end].split("\n")[:-1]
    indent = next((line[: len(line) - len(line.lstrip(" \t"))] for line in lines if line.strip()), "")
    value = "".join(line.removeprefix(indent).removesuffix("\r") + "\n" if line.strip(" \t\r") else "\n" for line in lines)
    return StringLiteral(start, end, value[:-1] if opening == 4 else value, first + len(indent), True)


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "/": "/"}


def _unescape(body: str) -> str:
    def one(match: re.Match[str]) -> str:
        if match[1]:
            return chr(int(match[1], 16))
        return _ESCAPES.get(match[2], match[2])

    value = re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", one, body, flags=re.DOTALL)
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def offset_in(text: str, literal: StringLiteral, at: int) -> int:
    """The source offset of the `at`-th character of a literal's value."""
    if literal.block:
        return _offset_in_block(text, literal, at)
    offset, left = literal.content, at
    verbatim = text[literal.start] == "@"
    while left > 0 and offset < literal.end:
        if verbatim:
            offset += 2 if text[offset] == text[literal.start + 1] else 1
        elif text[offset] == "\\":
            offset = _after_escape(text, offset)
        else:
            offset += 1
        left -= 1
    return min(offset, literal.end)


def _offset_in_block(text: str, literal: StringLiteral, at: int) -> int:
    """A line of the value is a line of the source; blank ones need not be indented."""
    before = literal.value[:at].split("\n")
    offset = text.index("\n", literal.start) + 1
    lines = text[offset : literal.end].split("\n")
    indent = next((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), 0)
    offset += sum(len(line) + 1 for line in lines[: len(before) - 1])
    line = lines[len(before) - 1] if len(before) <= len(lines) else ""
    return min(offset + min(indent + len(before[-1]), len(line)), literal.end)


def _after_escape(text: str, offset: int) -> int:
    """Past an escape; two of them that make one character past both."""
    found = re.compile(r"\\u(?:[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|[0-9a-fA-F]{4})").match(text, offset)
    return found.end() if found else offset + 2


class _Open:
    """A bracket that is still open while structure is read."""

    __slots__ = ("commas", "computed", "fields", "has_for", "kind", "start")

    def __init__(self, kind: str, start: int) -> None:
        self.kind = kind
        self.start = start
        self.commas: list[int] = []
        self.fields: list[tuple[str, int, int, int]] = []
        self.has_for = False
        self.computed: list[int] = []


def structure(text: str) -> Structure:
    """Literals, imports and comments of a file. Broken source gives what can be told of it."""
    everything = tokenise(text)
    tokens = [token for token in everything if token.kind != COMMENT]
    objects: list[ObjectLiteral] = []
    arrays: dict[int, ArrayLiteral] = {}
    opened: list[_Open] = []
    for index, token in enumerate(tokens):
        if token.kind == PUNCTUATION:
            if token.text in "{[(":
                opened.append(_Open(token.text, index))
                if token.text == "{":
                    _field_after(tokens, index, opened[-1])
            elif token.text in "}])" and opened:
                _close(tokens, opened.pop(), index, objects, arrays)
            elif token.text == "," and opened:
                opened[-1].commas.append(index)
                if opened[-1].kind == "{":
                    _field_after(tokens, index, opened[-1])
        elif token.text == "for" and token.kind == IDENTIFIER and opened:
            opened[-1].has_for = True
    return Structure(
        tuple(sorted(objects)),
        arrays,
        {token.start: literal for token in tokens if token.kind == STRING and (literal := string_value(text, token.start))},
        tuple(_imports(text, tokens)),
        tuple(token for token in everything if token.kind == COMMENT),
    )


def _imports(text: str, tokens: list[Token]) -> list[Import]:
    found = []
    for token, path in pairwise(tokens):
        if token.kind == IDENTIFIER and token.text in ("import", "importstr", "importbin") and path.kind == STRING:
            literal = string_value(text, path.start)
            if literal is not None:
                found.append(Import(token.start, path.end, literal.value, token.text != "import"))
    return found


def _field_after(tokens: list[Token], index: int, opened: _Open) -> None:
    """Note the field that begins after a `{` or a comma, if one does."""
    at = index + 1
    if at >= len(tokens):
        return
    key = tokens[at]
    if key.kind == PUNCTUATION and key.text == "[":
        opened.computed.append(at)
        return
    if key.kind not in (IDENTIFIER, STRING) or (key.kind == IDENTIFIER and key.text in ("local", "assert")):
        return
    after = _after_parameters(tokens, at + 1) if key.kind == IDENTIFIER else at + 1
    if after >= len(tokens) or tokens[after].text not in _COLONS:
        return
    name = key.text
    if key.kind == STRING:
        literal = string_value(key.text, 0)
        name = literal.value if literal else key.text
    opened.fields.append((name, key.start, key.end, after + 1))


_COLONS = frozenset((":", "::", ":::", "+:", "+::", "+:::"))


def _after_parameters(tokens: list[Token], at: int) -> int:
    return _after_brackets(tokens, at) if at < len(tokens) and tokens[at].text == "(" else at


def _after_brackets(tokens: list[Token], at: int) -> int:
    """The index behind the bracket that closes the one at an index."""
    depth = 0
    while at < len(tokens):
        if tokens[at].kind == PUNCTUATION:
            depth += (tokens[at].text in "([{") - (tokens[at].text in ")]}")
        at += 1
        if depth == 0:
            return at
    return at


def _close(tokens: list[Token], opened: _Open, index: int, objects: list[ObjectLiteral], arrays: dict[int, ArrayLiteral]) -> None:
    first, last = tokens[opened.start], tokens[index]
    if opened.kind == "[" and not opened.has_for:
        arrays[first.start] = ArrayLiteral(first.start, last.end, tuple(_items(tokens, opened, index)))
    if opened.kind != "{":
        return
    fields = [_field(tokens, opened, index, at) for at in range(len(opened.fields))]
    computed = tuple((tokens[at].start, tokens[_after_brackets(tokens, at) - 1].end) for at in opened.computed)
    objects.append(ObjectLiteral(first.start, last.end, tuple(fields), opened.has_for, computed))


def _field(tokens: list[Token], opened: _Open, index: int, at: int) -> Field:
    name, start, end, value = opened.fields[at]
    bounds = opened.commas
    after = bisect_left(bounds, value)
    if tokens[value].text == "local" and at + 1 < len(opened.fields):
        # commas between a local's binds are no ends of the field
        after = max(bisect_left(bounds, opened.fields[at + 1][3]) - 1, after)
    stop = bounds[after] if after < len(bounds) else index
    return Field(name, start, end, tokens[value].start, max(tokens[stop - 1].end, tokens[value].start))


def _items(tokens: list[Token], opened: _Open, index: int) -> list[tuple[int, int]]:
    bounds = [opened.start, *opened.commas, index]
    spans = []
    for left, right in pairwise(bounds):
        if right - left > 1:
            spans.append((tokens[left + 1].start, tokens[right - 1].end))
    return spans
