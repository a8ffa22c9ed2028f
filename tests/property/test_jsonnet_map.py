"""Programs of any shape: evaluation with and without marks agree, and what claims to be exact is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drone_lint.model.node import walk
from drone_lint.model.value import Part, Place
from drone_lint.settings import JsonnetSettings, Settings
from drone_lint.source.jsonnet.engine.session import Job, session
from drone_lint.source.jsonnet.sourcemap.locator import MapLocator
from drone_lint.source.jsonnet.syntax.tokens import string_value
from drone_lint.source.load import load
from drone_lint.source.loaded import ConfigFile
from drone_lint.text.position import Path as ValuePath
from drone_lint.text.position import Precision, Span

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
LIBRARY = """
// a library
local image = 'golang:1.23';
{
  step(name, more={}):: { name: name, image: image } + more,
  base: { deep: { first: 'one', second: [1, 2] }, list: ['x', 'y'] },
}
"""

names = st.sampled_from(["a", "b", "c", "name", "image", "deep"])
words = st.sampled_from(["one", "two", "it's", 'say "hi"', "x\\y", "", "\u00e9\u20ac", "a b", "name"])
literals = st.one_of(
    words.map(lambda word: "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'"),
    words.map(lambda word: json.dumps(word, ensure_ascii=False)),
    words.map(lambda word: "@'" + word.replace("'", "''") + "'"),
    words.filter(str.strip).map(lambda word: f"|||\n      {word}\n       more\n    |||"),
)
scalars = st.one_of(
    literals, st.sampled_from(["1", "0", "true", "false", "null", "'a' + 'b'", "'%s-%d' % ['x', 3]", "std.join(',', ['p', 'q'])"])
)
imported = st.sampled_from(
    [
        "importstr 'text.txt'",
        "(import 'lib.libsonnet').base",
        "(import 'lib.libsonnet').step('s')",
        "(import 'lib.libsonnet').base { list+: ['z'] }",
    ]
)


def fields(below: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    plain = st.tuples(names, st.sampled_from([":", ":", ":", "::", ":::"]), below).map(lambda item: f"{item[0]}{item[1]} {item[2]}")
    quoted = st.tuples(names, below).map(lambda item: f"'{item[0]}': {item[1]}")
    computed = st.tuples(names, below).map(lambda item: f"['{item[0]}' + '1']: {item[1]}")
    conditional = st.tuples(names, st.booleans(), below).map(lambda item: f"[if {str(item[1]).lower()} then '{item[0]}2']: {item[2]}")
    method = st.tuples(names, below).map(
        lambda item: f"m_{item[0]}(x='d'):: {{ got: x, more: {item[1]} }}, {item[0]}3: self.m_{item[0]}('arg')"
    )
    local = st.tuples(names, below).map(lambda item: f"local l_{item[0]} = {item[1]}, {item[0]}4: [l_{item[0]}, l_{item[0]}]")
    checked = names.map(lambda name: f"assert true : 'no', {name}5: std.length(std.objectFieldsAll(self)) > 0")
    return plain | plain | plain | quoted | computed | conditional | method | local | checked


def distinct(members: list[str]) -> str:
    kept: dict[str, str] = {}
    for member in members:
        kept.setdefault(member.split(":")[0].strip("'"), member)
    return "{ " + ",\n  ".join(kept.values()) + (" }" if len(kept) % 2 else ", }" if kept else "}")


def objects(below: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    plain = st.lists(fields(below), max_size=4).map(distinct)
    more = st.tuples(names, below).map(lambda item: f"{{ {item[0]}+: {item[1]} }}")
    above = names.map(lambda name: f"{{ {name}: if '{name}' in super then super.{name} else 'new' }}")
    spread = st.tuples(names, names, below).map(lambda item: f"{{ [k]: {item[2]} for k in ['{item[0]}', '{item[1]}x'] }}")
    taken = plain.map(lambda one: f"(local o = {one}; {{ [k]: o[k] for k in std.objectFields(o) }})")
    added = st.tuples(plain, plain).map(lambda pair: f"({pair[0]} + {pair[1]})")
    nested = st.tuples(plain, more, above).map(lambda three: f"({three[0]} + {three[2]} + {three[1]})")
    called = st.tuples(plain, literals).map(lambda item: f"(local f(x, y={item[0]}) = {{ name: x, rest: y }}; f({item[1]}))")
    merged = st.tuples(plain, plain).map(lambda pair: f"std.mergePatch({pair[0]}, {pair[1]})")
    pruned = plain.map(lambda one: f"std.prune({one})")
    mapped = plain.map(lambda one: f"std.mapWithKey(function(k, v) {{ was: v, key: k }}, {one})")
    return plain | plain | spread | taken | added | nested | called | merged | pruned | mapped


def arrays(below: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    plain = st.lists(below, max_size=3).map(lambda items: "[" + ", ".join(items) + "]")
    added = st.tuples(plain, plain).map(lambda pair: f"{pair[0]} + {pair[1]}")
    named = st.tuples(plain, plain).map(lambda pair: f"(local common = {pair[0]}; common + {pair[1]})")
    mapped = plain.map(lambda one: f"std.map(function(x) {{ item: x }}, {one})")
    comprehended = st.tuples(plain, below).map(lambda pair: f"[{{ i: x, o: {pair[1]} }} for x in {pair[0]} if true]")
    return plain | plain | added | named | mapped | comprehended


values = st.recursive(scalars | imported, lambda below: objects(below) | arrays(below), max_leaves=14)
programs = st.lists(objects(values), min_size=1, max_size=2).flatmap(
    lambda items: st.sampled_from(
        [items[0], f"[{', '.join(items)}]", f"local top = {items[0]};\n[top, top {{ z: 1 }}]", f"function(x='d') {items[0]}"]
    )
)
relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("repository")
    (made / "lib.libsonnet").write_text(LIBRARY, "utf-8")
    (made / "text.txt").write_text("some\ntext\n", "utf-8")
    return made


def loaded(path: Path, text: str, **jsonnet: object) -> ConfigFile:
    chosen = Settings(jsonnet=JsonnetSettings(**jsonnet), event="push")  # type: ignore[arg-type]
    return load(text.encode(), path.name, chosen, root=str(path.parent), absolute=str(path))


def spans(file: ConfigFile) -> Iterator[tuple[ValuePath, Span, MapLocator]]:
    for evaluation in file.evaluations[:1]:
        for document in evaluation.server:
            locator = document.locator
            assert isinstance(locator, MapLocator)
            places = [
                Place(document, path, Part.KEY if isinstance(path[-1], str) else Part.VALUE) for path, _ in walk(document.root) if path
            ]
            locator.prepare(places)
            for place in places:
                yield place.path, document.locate(place).primary, locator


def made_by(span: Span) -> str | None:
    """The value of the string literal that a span covers; None: it covers something else."""
    literal = string_value(span.text, 0)
    return literal.value if literal is not None and literal.end == len(span.text) else None


def is_honest(name: str, span: Span) -> bool:
    """Whether the source has the field's own name there, or a literal that is a part of it."""
    literal = made_by(span)
    return span.text == name or (literal is not None and bool(literal) and literal in name)


