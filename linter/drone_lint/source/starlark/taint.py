"""Where text of untrusted contributors arrives that a Starlark program reads from `ctx`.

The program is run once more with other values in such fields, so that what passes a comparison with a fixed value is not taken for
theirs; strings know which fields they come from. `privileged` cannot know that: where it changes with a field's value, and the step
around it does not, the field decides it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from drone_lint.model.document import Document
from drone_lint.model.node import Mapping, Node, Scalar, descend, from_data, walk
from drone_lint.model.value import Part, Place, TextPlace
from drone_lint.source.facts import Arrival
from drone_lint.source.starlark.locator import Origins, fields_in, sources_of
from drone_lint.source.starlark.session import Outcome
from drone_lint.source.starlark.variables import is_untrusted
from drone_lint.text.position import Path, SourceFile

if TYPE_CHECKING:
    from drone_lint.source.starlark.loader import Loader

_SUFFIX = "-x7q"
"""Makes a value that no program compares with."""
_RUNS = 32
"""How many more runs a file may cost."""
_LIMITED = ("build.branch", "build.target", "build.ref")
"""Fields that only who may push chooses, so that deciding by them is a guard."""


def arrivals(loader: Loader, event: str | None, outcome: Outcome, server: Sequence[Document]) -> Iterator[Arrival]:
    """A fact for each place that such a field reaches in a run."""
    arriving = [outcome.fields[number] for number in sorted(fields_in(outcome.places))]
    names = [name for name in arriving if is_untrusted(name)]
    values = [{name: f"{name}{_SUFFIX}"} for name in names][: _RUNS // 2]
    if len(names) > 1:
        values.append({name: value for one in values for name, value in one.items()})
    privileged = any('"privileged"' in one for one in outcome.documents or ())
    decisive = [{one.field: one.text} for one in outcome.compared if is_untrusted(one.field) and one.field not in _LIMITED and privileged]
    runs = loader.run([loader.context(event, one) for one in [*map(_prefixed, values), *decisive[: _RUNS // 2]]])
    found: dict[Arrival, None] = {}
    for given, run in zip(values, runs, strict=False):
        for one in _reached(loader, run, server, tuple(given)):
            found[one] = None
    for given, run in zip([*values, *decisive], runs, strict=False):
        if len(given) == 1:
            for one in _decided(loader, run, server, next(iter(given))):
                found[one] = None
    yield from found


def _prefixed(given: dict[str, str]) -> dict[str, str]:
    """A reference keeps the beginning that programs look for."""
    return {name: f"refs/heads/{value}" if name == "build.ref" else value for name, value in given.items()}


def _reached(loader: Loader, run: Outcome, server: Sequence[Document], names: tuple[str, ...]) -> Iterator[Arrival]:
    """Keys and strings with characters of the fields."""
    documents = _documents(loader, run)
    for index, document in enumerate(documents):
        origins = Origins(loader.source, run.places[index], sources_of(run.sources), run.fields, document.root)
        for path, (key, value) in origins.table.items():
            for part, origin in ((Part.KEY, key), (Part.VALUE, value)):
                fields = dict.fromkeys(run.fields[-1 - piece.source] for piece in origin.pieces if piece.source < 0)
                for name in fields:
                    if name in names:
                        yield Arrival(_place(document, server, index, path, part), name, _read_at(loader.source, name))


def _place(document: Document, server: Sequence[Document], index: int, path: Path, part: Part) -> Place:
    """The place in the plain run's document where the same kind of value stands there, else in this run's."""
    plain = server[index] if index < len(server) else None
    same = plain is not None and isinstance(descend(plain.root, path), Scalar) and _titles(plain.root, path) == _titles(document.root, path)
    return Place(plain if same and plain is not None else document, path, part)


def _titles(root: Node, path: Path) -> list[str]:
    """Names of the steps and pipelines that a path leads through."""
    found = []
    for length in range(len(path)):
        node = descend(root, path[:length])
        name = node.entries.get("name") if isinstance(node, Mapping) else None
        if name is not None and isinstance(name.node, Scalar):
            found.append(name.node.text)
    return found


def _documents(loader: Loader, run: Outcome) -> tuple[Document, ...]:
    from drone_lint.source.starlark.loader import roots_of

    roots = roots_of(run.documents or ())
    return loader.documents(run, [from_data(root) for root in roots], None) if roots is not None and run.documents else ()


def _decided(loader: Loader, run: Outcome, server: Sequence[Document], name: str) -> Iterator[Arrival]:
    """`privileged` keys whose value another value of the field changes."""
    if name in _LIMITED:
        return
    for index, document in enumerate(_documents(loader, run)[: len(server)]):
        for path, node in walk(document.root):
            if path[-1:] != ("privileged",) or not isinstance(node, Scalar):
                continue
            plain = descend(server[index].root, path)
            if (
                isinstance(plain, Scalar)
                and plain.value != node.value
                and _titles(server[index].root, path) == _titles(document.root, path)
            ):
                yield Arrival(Place(server[index], path, Part.KEY), name, _read_at(loader.source, name))


def _read_at(source: SourceFile, name: str) -> TextPlace | None:
    """Where the program names the field first."""
    import re

    field = name.removeprefix("build.params.") if name.startswith("build.params.") else name.partition(".")[2]
    pattern = rf"""["']{re.escape(field)}["']""" if name.startswith("build.params.") else rf"\.\s*{re.escape(field)}\b"
    found = re.search(pattern, source.text)
    return TextPlace(source, found.start() + 1, found.end()) if found is not None else None
