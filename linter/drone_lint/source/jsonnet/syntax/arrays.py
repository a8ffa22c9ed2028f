"""Where the items of a list are written, if the list is array literals, `local`s of them, and `+` between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from drone_lint.source.jsonnet.syntax.tokens import COMMENT, IDENTIFIER, PREFIXES, STRING, Structure, Token, tokenise


class Bounds(NamedTuple):
    """A piece of a file's text."""

    file: int
    start: int
    end: int


def items_of(text: str, shape: Structure, bounds: Bounds, value: Sequence[Any], *, complete: bool) -> dict[int, Bounds]:
    """The items' texts by their index in the list; those are missing whose place is not certain.

    Args:
        text: the file's.
        shape: the file's literals.
        bounds: the expression that gives the list, or its end.
        value: the list.
        complete: whether the expression gives all of it.
    """
    operands = [_items(text, shape, operand) for operand in _operands(text, bounds)]
    if not complete:
        operands.insert(0, None)
    found: dict[int, Bounds] = {}
    front = 0
    for items in operands:
        if items is None:
            break
        found.update((front + number, Bounds(bounds.file, *item)) for number, item in enumerate(items))
        front += len(items)
    else:
        return found if front == len(value) and _fit(found, shape, value) else {}
    back = len(value)
    for items in reversed(operands):
        if items is None:
            break
        back -= len(items)
        found.update((back + number, Bounds(bounds.file, *item)) for number, item in enumerate(items))
    return found if front <= back and _fit(found, shape, value) else {}


def _fit(found: dict[int, Bounds], shape: Structure, value: Sequence[Any]) -> bool:
    """Whether the string literals among the items are the list's."""
    for index, bounds in found.items():
        literal = shape.strings.get(bounds.start)
        if literal is not None and literal.end == bounds.end and literal.value != value[index]:
            return False
    return True


def _operands(text: str, bounds: Bounds) -> Iterator[list[Token]]:
    """The tokens between the outermost `+` of an expression, with offsets of the file."""
    operand: list[Token] = []
    depth, last = 0, False
    for token in tokenise(text[bounds.start : bounds.end]):
        if token.kind == COMMENT:
            continue
        token = token._replace(start=token.start + bounds.start, end=token.end + bounds.start)
        bracket = token.text if token.kind != STRING else ""
        last = last or (depth == 0 and token.kind == IDENTIFIER and token.text in PREFIXES)
        if depth == 0 and bracket == "+" and not last:
            yield operand
            operand = []
            continue
        depth += (bracket in ("(", "[", "{")) - (bracket in (")", "]", "}"))
        operand.append(token)
    yield operand


def _items(text: str, shape: Structure, operand: Sequence[Token]) -> tuple[tuple[int, int], ...] | None:
    """The items of an operand that is one array literal, or the name of one; None: anything else."""
    if not operand:
        return None
    if len(operand) == 1 and operand[0].kind == IDENTIFIER:
        return _bound(text, shape, operand[0].text)
    literal = shape.arrays.get(operand[0].start)
    return literal.items if literal is not None and literal.end == operand[-1].end else None


def _bound(text: str, shape: Structure, name: str) -> tuple[tuple[int, int], ...] | None:
    """The items of the array literal that a name stands for, if the file binds the name once and nowhere else has a parameter of it."""
    binds = list(re.finditer(rf"\b{name}\s*=(?!=)\s*", text))
    if len(binds) != 1 or re.search(rf"\b{name}\s*\(|\bfor\s+{name}\b|(?:\bfunction\s*|\w\s*)\([^()]*\b{name}\s*[,)=]", text):
        return None
    literal = shape.arrays.get(binds[0].end())
    if literal is None or re.match(r"\s*[;,]", text[literal.end :]) is None:
        return None
    return literal.items
