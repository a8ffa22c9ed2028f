"""Where untrusted text arrives that a Jsonnet program reads from the server's external variables.

The program is evaluated once more for each such variable, with marks in its value, and once with marks in all of them, because one
may decide over another; wherever a mark turns up, the value got there, through whatever functions. A condition on the variable
carries no mark, and a value that passed a condition such as `== 'main'` carries none either, because the marked one does not pass.
`privileged` is a boolean and cannot carry a mark: there, the variable
is made an error, to see whether the key, and not the step around it, depends on it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drone_lint.model.document import Document
from drone_lint.model.node import from_data
from drone_lint.model.value import Part, Place, TextPlace
from drone_lint.settings import Settings
from drone_lint.source.facts import Arrival
from drone_lint.source.jsonnet.engine.session import Job, Outcome, session
from drone_lint.source.jsonnet.engine.worker import has_fast_engine
from drone_lint.source.jsonnet.sourcemap.instrument import called
from drone_lint.source.jsonnet.sourcemap.locator import MapLocator
from drone_lint.source.jsonnet.sourcemap.map import SourceMap
from drone_lint.source.jsonnet.sourcemap.probe import value_in
from drone_lint.source.jsonnet.variables import untrusted_variables
from drone_lint.text.position import Path, SourceFile

_ASKED = "drone-lint: asked"
_MARKS = [chr(code) for code in range(0x0E, 0x20)]
"""One for each variable. They stand in no real value, no function of `std` changes them, and they are one byte to `std.base64`."""
_EVALUATIONS = 96
"""How many more evaluations a file may cost: bounded by count, so that output does not depend on the machine."""

_SLOW = 6
"""How many of these an evaluation by the arbiter counts for."""


@dataclass
class Arrivals:
    """Searches one file's evaluations for marks, within one bound for all of them."""

    settings: Settings
    sources: Mapping[str, SourceFile]
    left: int = _EVALUATIONS

    def find(self, job: Job, value: Any, documents: Sequence[Document]) -> Iterator[Arrival]:
        """Every place that a variable reaches in an evaluation."""
        names = untrusted_variables([source.text for source in self.sources.values()], job.ext_str)[: len(_MARKS)]
        marks = dict(zip(names, _MARKS, strict=False))
        found = [item for one in names for item in self._marked(job, {one: marks[one]}, value, documents)]
        if len(names) > 1:
            found += self._marked(job, marks, value, documents)
        for name in names:
            if name not in _LIMITED:
                found += [(name, place) for place in self._deciding(job, name, value, documents)]
        read = {name: self._read(name) for name in names}
        for name, place in dict.fromkeys(found):
            yield Arrival(place, name, read[name])

    def _evaluate(self, job: Job) -> Outcome:
        choice = self.settings.jsonnet.engine
        if choice == "auto":  # an error says something here, and needs no second opinion
            choice = "rjsonnet" if has_fast_engine() else "jsonnet"
        self.left -= 1 if choice == "rjsonnet" else _SLOW
        return session(self.settings.max_memory).fastest(job, choice, self.settings.max_seconds)

    def _marked(self, job: Job, marks: Mapping[str, str], plain: Any, documents: Sequence[Document]) -> Iterator[tuple[str, Place]]:
        """Variables with the places that their marks reach."""
        if self.left <= 0:
            return
        changed = job._replace(ext_str={**job.ext_str, **{name: _with_marks(job.ext_str[name], mark) for name, mark in marks.items()}})
        outcome = self._evaluate(changed)
        if outcome.value is None or "\\u00" not in outcome.value:
            return
        value = json.loads(outcome.value)
        others = _Others(self, changed, value, marks, documents[0].events)
        for path, part, text in _arrivals(value):
            by = [name for name, mark in marks.items() if _holds(text, mark)]
            if by:
                seen = _before_marks(path, marks) if part is Part.VALUE else _before_marks(path[:-1], marks)
                same = value_in(plain, seen) == _clean(value_in(value, seen), marks)
                place = others.place(seen, documents if same else None)
                yield from ((name, place) for name in by)

    def _deciding(self, job: Job, name: str, value: Any, documents: Sequence[Document]) -> Iterator[Place]:
        """`privileged` keys whose value depends on the variable, though what is around them does not."""
        paths = [path for path, item in _walk(value) if path[-1:] == ("privileged",) and isinstance(item, bool)]
        if not paths or not self._depends(job, name, paths):
            return
        for path in paths:
            if self._depends(job, name, [path]) and self._depends(job, name, [path[:-1]]) is False:
                index, below = _split(value, path)
                yield Place(documents[index], below, Part.KEY)

    def _depends(self, job: Job, name: str, paths: Sequence[Path]) -> bool | None:
        """Whether any of some values cannot be told without the variable; None when no more evaluations are allowed."""
        if self.left <= 0:
            return None
        looks = ", ".join("std.type(result" + "".join(f"[{json.dumps(key)}]" for key in path) + ")" for path in paths)
        program = f"local result = ({called(job)});\n[{looks}]"
        known = {key: text for key, text in job.ext_str.items() if key != name}
        code = {**job.ext_code, name: f'error "{_ASKED}"'}
        outcome = self._evaluate(job._replace(source=program, ext_str=known, ext_code=code, tla_str={}, tla_code={}))
        return outcome.error is not None and _ASKED in outcome.error

    def _read(self, name: str) -> TextPlace | None:
        """Where the program names the variable first."""
        for source in self.sources.values():
            found = re.search(rf"""std\.extVar\(\s*(['"]){re.escape(name)}\1\s*\)""", source.text)
            if found is not None:
                return TextPlace(source, found.start(), found.end())
        return None


