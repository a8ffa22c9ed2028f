"""Operators that go-jsonnet v0.20, the server's engine, takes apart.

Its lexer reads operator characters as long as they come, and where the last is one of `+ - ~ ! $`, it goes back to the first character instead of to
the operator's end: `&&!` becomes `&`, `&`, `!`, which its parser refuses. Both engines here read `&&`, `!`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from drone_lint.findings.finding import Problem, Refusal
from drone_lint.source.jsonnet.syntax.tokens import PUNCTUATION, Token, tokenise
from drone_lint.text.position import SourceFile, Span

_CHARACTERS = "!$:~+-&|^=<>*/%"
_LAST = ("+", "-", "~", "!", "$")


def taken_apart(sources: Iterable[SourceFile]) -> Problem | None:
    """The first run of operators that the server refuses; None where there is none."""
    for source in sources:
        if not source.path.endswith((".jsonnet", ".libsonnet")) or not re.search(r"[!:~+&|^=<>*/%-]{2,}[+~!$-]", source.text):
            continue
        run: list[Token] = []
        for token in tokenise(source.text):
            is_operator = token.kind == PUNCTUATION and all(character in _CHARACTERS for character in token.text)
            if run and (not is_operator or token.start != run[-1].end):
                if (problem := _refused(source, run)) is not None:
                    return problem
                run = []
            if is_operator:
                run.append(token)
    return None


def _refused(source: SourceFile, run: list[Token]) -> Problem | None:
    if len(run) < 2 or run[-1].text not in _LAST or all(len(token.text) == 1 for token in run):
        return None
    span = Span(source, run[0].start, run[-1].end)
    apart = " ".join(token.text for token in run)
    message = f"the server's Jsonnet engine cannot read `{span.text}`: it takes every character for an operator of its own"
    return Problem("invalid-jsonnet", source.path, message, span, drone=(Refusal("server", ""),), help=f"write spaces: `{apart}`")
