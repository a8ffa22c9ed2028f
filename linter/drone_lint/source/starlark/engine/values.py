"""The values of a program.

None, booleans, numbers and tuples are Python's own; strings are `str` whose characters are bytes (see `syntax.literals`), or `Text`, which
also knows where it was written. Booleans are never numbers here, so types are compared with `type(x) is int`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drone_lint.source.starlark.engine.failure import Failure
from drone_lint.source.starlark.engine.text import Text

TYPE_CHECKING = False  # `typing` is slow to import, and this runs in a process of its own
if TYPE_CHECKING:
    from drone_lint.source.starlark.syntax import nodes

_INT32 = 1 << 31


class Bytes:
    """A `bytes` value; each character is one byte."""

    __slots__ = ("data",)

    def __init__(self, data: str) -> None:
        self.data = data


class List:
    """A list; `written` is the literal that made it, if one did."""

    __slots__ = ("frozen", "items", "iterating", "written")

    def __init__(self, items: list[Any], written: nodes.ListExpr | nodes.Comprehension | None = None) -> None:
        self.items = items
        self.frozen = False
        self.iterating = 0
        self.written = written

    def check_mutable(self, verb: str) -> None:
        """Refuse a change of a frozen list, or of one that a loop goes through."""
        if self.frozen:
            raise Failure(f"cannot {verb} frozen list")
        if self.iterating:
            raise Failure(f"cannot {verb} list during iteration")


class Dict:
    """A dict: what `hash_key` makes of each key, to the key and the value. The key is the one that wrote the value last."""

    __slots__ = ("frozen", "items", "iterating", "written")

    def __init__(self, written: nodes.DictExpr | nodes.Comprehension | None = None) -> None:
        self.items: dict[Any, tuple[Any, Any]] = {}
        self.frozen = False
        self.iterating = 0
        self.written = written

    def check_mutable(self, verb: str) -> None:
        """Refuse a change of a frozen dict, or of one that a loop goes through."""
        if self.frozen:
            raise Failure(f"cannot {verb} frozen hash table")
        if self.iterating:
            raise Failure(f"cannot {verb} hash table during iteration")

    def set(self, key: Any, value: Any) -> None:
        """Set a key."""
        if self.frozen or self.iterating:
            self.check_mutable("insert into")
        self.items[key if isinstance(key, str) else hash_key(key)] = (key, value)

    def get(self, key: Any) -> tuple[Any, Any] | None:
        """The key and value of an entry, None where there is none."""
        return self.items.get(key if isinstance(key, str) else hash_key(key))

    def pop(self, key: Any) -> tuple[Any, Any] | None:
        """Remove an entry."""
        self.check_mutable("delete from")
        return self.items.pop(hash_key(key), None)

    def add_all(self, other: Dict) -> None:
        """Set every key of another dict."""
        if self.frozen or self.iterating:
            self.check_mutable("insert into")
        self.items.update(other.items)


class Range:
    """What `range` gives."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: range) -> None:
        self.numbers = numbers


class Elems:
    """What `elems`, `codepoints` and the like give: an iterable of parts of a string."""

    __slots__ = ("items", "method", "owner", "type")

    def __init__(self, owner: Any, method: str, type_: str, items: list[Any]) -> None:
        self.owner = owner
        self.method = method
        self.type = type_
        self.items = items


class Struct:
    """`ctx` and what is in it."""

    __slots__ = ("fields", "name", "prefix")

    def __init__(self, name: str, prefix: str, fields: dict[str, Any]) -> None:
        self.name = name
        """How it prints: `"build"`, quotes included."""
        self.prefix = prefix
        """What stands before a field's name where fields are told apart: `build.`."""
        self.fields = fields


class Function:
    """A function of the program."""

    __slots__ = ("code", "defaults", "free", "run")

    def __init__(self, code: nodes.Function, run: Callable[[list[Any]], Any], defaults: tuple[Any, ...], free: list[list[Any]]) -> None:
        self.code = code
        self.run = run
        self.defaults = defaults
        self.free = free
        """Cells of the enclosing functions."""


class Builtin:
    """A function of the language, or a method together with its owner."""

    __slots__ = ("name", "owner", "run")

    def __init__(self, name: str, run: Callable[..., Any], owner: Any = None) -> None:
        self.name = name
        self.run = run
        self.owner = owner


