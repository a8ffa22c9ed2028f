"""Two states of a repository to what the newer one newly allows. Files of a revision are copied out of git's objects; nothing of them is run."""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from drone_lint.findings.finding import Problem
from drone_lint.findings.result import FileReport
from drone_lint.lint.locating import prepare, resolve
from drone_lint.lint.selection import RuleSet
from drone_lint.model.condition import EVENTS
from drone_lint.model.document import Document
from drone_lint.report.diff import Difference, Differences
from drone_lint.run.batch import lint_loaded, load_target
from drone_lint.run.discovery import configs_below, is_config
from drone_lint.run.targets import Flags, Target, settings_of
from drone_lint.semantics.build import Build
from drone_lint.semantics.changes import Change, changes_between
from drone_lint.semantics.grants import Held, held_in
from drone_lint.semantics.plan import PlanFacts, facts_from
from drone_lint.settings import Settings
from drone_lint.source.loaded import ConfigFile
from drone_lint.text.files import LARGEST, read_file
from drone_lint.text.position import Span, whole_file
from drone_lint.text.revisions import Entry, RevisionError, commit_of, contents_of, entries_of

_PROGRAMS = (".jsonnet", ".libsonnet", ".star", ".starlark", ".script")
_MOST = 64 << 20
"""Bytes that are copied of a revision."""
_IGNORE = re.compile(r"drone-lint:\s*ignore[^\n]*")
_DOWNLOAD = "curl-pipe-shell"
_Name = tuple[str, tuple[tuple[str, str], ...]]
"""A build: its event, and variables with special values."""


class Side(NamedTuple):
    """One state of the repository."""

    folder: str
    """Absolute path of the folder that its files lie in."""
    configs: tuple[str, ...]
    """Configurations, from that folder."""


def compare(root: str, base: str, head: str | None, flags: Flags, *, findings: bool = False) -> Differences:
    """What changes from one revision to another, or to the working tree.

    Args:
        root: absolute path of the repository's root.
        base: a revision.
        head: a revision; None: the working tree.
        flags: the command line's word on settings; files of settings are those of the working tree, for both sides.
        findings: whether findings of the linter that are new count as changes.

    Raises:
        RevisionError: a revision cannot be read.
    """
    found: list[Difference] = []
    problems: list[Problem] = []
    with _side(root, base) as before, _side(root, head) as after:
        for path in sorted({*before.configs, *after.configs}):
            settings = settings_of(Target(path, os.path.join(root, path)), flags)
            pair = _Pair(path, root, settings, before, after)
            problems += pair.problems
            found += pair.differences(findings=findings)
    return Differences(base, head or "the working tree", tuple(found), tuple(problems))


# -- the files


@contextmanager
def _side(root: str, revision: str | None) -> Iterator[Side]:
    if revision is None:
        found = configs_below(root).configs
        yield Side(root, tuple(os.path.relpath(path, root).replace(os.sep, "/") for path in found))
        return
    with tempfile.TemporaryDirectory(prefix="drone-lint-") as folder:
        top = os.path.realpath(folder)
        entries = entries_of(root, commit_of(root, revision))
        _copy(root, entries, top)
        os.mkdir(os.path.join(top, ".git"))  # here the repository ends, for whoever looks for its root
        configs = (entry.path for entry in entries if is_config(entry.path) and not _is_vendored(entry.path))
        yield Side(top, tuple(configs))


def _is_vendored(path: str) -> bool:
    return any(part in ("vendor", "node_modules", "third_party", "venv", ".venv") for part in path.split("/")[:-1])


def _copy(root: str, entries: Sequence[Entry], folder: str) -> None:
    """Write what configurations may read: programs, and what programs name; links last, so that none is followed here."""
    readable = (entry for entry in entries if not entry.is_link and entry.size <= LARGEST)
    chosen = [entry for entry in readable if entry.path.endswith(_PROGRAMS) or is_config(entry.path)]
    _bounded(chosen)
    texts = []
    for entry, data in contents_of(root, chosen):
        _write(folder, entry.path, data)
        if entry.path.endswith(_PROGRAMS):
            texts.append(data.decode("utf-8", "replace"))
    text = "\n".join(texts)
    taken = {entry.path for entry in chosen}
    named = [one for one in entries if one.path not in taken and one.size <= LARGEST and one.path.rpartition("/")[2] in text]
    files = [entry for entry in named if not entry.is_link]
    _bounded([*chosen, *files])
    for entry, data in contents_of(root, files):
        _write(folder, entry.path, data)
    links = [entry for entry in entries if entry.is_link and entry.size < 4096][:1000]
    for entry, data in contents_of(root, links):
        path = os.path.join(folder, entry.path)
        if (
            os.path.isdir(os.path.dirname(path))
            and os.path.realpath(os.path.dirname(path)).startswith(folder)
            and not os.path.lexists(path)
        ):
            os.symlink(os.fsdecode(data).replace("\0", ""), path)


