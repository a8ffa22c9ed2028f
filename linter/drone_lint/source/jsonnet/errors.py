"""The engines' errors as problems: go-jsonnet's words, a span for every frame of the trace, a hint where we know one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from drone_lint.findings.finding import Problem, Refusal
from drone_lint.source.jsonnet.engine.session import Outcome
from drone_lint.source.jsonnet.hints import hint, missing_before, parameter
from drone_lint.source.jsonnet.variables import SUPPLIED
from drone_lint.text.position import Precision, SourceFile, Span, whole_file


class Frame(NamedTuple):
    """A place that an error names."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    """One past the end."""


_PLACE = r"(?P<path>(?:[A-Za-z]:[\\/])?[^\s():][^:\n]*?):(?:(?P<line>\d+):(?P<column>\d+)(?:-(?P<last>\d+))?|\((?P<l1>\d+):(?P<c1>\d+)\)-\((?P<l2>\d+):(?P<c2>\d+)\))"


def frames(error: str) -> list[Frame]:
    """Every place in an engine's message, in order."""
    found = []
    for match in re.finditer(_PLACE, error):
        if match["line"]:
            line, column = int(match["line"]), int(match["column"])
            last = int(match["last"]) if match["last"] else column + 1
            found.append(Frame(match["path"], line, column, line, max(last, column + 1)))
        else:
            found.append(Frame(match["path"], int(match["l1"]), int(match["c1"]), int(match["l2"]), int(match["c2"])))
    return found


def problem_of(outcome: Outcome, source: SourceFile, sources: Mapping[str, SourceFile]) -> Problem:
    """An evaluation that gave no value, as a problem."""
    if outcome.limit is not None:
        message = f"evaluation {'stopped: it ' if outcome.limit.startswith('needed') else ''}{outcome.limit}"
        limited = outcome.limit.startswith(("took", "needed"))
        advice = "increase --max-seconds or --max-memory if the program really needs more" if limited else ""
        return Problem("evaluation-limit", source.path, message, whole_file(source), help=advice)
    error = outcome.error or ""
    spans = [span for frame in frames(error) if (span := _span(frame, sources)) is not None]
    first = error.split("\n", 1)[0]
    message = _go_words(_without_places(first))
    unknown = re.search(r"[Uu]ndefined external variable: (\S+)", error)
    rule = "unknown-ext-var" if unknown else "invalid-jsonnet"
    words = _server_words(first, message, spans, source)
    place = spans[0] if spans else parameter(message, source) or whole_file(source)
    return Problem(
        rule,
        source.path,
        _message(message, unknown[1] if unknown else None, place),
        place,
        tuple(_related(message, spans)),
        (Refusal("server", words),),
        _variable_hint(unknown[1]) if unknown else hint(message, spans, source),
    )


def _related(message: str, spans: Sequence[Span]) -> Iterator[tuple[str, Span]]:
    """The other places of a trace, without those that only stand around one that is shown on the same line."""
    before = missing_before(message, spans[0]) if spans else None
    if before is not None:
        yield "the comma belongs after this", before
    shown = list(spans[:1])
    for span in spans[1:]:
        if any(
            one.file is span.file and span.start <= one.start and one.end <= span.end and one.begin.line == span.begin.line for one in shown
        ):
            continue
        shown.append(span)
        yield "called from here" if span.text.endswith(")") else "needed for this", span


def _span(frame: Frame, sources: Mapping[str, SourceFile]) -> Span | None:
    file = sources.get(frame.path) or next(
        (item for path, item in sources.items() if os.path.normpath(path) == os.path.normpath(frame.path)), None
    )
    if file is None:
        return None
    start, end = file.offset(frame.line, frame.column), file.offset(frame.end_line, frame.end_column)
    return Span(file, start, max(end, start + 1) if start < len(file.text) else start, Precision.EXACT)


def _without_places(line: str) -> str:
    return re.sub(_PLACE + r":?\s*", "", line).strip()


