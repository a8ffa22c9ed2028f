"""Applying fixes: edits of spans in the source, checked by evaluating the result before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from drone_lint.findings.finding import Edit, Fix
from drone_lint.findings.result import Diagnostic, FileReport
from drone_lint.fix.edits import Change, changes_of
from drone_lint.model.node import Scalar, plain, walk
from drone_lint.model.value import Part, Place, TextPlace
from drone_lint.source.loaded import ConfigFile

_ROUNDS = 12


class Planned(NamedTuple):
    """A fix as changes of the file's text, with the paths in the documents that it means to change."""

    changes: tuple[Change, ...]
    rule: str
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
    """All fixes together; where that is not what was meant, those that are on their own, or as many of them as go together."""
    together = _changed(text, planned)
    if _as_meant(before, lint(together), planned):
        return together, len(planned)
    fit = [one for one in planned if _as_meant(before, lint(_changed(text, [one])), [one])]
    refused.update(one.changes for one in planned if one not in fit)
    for some in (fit, fit[: len(fit) // 2], fit[:1]):
        together = _changed(text, some)
        if some and (len(some) == 1 or _as_meant(before, lint(together), some)):
            return together, len(some)
    return text, 0


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
            if not fix.edits:
                continue
            plan = _plan(fix, item, linted.file) if fix.safe or unsafe else None
            if plan is not None and plan.changes not in seen:
                seen.add(plan.changes)
                yield plan


def _plan(fix: Fix, item: Diagnostic, file: ConfigFile) -> Planned | None:
    changes: list[Change] = []
    paths: set[tuple[int, tuple[str | int, ...]]] = set()
    for edit in fix.edits:
        found = changes_of(edit, file)
        if found is None:
            return None
        changes += found
        for place in (edit.place, *(record.place for record in item.places)):
            if isinstance(place, Place):
                paths.add((place.document.index, _meant(edit, place)))
            elif isinstance(place, TextPlace) and fix.changes_value:
                paths.update(_written_at(place, file))
    if all(isinstance(edit.place, TextPlace) for edit in fix.edits) and not fix.changes_value:
        paths.clear()
    return Planned(tuple(changes), item.rule, frozenset(paths), not paths or any(path == () for _, path in paths))


def _written_at(place: TextPlace, file: ConfigFile) -> Iterator[tuple[int, tuple[str | int, ...]]]:
    """The value that a range of YAML text belongs to; none for a comment."""
    for document in file.evaluations[0].server:
        for path, node in walk(document.root):
            if isinstance(node, Scalar) and node.start <= place.start < node.end:
                yield document.index, path


def _meant(edit: Edit, place: Place) -> tuple[str | int, ...]:
    """What an edit may change: the value; for a key, a new entry, and an item that comes or goes, what holds it."""
    if edit.action == "after":
        return (*place.path[:-1], edit.key)
    is_item = bool(place.path) and isinstance(place.path[-1], int)
    around = (edit.action == "replace" and place.part is Part.KEY) or (edit.action in ("remove", "before") and is_item)
    return place.path[:-1] if around and place.path else place.path


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
    if _refusals(after) > _refusals(before):
        return False
    rules = {one.rule for one in planned}
    return all(_weight(after, rule) < _weight(before, rule) for rule in rules)


def _weight(linted: Linted, rule: str) -> int:
    """How much a rule finds: a fix takes places away, or makes them less severe (a backslash that is doubled is still a remark)."""
    return sum(len(item.places) * (item.severity.rank + 1) for item in linted.report.findings if item.rule == rule)


def _refusals(linted: Linted) -> int:
    """How often Drone would refuse the file."""
    return sum(len(item.places) for item in linted.report.findings if item.drone)


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
