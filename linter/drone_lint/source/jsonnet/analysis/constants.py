"""Values that a program compares external variables with, so that what it gives for them is linted, too.

A program can recognise the linter by a repository's name, a branch or its own path, and give something else to the server. Constants are
found in the text: literals beside `==` and `!=`, arguments of the functions of `std` that look into strings, and names bound to either.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from drone_lint.source.jsonnet.syntax.tokens import COMMENT, IDENTIFIER, STRING, Token, tokenise
from drone_lint.text.position import SourceFile

MOST = 512
"""Evaluations that the values of one file may cost."""
OTHER = "drone-lint-other"
"""For what a program does with a value that it does not know."""
THIS_FILE = "std.thisFile"
_LOOKING = frozenset(
    ("startsWith", "endsWith", "member", "setMember", "findSubstr", "count", "contains", "find", "equalsIgnoreCase", "objectHas", "get")
)
_CLOSING = {")": "(", "]": "[", "}": "{"}


def given_values(sources: Iterable[SourceFile], read: Sequence[str], ordinary: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Variables with values to try, each once.

    Args:
        sources: the programs.
        read: the variables that they read.
        ordinary: the values that they had.
    """
    compared = dict.fromkeys(text for source in sources for text in constants(source.text))
    for name in dict.fromkeys(read):
        if name == "build.event":
            continue  # every event is tried anyway
        if compared:
            yield name, OTHER
        for text in compared:
            if text != ordinary.get(name):
                yield name, text


def constants(program: str) -> Iterator[str]:
    """Texts that a program compares something with."""
    if not any(word in program for word in ("==", "!=", *_LOOKING)):
        return
    tokens = [token for token in tokenise(program) if token.kind != COMMENT]
    bound = {
        tokens[at].text: tokens[at + 2]
        for at in range(len(tokens) - 2)
        if tokens[at].kind == IDENTIFIER and tokens[at + 1].text == "=" and tokens[at + 2].kind == STRING
    }
    for token in _compared(tokens):
        found = token if token.kind == STRING else bound.get(token.text)
        text = _text(found.text) if found is not None else None
        if text is not None and len(text) <= 200 and not re.match(r"(build|repo)\.\w", text):
            yield text


def _compared(tokens: Sequence[Token]) -> Iterator[Token]:
    looking: list[bool] = []
    for at, token in enumerate(tokens):
        if token.kind not in (STRING, IDENTIFIER):
            if token.text in ("(", "[", "{"):
                called = token.text == "(" and at > 0 and tokens[at - 1].text in _LOOKING
                looking.append(called or bool(looking and looking[-1]))
            elif token.text in _CLOSING and looking:
                looking.pop()
            continue
        around = {tokens[one].text for one in (at - 1, at + 1) if 0 <= one < len(tokens) and tokens[one].kind != STRING}
        if around & {"==", "!="} or (looking and looking[-1]):
            yield token


def _text(literal: str) -> str | None:
    """A literal's text; None for one that is written in another way."""
    if literal.startswith("@") and len(literal) > 2:
        return literal[2:-1].replace(literal[1] * 2, literal[1])
    try:
        value = ast.literal_eval(literal)
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, str) else None


def with_file_name(program: str, name: str) -> str:
    """The program under the name that the server gives it."""
    return f"local drone_lint_std = std; local std = drone_lint_std {{ thisFile:: {_quoted(name)} }}; {program}"


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)
