"""Ignore comments: which findings they silence, and what is wrong with the comments themselves. Nothing is dropped.

# drone-lint: ignore[rule-a, rule-b] -- reason        the same line, or the next when it stands alone; on a line that opens a step,
                                                      a pipeline or an object, all of it
# drone-lint: ignore-file[rule-a] -- reason           in the comment at the head of the file
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from drone_lint.findings.finding import Edit, Finding, Fix, Severity
from drone_lint.findings.result import Diagnostic, FileReport, IgnoredBy, PlaceRecord
from drone_lint.lint.engine import diagnose
from drone_lint.lint.rule import Rule
from drone_lint.lint.selection import RuleSet
from drone_lint.model.node import Node
from drone_lint.model.value import TextPlace
from drone_lint.settings import Settings
from drone_lint.source.comments import blocks_in, comments_in
from drone_lint.source.loaded import ConfigFile
from drone_lint.text.position import SourceFile
from drone_lint.text.spelling import did_you_mean, nearest

_SIGN = "drone-lint:"
_NOWHERE = (-1, 0)
"""The range of a comment that cannot silence anything."""


class Ignore:
    """One comment."""

    def __init__(
        self, source: SourceFile, start: int, end: int, names: tuple[tuple[str, int], ...], reason: str, begin: int, finish: int
    ) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.names = names
        """Rules or families, with the offset of each; none where the comment cannot be read."""
        self.reason = reason
        self.begin = begin
        """Offset from which on it silences."""
        self.finish = finish
        self.used: set[str] = set()
        self.errors = False
        """Whether it silences an error."""

    def takes(self, item: Diagnostic, place: PlaceRecord) -> str | None:
        """The name by which the comment silences a place of a finding; None where it does not."""
        if place.span.file is not self.source or not self.begin <= place.span.start < max(self.finish, self.begin + 1):
            return None
        return next((name for name, _ in self.names if name in (item.rule, item.family)), None)


def apply(report: FileReport, file: ConfigFile, rules: RuleSet, settings: Settings) -> FileReport:
    """The report with what comments silence moved to `ignored`, and with findings about the comments."""
    sources = _sources(report, file)
    if not any(_SIGN in source.text for source in sources):
        return report
    ignores = [ignore for source in sources for ignore in _ignores_of(source, _roots(source, report, file))]
    covering = _Covering(ignores)
    kept: list[Diagnostic] = []
    ignored: list[Diagnostic] = list(report.ignored)
    for item in report.findings:
        left, silenced = _split(item, covering)
        kept += [left] if left is not None else []
        ignored += [silenced] if silenced is not None else []
    if settings.profile != "drone":
        about = {name: rules[name] for name in ("unknown-rule", "unused-ignore", "unexplained-ignore") if name in rules}
        kept += diagnose(list(_about(ignores, rules, about, unsure=_for_some_builds(file, settings))), file, about, settings)
        kept.sort(key=lambda item: (item.span.file is not file.source, item.span.file.path, item.span.start, item.rule))
    return report._replace(findings=tuple(kept), ignored=tuple(ignored))


class _Covering:
    """Finds the comments whose range has an offset, without looking at each of them."""

    def __init__(self, ignores: Sequence[Ignore]) -> None:
        self._by_file: dict[SourceFile, tuple[list[Ignore], list[int], list[int]]] = {}
        for source in dict.fromkeys(ignore.source for ignore in ignores):
            theirs = sorted((one for one in ignores if one.source is source), key=lambda one: one.begin)
            furthest = list(accumulate((max(one.finish, one.begin + 1) for one in theirs), max))
            self._by_file[source] = theirs, [one.begin for one in theirs], furthest

    def at(self, source: SourceFile, offset: int) -> list[Ignore]:
        """In the order of what they cover."""
        theirs, begins, furthest = self._by_file.get(source, ([], [], []))
        number, found = bisect_left(begins, offset + 1) - 1, []
        while number >= 0 and furthest[number] > offset:
            found.append(theirs[number])
            number -= 1
        return found[::-1]


def _split(item: Diagnostic, ignores: _Covering) -> tuple[Diagnostic | None, Diagnostic | None]:
    """A finding without its silent places; silent as a whole only when all of them are."""
    left: list[PlaceRecord] = []
    reason = ""
    for place in item.places:
        by = _silencing(item, place, ignores)
        if by is None:
            left.append(place)
        else:
            reason = reason or by.reason
    if not left:
        return None, item._replace(ignored_by=IgnoredBy("comment", reason))
    if len(left) == len(item.places):
        return item, None
    first = left[0]
    return item._replace(places=tuple(left), span=first.span, message=first.message, related=first.related), None


def _silencing(item: Diagnostic, place: PlaceRecord, ignores: _Covering) -> Ignore | None:
    found = None
    for ignore in ignores.at(place.span.file, place.span.start):
        name = ignore.takes(item, place)
        if name is not None:
            ignore.used.add(name)
            ignore.errors = ignore.errors or item.severity is Severity.ERROR
            found = found or ignore
    return found


# -- the comments


def _sources(report: FileReport, file: ConfigFile) -> list[SourceFile]:
    """The files of a configuration, and other files of the repository in which something was found (compose files, Makefiles)."""
    return list(dict.fromkeys((*file.sources, *(place.span.file for item in report.findings for place in item.places))))


def _roots(source: SourceFile, report: FileReport, file: ConfigFile) -> list[Node]:
    """The roots of a file's YAML documents."""
    if any(source is one for one in file.sources):
        return [document.root for evaluation in file.evaluations for document in evaluation.server]
    places = [place.place for item in report.findings for place in item.places if place.place is not None]
    return [
        document.root
        for document in dict.fromkeys(place.document for place in places)
        if document is not None and document.source is source
    ]


