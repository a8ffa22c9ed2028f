r"""String literals: their values, and which characters of the source made which of the value (syntax/quote.go).

Strings of the language are bytes. They are held as text in which each character is one byte (Latin-1), so that lengths, indices and
slices are Go's; text of plain ASCII is the same either way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ESCAPE = re.compile(r"\\(?:[0-7]{1,3}|x.{0,2}|u.{0,4}|U.{0,8}|.)?", re.DOTALL)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"', "\n": ""}
_HEX = re.compile("[0-9A-Fa-f]+")
_LENGTHS = {"x": 4, "u": 6, "U": 10}
_PREFIX = re.compile(r"(r?)(b?)(\"\"\"|'''|\"|')")


def to_bytes(text: str) -> str:
    """Text as its UTF-8 bytes, one character each."""
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("latin-1")


def from_bytes(text: str) -> str:
    """The text whose UTF-8 bytes these are; bytes that are none become U+FFFD, one each."""
    if text.isascii():
        return text
    data = text.encode("latin-1")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(rune for rune, _ in runes(text))


def runes(text: str) -> Iterator[tuple[str, int]]:
    """Code points of a string with the number of bytes of each, as Go reads them: U+FFFD for each byte of what is not UTF-8."""
    at = 0
    while at < len(text):
        rune, size = first_rune(text, at)
        yield rune, size
        at += size


def first_rune(text: str, at: int) -> tuple[str, int]:
    """The code point that begins at a byte, and its length in bytes."""
    char = text[at]
    if char < "\x80":
        return char, 1
    size = 2 if "\xc2" <= char <= "\xdf" else 3 if "\xe0" <= char <= "\xef" else 4 if "\xf0" <= char <= "\xf4" else 1
    try:
        return text[at : at + size].encode("latin-1").decode("utf-8"), size
    except UnicodeDecodeError:
        return "�", 1


def unquoted(raw: str) -> tuple[str, bool]:
    """The value of a literal, as bytes, and whether it is a `bytes` literal. Raises ValueError with the server's words."""
    prefix = _PREFIX.match(raw)
    assert prefix is not None
    body, is_bytes = to_bytes(raw[prefix.end() : -len(prefix[3])]), bool(prefix[2])
    if prefix[1] or "\\" not in body:
        return body, is_bytes
    return _ESCAPE.sub(lambda match: _escaped(match[0], is_bytes=is_bytes), body), is_bytes


def pieces(raw: str) -> Iterator[tuple[int, int, int]]:
    """For each piece of a literal: offsets in its text, and how many code points it stands for."""
    prefix = _PREFIX.match(raw)
    assert prefix is not None
    start, end = prefix.end(), len(raw) - len(prefix[3])
    at = start
    for match in () if prefix[1] else _ESCAPE.finditer(raw, start, end):
        yield from ((offset, offset + 1, 1) for offset in range(at, match.start()))
        yield match.start(), match.end(), len(from_bytes(_escaped(match[0].replace("\r", "\n"), is_bytes=True)))
        at = match.end()
    yield from ((offset, offset + 1, 1) for offset in range(at, end))


def _escaped(escape: str, *, is_bytes: bool) -> str:
    kind = escape[1:2]
    if kind in _SIMPLE and kind:
        return _SIMPLE[kind]
    if kind in tuple("01234567"):
        return _octal(escape, is_bytes=is_bytes)
    length = _LENGTHS.get(kind)
    if length is None:
        raise ValueError(f"invalid escape sequence \\{kind}" if kind else "truncated escape sequence \\")
    if len(escape) < length:
        raise ValueError(f"truncated escape sequence {from_bytes(escape)}")
    if not _HEX.fullmatch(escape, 2):
        raise ValueError(f"invalid escape sequence {from_bytes(escape)}")
    return _byte(escape, is_bytes=is_bytes) if kind == "x" else _code_point(escape)


def _octal(escape: str, *, is_bytes: bool) -> str:
    number = int(escape[1:], 8)
    if number > 127 and not is_bytes:
        raise ValueError(f"non-ASCII octal escape \\{number:o} (use \\u{number:04X} for the UTF-8 encoding of U+{number:04X})")
    if number >= 256:
        raise ValueError(f"invalid escape sequence \\{number:03o}")
    return chr(number)


def _byte(escape: str, *, is_bytes: bool) -> str:
    number = int(escape[2:], 16)
    if number > 127 and not is_bytes:
        raise ValueError(f"non-ASCII hex escape {escape} (use \\u{number:04X} for the UTF-8 encoding of U+{number:04X})")
    return chr(number)


def _code_point(escape: str) -> str:
    number = int(escape[2:], 16)
    if number > 0x10FFFF:
        raise ValueError(f"code point out of range: {escape} (max \\U{number:08x})")
    if 0xD800 <= number < 0xE000:
        raise ValueError(f"invalid Unicode code point U+{number:04X}")
    return to_bytes(chr(number))


_GO_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\"}


def go_quoted(text: str, quote: str = '"') -> str:
    """Text between quotes as Go's `%q` writes it; `text` is code points, and bytes that are no UTF-8 as lone surrogates (`surrogateescape`)."""
    if text.isascii() and text.isprintable() and "\\" not in text and quote not in text:
        return quote + text + quote
    return quote + "".join(_go_char(char, quote) for char in text) + quote


def _go_char(char: str, quote: str) -> str:
    if char == quote:
        return "\\" + char
    if char in _GO_ESCAPES:
        return _GO_ESCAPES[char]
    if char.isprintable():
        return char
    number = ord(char)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    if number < 0x20 or number == 0x7F:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
