"""Comparisons of an external variable with a boolean or number, which are never true: all variables are texts.

Found by running them. Each `==` and `!=` whose sides are not plainly texts is replaced by a function that imports a name, which the
engine then asks for, when it meets a text that is some variable's value beside a boolean or number. Whether it is the variable's is
told by giving the variable a value that nothing else has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from drone_lint.model.value import TextPlace
from drone_lint.settings import Settings
from drone_lint.source.facts import NeverEqual
from drone_lint.source.jsonnet.engine.session import Job, session
from drone_lint.source.jsonnet.sourcemap.instrument import apply
from drone_lint.source.jsonnet.syntax.tokens import COMMENT, IDENTIFIER, NUMBER, PREFIXES, PUNCTUATION, STRING, Token, tokenise
from drone_lint.text.position import SourceFile

_COMPARED, _MET = "drone-lint: compared ", "drone-lint: met "
_LONGEST = 8
"""Variables that are tried, one evaluation each."""
_STRANGE = "\\ue0f0drone-lint\\ue0f1"
_BEFORE = frozenset((",", ";", ":", "::", ":::", "+:", "+::", "+:::", "=", "==", "!=", "&", "^", "|", "&&", "||"))
_AFTER = frozenset((",", ";", ":", "==", "!=", "&", "^", "|", "&&", "||"))
_WORDS_BEFORE = frozenset(("then", "else", "if", "assert", "error", "in"))
_WORDS_AFTER = frozenset(("then", "else", "for", "if"))


class Comparison(NamedTuple):
    """A `==` or `!=` in a file, with the bounds of its sides."""

    source: SourceFile
    start: int
    sign: Token
    end: int

    def edits(self, number: int) -> list[tuple[int, str]]:
        """Insertions that make it a call."""
        negated = "!" if self.sign.text == "!=" else ""
        return [
            (self.start, f"({negated}(import {json.dumps(_COMPARED + str(number))})(("),
            (self.sign.start, "), (/*"),
            (self.sign.end, "*/ "),
            (self.end, ")))"),
        ]


def comparisons(source: SourceFile) -> list[Comparison]:
    """The comparisons of a program that can be of a variable with something else than a text."""
    tokens = [token for token in tokenise(source.text) if token.kind != COMMENT]
    found = []
    for index, sign in enumerate(tokens):
        if sign.kind != PUNCTUATION or sign.text not in ("==", "!="):
            continue
        first, last = _left(tokens, index), _right(tokens, index)
        if first is None or last is None:
            continue
        sides = (tokens[first:index], tokens[index + 1 : last + 1])
        if not any(len(side) == 1 and (side[0].kind == STRING or side[0].text == "null") for side in sides):
            found.append(Comparison(source, tokens[first].start, sign, tokens[last].end))
    return found


def _left(tokens: Sequence[Token], index: int) -> int | None:
    """The first token of what stands before an operator; None where it cannot be told."""
    depth, at = 0, index - 1
    while at >= 0:
        text = tokens[at].text if tokens[at].kind != STRING else ""
        word = tokens[at].kind == IDENTIFIER
        if depth == 0 and (text in ("(", "[", "{") or text in _BEFORE or (word and text in _WORDS_BEFORE)):
            break
        if depth == 0 and word and text in PREFIXES:
            return None
        if depth == 0 and at + 1 < index and _ends(tokens[at]) and _begins(tokens[at + 1]):
            break  # two operands side by side: the parameters of a function and its body
        depth += (text in (")", "]", "}")) - (text in ("(", "[", "{"))
        at -= 1
    return at + 1 if at + 1 < index else None


def _ends(token: Token) -> bool:
    return token.kind in (STRING, NUMBER) or token.text in (")", "]", "}") or (token.kind == IDENTIFIER and token.text not in PREFIXES)


def _begins(token: Token) -> bool:
    return token.kind in (STRING, NUMBER, IDENTIFIER) and token.text not in ("in", "tailstrict")


def _right(tokens: Sequence[Token], index: int) -> int | None:
    """The last token of what stands behind an operator; None where it cannot be told."""
    depth, at = 0, index + 1
    while at < len(tokens):
        text = tokens[at].text if tokens[at].kind != STRING else ""
        word = tokens[at].kind == IDENTIFIER
        if depth == 0 and word and text in PREFIXES and at == index + 1:
            return None
        if depth == 0 and (text in (")", "]", "}") or text in _AFTER or (word and text in _WORDS_AFTER)):
            break
        depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
        at += 1
    return at - 1 if at - 1 > index else None


def never_equal(job: Job, read: Sequence[str], sources: Mapping[str, SourceFile], settings: Settings) -> Iterator[NeverEqual]:
    """Each comparison that a program does of a variable with a boolean or number.

    Args:
        job: the plain evaluation.
        read: the variables that it read.
        sources: all its programs, by path.
        settings: what holds for the file.
    """
    code = {path: file for path, file in sources.items() if path == job.filename or path.endswith((".jsonnet", ".libsonnet"))}
    candidates = [item for file in code.values() for item in comparisons(file)]
    if not candidates:
        return
    session_ = session(settings.max_memory)

    def met(values: Sequence[str], ext_str: Mapping[str, str]) -> list[int]:
        answers = {f"{_COMPARED}{number}": _function(number, values) for number in range(len(candidates))}
        answers |= {f"{_MET}{number}": "function(x) x" for number in range(len(candidates))}
        texts = {path: apply(file.text, _edits(file, candidates)) for path, file in code.items()}
        changed = job._replace(source=texts.pop(job.filename), texts=texts, answers=answers, ext_str=ext_str, watched=False)
        asked = session_.fastest(changed, settings.jsonnet.engine, settings.max_seconds).asked
        return [int(name.removeprefix(_MET)) for name in asked if name.startswith(_MET)]

    if not met([job.ext_str[name] for name in read if name in job.ext_str], job.ext_str):
        return
    seen: set[int] = set()
    for name in [name for name in read if name in job.ext_str][:_LONGEST]:
        for number in met([_STRANGE], {**job.ext_str, name: _STRANGE}):
            if number not in seen:
                seen.add(number)
                met_at = candidates[number]
                yield NeverEqual(TextPlace(met_at.source, met_at.start, met_at.end), name, met_at.sign.text == "!=")


def _function(number: int, values: Sequence[str]) -> str:
    known = json.dumps(sorted(set(values)), ensure_ascii=False)
    test = "(std.isString(a) && (std.isBoolean(b) || std.isNumber(b)) && std.member(values, a))"
    return (
        f"local values = {known}; local never(a, b) = {test};"
        f" function(l, r) if never(l, r) || never(r, l) then (import {json.dumps(_MET + str(number))})(l == r) else l == r"
    )


def _edits(file: SourceFile, candidates: Sequence[Comparison]) -> list[tuple[int, str]]:
    """Insertions for one file; where comparisons begin together, the outer one's comes first."""
    mine = [(number, item) for number, item in enumerate(candidates) if item.source is file]
    return [edit for number, item in sorted(mine, key=lambda one: -one[1].sign.start) for edit in item.edits(number)]
