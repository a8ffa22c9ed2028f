"""Paths in an evaluated document to spans in the Jsonnet that wrote them.

Every object literal gets one hidden field that appends the literal's own number; `+::` keeps all of them through `+`, `+:` and
mixins. One more evaluation then returns, for each object of the result, the literals it was made of. Strings that came from
elsewhere (arguments, variables) are found by marking the literals that could have made them and evaluating once more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from drone_lint.model.document import Located
from drone_lint.model.value import Part, Place
from drone_lint.settings import Settings
from drone_lint.source.jsonnet_engine import Job, Outcome, session
from drone_lint.source.jsonnet_tokens import ArrayLiteral, Field, ObjectLiteral, StringLiteral, Structure, offset_in, structure
from drone_lint.source.position import Path, Precision, SourceFile, Span, whole_file

_KEY = "drone-lint: made by"
_STACK = 4000
_PROBES = 24
"""Evaluations for marked strings that one file may cost: bounded by count, so that output does not depend on the machine."""
_CANDIDATES = 400

_WALK = """
local key = {key};
local walk(v) =
  if std.isObject(v) then {{
    i: if std.objectHasAll(v, key) then v[key] else [],
    f: {{ [k]: walk(v[k]) for k in std.objectFields(v) }},
  }}
  else if std.isArray(v) then [walk(e) for e in v]
  else v;