_WORDS = (
    (r"^RUNTIME ERROR: undefined external variable: (.*)", r"RUNTIME ERROR: Undefined external variable: \1"),
    (r"^RUNTIME ERROR: field does not exist: (.*)", r"RUNTIME ERROR: Field does not exist: \1"),
    (r"^RUNTIME ERROR: max stack frames exceeded\.?.*", "RUNTIME ERROR: max stack frames exceeded."),
    (r"^RUNTIME ERROR: array bounds error: (\d+) not within \[0, (\d+)\)", r"RUNTIME ERROR: Index \1 out of bounds, not within [0, \2)"),
    (r"^RUNTIME ERROR: division by zero\.?", "RUNTIME ERROR: Division by zero."),
    (r"^RUNTIME ERROR: object assertion failed\.?", "RUNTIME ERROR: Object assertion failed."),
    (r"^RUNTIME ERROR: [Ff]unction parameter (\S+) not bound in call\.?", r"RUNTIME ERROR: Missing argument: \1"),
    (r"^RUNTIME ERROR: couldn't manifest function (?:in|as) JSON.*", "RUNTIME ERROR: couldn't manifest function as JSON"),
    (r"^RUNTIME ERROR: condition must be boolean, got (\w+)\.?", r"RUNTIME ERROR: Unexpected type \1, expected boolean"),
    (r"^STATIC ERROR: Unknown variable: (.*)", r"Unknown variable: \1"),
    (r"^STATIC ERROR: [Dd]uplicate field: (.*)", r"Duplicate field: \1"),
    (r"^STATIC ERROR: [Dd]uplicate local var: (.*)", r"Duplicate local var: \1"),
    (r"^STATIC ERROR: [Cc]omputed imports are not allowed\.?", "Computed imports are not allowed"),
)


def _go_words(message: str) -> str:
    """The arbiter's message in the words of the server's engine, go-jsonnet."""
    for pattern, words in _WORDS:
        if re.match(pattern, message):
            return re.sub(pattern, words, message)
    return message.removeprefix("STATIC ERROR: ")


def _server_words(first: str, message: str, spans: list[Span], source: SourceFile) -> str:
    """go-jsonnet puts the place before static errors and after the others."""
    if not first.startswith("STATIC ERROR") or not spans:
        return message
    begin, finish = spans[0].begin, spans[0].finish
    last = f"-{finish.column}" if finish.column > begin.column + 1 else f"-{begin.column + 1}"
    return f"{source.path}:{begin.line}:{begin.column}{last} {message}"


def _variable_hint(variable: str) -> str:
    from drone_lint.semantics.variables import ordinary

    words = variable.upper().replace(".", "_")
    in_steps = next((name for name in (f"DRONE_{words}", f"DRONE_{words.partition('_')[2]}") if name in ordinary()), None)
    if in_steps is not None:
        return f"commands can read it from `${in_steps}`; to supply a value of your own, use --ext-str {variable}=VALUE"
    return f"if another tool supplies it, use --ext-str {variable}=VALUE, or `jsonnet: {{ext-str: ...}}` in the configuration"


def _message(message: str, variable: str | None, place: Span) -> str:
    if variable is None and re.match(r"error\b", place.text):
        return f"the program fails with its own error: {message.removeprefix('RUNTIME ERROR: ')}"
    if variable is None:
        text = message.removeprefix("RUNTIME ERROR: ")
        return text[:1].lower() + text[1:].rstrip(".")
    if variable.startswith("build.param."):
        return f"`{variable}` exists only in builds that are started with that parameter; all others fail"
    guess = _nearest(variable)
    return f"the server has no external variable `{variable}`" + (f"; did you mean `{guess}`?" if guess else "")


def _nearest(variable: str) -> str | None:
    """The variable that was most likely meant: by what stands behind `build.` and `repo.`, which all have in common."""
    from difflib import get_close_matches

    group, _, name = variable.rpartition(".")
    groups = (group,) if group in ("build", "repo") else ("build", "repo")
    names = {one.partition(".")[2]: one for prefix in reversed(groups) for one in SUPPLIED if one.startswith(f"{prefix}.")}
    found = get_close_matches(name, list(names), n=1, cutoff=0.7)
    return names[found[0]] if found else None