def _bounded(entries: Iterable[Entry]) -> None:
    if sum(entry.size for entry in entries) > _MOST:
        raise RevisionError(f"more than {_MOST >> 20} MiB of programs and data")


def _write(folder: str, path: str, data: bytes) -> None:
    full = os.path.join(folder, path)
    try:
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "xb") as file:
            file.write(data)
    except FileExistsError:
        return  # a tree that no git writes, or names that this system does not tell apart


# -- one file on both sides


class _Pair:
    """A configuration before and after."""

    def __init__(self, path: str, root: str, settings: Settings, before: Side, after: Side) -> None:
        self._path = path
        self._root = root
        self._settings = settings
        self._after = after
        self._base = _load(path, root, settings, before)
        self._head = _load(path, root, settings, after)
        found = [("before", one) for one in _problems(self._base)] + [("after", one) for one in _problems(self._head)]
        self._broken = {when for when, _ in found}
        self.problems = tuple(one._replace(message=f"{when} the change: {one.message}") for when, one in found)

    def differences(self, *, findings: bool) -> list[Difference]:
        """What changes in this file; nothing of the kind that needs both sides where one was not read."""
        base, head = self._base, self._head
        found: list[Difference] = []
        if len(self._broken) == 1:
            what = "could be read before, and cannot be now" if "after" in self._broken else "can be read now, and could not be before"
            found.append(Difference("file", "after" in self._broken, what, self._path, (), (), ""))
        elif base is None or head is None:
            what = "is new" if base is None else "is gone"
            found.append(Difference("file", base is None, what, self._path, (), (), ""))
        if not self._broken:
            found += self._located(self._changes(base, head))
            found += self._ignored(base, head)
            found += self._found(base, head, findings=findings)
        for file in (base, head):
            if file is not None:
                file.forget()
        return found

    def _changes(self, base: ConfigFile | None, head: ConfigFile | None) -> dict[Change, list[_Name]]:
        facts = facts_from(self._settings)
        before, after = _builds(base), _builds(head)
        found: dict[Change, list[_Name]] = {}
        known: dict[tuple[int, str], tuple[Held, ...]] = {}
        images = {
            step.image.text
            for documents in before.values()
            for one in documents
            if one.pipeline
            for step in one.pipeline.containers
            if step.image
        }
        for name in dict.fromkeys((*before, *after)):
            old, new = (_held(side, name, facts, known) for side in (before, after))
            if head is None:
                continue
            for change in changes_between(old, new, images):
                found.setdefault(change, []).append(name)
        return found

    def _located(self, changes: Mapping[Change, Sequence[_Name]]) -> Iterator[Difference]:
        """Changes by line, with all steps and events that it changes in the same way."""
        prepare(change.place for change in changes if change.place is not None)
        groups: dict[tuple[str, bool, str, str], tuple[dict[tuple[str, str | None], None], dict[str, None]]] = {}
        for change, names in changes.items():
            place = self._shown(resolve(change.place).primary) if change.place is not None else ""
            steps, events = groups.setdefault((change.kind, change.new, change.what, place), ({}, {}))
            steps[change.pipeline, change.step] = None
            events.update(dict.fromkeys(_build_words(names)))
        for (kind, new, what, place), (steps, events) in groups.items():
            yield Difference(kind, new, what, self._path, tuple(steps), tuple(events), place)

    def _shown(self, span: Span) -> str:
        path = span.file.path
        if path != self._path:
            path = _from(path, self._after.folder)
        return f"{path}:{span.begin.line}"

    def _ignored(self, base: ConfigFile | None, head: ConfigFile | None) -> Iterator[Difference]:
        if head is None:
            return
        left = Counter(match.group().strip() for source in (base.sources if base else ()) for match in _IGNORE.finditer(source.text))
        for source in head.sources:
            for match in _IGNORE.finditer(source.text):
                text = match.group().strip()
                if left[text] > 0:
                    left[text] -= 1
                else:
                    place = self._shown(Span(source, match.start(), match.end()))
                    yield Difference("ignore", True, f"has a new comment `{text}`", self._path, (), (), place)

    def _found(self, base: ConfigFile | None, head: ConfigFile | None, *, findings: bool) -> Iterator[Difference]:
        """Findings that are new: of downloads that are run, and, where asked for, all."""
        if head is None:
            return
        rules = RuleSet(self._settings if findings else self._settings._replace(select=(_DOWNLOAD,), ignore=()))
        known = Counter(_finding_keys(lint_loaded(base, self._settings, rules, ignores=findings))) if base is not None else Counter()
        report = lint_loaded(head, self._settings, rules, ignores=findings)
        for item in report.findings:
            steps = []
            for place in item.places:
                key = (item.rule, place.pipeline, place.step, place.message)
                known[key] -= 1
                if known[key] < 0:
                    steps.append((place.pipeline or "", place.step))
            if steps:
                kind = "download" if item.rule == _DOWNLOAD else "finding"
                what = "runs what it downloads" if kind == "download" else f"has `{item.rule}`: {item.message}"
                place_of = self._shown(item.places[0].span)
                yield Difference(kind, True, what, self._path, tuple(dict.fromkeys(one for one in steps if one[0])), (), place_of)


