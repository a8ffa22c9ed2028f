"""Applying fixes: edits of spans in the source, checked by evaluating the result before anything is written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from drone_lint.config_file import ConfigFile
from drone_lint.engine import resolve
from drone_lint.finding import Edit, Fix
from drone_lint.model.node import plain
from drone_lint.model.value import Part, Place, TextPlace
from drone_lint.result import Diagnostic, FileReport
from drone_lint.source.position import Precision

_ROUNDS = 12


class Change(NamedTuple):
    """A replacement of source text."""

    start: int
    end: int
    text: str


class Planned(NamedTuple):
    """A fix as changes of the file's text, with the paths in the documents that it means to change."""

    changes: tuple[Change, ...]
    paths: frozenset[tuple[int, tuple[str | int, ...]]]
    textual: bool
    """Whether it only touches text outside of values: comments, separators."""


class Fixed(NamedTuple):
    """A file after fixing."""

    text: str
    applied: int
    refused: int


class Linted(NamedTuple):
    """A file as it was loaded, and what was found in it."""

    file: ConfigFile
    report: FileReport


Lint = Callable[[str], Linted]
"""Loads and lints a text as the content of the file that is being fixed."""


def fix_text(text: str, lint: Lint, *, unsafe: bool) -> Fixed:
    """Apply fixes until none is left.

    Args:
        text: the file's text.
        lint: how to load and lint a text in its place.
        unsafe: whether fixes that may change the meaning are wanted too.
    """
    applied = 0
    refused: set[tuple[Change, ...]] = set()
    for _ in range(_ROUNDS):
        before = lint(text)
        if before.report.problems:
            break
        planned = [one for one in _plans(before, unsafe) if one.changes not in refused]
        if not planned:
            break
        new, number = _apply(text, before, _apart(planned), lint, refused)
        if number == 0:
            break
        text, applied = new, applied + number
    return Fixed(text, applied, len(refused))


def _apply(text: str, before: Linted, planned: list[Planned], lint: Lint, refused: set[tuple[Change, ...]]) -> tuple[str, int]:
    """All fixes together; where that is not what was meant, each on its own."""
    together = _changed(text, planned)
    if _as_meant(before, lint(together), planned):
        return together, len(planned)
    number = 0
    for one in planned:
        alone = _changed(text, [one])
        after = lint(alone)
        if not _as_meant(before, after, [one]):
            refused.add(one.changes)
        elif number == 0:
            kept, number = alone, 1
    return (kept, number) if number else (text, 0)


def _changed(text: str, planned: Sequence[Planned]) -> str:
    for change in sorted((change for one in planned for change in one.changes), reverse=True):
        text = text[: change.start] + change.text + text[change.end :]
    return text


def _apart(planned: list[Planned]) -> list[Planned]:
    """The fixes that do not touch the same text, first come first served."""
    taken: list[Change] = []
    found = []
    for one in planned:
        if not any(_touch(change, other) for change in one.changes for other in taken):
            taken += one.changes
            found.append(one)
    return found


def _touch(one: Change, other: Change) -> bool:
    return one == other or (one.start < other.end and other.start < one.end) or one.start == other.start


def _plans(linted: Linted, unsafe: bool) -> Iterator[Planned]:
    seen: set[tuple[Change, ...]] = set()
    for item in linted.report.findings:
        for fix in item.fixes:
            plan = _plan(fix, item, linted.file) if fix.safe or unsafe else None
            if plan is not None and plan.changes not in seen:
                seen.add(plan.changes)
                yield plan


def _plan(fix: Fix, item: Diagnostic, file: ConfigFile) -> Planned | None:
    changes: list[Change] = []
    paths: set[tuple[int, tuple[str | int, ...]]] = set()
    for edit in fix.edits:
        change = _change(edit, file)
        if change is None:
            return None
        changes.append(change)
        is_key = isinstance(edit.place, Place) and edit.place.part is Part.KEY
        for place in (edit.place, *(record.place for record in item.places)):
            if isinstance(place, Place):
                paths.add((place.document.index, place.path[:-1] if is_key and place.path else place.path))
    if all(isinstance(edit.place, TextPlace) for edit in fix.edits):
        paths.clear()
    return Planned(tuple(changes), frozenset(paths), not paths)


