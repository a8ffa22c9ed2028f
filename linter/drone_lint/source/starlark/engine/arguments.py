"""The arguments of built-in functions (go.starlark.net starlark/unpack.go)."""

from __future__ import annotations

from typing import Any

from drone_lint.source.starlark.engine.failure import Failure
from drone_lint.source.starlark.engine.text import Text
from drone_lint.source.starlark.engine.values import Builtin, Function, elements, type_name
from drone_lint.source.starlark.syntax.spelling import did_you_mean

ABSENT: Any = object()
"""An argument that was not given."""
Named = list[tuple[str, Any]]
"""Arguments given by name, in order."""


def positional(name: str, given: list[Any], named: Named, least: int, *kinds: str) -> list[Any]:
    """As many values as there are kinds, ABSENT where not given. Raises Failure as `UnpackPositionalArgs`.

    Args:
        name: the function's.
        given: its arguments.
        named: its arguments by name, of which there may be none.
        least: how many must be given.
        kinds: `value`, `string`, `int`, `bool`, `iterable` or `callable`.
    """
    if named:
        raise Failure(f"{name}: unexpected keyword arguments")
    most = len(kinds)
    if len(given) < least:
        raise Failure(f"{name}: got {len(given)} arguments, want {'at least ' if least < most else ''}{least}")
    if len(given) > most:
        raise Failure(f"{name}: got {len(given)} arguments, want {'at most ' if most > least else ''}{most}")
    for number, value in enumerate(given):
        _check(value, kinds[number], f"{name}: for parameter {number + 1}: ")
    return given + [ABSENT] * (most - len(given)) if len(given) < most else given


def by_name(name: str, given: list[Any], named: Named, **kinds: str) -> dict[str, Any]:
    """Values by parameter, ABSENT where not given. Raises Failure as `UnpackArgs`; a kind that ends in `?` may be left out."""
    names = list(kinds)
    if len(given) > len(names):
        raise Failure(f"{name}: got {len(given)} arguments, want at most {len(names)}")
    found: dict[str, Any] = {}
    for parameter, value in zip(names, given, strict=False):
        found[parameter] = _check(value, kinds[parameter].rstrip("?"), f"{name}: for parameter {parameter}: ")
    for key, value in named:
        if key not in kinds:
            raise Failure(f"{name}: unexpected keyword argument {key}{did_you_mean(key, names[: (len(names) + 1) // 2])}")
        if key in found:
            raise Failure(f"{name}: got multiple values for keyword argument {key}")
        found[str(key)] = _check(value, kinds[key].rstrip("?"), f"{name}: for parameter {key}: ")
    for parameter in names[len(given) :]:
        if kinds[parameter].endswith("?"):
            break
        if parameter not in found:
            raise Failure(f"{name}: missing argument for {parameter}")
    return {parameter: found.get(parameter, ABSENT) for parameter in names}


def _check(value: Any, kind: str, where: str) -> Any:
    if kind == "value":
        return value
    if kind == "string":
        good = type(value) is str or type(value) is Text
    elif kind == "int":
        good = type(value) is int
        if good and not -(1 << 63) <= value < 1 << 63:
            raise Failure(f"{where}{value} out of range (want value in signed 64-bit range)")
    elif kind == "bool":
        good = type(value) is bool
    elif kind == "callable":
        good = type(value) is Function or type(value) is Builtin
    else:
        good = elements(value) is not None
    if not good:
        raise Failure(f"{where}got {type_name(value)}, want {kind}")
    return value


def without_names(name: str, given: list[Any], named: Named, wanted: str) -> Any:
    """The one argument of a function that takes one; `wanted` is how its error names that number."""
    if named:
        raise Failure(f"{name} does not accept keyword arguments")
    if len(given) != 1:
        raise Failure(f"{name}: got {len(given)} arguments, want {wanted}")
    return given[0]


def as_index(value: Any, length: int, default: int) -> int:
    """A start or end; below zero it counts from the end. None and ABSENT give the default."""
    if value is ABSENT or value is None:
        return default
    from drone_lint.source.starlark.engine.values import as_int32

    index = as_int32(value)
    return index + length if index < 0 else index


def bounds(start: Any, end: Any, length: int) -> tuple[int, int]:
    """Start and end within 0 and a length; the start may be beyond the end."""
    found = []
    for word, value, default in (("start", start, 0), ("end", end, length)):
        try:
            index = as_index(value, length, default)
        except Failure as error:
            raise Failure(f"invalid {word} index: {error.message}") from None
        found.append(min(max(index, 0), length))
    return found[0], found[1]