def _ignores_of(source: SourceFile, roots: Sequence[Node]) -> Iterator[Ignore]:
    if _SIGN not in source.text:
        return
    blocks, comments = blocks_in(source, roots), comments_in(source, roots, _SIGN)
    head = _head_end(source.text)
    lines = _Lines(source.text)
    for start, end in comments:
        text = source.text[start:end]
        match = re.search(r"drone-lint:\s*ignore(-file)?\[([^\]]*)\](?:\s*--\s*(.*?))?\s*(?:\*/)?\s*$", text, re.DOTALL)
        if match is None:
            attempt = re.search(r"drone-lint:\s*(?:ignore|disable|allow|nolint|noqa|skip)\b", text, re.IGNORECASE)
            if attempt is not None:
                yield Ignore(source, start + attempt.start(), end, (), "", *_NOWHERE)
            continue
        names = tuple((name[0], start + match.start(2) + name.start()) for name in re.finditer(r"[^\s,]+", match[2]))
        scope = _scope(lines, start, end, blocks)
        if match[1]:
            scope = (0, len(source.text) + 1) if start < head else _NOWHERE
        yield Ignore(source, start, end, names, (match[3] or "").strip(), *scope)


class _Lines:
    """A text in which the next line with code is looked for again and again, from places in order."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._from = self._next = -1

    def next_code(self, at: int) -> int:
        if not self._from <= at < self._next:
            self._from, self._next = at, _next_code(self.text, at)
        return self._next


def _scope(lines: _Lines, start: int, end: int, blocks: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The line of the comment, or the next one with code; all of what that line opens. `blocks` are in order."""
    text = lines.text
    line = text.rfind("\n", 0, start) + 1
    if not text[line:start].strip(" \t-[{(,"):
        line = lines.next_code(end) if not text[line:start].strip() else line
    stop = text.find("\n", line)
    stop = len(text) if stop < 0 else stop
    return line, max([stop, *(finish for _, finish in blocks[bisect_left(blocks, (line, -1)) : bisect_left(blocks, (stop, -1))])])


def _next_code(text: str, at: int) -> int:
    """The beginning of the next line that is neither blank nor a comment."""
    at = text.find("\n", at) + 1 or len(text)
    while at < len(text):
        stop = text.find("\n", at)
        body = text[at : len(text) if stop < 0 else stop].strip()
        if body and not body.startswith(("#", "//", "/*", "*")) and not body.startswith("---"):
            return at
        at = len(text) if stop < 0 else stop + 1
    return at


def _head_end(text: str) -> int:
    """Where the comments at the head of a file end."""
    at = _next_code("\n" + text, 0) - 1
    return at if at >= 0 else len(text)


# -- what is wrong with them


def _for_some_builds(file: ConfigFile, settings: Settings) -> bool:
    """Whether a program that may ask for the build was evaluated for one event only: builds of others may need an ignore."""
    signs = {"jsonnet": "extVar", "starlark": "build"}
    if settings.event in (None, "all") or file.language not in signs:
        return False
    return any(signs[file.language] in source.text for source in file.sources)


def _about(ignores: Sequence[Ignore], running: RuleSet, about: dict[str, Rule], *, unsure: bool) -> Iterator[Finding]:
    """Findings about the comments; `unsure`: what they do not silence now they may silence for other builds."""
    known = running.known
    families = running.families
    for ignore in ignores:
        if not ignore.names and "unused-ignore" in about:
            yield _unreadable(about["unused-ignore"], ignore)
        for name, at in ignore.names:
            place = TextPlace(ignore.source, at, at + len(name))
            if name not in known and name not in known.families:
                if "unknown-rule" in about:
                    yield _unknown(about["unknown-rule"], name, place, (*known, *known.families))
            elif not unsure and name not in ignore.used and (name in running or name in families) and "unused-ignore" in about:
                yield about["unused-ignore"].finding(place, _silent(ignore, name), fix=_without(ignore, name))
        if ignore.errors and not ignore.reason and "unexplained-ignore" in about:
            place = TextPlace(ignore.source, ignore.start, ignore.end)
            yield about["unexplained-ignore"].finding(place, "this comment silences an error without giving a reason")


def _unreadable(rule: Rule, ignore: Ignore) -> Finding:
    place = TextPlace(ignore.source, ignore.start, ignore.end)
    message = "this comment does not silence anything: it does not have the form `drone-lint: ignore[rule] -- reason`"
    return rule.finding(place, message, help="list the rules in brackets, and write ` -- ` before the reason")


def _silent(ignore: Ignore, name: str) -> str:
    if (ignore.begin, ignore.finish) == _NOWHERE:
        return f"`ignore-file[{name}]` has no effect here: it belongs in the comment at the top of the file"
    word = "ignore-file" if "ignore-file" in ignore.source.text[ignore.start : ignore.end] else "ignore"
    return f"`{word}[{name}]` does not silence anything"


def _without(ignore: Ignore, name: str) -> Fix:
    """Removes a name from the comment, or the comment with its last name."""
    left = [other for other, _ in ignore.names if other != name]
    if not left:
        return Fix("remove the comment", (Edit(TextPlace(ignore.source, ignore.start, ignore.end)),))
    (_, first), (last, at) = ignore.names[0], ignore.names[-1]
    names = TextPlace(ignore.source, first, at + len(last))
    return Fix(f"remove `{name}` from the comment", (Edit(names, ", ".join(left)),))


def _unknown(rule: Rule, name: str, place: TextPlace, choices: Sequence[str]) -> Finding:
    guess = nearest(name, choices)
    fix = Fix(f"write `{guess}`", (Edit(place, guess, raw=True),)) if guess else None
    return rule.finding(place, f"there is no rule `{name}`{did_you_mean(name, choices)}", fix=fix)
