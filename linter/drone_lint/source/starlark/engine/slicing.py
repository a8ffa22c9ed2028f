"""Indices and slices (go.starlark.net starlark/eval.go)."""

from __future__ import annotations

from typing import Any

from drone_lint.source.starlark.engine.arguments import as_index, bounds
from drone_lint.source.starlark.engine.failure import Failure
from drone_lint.source.starlark.engine.formatting import shown
from drone_lint.source.starlark.engine.text import Text, sliced
from drone_lint.source.starlark.engine.values import Bytes, Dict, Elems, List, Range, as_int32, length, type_name


def get_index(owner: Any, key: Any) -> Any:
    """`owner[key]`."""
    kind = type(owner)
    if kind is Dict:
        entry = owner.get(key)
        if entry is None:
            raise Failure(f"key {shown(key)} not in dict")
        return entry[1]
    if kind in (List, tuple, str, Text, Bytes, Range) or (kind is Elems and owner.type == "string.elems"):
        size = length(owner)
        try:
            index = as_int32(key)
        except Failure as error:
            raise Failure(f"{type_name(owner)} index: {error.message}") from None
        return _item(owner, _within(owner, index, size))
    raise Failure(f"unhandled index operation {type_name(owner)}[{type_name(key)}]")


def _within(owner: Any, index: int, size: int) -> int:
    at = index + size if index < 0 else index
    if not 0 <= at < size:
        raise out_of_range(owner, index, size)
    return at


def out_of_range(owner: Any, index: int, size: int) -> Failure:
    """The error of an index that is none of a sequence's."""
    name = type_name(owner)
    if size == 0:
        return Failure(f"index {index} out of range: empty {name}")
    return Failure(f"{name} index {index} out of range [{-size}:{size - 1}]")


def _item(owner: Any, at: int) -> Any:
    kind = type(owner)
    if kind is List or kind is Elems:
        return owner.items[at]
    if kind is tuple:
        return owner[at]
    if kind is Range:
        return owner.numbers[at]
    return Bytes(owner.data[at]) if kind is Bytes else sliced(owner, at, at + 1)


def set_index(owner: Any, key: Any, value: Any) -> None:
    """`owner[key] = value`."""
    kind = type(owner)
    if kind is Dict:
        owner.set(key, value)
    elif kind is List:
        at = _within(owner, as_int32(key), len(owner.items))
        owner.check_mutable("assign to element of")
        owner.items[at] = value
    else:
        raise Failure(f"{type_name(owner)} value does not support item assignment")


def get_slice(owner: Any, low: Any, high: Any, step: Any) -> Any:
    """`owner[low:high:step]`; None where a bound is left out."""
    kind = type(owner)
    if kind not in (List, tuple, str, Text, Bytes, Range):
        raise Failure(f"invalid slice operand {type_name(owner)}")
    stride = _stride(step)
    start, end = _forward(low, high, length(owner)) if stride > 0 else _backward(low, high, length(owner))
    if kind is List:
        return List(_every(owner.items, start, end, stride))
    if kind is Range:
        return _range_slice(owner.numbers, start, end, stride)
    if kind is Bytes:
        return Bytes(_every(owner.data, start, end, stride))
    if kind is tuple:
        return _every(owner, start, end, stride)
    return sliced(owner, start, end) if stride == 1 else _every(str(owner), start, end, stride)


def _stride(step: Any) -> int:
    if step is None:
        return 1
    try:
        stride = as_int32(step)
    except Failure as error:
        raise Failure(f"invalid slice step: {error.message}") from None
    if stride == 0:
        raise Failure("zero is not a valid slice step")
    return stride


def _forward(low: Any, high: Any, size: int) -> tuple[int, int]:
    start, end = bounds(low, high, size)
    return start, max(start, end)


def _backward(low: Any, high: Any, size: int) -> tuple[int, int]:
    found = []
    for word, value, default in (("start", low, size - 1), ("end", high, -1)):
        try:
            found.append(as_index(value, size, default))
        except Failure as error:
            raise Failure(f"invalid {word} index: {error.message}") from None
    start, end = min(found[0], size - 1), max(found[1], -1)
    return max(start, end), end


def _every(items: Any, start: int, end: int, stride: int) -> Any:
    return items[start : end if end >= 0 else None : stride] if start != end else items[:0]


def _range_slice(numbers: range, start: int, end: int, stride: int) -> Range:
    first = numbers.start + numbers.step * start
    return Range(range(first, numbers.start + numbers.step * end, numbers.step * stride))