class Unset:
    """What a variable holds before it is assigned, and a default that must be given."""


UNSET: Any = Unset()
MANDATORY: Any = Unset()

_TYPES: dict[type[Any], str] = {
    type(None): "NoneType",
    bool: "bool",
    int: "int",
    float: "float",
    str: "string",
    Text: "string",
    tuple: "tuple",
    Bytes: "bytes",
    List: "list",
    Dict: "dict",
    Range: "range",
    Struct: "struct",
    Function: "function",
    Builtin: "builtin_function_or_method",
}


def type_name(value: Any) -> str:
    """A value's type, as `type` gives it."""
    return value.type if type(value) is Elems else _TYPES[type(value)]


def truth(value: Any) -> bool:
    """Whether a condition takes a value for true."""
    kind = type(value)
    if kind is List or kind is Dict:
        return bool(value.items)
    if kind is Bytes:
        return bool(value.data)
    if kind is Range:
        return bool(value.numbers)
    return bool(value)


def length(value: Any) -> int:
    """A value's length, -1 where it has none."""
    kind = type(value)
    if kind is str or kind is Text or kind is tuple:
        return len(value)
    if kind is List or kind is Dict or (kind is Elems and value.type == "string.elems"):
        return len(value.items)
    if kind is Range:
        return len(value.numbers)
    return len(value.data) if kind is Bytes else -1


def elements(value: Any) -> Any:
    """What a loop goes through; None for a value that is no iterable. A list is not copied."""
    kind = type(value)
    if kind is List or kind is Elems:
        return value.items
    if kind is tuple:
        return value
    if kind is Dict:
        return [key for key, _ in value.items.values()]
    return value.numbers if kind is Range else None


_TRUE, _FALSE, _NAN = object(), object(), object()


def hash_key(value: Any) -> Any:
    """What stands for a value as a key: equal for equal values. Raises Failure for what cannot be one."""
    kind = type(value)
    if kind is str or kind is Text or kind is int or value is None:
        return value
    if kind is bool:
        return _TRUE if value else _FALSE
    if kind is float:
        return value if value == value else _NAN  # noqa: PLR0124 - not a number
    if kind is tuple:
        return (tuple, *map(hash_key, value))
    if kind is Bytes:
        return (Bytes, value.data)
    if kind is Struct:
        return (Struct, value.name, *((name, hash_key(field)) for name, field in value.fields.items()))
    if kind is Function or kind is Builtin:
        return value
    raise Failure(f"unhashable{'' if kind is Range or kind is Elems else ' type'}: {type_name(value)}")


def freeze(values: Any) -> None:
    """Make values immutable, with everything that is in them."""
    stack = list(values)
    while stack:
        value = stack.pop()
        kind = type(value)
        if kind is List and not value.frozen:
            value.frozen = True
            stack += value.items
        elif kind is Dict and not value.frozen:
            value.frozen = True
            for key, item in value.items.values():
                stack += (key, item)
        elif kind is tuple:
            stack += value
        elif kind is Function:
            stack += value.defaults
            stack += [cell for cells in value.free for cell in cells]
        elif kind is Builtin and value.owner is not None:
            stack.append(value.owner)
        elif kind is Struct:
            stack += value.fields.values()


def as_int32(value: Any) -> int:
    """A number that Go holds in 32 bits, as indices and counts must be."""
    if type(value) is not int:
        raise Failure(f"got {type_name(value)}, want int")
    if not -_INT32 <= value < _INT32:
        raise Failure(f"{value} out of range")
    return value


def number_to_int(value: Any) -> int:
    """A number without its fraction."""
    if type(value) is int:
        return value
    if type(value) is float:
        if value != value:  # noqa: PLR0124 - not a number
            raise Failure("cannot convert float NaN to integer")
        if value in (float("inf"), float("-inf")):
            raise Failure("cannot convert float infinity to integer")
        return int(value)
    raise Failure(f"cannot convert {type_name(value)} to int")


def finite_float(value: int) -> float:
    """The nearest float."""
    try:
        return float(value)
    except OverflowError:
        raise Failure("int too large to convert to float") from None
