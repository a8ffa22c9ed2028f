"""Literals that made a string or a name, found by marking them and looking where the marks arrive."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from drone_lint.source.jsonnet.engine.session import Job, Outcome
from drone_lint.source.jsonnet.sourcemap.instrument import MARKS, apply, called, mark, marks_in, names_program
from drone_lint.source.jsonnet.sourcemap.origins import Maker, Piece, pieces_of
from drone_lint.source.jsonnet.sourcemap.transparent import bare_edits, marks, prelude
from drone_lint.source.jsonnet.syntax.tokens import Import, StringLiteral, Structure
from drone_lint.text.position import Path, SourceFile, Span

_PROBES = 24
"""Evaluations that one file may cost: bounded by count, so that output does not depend on the machine."""
_CANDIDATES = 400
_STACK = 4000

Value = Callable[[Path], Any]


class _Candidate(NamedTuple):
    """A piece of source that may have made a string or a name."""

    file: int
    start: int
    end: int
    value: str
    literal: StringLiteral | None
    """None for a field's name without quotes, and for a file imported as text."""
    last: int = -1
    """Offset behind its last character, in a literal; a text block's last line end is left out."""
    text_of: SourceFile | None = None
    """The file that is imported as text."""

    def edits(self, number: int) -> list[tuple[int, str]]:
        """Insertions that append a mark to its value."""
        if self.literal is None:
            return [(self.start, "'"), (self.end, f"{mark(number)}'")]
        return [(self.last, mark(number))]

    def enclosing(self, number: int, text: str) -> list[tuple[int, str]]:
        """Insertions that put marks around its value."""
        begin, end = marks(number)
        if self.literal is None:
            return [(self.start, f"('{begin}' + ("), (self.end, f") + '{end}')")]
        return [(_first(self.literal, text), begin), (self.last, end)]


def _first(literal: StringLiteral, text: str) -> int:
    """Offset of a literal's first character; of a text block, of the first one that is not a line end."""
    if not literal.block:
        return literal.content
    line = text.index("\n", literal.start) + 1
    return line + len(text[line : literal.end]) - len(text[line : literal.end].lstrip())


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
        self._strings: dict[Path, list[Piece]] = {}
        self._names: dict[Path, Span | None] = {}

    def pieces(self, path: Path) -> list[Piece]:
        """What made the string at a path; empty where it is not known."""
        return self._strings.get(path, [])

    def name(self, path: Path) -> Span | None:
        """The literal that was found for the name at a path's end."""
        return self._names.get(path)

    # -- strings

    def find_strings(self, values: Mapping[Path, str]) -> None:
        """Find the literals of strings by path: with marks at all literals, then at those whose text is there, then at parts of these."""
        wanted = {path: value for path, value in values.items() if path not in self._strings}
        if not wanted:
            return
        wanted = self._enclose(wanted, [*self._literals(lambda _: True, MARKS), *self._texts()])
        texts = "\0".join(dict.fromkeys(wanted.values()))
        groups = [self._literals(lambda value: _is_part(value, texts))] if wanted else []
        while groups and wanted and self._left > 0:
            group = groups.pop(0)
            wanted = self._enclose(wanted, group)
            if len(group) > 1 and wanted:
                groups += [group[: len(group) // 2], group[len(group) // 2 :]]
        for path in wanted:
            self._strings.setdefault(path, [])

    def _literals(self, fits: Callable[[str], bool], most: int = _CANDIDATES) -> list[_Candidate]:
        """String literals that are no field's name and no import's path."""
        found = []
        for file, shape in enumerate(self._shapes):
            keys = {field.start for literal in shape.objects for field in literal.fields} | {item.end for item in shape.imports}
            for start, literal in shape.strings.items():
                if start not in keys and literal.end not in keys and literal.value.strip("\n") and fits(literal.value):
                    at = self._files[file][1].text.rindex("\n", start, literal.end) if literal.block else literal.end - 1
                    found.append(_Candidate(file, start, literal.end, literal.value, literal, at))
                    if len(found) == most:
                        return found
        return found

    def _texts(self) -> Iterator[_Candidate]:
        """Files that are imported as text."""
        for file, shape in enumerate(self._shapes):
            for item in shape.imports:
                imported = self._imported(file, item)
                if imported is not None:
                    yield _Candidate(file, item.start, item.end, imported.text, None, text_of=imported)

    def _imported(self, file: int, item: Import) -> SourceFile | None:
        path, source = self._files[file]
        if not item.text or not source.text.startswith("importstr", item.start):
            return None
        folders = (os.path.dirname(path), *self._job.roots, *self._job.jpath)
        at = {os.path.normpath(os.path.join(folder, item.path)) for folder in folders}
        return next((other for name, other in self._files if os.path.normpath(name) in at), None)

    def _enclose(self, wanted: Mapping[Path, str], candidates: Sequence[_Candidate]) -> dict[Path, str]:
        """Evaluate with marks around the candidates; the strings for which nothing was learnt."""
        value = self._run(candidates, called, transparent=True)
        if value is None:
            return dict(wanted)
        makers = [Maker(one.text_of or self._files[one.file][1], one.literal) for one in candidates]
        left: dict[Path, str] = {}
        for path, plain in wanted.items():
            found = value_in(value, path)
            bare, pieces = pieces_of(found, makers) if isinstance(found, str) else ("", [])
            if pieces and bare == plain:
                self._strings[path] = pieces
            else:
                left[path] = plain
        return left

    def _run(self, candidates: Sequence[_Candidate], program: Callable[[Job], str], *, transparent: bool = False) -> Any:
        """What the program gives with marked candidates; None when it gives nothing, or no probe is left."""
        if not candidates or self._left <= 0:
            return None
        self._left -= 1
        edits: dict[int, list[tuple[int, str]]] = {}
        for number, candidate in enumerate(candidates):
            text = self._files[candidate.file][1].text
            edits.setdefault(candidate.file, []).extend(candidate.enclosing(number, text) if transparent else candidate.edits(number))
        texts = {}
        for number, (path, file) in enumerate(self._files):
            mine = [*edits.get(number, ()), *(bare_edits(file.text) if transparent and self._is_code(number) else ())]
            texts[path] = (prelude() if transparent and self._is_code(number) else "") + apply(file.text, mine)
        job = self._job._replace(source=texts.pop(self._job.filename), texts=texts, max_stack=_STACK)
        outcome = self._evaluate(
            job._replace(source=program(job), tla_str={}, tla_code={}) if transparent else job._replace(source=program(job))
        )
        return json.loads(outcome.value) if outcome.value is not None else None

    def _is_code(self, number: int) -> bool:
        path = self._files[number][0]
        return path == self._job.filename or path.endswith((".jsonnet", ".libsonnet"))

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
