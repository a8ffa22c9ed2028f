"""Byte order marks inside of a text, as go-yaml v2.1.0 reads them.

Its reader drops one at the start of a document's text. Its scanner means to drop one at the start of a line, but looks at the first bytes of
its *buffer*: as long as a mark stands there, the first character of every line goes, and a mark anywhere else is part of a scalar. libyaml
drops marks at line starts, so they are hidden from it; texts of which the scanner eats characters are refused.
"""

from __future__ import annotations

from drone_lint.source.yaml.composer import Composer, TooDeepError
from drone_lint.source.yaml.split import Chunk

MARK = "\ufeff"
_READ = 512
"""Bytes that go-yaml reads at once; its buffer begins anew, with at most `_AHEAD` characters of the last, when these are used up."""
_AHEAD = 4


def without_marks(text: str, chunk: Chunk, *, marked: bool) -> tuple[Composer, str, Chunk]:
    """What reads one document of a text with marks, the text to read, of the same length so that all offsets hold, and its bounds.

    Raises:
        TooDeepError: the scanner would drop the first character of lines.
    """
    start, before = chunk.start, 0
    if marked and start == 0:
        before = len(MARK.encode())
    elif text.startswith(MARK, start, chunk.end):
        start, before = start + 1, len(MARK.encode())
    for at in _eating(text[start : chunk.end], before):
        raise TooDeepError("a byte order mark where Drone drops the first character of each line after it", start + at)
    hidden = next(chr(code) for code in range(0xE000, 0xF900) if chr(code) not in text)
    return Composer(start, hidden=hidden), text.replace(MARK, hidden), chunk._replace(start=start)


def _eating(body: str, before: int) -> list[int]:
    """Offsets of marks that can come to stand at the start of the scanner's buffer.

    Args:
        body: a document's text without the mark that the reader drops.
        before: how many bytes were dropped before it.
    """
    if MARK not in body:
        return []
    data = body.encode("utf-8", "surrogatepass")
    ends, at, room = [0], 0, _READ - before
    while at < len(data):
        stop = min(at + room, len(data))
        while at < stop < len(data) and data[stop] & 0xC0 == 0x80:
            stop -= 1
        at, room = stop, _READ
        ends.append(at)
    edges = [len(data[:end].decode("utf-8", "ignore")) for end in ends]
    marks = [offset for offset, character in enumerate(body) if character == MARK]
    return [offset for offset in marks if any(edge - _AHEAD <= offset <= edge for edge in edges)]
