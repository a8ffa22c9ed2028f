"""What kept a program from giving documents, as problems with the places of its trace."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drone_lint.findings.finding import Problem, Refusal
from drone_lint.source.starlark.session import Outcome, Site
from drone_lint.text.position import SourceFile, Span, whole_file

_HINTS = (
    (r"cannot load external scripts", "Drone's server loads no other file: put the functions into this one"),
    (r"missing main function", "define `def main(ctx):`, which returns a list of pipelines or one pipeline"),
    (r"main must be a function", "define `def main(ctx):`, which returns a list of pipelines or one pipeline"),
    (r"main returns an invalid type", "return a list of dicts, or one dict: not a tuple, and not nothing"),
    (r"function main accepts no arguments", "write `def main(ctx):`: the server passes one argument"),
    (r"function main missing", "the server passes one argument, `ctx`: give the other parameters a default"),
    (r"frozen (?:list|hash table)", "variables of the file are frozen before `main` runs: build the value inside of a function, or copy it"),
    (r"during iteration", "loop over a copy: `for item in list(items):`"),
    (r"called recursively", "the server's Starlark has no recursion: use a loop, or a list of what is left to do"),
    (r"(?:if statement|for loop) not within a function", "move it into `main` or another function; at the top, use `x if condition else y` or a comprehension"),
    (r"support while loops", "use `for` over a `range`"),
    (r"support sets", "use a dict with the items as keys, or a list"),
    (r"cannot reassign", "give the second value another name, or assign inside of a function"),
    (r"string value is not iterable", "loop over `.elems()`, or split the string"),
    (r"maximum file size", "the server takes 1,000,000 bytes of output unless DRONE_STARLARK_SIZE_LIMIT is set; tell drone-lint with `starlark.size-limit`"),
    (r"too many steps", "the server stops `main` after the number of steps that DRONE_STARLARK_STEP_LIMIT sets; do less work, or raise the limit"),
    (r"can't be converted to JSON", "put only strings, numbers, booleans, None, lists and dicts into what `main` returns"),
    (r"unindent does not match|got indent|got outdent", "indent the lines of a block alike; a tab goes to the next column that eight divides"),
    (r"invalid escape sequence", "write the backslash twice, or use a raw string: r'...'"),
    (r"struct has no \.", "`ctx` has `repo`, `build` and `input`; other fields do not exist on the server"),
)  # fmt: skip


def problem_of(outcome: Outcome, source: SourceFile) -> Problem:
    """A run that gave no documents, as a problem."""
    if outcome.limit is not None:
        return _limit(outcome.limit, source)
    error = _with_positions(outcome.error or "", source)
    spans = [_span(site, source) for site in outcome.sites]
    words = error
    if outcome.static is not None:
        line, column = position(source.text, outcome.static)
        words = f"{source.path}:{line}:{column}: {error}"
    place = spans[0] if spans else whole_file(source)
    drone = (Refusal("server", words),)
    return Problem("invalid-starlark", source.path, _message(error), place, tuple(_related(spans)), drone, _hint(error))


def _limit(limit: str, source: SourceFile) -> Problem:
    if limit.startswith("is "):
        return Problem("evaluation-limit", source.path, f"the program {limit}", whole_file(source))
    if limit.startswith("gives "):
        return Problem("invalid-starlark", source.path, f"the program {limit}", whole_file(source), help="write the text as a string")
    message = f"evaluation {'stopped: it ' if limit.startswith('needed') else ''}{limit}"
    limited = limit.startswith(("took", "needed"))
    advice = "raise --max-seconds or --max-memory if the program is meant to be so large" if limited else ""
    return Problem("evaluation-limit", source.path, message, whole_file(source), help=advice)


def _message(error: str) -> str:
    if error.startswith("fail: "):
        return f"the program fails with its own error: {error.removeprefix('fail: ')}"
    if error.startswith("Starlark computation cancelled"):
        return "`main` takes more steps than the server allows"
    return error.removeprefix("starlark: ")


def _hint(error: str) -> str:
    return next((hint for pattern, hint in _HINTS if re.search(pattern, error)), "")


def _related(spans: list[Span]) -> Iterator[tuple[str, Span]]:
    """The calls that led there."""
    shown = spans[:1]
    for span in spans[1:]:
        if span not in shown:
            shown.append(span)
            yield "called from here", span


def _span(site: Site, source: SourceFile) -> Span:
    size = len(source.text)
    start = min(site.start, max(size - 1, 0))
    end = min(max(site.end, start + 1), size)
    line_end = source.text.find("\n", start)
    return Span(source, start, min(end, line_end) if start < line_end else end)


def position(text: str, offset: int) -> tuple[int, int]:
    r"""Line and column as the server's engine counts them: a line ends at `\n`, `\r\n` or `\r`."""
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _with_positions(message: str, source: SourceFile) -> str:
    """A message with the places in it that the engine gives as offsets."""

    def placed(match: re.Match[str]) -> str:
        line, column = position(source.text, int(match[1]))
        return f"{source.path}:{line}:{column}"

    return re.sub("\0(\\d+)\0", placed, message)