def _from(path: str, folder: str) -> str:
    """A path as reports name it, from the root of a side: what is imported is named as seen from the working folder, or beside its importer."""
    if not os.path.isabs(path) and not os.path.isfile(path):
        return path
    found = os.path.relpath(os.path.realpath(path), folder).replace(os.sep, "/")
    return path if found.startswith("..") else found


def _finding_keys(report: FileReport) -> Iterator[tuple[str, str | None, str | None, str]]:
    for item in report.findings:
        yield from ((item.rule, place.pipeline, place.step, place.message) for place in item.places)


def _load(path: str, root: str, settings: Settings, side: Side) -> ConfigFile | None:
    if path not in side.configs:
        return None
    full = os.path.join(side.folder, path)
    inner = tuple(
        os.path.join(side.folder, os.path.relpath(one, root)) if one.startswith(root + os.sep) else one for one in settings.jsonnet.jpath
    )
    settings = settings._replace(jsonnet=settings.jsonnet._replace(jpath=inner))
    top = os.path.realpath(side.folder)
    try:
        if not (os.path.realpath(full) + os.sep).startswith(top.rstrip(os.sep) + os.sep):
            raise OSError(0, "a link that leads out of the repository")
        return load_target(read_file(full), Target(path, full), settings)
    except OSError as error:
        from drone_lint.text.position import SourceFile

        source = SourceFile(path, "")
        problem = Problem("unreadable", path, (error.strerror or str(error)).lower(), whole_file(source))
        return ConfigFile(source, "yaml", problems=(problem,), sources=(source,))


def _problems(file: ConfigFile | None) -> list[Problem]:
    if file is None:
        return []
    found = [*file.problems, *(problem for one in file.evaluations for problem in one.problems)]
    if file.legacy:
        found.append(Problem("unsupported", file.source.path, "a Drone 0.8 configuration, which the server converts first"))
    return list({(one.rule, one.message): one for one in found}.values())


def _builds(file: ConfigFile | None) -> dict[_Name, tuple[Document, ...]]:
    """The documents for each event, and for values that the program compares variables with."""
    found: dict[_Name, tuple[Document, ...]] = {}
    for one in file.evaluations if file is not None else ():
        for event in one.events or EVENTS:
            found.setdefault((event, one.given), one.server)
    return found


def _held(
    side: Mapping[_Name, tuple[Document, ...]], name: _Name, facts: PlanFacts, known: dict[tuple[int, str], tuple[Held, ...]]
) -> tuple[Held, ...]:
    documents = side.get(name) or side.get((name[0], ())) or ()
    key = (id(documents), name[0])
    if key not in known:
        known[key] = held_in(documents, Build(name[0]), facts)
    return known[key]


def _build_words(names: Iterable[_Name]) -> Iterator[str]:
    """Events; values of variables are named only where ordinary builds of the event do not show the same."""
    names = tuple(names)
    ordinary = {event for event, given in names if not given}
    for event, given in names:
        if not given:
            yield event
        elif event not in ordinary:
            yield f"{event} with " + ", ".join(f"{key} `{value}`" for key, value in given)
