"""Literals that made a string or a name, found by mutation: candidates are marked, and where the marks arrive is looked at."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from drone_lint.source.jsonnet.engine.session import Job, Outcome
from drone_lint.source.jsonnet.sourcemap.instrument import MARKS, apply, mark, marks_in, names_program
from drone_lint.source.jsonnet.syntax.tokens import StringLiteral, Structure
from drone_lint.text.position import Path, SourceFile, Span

_PROBES = 24
"""Evaluations that one file may cost: bounded by count, so that output does not depend on the machine."""
_CANDIDATES = 400

Value = Callable[[Path], Any]


class _Candidate(NamedTuple):
    """A piece of source that may have made a string or a name."""

    file: int
    start: int
    end: int
    value: str
    literal: StringLiteral | None
    """None for a field's name without quotes."""
    last: int = -1
    """Offset behind its last character, in a literal; a text block's last line end is left out."""

    def edits(self, number: int) -> list[tuple[int, str]]:
        """Insertions that append a mark to its value."""
        if self.literal is None:
            return [(self.start, "'"), (self.end, f"{mark(number)}'")]
        return [(self.last, mark(number))]


class Probe:
    """Searches one evaluation's program."""

    def __init__(
        self, job: Job, files: Sequence[tuple[str, SourceFile]], shapes: Sequence[Structure], evaluate: Callable[[Job], Outcome]
    ) -> None:
        self._job = job
        self._files = files
        self._shapes = shapes
        self._evaluate = evaluate
        self._left = _PROBES
        self._strings: dict[Path, tuple[SourceFile, StringLiteral] | None] = {}
        self._names: dict[Path, Span | None] = {}

    def string(self, path: Path) -> tuple[SourceFile, StringLiteral] | None:
        """The literal that was found for the string at a path."""
        return self._strings.get(path)

    def name(self, path: Path) -> Span | None:
        """The literal that was found for the name at a path's end."""
        return self._names.get(path)

    # -- strings

    def find_strings(self, values: Mapping[Path, str]) -> None:
        """Find the literals of strings by path: all at once, then one candidate after another for what is left."""
        wanted = [path for path in values if path not in self._strings]
        if not wanted:
            return
        texts = "\0".join(dict.fromkeys(values[path] for path in wanted))
        candidates = self._literals(lambda value: _is_part(value, texts))
        pending = self._mark(wanted, values, candidates)
        for path in pending if candidates else ():
            if self._left <= 0:
                break
            mine = sorted((item for item in candidates if _is_part(item.value, values[path])), key=lambda item: -len(item.value))
            while mine and self._left > 0 and self._mark([path], values, [mine.pop(0)]):
                pass
        for path in wanted:
            self._strings.setdefault(path, None)

    def _literals(self, fits: Callable[[str], bool]) -> list[_Candidate]:
        """String literals that are no field's name and no import's path."""
        found = []
        for file, shape in enumerate(self._shapes):
            keys = {field.start for literal in shape.objects for field in literal.fields} | {item.end for item in shape.imports}
            for start, literal in shape.strings.items():
                if start not in keys and literal.end not in keys and literal.value and fits(literal.value):
                    at = self._files[file][1].text.rindex("\n", start, literal.end) if literal.block else literal.end - 1
                    found.append(_Candidate(file, start, literal.end, literal.value, literal, at))
                    if len(found) == _CANDIDATES:
                        return found
        return found

    def _mark(self, wanted: Sequence[Path], values: Mapping[Path, str], candidates: Sequence[_Candidate]) -> list[Path]:
        """Evaluate with marks at the end of the candidates; the paths for which nothing was learnt."""
        value = self._run(candidates, lambda job: job.source)
        if value is None:
            return list(wanted)
        left: list[Path] = []
        for path in wanted:
            number = _number_in(value_in(value, path), values[path], candidates)
            literal = candidates[number].literal if number is not None else None
            if number is None or literal is None:
                left.append(path)
            else:
                self._strings[path] = (self._files[candidates[number].file][1], literal)
        return left

    def _run(self, candidates: Sequence[_Candidate], program: Callable[[Job], str]) -> Any:
        """What the program gives with marked candidates; None when it gives nothing, or no probe is left."""
        if not candidates or self._left <= 0:
            return None
        self._left -= 1
        edits: dict[int, list[tuple[int, str]]] = {}
        for number, candidate in enumerate(candidates):
            edits.setdefault(candidate.file, []).extend(candidate.edits(number))
        texts = {path: apply(file.text, edits.get(number, ())) for number, (path, file) in enumerate(self._files)}
        job = self._job._replace(source=texts.pop(self._job.filename), texts=texts)
        outcome = self._evaluate(job._replace(source=program(job)))
        return json.loads(outcome.value) if outcome.value is not None else None

    # -- names

    def find_names(self, paths: Iterable[Path]) -> None:
        """Find the literals of fields' names that are computed, and of fields that were taken over from elsewhere."""
        wanted = [path for path in paths if path not in self._names]
        names = {str(path[-1]) for path in wanted}
        bare = "\0".join(name for name in map(_letters, sorted(names)) if name)
        for candidates in (
            self._literals(lambda value: bool(part := _letters(value)) and part in bare),
            self._fields(names),
        ):
            left = [path for path in wanted if self._names.get(path) is None]
            self._mark_names(left, candidates[:MARKS])
        for path in wanted:
            self._names.setdefault(path, None)

    def _fields(self, names: set[str]) -> list[_Candidate]:
        """Fields of these names, without those that are functions."""
        found = []
        for file, shape in enumerate(self._shapes):
            text = self._files[file][1].text
            for field in (field for literal in shape.objects for field in literal.fields if field.name in names):
                if text[field.end : field.value].lstrip()[:1] == "(" or text.startswith(("@", "|||"), field.start):
                    continue
                literal = shape.strings.get(field.start)
                found.append(_Candidate(file, field.start, field.end, field.name, literal, field.end - 1))
        return found[:_CANDIDATES]

    def _mark_names(self, wanted: Sequence[Path], candidates: Sequence[_Candidate]) -> None:
        parents = list(dict.fromkeys(path[:-1] for path in wanted))
        if not candidates or not parents:
            return
        together = self._run(candidates, lambda job: names_program(job, parents))
        if together is not None:
            self._note_names(wanted, parents, together, candidates)
            return
        for parent in parents if len(parents) > 1 else ():
            one = self._run(candidates, lambda job, parent=parent: names_program(job, [parent]))  # type: ignore[misc]
            if one is not None:
                self._note_names(wanted, [parent], one, candidates)

    def _note_names(self, wanted: Sequence[Path], parents: Sequence[Path], found: Any, candidates: Sequence[_Candidate]) -> None:
        below: dict[Path, list[Path]] = {}
        for path in wanted:
            below.setdefault(path[:-1], []).append(path)
        for parent, names in zip(parents, found, strict=True):
            marked: dict[str, list[list[int]]] = {}
            for name in names:
                bare, numbers = marks_in(name)
                marked.setdefault(bare, []).append(numbers)
            for path in below.get(parent, ()):
                numbers_of = marked.get(str(path[-1]), [])
                if len(numbers_of) == 1 and numbers_of[0]:
                    longest = max(numbers_of[0], key=lambda number: len(candidates[number].value))
                    made_by = candidates[longest]
                    self._names[path] = Span(self._files[made_by.file][1], made_by.start, made_by.end)


def _is_part(value: str, text: str) -> bool:
    """Whether a literal can have made a part of a text, with a format's holes filled."""
    if value in text:
        return True
    return "%" in value and all(part in text for part in re.split(r"%(?:\(\w+\))?[-+ 0#]*\d*(?:\.\d+)?[a-zA-Z%]", value))


def _letters(text: str) -> str:
    """What of a text survives changes of case and of separators."""
    return re.sub(r"[\W_]+", "", text).lower()


def value_in(value: Any, path: Path) -> Any:
    """What stands at a path of an evaluated value; None where it has no such path."""
    try:
        for key in path:
            value = value[key]
    except (KeyError, IndexError, TypeError):
        return None
    return value


def _number_in(found: Any, plain: str, candidates: Sequence[_Candidate]) -> int | None:
    """The number of the longest marked literal in a string that is otherwise the same."""
    if not isinstance(found, str):
        return None
    bare, numbers = marks_in(found)
    if not numbers or bare != plain:
        return None
    return max(numbers, key=lambda number: len(candidates[number].value))
