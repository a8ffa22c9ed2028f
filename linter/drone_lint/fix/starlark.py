"""Where entries, items and literals of Starlark stand, and how values are written there."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from drone_lint.model.value import Part, Place
from drone_lint.source.starlark.syntax import nodes
from drone_lint.source.starlark.syntax.literals import from_bytes, unquoted
from drone_lint.source.starlark.syntax.outline import outline


class Entry(NamedTuple):
    """An entry of a dict, or an argument with a name."""

    start: int
    end: int
    named: bool


def entry(text: str, start: int) -> Entry | None:
    """The entry whose key begins at an offset."""
    parts = outline(text)
    for made in parts.dicts:
        for one in made.entries:
            if one.start == start:
                return Entry(one.start, one.end, named=False)
    for call in parts.calls:
        for argument in call.arguments:
            if argument.kind == "=" and argument.start == start:
                return Entry(argument.start, argument.end, named=True)
    return None


def item(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The item of a list that a span shows: a dict by its first key, another by its own text."""
    parts = outline(text)
    wholes = {(start, end)} | {(one.start, one.end) for one in parts.dicts if one.entries and one.entries[0].start == start}
    for made in parts.lists:
        for one in made.items:
            if (one.start, one.end) in wholes and not isinstance(one, nodes.Name):
                return one.start, one.end
    return None


def is_whole(place: Place, written: str) -> bool:
    """Whether a literal is all of a value, or of a key."""
    found = place.document.value.at(*place.path)
    text = str(place.path[-1]) if place.part is Part.KEY else found.text if found is not None else ""
    if written[-1:] not in ("'", '"'):
        return written == text
    try:
        return from_bytes(unquoted(written)[0]) == text
    except (ValueError, AssertionError):
        return False


def inside(text: str, source: str, at: int) -> str:
    """Text to put into the literal at an offset, with the escapes that it needs."""
    literal = next((one for one in outline(source).strings if one.start < at <= one.end), None)
    if literal is None or source[literal.start] == "r":
        return text
    escaped = json.dumps(text, ensure_ascii=False)[1:-1]
    return escaped.replace("'", "\\'") if source[literal.start] == "'" else escaped


def bare(text: str, key: object, start: int, end: int) -> tuple[int, int] | None:
    """Where the boolean or number stands that a key is given as a literal."""
    literal = re.compile(r"\s*[:=]\s*(True|False|None|[-+]?[0-9][\w.]*)(?=\s*[,})\n])").match(text, end)
    return literal.span(1) if literal is not None and text[start:end].strip("'\"") == key else None


def value(text: str) -> str:
    """A value as it is written: booleans as the language's, everything else as a string."""
    if text in ("true", "false"):
        return text.title()
    return json.dumps(text, ensure_ascii=False)
