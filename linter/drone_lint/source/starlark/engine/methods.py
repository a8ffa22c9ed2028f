"""Methods of lists, dicts and bytes, and how a value's attributes are found (go.starlark.net starlark/library.go)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drone_lint.source.starlark.engine.arguments import ABSENT, Named, bounds, positional
from drone_lint.source.starlark.engine.compare import equal
from drone_lint.source.starlark.engine.failure import Failure
from drone_lint.source.starlark.engine.slicing import out_of_range
from drone_lint.source.starlark.engine.string_methods import STRING_METHODS
from drone_lint.source.starlark.engine.text import Text
from drone_lint.source.starlark.engine.values import Builtin, Bytes, Dict, Elems, List, Struct, elements, length, type_name
from drone_lint.source.starlark.syntax.spelling import did_you_mean


def update(target: Dict, given: list[Any], named: Named) -> None:
    """What `dict` and `update` do: entries of another dict, or pairs, then names."""
    if given:
        source = given[0]
        if type(source) is Dict:
            if source.items:
                target.add_all(source)
        else:
            _update_pairs(target, source)
    for key, value in named:
        target.set(key, value)
    keys = [str(key) for key, _ in named]
    if len(set(keys)) < len(keys):
        raise Failure(f'duplicate keyword arg: "{next(key for key in keys if keys.count(key) > 1)}"')


def _update_pairs(target: Dict, source: Any) -> None:
    pairs = elements(source)
    if pairs is None:
        raise Failure(f"got {type_name(source)}, want iterable")
    for number, pair in enumerate(list(pairs)):
        items = elements(pair)
        where = f"dictionary update sequence element #{number}"
        if items is None:
            raise Failure(f"{where} is not iterable ({type_name(pair)})")
        size = length(pair)
        if size < 0:
            raise Failure(f"{where} has unknown length ({type_name(pair)})")
        if size != 2:
            raise Failure(f"{where} has length {size}, want 2")
        target.set(items[0], items[1])


def _named(name: str, action: Callable[[], Any]) -> Any:
    """Do something whose error names the method."""
    try:
        return action()
    except Failure as error:
        raise Failure(f"{name}: {error.message}") from None


def _equal(name: str, left: Any, right: Any) -> bool:
    return bool(_named(name, lambda: equal(left, right)))


# -- dicts


def _dict_clear(name: str, owner: Dict, given: list[Any], named: Named) -> None:
    positional(name, given, named, 0)
    owner.check_mutable("clear")
    owner.items.clear()


def _dict_get(name: str, owner: Dict, given: list[Any], named: Named) -> Any:
    key, default = positional(name, given, named, 1, "value", "value")
    entry = _named(name, lambda: owner.get(key))
    if entry is not None:
        return entry[1]
    return None if default is ABSENT else default


def _dict_items(name: str, owner: Dict, given: list[Any], named: Named) -> List:
    positional(name, given, named, 0)
    return List(list(owner.items.values()))


def _dict_keys(name: str, owner: Dict, given: list[Any], named: Named) -> List:
    positional(name, given, named, 0)
    return List([key for key, _ in owner.items.values()])


def _dict_values(name: str, owner: Dict, given: list[Any], named: Named) -> List:
    positional(name, given, named, 0)
    return List([value for _, value in owner.items.values()])


def _dict_pop(name: str, owner: Dict, given: list[Any], named: Named) -> Any:
    key, default = positional(name, given, named, 1, "value", "value")
    entry = _named(name, lambda: owner.pop(key))
    if entry is not None:
        return entry[1]
    if default is ABSENT:
        raise Failure(f"{name}: missing key")
    return default


def _dict_popitem(name: str, owner: Dict, given: list[Any], named: Named) -> Any:
    positional(name, given, named, 0)
    if not owner.items:
        raise Failure(f"{name}: empty dict")
    key, _ = next(iter(owner.items.values()))
    return _named(name, lambda: owner.pop(key))


def _dict_setdefault(name: str, owner: Dict, given: list[Any], named: Named) -> Any:
    key, default = positional(name, given, named, 1, "value", "value")
    entry = _named(name, lambda: owner.get(key))
    if entry is not None:
        return entry[1]
    value = None if default is ABSENT else default
    _named(name, lambda: owner.set(key, value))
    return value


def _dict_update(name: str, owner: Dict, given: list[Any], named: Named) -> None:
    if len(given) > 1:
        raise Failure(f"update: got {len(given)} arguments, want at most 1")
    _named(name, lambda: update(owner, given, named))


# -- lists


def _list_append(name: str, owner: List, given: list[Any], named: Named) -> None:
    (value,) = positional(name, given, named, 1, "value")
    if owner.frozen or owner.iterating:
        _named(name, lambda: owner.check_mutable("append to"))
    owner.items.append(value)


def _list_clear(name: str, owner: List, given: list[Any], named: Named) -> None:
    positional(name, given, named, 0)
    _named(name, lambda: owner.check_mutable("clear"))
    owner.items.clear()


def _list_extend(name: str, owner: List, given: list[Any], named: Named) -> None:
    (source,) = positional(name, given, named, 1, "iterable")
    _named(name, lambda: owner.check_mutable("extend"))
    owner.items += list(elements(source))


def _list_index(name: str, owner: List, given: list[Any], named: Named) -> int:
    value, start, end = positional(name, given, named, 1, "value", "value", "value")
    low, high = _named(name, lambda: bounds(start, end, len(owner.items)))
    for at in range(low, high):
        if _equal(name, owner.items[at], value):
            return at
    raise Failure(f"{name}: value not in list")


def _list_insert(name: str, owner: List, given: list[Any], named: Named) -> None:
    at, value = positional(name, given, named, 2, "int", "value")
    _named(name, lambda: owner.check_mutable("insert into"))
    size = len(owner.items)
    at = at + size if at < 0 else at
    owner.items.insert(min(max(at, 0), size), value)


def _list_pop(name: str, owner: List, given: list[Any], named: Named) -> Any:
    (index,) = positional(name, given, named, 0, "int")
    size = len(owner.items)
    index = size - 1 if index is ABSENT else index
    at = index + size if index < 0 else index
    if not 0 <= at < size:
        raise Failure(f"{name}: {out_of_range(owner, index, size).message}")
    _named(name, lambda: owner.check_mutable("pop from"))
    return owner.items.pop(at)


def _list_remove(name: str, owner: List, given: list[Any], named: Named) -> None:
    (value,) = positional(name, given, named, 1, "value")
    _named(name, lambda: owner.check_mutable("remove from"))
    for at, item in enumerate(owner.items):
        if _equal(name, item, value):
            del owner.items[at]
            return
    raise Failure("remove: element not found")


def _bytes_elems(name: str, owner: Bytes, given: list[Any], named: Named) -> Elems:
    positional(name, given, named, 0)
    return Elems(owner, "elems", "bytes.elems", [ord(char) for char in owner.data])


_DICT_METHODS: dict[str, Callable[..., Any]] = {
    "clear": _dict_clear,
    "get": _dict_get,
    "items": _dict_items,
    "keys": _dict_keys,
    "pop": _dict_pop,
    "popitem": _dict_popitem,
    "setdefault": _dict_setdefault,
    "update": _dict_update,
    "values": _dict_values,
}
_LIST_METHODS: dict[str, Callable[..., Any]] = {
    "append": _list_append,
    "clear": _list_clear,
    "extend": _list_extend,
    "index": _list_index,
    "insert": _list_insert,
    "pop": _list_pop,
    "remove": _list_remove,
}
METHODS: dict[type[Any], dict[str, Callable[..., Any]]] = {
    str: STRING_METHODS,
    Text: STRING_METHODS,
    List: _LIST_METHODS,
    Dict: _DICT_METHODS,
    Bytes: {"elems": _bytes_elems},
}
"""Methods by type and name; each takes its own name, the owner and the arguments."""


def attribute_names(value: Any) -> list[str]:
    """What `dir` gives."""
    return sorted(value.fields if type(value) is Struct else METHODS.get(type(value), {}))


def attribute(value: Any, name: str) -> Any:
    """A field or method; ABSENT where there is none."""
    if type(value) is Struct:
        return value.fields.get(name, ABSENT)
    method = METHODS.get(type(value), {}).get(name)
    return ABSENT if method is None else Builtin(name, method, value)


def no_attribute(value: Any, name: str) -> Failure:
    """The error of a field or method that a value does not have."""
    hint = did_you_mean(name, attribute_names(value), ".")
    if type(value) is Struct:
        return Failure(f"{value.name} struct has no .{name} attribute{hint}")
    return Failure(f"{type_name(value)} has no .{name} field or method{hint}")
