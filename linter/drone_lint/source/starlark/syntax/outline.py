"""What the text of a program says without being run: comments, and what is written as literals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from drone_lint.source.starlark.syntax import nodes
from drone_lint.source.starlark.syntax.errors import DepthError, StaticError
from drone_lint.source.starlark.syntax.parser import parse
from drone_lint.source.starlark.syntax.tokens import BYTES, STRING, Token, tokenise


class Outline(NamedTuple):
    """The parts of a program; none of one that cannot be parsed, but for its comments and strings."""

    comments: tuple[tuple[int, int], ...]
    strings: tuple[Token, ...]
    dicts: tuple[nodes.DictExpr, ...] = ()
    lists: tuple[nodes.ListExpr, ...] = ()
    calls: tuple[nodes.Call, ...] = ()


@lru_cache(maxsize=4)
def outline(text: str) -> Outline:
    """The parts of a program."""
    comments: list[tuple[int, int]] = []
    strings: list[Token] = []
    before = 0
    try:
        for token in tokenise(text):
            comments += [match.span() for match in re.compile(r"#[^\r\n]*").finditer(text, before, token.start)]
            before = max(before, token.end)
            if token.kind in (STRING, BYTES):
                strings.append(token)
        found = list(_walk(parse(text).statements))
    except (StaticError, DepthError, RecursionError):
        return Outline(tuple(comments), tuple(strings))
    return Outline(
        tuple(comments),
        tuple(strings),
        tuple(node for node in found if isinstance(node, nodes.DictExpr)),
        tuple(node for node in found if isinstance(node, nodes.ListExpr)),
        tuple(node for node in found if isinstance(node, nodes.Call)),
    )


def _walk(root: Any) -> Iterator[Any]:
    """Every node below some nodes."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, (tuple, list)):
            stack += reversed(node)
        elif type(node).__module__ == nodes.__name__ and not isinstance(node, (nodes.Binding, nodes.Name)):
            yield node
            slots: tuple[str, ...] = type(node).__slots__
            stack += [getattr(node, slot) for slot in reversed(slots)]


def blocks(text: str) -> list[tuple[int, int]]:
    """Where dicts and calls begin and end, which a line can open."""
    parts = outline(text)
    return [(node.start, node.end) for node in parts.dicts] + [(node.start, node.end) for node in parts.calls]