@relaxed
@given(program=programs)
def test_every_field_has_a_place_and_exact_places_have_its_name(program: str, folder: Path) -> None:
    file = loaded(folder / ".drone.jsonnet", program)
    assert not file.problems
    for path, span, _ in spans(file):
        assert 0 <= span.start <= span.end <= len(span.file.text)
        if isinstance(path[-1], str) and span.precision is Precision.EXACT:
            assert is_honest(path[-1], span), (path, span.text)


@relaxed
@given(program=programs)
def test_evaluation_with_marks_gives_what_evaluation_without_gives(program: str, folder: Path) -> None:
    path = folder / ".drone.jsonnet"
    plain = session(1 << 30).evaluate(Job(str(path), program, roots=(str(folder),)), "jsonnet", 30)
    if plain.value is None:  # an assertion, a name that is not there
        return
    file = loaded(path, program)
    for _, span, locator in spans(file):
        assert locator._map.tree is not None
        assert span.precision is not Precision.FILE


def test_the_places_of_all_programs_of_the_tests() -> None:
    counted: Counter[str] = Counter()
    for path in sorted(path for name in ("tests", "examples") for path in (ROOT / name).rglob("*.jsonnet") if path.is_file()):
        expectation = path.with_name(path.name.removesuffix(".jsonnet") + ".expect.json")
        ext = json.loads(expectation.read_text("utf-8")).get("ext", {}) if expectation.exists() else {}
        for below, span, _ in spans(loaded(path, path.read_text("utf-8"), ext_str=ext)):
            counted[span.precision.value] += 1
            if isinstance(below[-1], str) and span.precision is Precision.EXACT:
                assert is_honest(below[-1], span) or made_by(span) in below[-1].lower().replace("_", ".", 1), (path, below, span.text)
    assert counted["exact"] > 300
    assert counted["exact"] >= 0.999 * counted.total()