def _change(edit: Edit, file: ConfigFile) -> Change | None:
    """An edit as a change of the file's own text; None where its place is not known exactly, or is in another file."""
    place = edit.place
    if isinstance(place, TextPlace):
        if place.source is not file.source:
            return None
        start, end = (place.start, place.end) if edit.text else _whole_line(file.source.text, place.start, place.end)
        return Change(start, end, edit.text)
    span = resolve(place).primary
    if span.file is not file.source or span.precision is not Precision.EXACT:
        return None
    written = span.text
    if edit.raw or place.range is not None:
        return Change(span.start, span.end, edit.text)
    if place.part is Part.VALUE and file.language == "jsonnet" and not _is_string(place):
        return _bare(edit.text, place, file, span.start, span.end)
    literal = _key(edit.text, written, file.language) if place.part is Part.KEY else _literal(edit.text, written, file.language)
    return Change(span.start, span.end, literal) if literal is not None else None


def _is_string(place: Place) -> bool:
    found = place.document.value.at(*place.path)
    return found is not None and found.is_string


def _whole_line(text: str, start: int, end: int) -> tuple[int, int]:
    """What to remove with a comment: its line when it stands alone, else the blanks before it."""
    line = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    if not text[line:start].strip() and not text[end : len(text) if stop < 0 else stop].strip():
        return line, len(text) if stop < 0 else stop + 1
    return len(text[:start].rstrip(" \t")), end


def _bare(value: str, place: Place, file: ConfigFile, start: int, end: int) -> Change | None:
    """In place of `true` or a number of Jsonnet, which is found behind its key."""
    text = file.source.text
    literal = re.compile(r"\s*:{1,3}\s*(true|false|null|[-+]?[0-9][\w.]*)(?=\s*[,}\n])").match(text, end)
    if text[start:end].strip("'\"") != place.path[-1] or literal is None:
        return None
    return Change(*literal.span(1), value if value in ("true", "false") else _quoted(value, "'", file.language))


def _key(name: str, written: str, language: str) -> str | None:
    """A key in the quoting of the one it replaces."""
    if written[:1] in "'\"":
        return _quoted(name, written[0], language)
    if language == "jsonnet":
        return name if re.fullmatch(r"[A-Za-z_]\w*", name) else None
    return name if re.fullmatch(r"[A-Za-z_][\w.-]*", name) else json.dumps(name)


def _literal(value: str, written: str, language: str) -> str | None:
    """A string in the quoting of the value it replaces; None for a block scalar or text block, which a new text cannot take the form of."""
    if written[:1] in ("|", ">", "@"):
        return None
    if written[:1] in "'\"":
        return _quoted(value, written[0], language)
    if language == "jsonnet":
        return None
    return value if re.fullmatch(r"[A-Za-z_][\w./:-]*[\w]|[A-Za-z_]", value) and not value.endswith(":") else json.dumps(value)


def _quoted(value: str, quote: str, language: str) -> str:
    if quote == '"':
        return json.dumps(value, ensure_ascii=False)
    if language == "jsonnet":
        return "'" + json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"
    return "'" + value.replace("'", "''") + "'"


# -- the proof


def _as_meant(before: Linted, after: Linted, planned: Sequence[Planned]) -> bool:
    """Whether the evaluated documents differ only where the fixes said, nothing broke, and what they removed is gone."""
    if after.report.problems or len(after.file.evaluations) != len(before.file.evaluations):
        return False
    allowed = frozenset(path for one in planned for path in one.paths)
    for old, new in zip(before.file.evaluations, after.file.evaluations, strict=True):
        olds = [plain(document.root) for document in old.server]
        news = [plain(document.root) for document in new.server]
        if any(one.textual for one in planned):
            olds, news = [item for item in olds if item is not None], [item for item in news if item is not None]
            if not any(one.paths for one in planned) and olds != news:
                return False
        if len(olds) != len(news):
            return False
        for index, (left, right) in enumerate(zip(olds, news, strict=True)):
            if not all(_under(index, path, allowed) for path in _differences(left, right, ())):
                return False
    return len(after.report.findings) < len(before.report.findings) or _places(after) < _places(before)


def _places(linted: Linted) -> int:
    return sum(len(item.places) for item in linted.report.findings)


def _under(index: int, path: tuple[str | int, ...], allowed: frozenset[tuple[int, tuple[str | int, ...]]]) -> bool:
    return any(number == index and (path[: len(one)] == one) for number, one in allowed)


def _differences(old: Any, new: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            if key not in old or key not in new:
                yield (*path, key)
            else:
                yield from _differences(old[key], new[key], (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for at, (left, right) in enumerate(zip(old, new, strict=True)):
            yield from _differences(left, right, (*path, at))
    elif type(old) is not type(new) or old != new:
        yield path