local result = (
"""
_END = "\n);\nwalk(if std.isFunction(result) then result({arguments}) else result)\n"


def instrument(text: str, shape: Structure, file: int) -> str:
    """The program with every object literal saying which one it is."""
    edits: list[tuple[int, str]] = []
    for number, literal in enumerate(shape.objects):
        mark = f'"{_KEY}"+:: [[{file}, {number}]]'
        if literal.comprehension:
            edits.append((literal.end, " {" + mark + "}"))
        else:
            edits.append((literal.start + 1, mark + ","))
    return apply(text, edits)


def apply(text: str, edits: Iterable[tuple[int, str]]) -> str:
    """The text with insertions at offsets."""
    parts, at = [], 0
    for offset, inserted in sorted(edits, key=lambda edit: edit[0]):
        parts += [text[at:offset], inserted]
        at = offset
    return "".join([*parts, text[at:]])


class SourceMap:
    """The origins of one evaluation's values; computed when first asked for."""

    def __init__(self, job: Job, value: Any, sources: Mapping[str, SourceFile], settings: Settings) -> None:
        self._job = job
        self._value = value
        self._sources = dict(sources)
        self._settings = settings
        self._paths = list(self._sources)
        self._marked: dict[Path, tuple[SourceFile, StringLiteral] | None] = {}
        self._probes = 0

    # -- structure of the sources

    @cached_property
    def files(self) -> list[SourceFile]:
        """Every file that took part, the main one first."""
        return list(self._sources.values())

    @cached_property
    def shapes(self) -> list[Structure]:
        """The literals of each file; none of a file that is imported as text."""
        return [structure(file.text) if self._is_code(path) else _NOTHING for path, file in self._sources.items()]

    def _is_code(self, path: str) -> bool:
        return path == self._job.filename or path.endswith((".jsonnet", ".libsonnet"))

    # -- literals of objects

    @cached_property
    def tree(self) -> Any:
        """The walk's result: `{i: literals, f: fields}` for objects; None where the instrumented program disagrees with the plain one."""
        texts = {
            path: instrument(file.text, shape, number)
            for number, (path, file, shape) in enumerate(zip(self._paths, self.files, self.shapes, strict=True))
        }
        main = _WALK.format(key=json.dumps(_KEY)) + texts.pop(self._job.filename) + _END.format(arguments=_arguments(self._job))
        outcome = self._evaluate(self._job._replace(source=main, texts=texts, max_stack=_STACK, tla_str={}, tla_code={}))
        if outcome.value is None:
            return None
        tree = json.loads(outcome.value)
        return tree if _plain(tree) == self._value else None

    def _evaluate(self, job: Job) -> Outcome:
        return session(self._settings.max_memory).fastest(job, self._settings.jsonnet.engine, self._settings.max_seconds)

    def literals(self, path: Path) -> list[tuple[int, ObjectLiteral]]:
        """The object literals that made the object at a path, in order of `+`; empty when unknown."""
        node = self._node(path)
        if not isinstance(node, dict):
            return []
        found = []
        for item in node["i"]:
            file, number = item
            found.append((file, self.shapes[file].objects[number]))
        return found

    def _node(self, path: Path) -> Any:
        node = self.tree
        for key in path:
            if isinstance(key, int):
                if not isinstance(node, list) or key >= len(node):
                    return None
                node = node[key]
            elif isinstance(node, dict) and key in node["f"]:
                node = node["f"][key]
            else:
                return None
        return node

    def value_at(self, path: Path) -> Any:
        """The evaluated value at a path."""
        value = self._value
        for key in path:
            value = value[key]
        return value

    # -- spans

    def field(self, path: Path) -> tuple[int, Field] | None:
        """The field that wrote the value at a path: in the last literal that has it."""
        if not path or not isinstance(path[-1], str):
            return None
        for file, literal in reversed(self.literals(path[:-1])):
            for field in reversed(literal.fields):
                if field.name == path[-1]:
                    return file, field
        return None

    def key_span(self, path: Path) -> Span:
        """The key of a value; for a list's item, what shows the item; else the nearest ancestor, approximate."""
        found = self.field(path)
        if found is not None:
            file, field = found
            return Span(self.files[file], field.start, field.end)
        if path and isinstance(path[-1], int):
            return self.item_span(path)
        literals = self.literals(path[:-1]) if path else []
        for file, literal in reversed(literals):
            if literal.comprehension or literal.computed:
                return Span(self.files[file], literal.start, literal.start + 1, Precision.APPROXIMATE)
        return self._ancestor(path)

    def _ancestor(self, path: Path) -> Span:
        if not path:
            literals = self.literals(path)
            if literals:
                return Span(self.files[literals[0][0]], literals[0][1].start, literals[0][1].start + 1, Precision.APPROXIMATE)
            return whole_file(self.files[0])
        span = self.key_span(path[:-1])
        return span if span.precision is Precision.FILE else span._replace(precision=Precision.APPROXIMATE)

    def item_span(self, path: Path) -> Span:
        """An item of a list: an object by the first key of its literal, another by its own text, else the list's field, approximate."""
        literals = self.literals(path)
        if literals:
            file, literal = literals[0]
            first = literal.fields[0] if literal.fields else None
            start, end = (first.start, first.end) if first else (literal.start, literal.start + 1)
            return Span(self.files[file], start, end, Precision.APPROXIMATE if literal.comprehension else Precision.EXACT)
        text = self._item_text(path)
        if text is not None:
            return text
        return self._ancestor(path)

    def _item_text(self, path: Path) -> Span | None:
        bounds = self._item_bounds(path)
        if bounds is None:
            return None
        file, (start, end) = bounds
        return Span(self.files[file], start, end)

    def _item_bounds(self, path: Path) -> tuple[int, tuple[int, int]] | None:
        """File and text of a list's item, where the list is written as a literal in its field or in another list's item."""
        array = self._array(path[:-1])
        index = path[-1] if path else None
        if array is None or not isinstance(index, int):
            return None
        file, literal = array
        value = self.value_at(path[:-1])
        if not isinstance(value, list) or len(literal.items) != len(value):
            return None
        return file, literal.items[index]

    def _array(self, path: Path) -> tuple[int, ArrayLiteral] | None:
        if not path:
            return self._outermost
        found = self.field(path)
        if found is not None:
            file, field = found
            literal = self.shapes[file].arrays.get(field.value)
            return (file, literal) if literal is not None and literal.end == field.value_end else None
        bounds = self._item_bounds(path) if isinstance(path[-1], int) else None
        if bounds is None:
            return None
        file, (start, end) = bounds
        literal = self.shapes[file].arrays.get(start)
        return (file, literal) if literal is not None and literal.end == end else None

    @cached_property
    def _outermost(self) -> tuple[int, ArrayLiteral] | None:
        """The array literal that is the whole result: the program's last expression, after its `local`s."""
        text = self.files[0].text
        for start, literal in self.shapes[0].arrays.items():
            if _is_blank(text[literal.end :]) and text[:start].rstrip()[-1:] in ("", ";"):
                return 0, literal
        return None

    # -- strings

    def string(self, path: Path) -> tuple[SourceFile, StringLiteral] | None:
        """The literal that made the string at a path, where it is known."""
        written = self._written(path)
        return written if written is not None else self._marked.get(path)

    def _written(self, path: Path) -> tuple[SourceFile, StringLiteral] | None:
        """The literal, where the source has it at the very place."""
        found = self.field(path)
        if found is not None:
            file, field = found
            literal = self.shapes[file].strings.get(field.value)
            whole = literal is not None and literal.end == field.value_end
        else:
            bounds = self._item_bounds(path)
            if bounds is None:
                return None
            file, (start, end) = bounds
            literal = self.shapes[file].strings.get(start)
            whole = literal is not None and literal.end == end
        if not whole or literal is None or literal.value != self.value_at(path):
            return None
        return self.files[file], literal

    def probe(self, paths: Iterable[Path]) -> None:
        """Find the literals of strings that stand elsewhere, by marking candidates and looking where the marks arrive."""
        wanted = [
            path for path in dict.fromkeys(paths) if path not in self._marked and self._string_at(path) and self._written(path) is None
        ]
        if not wanted:
            return
        candidates = self._candidates({path: self.value_at(path) for path in wanted})
        pending = self._mark(wanted, candidates, together=True)
        for path in pending:
            if self._probes >= _PROBES:
                break
            mine = [item for item in candidates if item[2].value and item[2].value in self.value_at(path)]
            for candidate in sorted(mine, key=lambda item: -len(item[2].value)):
                if self._probes >= _PROBES or not self._mark([path], [candidate], together=False):
                    break
        for path in wanted:
            self._marked.setdefault(path, None)

    def _string_at(self, path: Path) -> bool:
        try:
            return isinstance(self.value_at(path), str)
        except (KeyError, IndexError, TypeError):
            return False

    def _candidates(self, wanted: Mapping[Path, str]) -> list[tuple[int, int, StringLiteral]]:
        """Literals that may have made one of the strings: part of it, or with a format's holes in it."""
        values = set(wanted.values())
        found = []
        for file, shape in enumerate(self.shapes):
            keys = {field.start for literal in shape.objects for field in literal.fields} | {item.end for item in shape.imports}
            for start, literal in shape.strings.items():
                if start in keys or literal.end in keys or literal.block:
                    continue
                if literal.value and any(literal.value in value for value in values):
                    found.append((file, start, literal))
        return found[:_CANDIDATES]

    def _mark(self, wanted: list[Path], candidates: list[tuple[int, int, StringLiteral]], *, together: bool) -> list[Path]:
        """Evaluate with marks at the end of the candidates; the paths for which nothing was learnt."""
        if not candidates or self._probes >= _PROBES:
            return list(wanted) if together else []
        self._probes += 1
        edits: dict[int, list[tuple[int, str]]] = {}
        for number, (file, _, literal) in enumerate(candidates):
            edits.setdefault(file, []).append((literal.end - 1, _mark_text(number)))
        texts = {self._paths[file]: apply(self.files[file].text, items) for file, items in edits.items()}
        main = texts.pop(self._job.filename, self._job.source)
        outcome = self._evaluate(
            self._job._replace(source=main, texts={**{path: file.text for path, file in self._sources.items()}, **texts})
        )
        if outcome.value is None:
            return list(wanted)
        value = json.loads(outcome.value)
        left: list[Path] = []
        for path in wanted:
            marked = _marked_at(value, path, self.value_at(path), [item[2].value for item in candidates])
            if marked is None:
                left.append(path)
            else:
                self._marked[path] = (self.files[candidates[marked][0]], candidates[marked][2])
        return left

    # -- imports

    def import_of(self, file: SourceFile) -> tuple[str, Span] | None:
        """Where a library is imported; None for the main file."""
        path = next((path for path, item in self._sources.items() if item is file), None)
        if path is None or path == self._job.filename:
            return None
        ending = file.path.rsplit("/", 1)[-1]
        for other, shape in zip(self.files, self.shapes, strict=True):
            for item in shape.imports:
                if item.path.rsplit("/", 1)[-1] == ending and other is not file:
                    return "imported here", Span(other, item.start, item.end)
        return None


_NOTHING = Structure((), {}, {}, (), ())


def called(job: Job) -> str:
    """The program as an expression for its result: a top-level function is called as the server, or who gave arguments, would."""
    return f"local result = (\n{job.source}\n);\nif std.isFunction(result) then result({_arguments(job)}) else result"


def _arguments(job: Job) -> str:
    texts = [f"{_name(key)}={json.dumps(value)}" for key, value in job.tla_str.items()]
    return ", ".join([*texts, *(f"{_name(key)}=({value})" for key, value in job.tla_code.items())])


def _name(key: str) -> str:
    return key if key.isidentifier() else "_"


def _mark_text(number: int) -> str:
    return f"\ue0f0{number}\ue0f1"


def _marked_at(value: Any, path: Path, plain: str, candidates: list[str]) -> int | None:
    """The number of the longest marked literal in the string at a path, where the string is otherwise the same."""
    import re

    try:
        for key in path:
            value = value[key]
    except (KeyError, IndexError, TypeError):
        return None
    if not isinstance(value, str):
        return None
    numbers = [int(number) for number in re.findall("\ue0f0(\\d+)\ue0f1", value)]
    if not numbers or re.sub("\ue0f0\\d+\ue0f1", "", value) != plain:
        return None
    return max(numbers, key=lambda number: len(candidates[number]))


def _is_blank(text: str) -> bool:
    """Whether nothing but white space and comments follows."""
    import re

    return re.sub(r"/\*.*?\*/|(?://|#)[^\n]*", "", text, flags=re.DOTALL).strip() == ""


def _plain(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _plain(item) for key, item in tree["f"].items()}
    if isinstance(tree, list):
        return [_plain(item) for item in tree]
    return tree


class MapLocator:
    """Locates places of one document through the source map of its evaluation."""

    def __init__(self, source_map: SourceMap, index: int | None) -> None:
        self._map = source_map
        self._prefix: Path = () if index is None else (index,)

    def prepare(self, places: Iterable[Place]) -> None:
        """Probe for the strings among the places, all at once."""
        self._map.probe([(*self._prefix, *place.path) for place in places if place.part is Part.VALUE])

    def locate(self, place: Place) -> Located:
        """The literal for a string, the key for anything else; the field or import as related where that is another place."""
        path = (*self._prefix, *place.path)
        if place.part is Part.VALUE:
            found = self._map.string(path)
            if found is not None:
                return self._string(place, path, *found)
        span = self._map.key_span(path) if place.path else self._root(path)
        return Located(span, self._imported(span))

    def _root(self, path: Path) -> Span:
        literals = self._map.literals(path)
        if not literals:
            return self._map.key_span(path)
        file, literal = literals[0]
        first = literal.fields[0] if literal.fields else None
        start, end = (first.start, first.end) if first else (literal.start, literal.start + 1)
        return Span(self._map.files[file], start, end)

    def _string(self, place: Place, path: Path, file: SourceFile, literal: StringLiteral) -> Located:
        span = Span(file, literal.start, literal.end)
        value = self._map.value_at(path)
        if place.range is not None and literal.value == value:
            span = Span(file, offset_in(file.text, literal, place.range[0]), offset_in(file.text, literal, place.range[1]))
        elif place.range is not None and literal.value in value:
            span = self._part(place.range, value, file, literal)
        field = self._map.key_span(path)
        elsewhere = (
            field.precision is Precision.EXACT and field.begin.line != span.begin.line and not (span.start <= field.start < span.end)
        )
        related = [("used here", field)] if elsewhere or field.file is not file else []
        return Located(span, [*related, *self._imported(span)])

    def _part(self, wanted: tuple[int, int], value: str, file: SourceFile, literal: StringLiteral) -> Span:
        """A range inside a string that the literal is only a part of."""
        at = value.index(literal.value)
        start, end = wanted[0] - at, wanted[1] - at
        if 0 <= start <= end <= len(literal.value):
            return Span(file, offset_in(file.text, literal, start), offset_in(file.text, literal, end))
        return Span(file, literal.start, literal.end, Precision.APPROXIMATE)

    def _imported(self, span: Span) -> list[tuple[str, Span]]:
        found = self._map.import_of(span.file)
        return [found] if found is not None else []