# -- single shapes

EXACT = [
    ("{ kind: 'p', steps: [{ name: 'a' }] + [{ name: 'b' }] }", ("steps", 1, "name"), "name"),
    ("local s = ['x', null]; { kind: 'p', steps: s + [null] }", ("steps", 1), "null"),
    ("local s = ['x', null]; { kind: 'p', steps: s + [null] }", ("steps", 2), "null"),
    ("{ kind: 'p', steps: ['x'] } { steps+: [7] }", ("steps", 1), "7"),
    ("{ kind: 'p', steps: ['x'] + std.map(function(x) x, [1]) + [8, 9] }", ("steps", 3), "9"),
    ("{ kind: 'p', a: (local n = 'key'; { [n]: 1 }) }", ("a", "key"), "'key'"),
    ("local e(n) = { [std.asciiUpper(n)]: 1 }; { kind: 'p', a: e('tok') + e('ken') }", ("a", "KEN"), "'ken'"),
    ("{ kind: 'p', a: std.mergePatch({ x: 1, y: 2 }, { y: 3, x: null }) }", ("a", "y"), "y"),
    ("{ kind: 'p', a: std.prune({ x: null, y: 2 }) }", ("a", "y"), "y"),
    ("local o = { x:: 1, y: 2 }; { kind: 'p', a: { [k]: o[k] for k in std.objectFields(o) } }", ("a", "y"), "y"),
    ("local o = { x:: 1, y: 2 }; { kind: 'p', a: o, n: std.length(std.objectFieldsAll(o)) }", ("a", "y"), "y"),
]


@pytest.mark.parametrize(("program", "path", "text"), EXACT)
def test_a_place_is_exact(program: str, path: ValuePath, text: str, folder: Path) -> None:
    found = {below: span for below, span, _ in spans(loaded(folder / ".drone.jsonnet", program))}
    assert (found[path].text, found[path].precision) == (text, Precision.EXACT)


MADE = [
    ("local f(image) = { image: image }; { kind: 'p', a: f('golang:1') }", ("a", "image"), "'golang:1'"),
    ("{ kind: 'p', a: 'registry/%s:%s' % ['app', 'v1'] }", ("a",), "'registry/%s:%s'"),
    ("{ kind: 'p', a: std.join('/', ['first', 'a-long-part']) }", ("a",), "'a-long-part'"),
    ("local tag = '1.23'; { kind: 'p', a: 'golang:' + tag }", ("a",), "'golang:'"),
    ("local t = |||\n  make\n  make test\n|||; { kind: 'p', a: t }", ("a",), "|||\n  make\n  make test\n|||"),
    ("{ kind: 'p', a: (import 'lib.libsonnet').step('s').image }", ("a",), "'golang:1.23'"),
]


@pytest.mark.parametrize(("program", "path", "text"), MADE)
def test_a_string_is_shown_by_the_literal_that_made_it(program: str, path: ValuePath, text: str, folder: Path) -> None:
    file = loaded(folder / ".drone.jsonnet", program)
    document = file.evaluations[0].server[0]
    place = Place(document, path)
    document.locator.prepare([place])
    assert document.locate(place).primary.text == text


def test_a_program_that_trips_over_the_marks_has_approximate_places(folder: Path) -> None:
    program = "local o = { x: 1 }; { kind: 'p', [if std.length(std.objectFieldsAll(o { y:: 1 })) == 2 then 'n']: 1, s: std.toString(o) }"
    found = {path: span.precision for path, span, _ in spans(loaded(folder / ".drone.jsonnet", program))}
    assert set(found) == {("kind",), ("n",), ("s",)}
