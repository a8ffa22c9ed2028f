"""Paths in an evaluated document to spans in the Jsonnet that wrote them.

One more evaluation, of the instrumented program, returns for each object of the result the literals it was made of. Strings and names
that came from elsewhere (arguments, variables) are found by marking the literals that could have made them and evaluating once more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from drone_lint.settings import Settings
from drone_lint.source.jsonnet.engine.differences import agreed
from drone_lint.source.jsonnet.engine.session import Job, Outcome, session
from drone_lint.source.jsonnet.sourcemap.instrument import instrumented, walk_program
from drone_lint.source.jsonnet.sourcemap.origins import Maker, Piece
from drone_lint.source.jsonnet.sourcemap.probe import Probe
from drone_lint.source.jsonnet.syntax.arrays import Bounds, items_of
from drone_lint.source.jsonnet.syntax.tokens import Field, ObjectLiteral, StringLiteral, Structure, structure
from drone_lint.text.position import Path, Precision, SourceFile, Span, whole_file

_STACK = 4000


class SourceMap:
    """The origins of one evaluation's values; computed when first asked for."""

    def __init__(self, job: Job, value: Any, sources: Mapping[str, SourceFile], settings: Settings) -> None:
        self._job = job
        self._value = value
        self._sources = dict(sources)
        self._settings = settings
        self._paths = list(self._sources)
        self._items: dict[Path, dict[int, Bounds]] = {}
        """The items of lists, by the lists' paths."""
        self._strings: dict[Path, None] = {}
        self._names: dict[Path, None] = {}
        """What was announced and not searched for yet."""

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
            path: instrumented(file.text, shape, number) if shape is not _NOTHING else file.text
            for number, (path, file, shape) in enumerate(zip(self._paths, self.files, self.shapes, strict=True))
        }
        main = walk_program(self._job, texts)
        outcome = self._evaluate(self._job._replace(source=main, texts=texts, max_stack=_STACK, tla_str={}, tla_code={}))
        if outcome.value is None:
            return None
        tree = json.loads(outcome.value)
        return tree if _plain(tree) == self._value else None

    @cached_property
    def _alike(self) -> bool:
        """Whether both engines give the same for the program; what is added to it here then makes no difference that is not seen."""
        texts = [file.text for path, file in self._sources.items() if self._is_code(path)]
        return agreed([*texts, *self._job.ext_code.values(), *self._job.tla_code.values()], json.dumps(self._value, ensure_ascii=False))

    def _evaluate(self, job: Job) -> Outcome:
        settings = self._settings
        return session(settings.max_memory).fastest(job, settings.jsonnet.engine, settings.max_seconds, compared=self._alike)

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
        name = self._computed(path) or self._probe.name(path)
        if name is not None:
            return name
        literals = self.literals(path[:-1]) if path else []
        for file, literal in reversed(literals):
            if literal.comprehension or literal.computed:
                return Span(self.files[file], literal.start, literal.start + 1, Precision.APPROXIMATE)
        return self._ancestor(path)

    def _computed(self, path: Path) -> Span | None:
        """The literal of a computed key (`[if c then 'failure']`), where the object's own brackets have one that is its name."""
        for file, literal in reversed(self.literals(path[:-1]) if path else []):
            found = [
                string
                for start, end in literal.computed
                for at, string in self.shapes[file].strings.items()
                if start < at < end and string.value == path[-1]
            ]
            if found:
                exact = Precision.EXACT if len(found) == 1 else Precision.APPROXIMATE  # `[if k == 'failure' then 'failure']`
                return Span(self.files[file], found[-1].start, found[-1].end, exact)
        return None

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
        return Span(self.files[bounds.file], bounds.start, bounds.end) if bounds is not None else None

    def _item_bounds(self, path: Path) -> Bounds | None:
        """The text of a list's item, where the list is written as literals."""
        index = path[-1] if path else None
        if not isinstance(index, int):
            return None
        above = path[:-1]
        if above not in self._items:
            self._items[above] = self._written_items(above)
        return self._items[above].get(index)

    def _written_items(self, path: Path) -> dict[int, Bounds]:
        """The texts of the items of the list at a path, as far as they are known."""
        value = self.value_at(path)
        written = self._list_text(path) if isinstance(value, list) else None
        if written is None:
            return {}
        bounds, begins = written
        return items_of(self.files[bounds.file].text, self.shapes[bounds.file], bounds, value, complete=begins)

    def _list_text(self, path: Path) -> tuple[Bounds, bool] | None:
        """The expression that gives the list at a path; the flag is false where only the list's end is written there (`+:`)."""
        if not path:
            text = self.files[0].text
            start = _result_start(text, self.shapes[0])
            return (Bounds(0, start, len(text)), True) if start is not None else None
        found = self.field(path)
        if found is not None:
            file, field = found
            return Bounds(file, field.value, field.value_end), "+" not in self.files[file].text[field.end : field.value]
        bounds = self._item_bounds(path) if isinstance(path[-1], int) else None
        return (bounds, True) if bounds is not None else None

    # -- strings and names

    @cached_property
    def _probe(self) -> Probe:
        return Probe(self._job, list(self._sources.items()), self.shapes, self._evaluate)

    def pieces(self, path: Path) -> list[Piece]:
        """What made the string at a path, in the order of its text; empty where nothing is known."""
        written = self._written(path)
        if written is not None:
            file, literal = written
            return [Piece(0, len(literal.value), Maker(file, literal), 0)]
        return self._probe.pieces(path)

    def _written(self, path: Path) -> tuple[SourceFile, StringLiteral] | None:
        """The literal, where the source has it at the very place."""
        found = self.field(path)
        bounds = Bounds(found[0], found[1].value, found[1].value_end) if found is not None else self._item_bounds(path)
        if bounds is None:
            return None
        literal = self.shapes[bounds.file].strings.get(bounds.start)
        if literal is None or literal.end != bounds.end or literal.value != self.value_at(path):
            return None
        return self.files[bounds.file], literal

    def announce(self, strings: Iterable[Path], names: Iterable[Path]) -> None:
        """Take down which strings and names will be asked for; all documents' are searched for together, at the first question."""
        self._strings.update(dict.fromkeys(strings))
        self._names.update(dict.fromkeys(names))

    def search(self) -> None:
        """Find what was announced."""
        strings, names = [*self._strings], [*self._names]
        self._strings.clear()
        self._names.clear()
        if strings or names:
            self._search(strings, names)

    def _search(self, strings: Sequence[Path], names: Sequence[Path]) -> None:
        """Find the literals of strings, and of fields' names, that stand elsewhere."""
        values = {path: self.value_at(path) for path in dict.fromkeys(strings) if self._string_at(path) and self._written(path) is None}
        self._probe.find_strings(values)
        shown_by_key = [*names, *(path for path in strings if not self.pieces(path))]
        unknown = [path for path in dict.fromkeys(shown_by_key) if self._needs_name(path)]
        self._probe.find_names(unknown)

    def _needs_name(self, path: Path) -> bool:
        """Whether a key has to be searched for: no literal has it, neither as a field nor as a computed one."""
        return bool(path) and isinstance(path[-1], str) and self.field(path) is None and self._computed(path) is None

    def _string_at(self, path: Path) -> bool:
        try:
            return isinstance(self.value_at(path), str)
        except (KeyError, IndexError, TypeError):
            return False

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


def _result_start(text: str, shape: Structure) -> int | None:
    """Where the program's last expression starts, behind its `local`s, if it starts with a list."""
    from drone_lint.source.jsonnet.syntax.tokens import COMMENT, tokenise

    depth, start = 0, 0
    for token in tokenise(text):
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if depth == 0 and token.text == ";":
            start = token.end
    first = next((token for token in tokenise(text[start:]) if token.kind != COMMENT), None)
    at = start + first.start if first is not None else -1
    return at if at in shape.arrays else None


def _plain(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _plain(item) for key, item in tree["f"].items()}
    if isinstance(tree, list):
        return [_plain(item) for item in tree]
    return tree
