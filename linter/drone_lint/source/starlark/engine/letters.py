"""Letters, digits and blanks as Go's `unicode` and `strings` know them; strings are bytes."""

from __future__ import annotations

import re
from collections.abc import Callable

from drone_lint.source.starlark.syntax.literals import runes, to_bytes

_BLANK = "[\t-\r ]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80"
BLANKS = re.compile(f"(?:{_BLANK})+")
"""Blanks, as bytes of UTF-8."""
_LEADING = re.compile(f"(?:{_BLANK})*")
_SPACES = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))))


def is_space(rune: str) -> bool:
    """Whether Go takes a code point for a blank."""
    return rune in _SPACES


def every(value: str, test: Callable[[str], bool]) -> bool:
    """Whether all code points of a string that is not empty pass a test."""
    return bool(value) and all(test(rune) for rune, _ in runes(value))


def _single(rune: str, changed: str) -> str:
    """Go changes a letter to one other letter, or not at all."""
    return changed if len(changed) == 1 else rune


def _lower(rune: str) -> str:
    return "i" if rune == "İ" else _single(rune, rune.lower())


def _upper(rune: str) -> str:
    changed = rune.upper()
    return changed if len(changed) == 1 else _single(rune, rune.title())


def _title(rune: str) -> str:
    return _single(rune, rune.title())


def lower(value: str) -> str:
    """In lower case."""
    return value.lower() if value.isascii() else to_bytes("".join([_lower(rune) for rune, _ in runes(value)]))


def upper(value: str) -> str:
    """In upper case."""
    return value.upper() if value.isascii() else to_bytes("".join([_upper(rune) for rune, _ in runes(value)]))


def capitalised(value: str) -> str:
    """The first letter in title case, the others in lower case."""
    return to_bytes("".join([_lower(rune) if number else _title(rune) for number, (rune, _) in enumerate(runes(value))]))


def titled(value: str) -> str:
    """Each letter behind one without case in title case, the others in lower case."""
    made = []
    cased = False
    for rune, _ in runes(value):
        changed = _lower(rune) if cased else _title(rune)
        cased = _is_cased(changed)
        made.append(changed)
    return to_bytes("".join(made))


def _is_cased(rune: str) -> bool:
    if rune.isascii():
        return rune.isalpha()
    return _lower(rune) != rune or _upper(rune) != rune or rune == "ß"


def has_case(value: str) -> bool:
    """Whether any letter has another case."""
    return any(_is_cased(rune) for rune, _ in runes(value))


def is_title(value: str) -> bool:
    """Whether capitals stand only behind what has no case, and small letters only behind what has."""
    cased = before = False
    for rune, _ in runes(value):
        if "A" <= rune <= "Z" or (rune.istitle() and not rune.isupper()):
            if before:
                return False
            before = cased = True
        elif rune.islower() and rune.isalpha():
            if not before:
                return False
            before = cased = True
        elif rune.isupper() and rune.isalpha():
            return False
        else:
            before = False
    return cased


def stripped(value: str, chars: str) -> tuple[int, int]:
    """Where a string begins and ends without the blanks around it, or without the code points of `chars`; of nothing else, at its end and at 0."""
    if not chars:
        return _without_blanks(value)
    unwanted = {rune for rune, _ in runes(chars)}
    found = list(runes(value))
    first, last = 0, len(found)
    while first < last and found[first][0] in unwanted:
        first += 1
    while last > 0 and found[last - 1][0] in unwanted:
        last -= 1
    return sum(size for _, size in found[:first]), sum(size for _, size in found[:last])


def _without_blanks(value: str) -> tuple[int, int]:
    leading = _LEADING.match(value)
    start, end = (leading.end() if leading else 0), 0
    for match in BLANKS.finditer(value):
        if match.end() == len(value):
            return start, match.start()
        end = match.end()
    return start, max(end, len(value))
