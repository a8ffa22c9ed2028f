"""The functions of the language (go.starlark.net starlark/library.go). Each takes the machine, its name and the arguments."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from drone_lint.source.starlark.engine.arguments import ABSENT, Named, by_name, positional, without_names
from drone_lint.source.starlark.engine.compare import ordered
from drone_lint.source.starlark.engine.conversions import to_float, to_int
from drone_lint.source.starlark.engine.failure import Failure
from drone_lint.source.starlark.engine.formatting import as_text, character, shown
from drone_lint.source.starlark.engine.methods import attribute, attribute_names, update
from drone_lint.source.starlark.engine.text import Text
from drone_lint.source.starlark.engine.values import (
    Builtin,
    Bytes,
    Dict,
    List,
    Range,
    Struct,
    as_int32,
    elements,
    length,
    truth,
    type_name,
)
from drone_lint.source.starlark.syntax.literals import first_rune, from_bytes, runes, to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from drone_lint.source.starlark.engine.machine import Machine

_STRINGS = (str, Text)


def _abs(_: Machine, name: str, given: list[Any], named: Named) -> Any:
    (value,) = positional(name, given, named, 1, "value")
    if type(value) not in (int, float):
        raise Failure(f"got {type_name(value)}, want int or float")
    return abs(value)


def _all(_: Machine, name: str, given: list[Any], named: Named) -> bool:
    items = elements(positional(name, given, named, 1, "iterable")[0])
    return (all if name == "all" else any)(truth(item) for item in items)


def _bool(_: Machine, name: str, given: list[Any], named: Named) -> bool:
    (value,) = positional(name, given, named, 0, "value")
    return value is not ABSENT and truth(value)


def _bytes(_: Machine, name: str, given: list[Any], named: Named) -> Bytes:
    value = without_names(name, given, named, "exactly 1")
    if type(value) is Bytes:
        return value
    if type(value) in _STRINGS:
        return Bytes(to_bytes(from_bytes(value)))
    items = elements(value)
    if items is None:
        raise Failure(f"bytes: got {type_name(value)}, want string, bytes, or iterable of ints")
    for number, item in enumerate(items):
        if type(item) is not int:
            raise Failure(f"bytes: at index {number}, got {type_name(item)}, want int")
        if not 0 <= item < 256:
            raise Failure(f"bytes: at index {number}, {item} out of range (want value in unsigned 8-bit range)")
    return Bytes("".join(map(chr, items)))


def _chr(_: Machine, name: str, given: list[Any], named: Named) -> str:
    value = without_names(name, given, named, "1")
    try:
        number = as_int32(value)
    except Failure as error:
        raise Failure(f"chr: {error.message}") from None
    if number < 0:
        raise Failure(f"chr: Unicode code point {number} out of range (<0)")
    if number > 0x10FFFF:
        raise Failure(f"chr: Unicode code point U+{number:X} out of range (>0x10FFFF)")
    return character(number)


def _dict(_: Machine, name: str, given: list[Any], named: Named) -> Dict:  # noqa: ARG001
    if len(given) > 1:
        raise Failure(f"dict: got {len(given)} arguments, want at most 1")
    made = Dict()
    try:
        update(made, given, named)
    except Failure as error:
        raise Failure(f"dict: {error.message}") from None
    return made


def _dir(_: Machine, name: str, given: list[Any], named: Named) -> List:
    return List(list(attribute_names(without_names(name, given, named, "1"))))


def _enumerate(_: Machine, name: str, given: list[Any], named: Named) -> List:
    source, start = positional(name, given, named, 1, "iterable", "int")
    return List(list(enumerate(elements(source), 0 if start is ABSENT else start)))


def _separated(name: str, given: list[Any], named: Named) -> str:
    separator = by_name(name, [], named, sep="string?")["sep"]
    parts = [value.data if type(value) is Bytes and name == "print" else as_text(value) for value in given]
    return (" " if separator is ABSENT else separator).join(parts)


def _fail(_: Machine, name: str, given: list[Any], named: Named) -> None:
    raise Failure("fail: " + _separated(name, given, named))


def _float(_: Machine, name: str, given: list[Any], named: Named) -> float:
    if named:
        raise Failure(f"{name} does not accept keyword arguments")
    return to_float(given)


def _getattr(machine: Machine, name: str, given: list[Any], named: Named) -> Any:
    owner, key, default = positional(name, given, named, 2, "value", "string", "value")
    value = attribute(owner, str(key))
    if value is not ABSENT:
        return machine.read(owner, str(key), value) if type(owner) is Struct else value
    if default is not ABSENT:
        return default
    if type(owner) is Struct:
        raise Failure(f"getattr: {owner.name} struct has no .{key} attribute")
    raise Failure(f"getattr: {type_name(owner)} has no .{key} field or method")


def _hasattr(_: Machine, name: str, given: list[Any], named: Named) -> bool:
    owner, key = positional(name, given, named, 2, "value", "string")
    return attribute(owner, str(key)) is not ABSENT


def _hash(_: Machine, name: str, given: list[Any], named: Named) -> int:
    (value,) = positional(name, given, named, 1, "value")
    found = 0
    if type(value) in _STRINGS:
        for rune, _size in runes(value):
            found = (31 * found + ord(rune)) & 0xFFFFFFFF
        return found - (1 << 32) if found >= 1 << 31 else found
    if type(value) is Bytes:
        found = 2166136261
        for char in value.data:
            found = ((found ^ ord(char)) * 16777619) & 0xFFFFFFFF
        return found
    raise Failure(f"hash: got {type_name(value)}, want string or bytes")


def _int(_: Machine, name: str, given: list[Any], named: Named) -> int:
    arguments = by_name(name, given, named, x="value", base="value?")
    return to_int(arguments["x"], arguments["base"])


def _len(_: Machine, name: str, given: list[Any], named: Named) -> int:
    (value,) = positional(name, given, named, 1, "value")
    size = length(value)
    if size < 0:
        raise Failure(f"len: value of type {type_name(value)} has no len")
    return size


def _list(_: Machine, name: str, given: list[Any], named: Named) -> List:
    (source,) = positional(name, given, named, 0, "iterable")
    return List([] if source is ABSENT else list(elements(source)))


def _tuple(_: Machine, name: str, given: list[Any], named: Named) -> tuple[Any, ...]:
    (source,) = positional(name, given, named, 0, "iterable")
    return () if source is ABSENT else tuple(elements(source))


def _minmax(machine: Machine, name: str, given: list[Any], named: Named) -> Any:
    if not given:
        raise Failure(f"{name} requires at least one positional argument")
    key = by_name(name, [], named, key="callable?")["key"]
    source = given[0] if len(given) == 1 else tuple(given)
    if elements(source) is None:
        raise Failure(f"{name}: {type_name(source)} value is not iterable")
    items = machine.iterated(source, key)
    if not items:
        raise Failure(f"{name}: argument is an empty sequence")
    best, extreme = items[0]
    for item, value in items[1:]:
        try:
            better = ordered(">" if name == "max" else "<", value, extreme)
        except Failure as error:
            raise Failure(f"{name}: {error.message}") from None
        if better:
            best, extreme = item, value
    return best


def _ord(_: Machine, name: str, given: list[Any], named: Named) -> int:
    value = without_names(name, given, named, "1")
    if type(value) in _STRINGS:
        if not value or first_rune(value, 0)[1] != len(value):
            raise Failure(f"ord: string encodes {sum(1 for _ in runes(value))} Unicode code points, want 1")
        return ord(first_rune(value, 0)[0])
    if type(value) is Bytes:
        if len(value.data) != 1:
            raise Failure(f"ord: bytes has length {len(value.data)}, want 1")
        return ord(value.data)
    raise Failure(f"ord: got {type_name(value)}, want string or bytes")


def _print(machine: Machine, name: str, given: list[Any], named: Named) -> None:
    machine.printed(from_bytes(_separated(name, given, named)))


def _range(_: Machine, name: str, given: list[Any], named: Named) -> Range:
    start, stop, step = positional(name, given, named, 1, "int", "int", "int")
    if stop is ABSENT:
        start, stop = 0, start
    if step == 0:
        raise Failure(f"{name}: step argument must not be zero")
    return Range(range(start, stop, 1 if step is ABSENT else step))


def _repr(_: Machine, name: str, given: list[Any], named: Named) -> str:
    return shown(positional(name, given, named, 1, "value")[0])


def _reversed(_: Machine, name: str, given: list[Any], named: Named) -> List:
    return List(list(elements(positional(name, given, named, 1, "iterable")[0]))[::-1])


def _sorted(machine: Machine, name: str, given: list[Any], named: Named) -> List:
    arguments = by_name(name, given, named, iterable="iterable", key="callable?", reverse="bool?")
    pairs = machine.iterated(arguments["iterable"], arguments["key"])

    def order(left: tuple[Any, Any], right: tuple[Any, Any]) -> int:
        return -1 if ordered("<", left[1], right[1]) else 0

    pairs.sort(key=cmp_to_key(order), reverse=arguments["reverse"] is True)
    return List([item for item, _ in pairs])


def _str(_: Machine, name: str, given: list[Any], named: Named) -> str:
    value = without_names(name, given, named, "exactly 1")
    return to_bytes(from_bytes(value.data)) if type(value) is Bytes else as_text(value)


def _type(_: Machine, name: str, given: list[Any], named: Named) -> str:
    return type_name(without_names(name, given, named, "exactly 1"))


def _zip(_: Machine, name: str, given: list[Any], named: Named) -> List:
    if named:
        raise Failure(f"{name} does not accept keyword arguments")
    sources = []
    for number, value in enumerate(given, 1):
        items = elements(value)
        if items is None:
            raise Failure(f"zip: argument #{number} is not iterable: {type_name(value)}")
        sources.append(items)
    return List(list(zip(*sources, strict=False)))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": _abs,
    "all": _all,
    "any": _all,
    "bool": _bool,
    "bytes": _bytes,
    "chr": _chr,
    "dict": _dict,
    "dir": _dir,
    "enumerate": _enumerate,
    "fail": _fail,
    "float": _float,
    "getattr": _getattr,
    "hasattr": _hasattr,
    "hash": _hash,
    "int": _int,
    "len": _len,
    "list": _list,
    "max": _minmax,
    "min": _minmax,
    "ord": _ord,
    "print": _print,
    "range": _range,
    "repr": _repr,
    "reversed": _reversed,
    "sorted": _sorted,
    "str": _str,
    "tuple": _tuple,
    "type": _type,
    "zip": _zip,
}
UNIVERSE: dict[str, Any] = {
    "None": None,
    "True": True,
    "False": False,
    **{name: Builtin(name, function) for name, function in _FUNCTIONS.items()},
}
"""The names that every program sees; `set` is refused before anything runs."""
