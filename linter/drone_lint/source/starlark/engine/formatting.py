"""Values as text: `str`, `repr`, `%` and `format` (go.starlark.net starlark/value.go, eval.go, library.go)."""

from __future__ import annotations

from typing import Any

from drone_lint.source.starlark.engine.failure import Failure
from drone_lint.source.starlark.engine.numbers import starlark_float
from drone_lint.source.starlark.engine.text import Text, joined, sliced
from drone_lint.source.starlark.engine.values import Builtin, Bytes, Dict, Elems, Function, List, Range, Struct, number_to_int, type_name
from drone_lint.source.starlark.syntax.literals import first_rune, runes, to_bytes

_STRINGS = (str, Text)
_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\", '"': '\\"'}


def quoted(value: str) -> str:
    """A string as a literal; `value` and the result are bytes."""
    if value.isascii() and value.isprintable() and "\\" not in value and '"' not in value:
        return f'"{value}"'
    parts = []
    at = 0
    for rune, size in runes(value):
        parts.append(_shown(rune, value[at : at + size]))
        at += size
    return '"' + "".join(parts) + '"'


def _shown(rune: str, data: str) -> str:
    if rune in _ESCAPES:
        return _ESCAPES[rune]
    if len(data) == 1 and data >= "\x80":
        return f"\\x{ord(data):02x}"
    if rune.isprintable():
        return data
    number = ord(rune)
    if number < 0x20 or number == 0x7F:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def as_text(value: Any) -> str:
    """A value as `str` gives it: a string stays as it is."""
    return value if type(value) in _STRINGS else shown(value)


def shown(value: Any, inside: tuple[Any, ...] = ()) -> str:
    """A value as `repr` gives it."""
    kind = type(value)
    if kind in _STRINGS:
        return quoted(value)
    if kind is tuple:
        items = ", ".join([shown(item, inside) for item in value])
        return f"({items},)" if len(value) == 1 else f"({items})"
    if kind is List:
        return "[" + ("..." if _within(value, inside) else ", ".join([shown(item, (*inside, value)) for item in value.items])) + "]"
    if kind is Dict:
        return "{" + ("..." if _within(value, inside) else _shown_entries(value, inside)) + "}"
    if kind is float:
        return starlark_float(value)
    return _shown_other(value)


def _within(value: Any, inside: tuple[Any, ...]) -> bool:
    return any(one is value for one in inside)


def _shown_entries(value: Dict, inside: tuple[Any, ...]) -> str:
    return ", ".join([f"{shown(key, inside)}: {shown(item, (*inside, value))}" for key, item in value.items.values()])


def _shown_other(value: Any) -> str:
    kind = type(value)
    if kind is Function:
        return f"<function {value.code.name}>"
    if kind is Builtin:
        return (
            f"<built-in method {value.name} of {type_name(value.owner)} value>"
            if value.owner is not None
            else f"<built-in function {value.name}>"
        )
    if kind is Bytes:
        return "b" + quoted(value.data)
    if kind is Range:
        numbers = value.numbers
        if numbers.step != 1:
            return f"range({numbers.start}, {numbers.stop}, {numbers.step})"
        return f"range({numbers.start}, {numbers.stop})" if numbers.start else f"range({numbers.stop})"
    if kind is Struct:
        return f"{value.name}({', '.join(f'{name} = {shown(field)}' for name, field in value.fields.items())})"
    if kind is Elems:
        return f"{shown(value.owner)}.{value.method}()"
    return str(value)


# -- %


def interpolate(form: str, given: Any) -> str:
    """`form % given`."""
    arguments = given if type(given) is tuple else (given,)
    parts: list[str] = []
    at = index = 0
    while True:
        percent = form.find("%", at)
        if percent < 0:
            break
        parts.append(sliced(form, at, percent))
        at = percent + 1
        if form.startswith("%", at):
            parts.append(sliced(form, at, at + 1))
            at += 1
            continue
        argument, at = _argument(form, at, given, arguments, index)
        if at >= len(form):
            raise Failure("incomplete format")
        parts.append(_converted(form[at], argument) if form[at] != "%" else "%")
        at += 1
        index += 1
    if index < len(arguments):
        raise Failure("too many arguments for format string")
    parts.append(sliced(form, at, len(form)))
    return joined(parts)


def _argument(form: str, at: int, given: Any, arguments: tuple[Any, ...], index: int) -> tuple[Any, int]:
    """What a conversion is given: under a name, or the next one; and where its letter stands."""
    if not form.startswith("(", at):
        if index >= len(arguments):
            raise Failure("not enough arguments for format string")
        return arguments[index], at
    close = form.find(")", at)
    if close < 0:
        raise Failure("incomplete format key")
    if type(given) is not Dict:
        raise Failure("format requires a mapping")
    found = given.get(str.__getitem__(form, slice(at + 1, close)))
    if found is None:
        raise Failure(f"key not found: {form[at + 1 : close]}")
    return found[1], close + 1