class _Others:
    """The documents of a marked evaluation, which are others than those of the plain one where conditions look at a variable."""

    def __init__(self, arrivals: Arrivals, job: Job, value: Any, marks: Mapping[str, str], events: tuple[str, ...] | None) -> None:
        self._value = value
        self._marks = marks
        self._events = events
        self._main = next(iter(arrivals.sources.values()))
        self._runner = arrivals.settings.runner
        self._map = SourceMap(job, value, arrivals.sources, arrivals.settings)
        self._made: dict[int, Document] = {}

    def place(self, path: Path, documents: Sequence[Document] | None) -> Place:
        """A place by its path in the whole result: in the given documents, or in those of this evaluation."""
        index, below = _split(self._value, path)
        return Place(documents[index] if documents is not None else self._document(index), below)

    def _document(self, index: int) -> Document:
        if index not in self._made:
            listed = isinstance(self._value, list)
            root = from_data(_clean(self._value[index] if listed else self._value, self._marks))
            locator = MapLocator(lambda: self._map, index if listed else None)
            self._made[index] = Document(index, root, locator, self._main, self._runner, events=self._events)
        return self._made[index]


def _split(value: Any, path: Path) -> tuple[int, Path]:
    """A path in the whole result as a document's number and the path in it."""
    return (int(path[0]), path[1:]) if isinstance(value, list) else (0, path)


_LIMITED = ("build.branch", "build.target", "build.ref")
"""Names that only who may push chooses, so that deciding by them is a guard."""


def _with_marks(value: str, mark: str) -> str:
    """A mark after every character of a path's last part, so that pieces have one too, and prefixes that programs look for stay."""
    head, slash, tail = value.rpartition("/")
    return head + slash + ("".join(character + mark for character in tail) or mark)


def _arrivals(value: Any) -> Iterator[tuple[Path, Part, str]]:
    """Every key and string that may have a mark: in JSON that the program itself makes, marks look as JSON writes them."""
    for path, item in _walk(value):
        if path and isinstance(path[-1], str):
            yield path, Part.KEY, path[-1]
        if isinstance(item, str):
            yield path, Part.VALUE, item


def _forms(mark: str) -> tuple[str, str]:
    return mark, f"\\u{ord(mark):04x}"


def _holds(text: str, mark: str) -> bool:
    return any(form in text for form in _forms(mark))


def _clean(value: Any, marks: Mapping[str, str]) -> Any:
    """A value without the marks in it, keys and all: nobody is to see them."""
    if isinstance(value, dict):
        return {_clean(key, marks): _clean(item, marks) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item, marks) for item in value]
    if isinstance(value, str):
        for mark in marks.values():
            for form in _forms(mark):
                value = value.replace(form, "")
    return value


def _before_marks(path: Path, marks: Mapping[str, str]) -> Path:
    """A path as far as no key on it is marked."""
    marked = (number for number, key in enumerate(path) if isinstance(key, str) and any(_holds(key, mark) for mark in marks.values()))
    return path[: next(marked, len(path))]


def _walk(value: Any) -> Iterator[tuple[Path, Any]]:
    """Every value with its path, in order."""
    stack: list[tuple[Path, Any]] = [((), value)]
    while stack:
        path, item = stack.pop()
        yield path, item
        below = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
        stack += reversed([((*path, key), one) for key, one in below])
