"""What may help with an error of a Jsonnet engine: a word on the cause, and the nearest name that there is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from drone_lint.source.jsonnet.syntax.tokens import COMMENT, IDENTIFIER, STRING, structure, tokenise
from drone_lint.text.position import SourceFile, Span

_HINTS = (
    (r"couldn't open import", "imports are resolved from the repository's root, and only inside the repository"),
    (r"expected one of :, ::", "a field's name is followed by `:`, and a `local` ends with `;`"),
    (
        r"Expected a comma|expected a comma|Expected token OPERATOR|[Uu]nexpected.*while parsing|expected .* but got|did not expect",
        "a comma, an operator or a closing bracket may be missing before this place",
    ),
    (r"unterminated", "the closing quote is missing; use `|||` for strings of several lines"),
    (r"text block", "the text after `|||` must be indented, and end with `|||` on a line that is indented less"),
    (r"couldn't manifest function", "call the function, or hide the field with `::`"),
    (r"max stack frames", "the server allows 500 frames"),
    (r"parse depth", "brackets cannot be nested this deeply"),
    (r"outside of an object", "`self`, `super` and `$` refer to the enclosing object: use them in a field's value, or add a parameter"),
    (r"[Oo]nly functions can be called", "this is not a function; is an operator or a comma missing before the bracket?"),
    (r"[Dd]uplicate field", "remove one of them; to extend a field of another object, write `name+:`"),
)


def hint(message: str, spans: Sequence[Span], source: SourceFile) -> str:
    """Help for an error; empty where there is none.

    Args:
        message: the error, in go-jsonnet's words.
        spans: the places it names, innermost first.
        source: the main program.
    """
    if re.search(r"Missing argument", message):
        if not spans:
            return "the server calls a top-level function without arguments: give every parameter a default"
        return "pass it, or give the parameter a default"
    if "expected boolean" in message:
        if spans and "extVar" in spans[0].text:
            return "external variables are strings: compare with a string, as in `std.extVar('repo.private') == 'true'`"
        return "a condition must be a boolean; no other value is converted to one"
    if re.match(r"\s*(?:---|(?:kind|type|name|steps|pipeline):\s)", source.text) and "did not expect" in message:
        return "this looks like YAML, but Drone reads it as Jsonnet because of the file's name"
    guess = _guess(message, spans)
    if guess is not None:
        return f"did you mean `{guess}`?"
    if re.search(r"Unknown variable", message):
        return "define it with `local`, or quote it if a string was meant"
    return next((words for pattern, words in _HINTS if re.search(pattern, message)), "")


def _guess(message: str, spans: Sequence[Span]) -> str | None:
    """The nearest name to one that does not exist."""
    match = re.search(r"(Unknown variable|Field does not exist): (\w+)", message)
    if match is None or not spans or spans[0].text.startswith("std."):
        return None
    files = dict.fromkeys(span.file for span in spans)
    known = _variables(files) if match[1] == "Unknown variable" else _fields(files)
    from difflib import get_close_matches

    return next(iter(get_close_matches(match[2], sorted(known - {match[2]}), n=1, cutoff=0.7)), None)


def _variables(files: Iterable[SourceFile]) -> set[str]:
    """Names that are bound somewhere: behind `local` and `for`, before `=`, and parameters."""
    patterns = (r"\b(?:local|for)\s+(\w+)", r"\b(\w+)\s*=(?!=)", r"\b(\w+)\s*\([^()]*\)\s*=(?!=)")
    found = {name for file in files for pattern in patterns for name in re.findall(pattern, file.text)}
    heads = [head for file in files for head in re.findall(r"\b(?:function|\w+)\s*\(([^()]*)\)", file.text)]
    return found | {name for head in heads for part in head.split(",") if (name := part.partition("=")[0].strip()).isidentifier()}


def _fields(files: Iterable[SourceFile]) -> set[str]:
    return {field.name for file in files for literal in structure(file.text).objects for field in literal.fields}


def missing_before(message: str, span: Span) -> Span | None:
    """What stands before a place at which a comma is missing."""
    if not re.search(r"[Ee]xpected a comma", message):
        return None
    before = [token for token in tokenise(span.file.text[: span.start]) if token.kind != COMMENT]
    if not before:
        return None
    last = before[-1]
    start = last.start if last.kind in (STRING, IDENTIFIER) else last.end - 1
    return Span(span.file, start, last.end)


def parameter(message: str, source: SourceFile) -> Span | None:
    """The parameter that a call from outside leaves out."""
    match = re.search(r"Missing argument: (\w+)", message)
    if match is None:
        return None
    tokens = tokenise(source.text)
    return next((Span(source, one.start, one.end) for one in tokens if one.kind == IDENTIFIER and one.text == match[1]), None)