def _converted(letter: str, value: Any) -> str:
    if letter == "s":
        return as_text(value)
    if letter == "r":
        return shown(value)
    if letter in "dioxX":
        return _whole(letter, value)
    if letter in "efgEFG":
        if type(value) not in (int, float):
            raise Failure(f"%{letter} format requires float, not {type_name(value)}")
        return starlark_float(_float(value), letter)
    if letter == "c":
        return _character(value)
    raise Failure(f"unknown conversion %{to_bytes(letter)}")


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _whole(letter: str, value: Any) -> str:
    try:
        number = number_to_int(value)
    except Failure as error:
        raise Failure(f"%{letter} format requires integer: {error.message}") from None
    return format(number, "d" if letter == "i" else letter)


def _character(value: Any) -> str:
    if type(value) is int:
        if not 0 <= value <= 0x10FFFF:
            raise Failure(f"%c format requires a valid Unicode code point, got {value}")
        return character(value)
    if type(value) in _STRINGS:
        if not value or first_rune(value, 0)[1] != len(value):
            raise Failure("%c format requires a single-character string")
        return to_bytes(first_rune(value, 0)[0])
    raise Failure(f"%c format requires int or single-character string, not {type_name(value)}")


def character(number: int) -> str:
    """A code point as bytes; half of a surrogate pair becomes U+FFFD."""
    return to_bytes("�" if 0xD800 <= number < 0xE000 else chr(number))


# -- format


def formatted(form: str, positional: list[Any], named: list[tuple[str, Any]]) -> str:
    """`form.format(...)`."""
    fields = _Fields(positional, named)
    parts: list[str] = []
    at = 0
    while True:
        opening = form.find("{", at)
        _literal(form, at, len(form) if opening < 0 else opening, parts)
        if opening < 0:
            return joined(parts)
        if form.startswith("{", opening + 1):
            parts.append(sliced(form, opening, opening + 1))
            at = opening + 2
            continue
        closing = form.find("}", opening + 1)
        if closing < 0:
            raise Failure("format: unmatched '{' in format")
        parts.append(fields.converted(str.__getitem__(form, slice(opening + 1, closing))))
        at = closing + 1


def _literal(form: str, start: int, end: int, parts: list[str]) -> None:
    """The text between two fields, in which `}}` stands for `}`."""
    while True:
        brace = form.find("}", start, end)
        if brace < 0:
            parts.append(sliced(form, start, end))
            return
        if brace + 1 == end or form[brace + 1] != "}":
            raise Failure("format: single '}' in format")
        parts.append(sliced(form, start, brace + 1))
        start = brace + 2


class _Fields:
    def __init__(self, positional: list[Any], named: list[tuple[str, Any]]) -> None:
        self._positional = positional
        self._named = named
        self._next = 0
        self._automatic = False
        self._manual = False

    def converted(self, field: str) -> str:
        """The text of a replacement field: `name`, `name!conversion`, with `:` and nothing behind it."""
        name, bang, rest = field.partition("!")
        if bang:
            conversion, _, spec = rest.partition(":")
        else:
            name, _, spec = field.partition(":")
            conversion = "s"
        value = self._value(name)
        if spec:
            raise Failure(f"format spec features not supported in replacement fields: {spec}")
        if conversion == "s":
            return as_text(value)
        if conversion == "r":
            return shown(value)
        raise Failure(f"format: unknown conversion {quoted(conversion)}")

    def _value(self, name: str) -> Any:
        if not name:
            if self._manual:
                raise Failure("format: cannot switch from manual field specification to automatic field numbering")
            self._automatic = True
            self._next += 1
            return self._at(self._next - 1)
        if name.isascii() and name.isdigit() and len(name) < 19:
            if self._automatic:
                raise Failure("format: cannot switch from automatic field numbering to manual field specification")
            self._manual = True
            return self._at(int(name))
        for key, value in self._named:
            if key == name:
                return value
        raise Failure(_lacking(name))

    def _at(self, index: int) -> Any:
        if index >= len(self._positional):
            raise Failure("format: tuple index out of range")
        return self._positional[index]


def _lacking(name: str) -> str:
    if "." in name:
        return f"format: attribute syntax x.y is not supported in replacement fields: {name}"
    if "[" in name:
        return f"format: element syntax a[i] is not supported in replacement fields: {name}"
    if "{" in name:
        return "format: nested replacement fields not supported"
    return f"format: keyword {name} not found"
