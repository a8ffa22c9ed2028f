"""Methods of strings (go.starlark.net starlark/library.go)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drone_lint.source.starlark.engine import letters
from drone_lint.source.starlark.engine.arguments import ABSENT, Named, bounds, positional
from drone_lint.source.starlark.engine.failure import Failure
from drone_lint.source.starlark.engine.formatting import formatted
from drone_lint.source.starlark.engine.splitting import replaced, rsplit_blanks, rsplit_by, split_blanks, split_by, split_lines
from drone_lint.source.starlark.engine.text import Text, joined, relettered, sliced
from drone_lint.source.starlark.engine.values import Elems, List, elements, type_name
from drone_lint.source.starlark.syntax.literals import runes, to_bytes

_STRINGS = (str, Text)


def _nullary(function: Callable[[str], Any]) -> Callable[..., Any]:
    """A method without arguments."""

    def run(name: str, owner: str, given: list[Any], named: Named) -> Any:
        positional(name, given, named, 0)
        return function(owner)

    return run


def _named(name: str, error: Failure) -> Failure:
    return Failure(f"{name}: {error.message}")


def _part(name: str, owner: str, start: Any, end: Any) -> tuple[str, int]:
    """The part of a string that a method looks at, and where it starts."""
    try:
        low, high = bounds(start, end, len(owner))
    except Failure as error:
        raise _named(name, error) from None
    return (str.__getitem__(owner, slice(low, high)) if low < high else ""), low


def _count(name: str, owner: str, given: list[Any], named: Named) -> int:
    wanted, start, end = positional(name, given, named, 1, "string", "value", "value")
    part, _ = _part(name, owner, start, end)
    return part.count(wanted) if wanted else sum(1 for _ in runes(part)) + 1


def _find(name: str, owner: str, given: list[Any], named: Named) -> int:
    wanted, start, end = positional(name, given, named, 1, "string", "value", "value")
    part, low = _part(name, owner, start, end)
    at = part.rfind(wanted) if name.startswith("r") else part.find(wanted)
    if at < 0:
        if name.endswith("index"):
            raise Failure(f"{name}: substring not found")
        return -1
    return at + low


def _starts(name: str, owner: str, given: list[Any], named: Named) -> bool:
    wanted, start, end = positional(name, given, named, 1, "value", "value", "value")
    part, _ = _part(name, owner, start, end)
    test = part.endswith if name.startswith("e") else part.startswith
    if type(wanted) is tuple:
        for number, item in enumerate(wanted):
            if type(item) not in _STRINGS:
                raise Failure(f"{name}: want string, got {type_name(item)}, for element {number}")
            if test(item):
                return True
        return False
    if type(wanted) in _STRINGS:
        return test(wanted)
    raise Failure(f"{name}: got {type_name(wanted)}, want string or tuple of string")


def _format(name: str, owner: str, given: list[Any], named: Named) -> str:  # noqa: ARG001
    return formatted(owner, given, named)


def _join(name: str, owner: str, given: list[Any], named: Named) -> str:
    items = elements(positional(name, given, named, 1, "iterable")[0])
    parts: list[str] = []
    for number, item in enumerate(items):
        if type(item) not in _STRINGS:
            raise Failure(f"join: in list, want string, got {type_name(item)}")
        if number:
            parts.append(owner)
        parts.append(item)
    return joined(parts) if parts else ""


def _partition(name: str, owner: str, given: list[Any], named: Named) -> tuple[str, str, str]:
    (separator,) = positional(name, given, named, 1, "string")
    if not separator:
        raise Failure(f"{name}: empty separator")
    at = owner.rfind(separator) if name.startswith("r") else owner.find(separator)
    if at < 0:
        return ("", "", owner) if name.startswith("r") else (owner, "", "")
    return sliced(owner, 0, at), separator, sliced(owner, at + len(separator), len(owner))


def _remove(name: str, owner: str, given: list[Any], named: Named) -> str:
    (fix,) = positional(name, given, named, 1, "string")
    if name == "removeprefix":
        return sliced(owner, len(fix), len(owner)) if owner.startswith(fix) else owner
    return sliced(owner, 0, len(owner) - len(fix)) if owner.endswith(fix) else owner


def _replace(name: str, owner: str, given: list[Any], named: Named) -> str:
    old, new, count = positional(name, given, named, 2, "string", "string", "int")
    return replaced(owner, old, new, -1 if count is ABSENT else count)


def _strip(name: str, owner: str, given: list[Any], named: Named) -> str:
    (chars,) = positional(name, given, named, 0, "string")
    start, end = letters.stripped(owner, "" if chars is ABSENT else chars)
    if name == "rstrip":
        return sliced(owner, 0, end)
    return sliced(owner, start, len(owner) if name == "lstrip" else max(start, end))


def _split(name: str, owner: str, given: list[Any], named: Named) -> List:
    separator, most = positional(name, given, named, 0, "value", "int")
    most = -1 if most is ABSENT else most
    if separator is ABSENT or separator is None:
        return List(split_blanks(owner, most) if name == "split" or most < 0 else rsplit_blanks(owner, most))
    if type(separator) not in _STRINGS:
        raise Failure(f"split: got {type_name(separator)} for separator, want string")
    if not separator:
        raise Failure("split: empty separator")
    return List(split_by(owner, separator, most) if name == "split" or most < 0 else rsplit_by(owner, separator, most))


def _splitlines(name: str, owner: str, given: list[Any], named: Named) -> List:
    (keep,) = positional(name, given, named, 0, "bool")
    return List(split_lines(owner, keep=keep is True))


def _elems(name: str, owner: str, given: list[Any], named: Named) -> Elems:
    positional(name, given, named, 0)
    numbers = name.endswith("ords")
    if name.startswith("codepoint"):
        found: list[Any] = []
        at = 0
        for rune, size in runes(owner):
            found.append(ord(rune) if numbers else to_bytes(rune) if rune == "�" else sliced(owner, at, at + size))
            at += size
        return Elems(owner, name, "string.codepoints", found)
    items: list[Any] = [ord(char) for char in owner] if numbers else [sliced(owner, at, at + 1) for at in range(len(owner))]
    return Elems(owner, name, "string.elems", items)


STRING_METHODS: dict[str, Callable[..., Any]] = {
    "capitalize": _nullary(lambda owner: relettered(owner, letters.capitalised(owner))),
    "codepoint_ords": _elems,
    "codepoints": _elems,
    "count": _count,
    "elem_ords": _elems,
    "elems": _elems,
    "endswith": _starts,
    "find": _find,
    "format": _format,
    "index": _find,
    "isalnum": _nullary(lambda owner: letters.every(owner, lambda rune: rune.isalpha() or rune.isdecimal())),
    "isalpha": _nullary(lambda owner: letters.every(owner, str.isalpha)),
    "isdigit": _nullary(lambda owner: letters.every(owner, str.isdecimal)),
    "islower": _nullary(lambda owner: letters.has_case(owner) and owner == letters.lower(owner)),
    "isspace": _nullary(lambda owner: letters.every(owner, letters.is_space)),
    "istitle": _nullary(letters.is_title),
    "isupper": _nullary(lambda owner: letters.has_case(owner) and owner == letters.upper(owner)),
    "join": _join,
    "lower": _nullary(lambda owner: relettered(owner, letters.lower(owner))),
    "lstrip": _strip,
    "partition": _partition,
    "removeprefix": _remove,
    "removesuffix": _remove,
    "replace": _replace,
    "rfind": _find,
    "rindex": _find,
    "rpartition": _partition,
    "rsplit": _split,
    "rstrip": _strip,
    "split": _split,
    "splitlines": _splitlines,
    "startswith": _starts,
    "strip": _strip,
    "title": _nullary(lambda owner: relettered(owner, letters.titled(owner))),
    "upper": _nullary(lambda owner: relettered(owner, letters.upper(owner))),
}
