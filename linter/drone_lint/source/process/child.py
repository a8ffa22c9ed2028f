"""The child's half of an evaluator process: messages on standard input and output, and what is taken from it.

Whatever a hostile program does (crash, endless loop, all memory) ends this process and not the linter.

A message is four bytes of length (big endian) and a value: text, a whole number, true, false, none, a list or a mapping, each with its
length before it. That is JSON's job, but importing `json` takes this process as long as starting does.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is as slow to import as `json`
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO, TypeAlias

    Request: TypeAlias = dict[str, Any]

_LONGEST = 1 << 29
"""Bytes of a message."""


def confine(memory: int) -> None:
    """Take from this process what it does not need: memory beyond `memory` bytes (0: the parent watches), writing, more processes."""
    os.environ.clear()
    try:  # noqa: SIM105 - contextlib is one import more
        os.chdir(os.sep)
    except OSError:
        pass
    if sys.platform == "win32":
        return
    import resource

    bounds = {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0, "RLIMIT_NPROC": 0, "RLIMIT_NOFILE": 16, **({"RLIMIT_AS": memory} if memory else {})}
    for name, bound in bounds.items():
        try:
            resource.setrlimit(getattr(resource, name), (bound, bound))
        except (AttributeError, ValueError, OSError):
            continue


def read(stream: BinaryIO) -> Request | None:
    """The next message; None at the end, or where it is none."""
    head = stream.read(4)
    length = length_of(head)
    return None if length is None else decoded(head + stream.read(length - 4))


def length_of(data: bytes | bytearray) -> int | None:
    """How long the message is that begins with these bytes, its own length included; None: they are too few to tell."""
    if len(data) < 4:
        return None
    length = int.from_bytes(data[:4], "big")
    return 4 + (length if length <= _LONGEST else 0)


def decoded(data: bytes) -> Request | None:
    """A whole message; None where it is none."""
    if len(data) < 5 or len(data) != length_of(data):
        return None
    try:
        message, end = _decode(data, 4)
    except (ValueError, IndexError, KeyError, TypeError, RecursionError):
        return None
    return message if isinstance(message, dict) and end == len(data) else None


def write(stream: BinaryIO, message: Request) -> None:
    """Send a message."""
    parts: list[bytes] = []
    _encode(message, parts)
    data = b"".join(parts)
    stream.write(len(data).to_bytes(4, "big") + data)
    stream.flush()


def _encode(value: Any, parts: list[bytes]) -> None:
    if isinstance(value, str):
        text = value.encode("utf-8", "surrogatepass")
        parts += [b"s%d:" % len(text), text]
    elif isinstance(value, dict):
        parts.append(b"m%d:" % len(value))
        for key, item in value.items():
            _encode(key, parts)
            _encode(item, parts)
    elif isinstance(value, (list, tuple)):
        parts.append(b"l%d:" % len(value))
        for item in value:
            _encode(item, parts)
    elif value is None or isinstance(value, bool):
        parts.append({None: b"n0:", True: b"b1:", False: b"b0:"}[value])
    else:
        parts.append(b"i%d:" % value)


def _decode(data: bytes, at: int) -> tuple[Any, int]:
    """The value that begins at an offset, and where it ends. Raises ValueError or IndexError for what is none."""
    kind, colon = data[at : at + 1], data.index(b":", at)
    number = int(data[at + 1 : colon])
    at = colon + 1
    if kind == b"s":
        return data[at : at + number].decode("utf-8", "surrogatepass"), at + number
    if kind == b"l":
        items = []
        for _ in range(number):
            item, at = _decode(data, at)
            items.append(item)
        return items, at
    if kind == b"m":
        found = {}
        for _ in range(number):
            key, at = _decode(data, at)
            found[key], at = _decode(data, at)
        return found, at
    return {b"i": number, b"b": bool(number), b"n": None}[kind], at


def close_inherited() -> None:
    """Close what the linter's own parent had open; on Windows nothing is inherited."""
    if sys.platform == "win32":
        return
    try:
        numbers = [int(name) for name in os.listdir("/dev/fd")]
    except OSError:
        numbers = list(range(256))
    for number in numbers:
        if number > 2:
            try:  # noqa: SIM105
                os.close(number)
            except OSError:  # the one that listed the folder
                pass


def serve(memory: int, evaluate: Callable[[Request], Request]) -> None:
    """Answer requests until standard input ends; `seconds` of a request is when to give up, should the linter be gone.

    Args:
        memory: bytes that this process may use; 0: the parent watches.
        evaluate: makes the answer.
    """
    close_inherited()
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what an engine prints never mixes with answers
    confine(memory)
    while (request := read(source)) is not None:
        _alarm(int(request.get("seconds", 0)))
        answer = evaluate(request)
        _alarm(0)
        write(target, answer)


def _alarm(seconds: int) -> None:
    """Be killed when the linter, which would have stopped this, is gone itself; 0 calls it off."""
    import _signal  # `signal` takes longer to import than an evaluation

    if hasattr(_signal, "alarm"):
        _signal.alarm(seconds + 2 if seconds else 0)
