"""Two engines, one verdict: by the shortest way there, counted, within limits."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drone_lint.settings import JsonnetSettings, Settings
from drone_lint.source.jsonnet.engine import session as jsonnet_engine
from drone_lint.source.jsonnet.engine import worker as jsonnet_process
from drone_lint.source.jsonnet.engine.session import Job, Outcome, Session, session
from drone_lint.source.load import load
from drone_lint.source.loaded import ConfigFile
from drone_lint.source.process import memory as process_memory
from drone_lint.source.process import wait as process_wait

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted(
    path
    for folder in ("tests", "examples")
    for path in (ROOT / folder).rglob("*sonnet")
    if path.is_file() and "node_modules" not in path.parts
)


@pytest.fixture
def engines() -> Iterator[Session]:
    made = Session(1 << 29)
    yield made
    made.close()


def job(source: str, **changes: object) -> Job:
    return Job("/nowhere/x.jsonnet", source, **changes)  # type: ignore[arg-type]


def word(outcome: Outcome) -> object:
    """What must be the same: the value, or the first line of the error."""
    return json.loads(outcome.value) if outcome.value is not None else (outcome.error or "").split("\n")[0]


def variables(path: Path) -> dict[str, str]:
    expectation = path.with_name(path.name.removesuffix(".jsonnet") + ".expect.json")
    return json.loads(expectation.read_text("utf-8")).get("ext", {}) if expectation.exists() else {}


def test_on_every_program_of_the_tests_value_and_error_are_the_arbiters() -> None:
    assert len(PROGRAMS) > 50
    engines = session(1 << 30)
    for path in PROGRAMS:
        text = path.read_text("utf-8").removeprefix("\ufeff")
        asked = Job(str(path), text, roots=(str(path.parent),), ext_str={"build.event": "push", **variables(path)})
        assert word(engines.evaluate(asked, "auto", 30)) == word(engines.evaluate(asked, "jsonnet", 30)), path


@pytest.mark.parametrize(
    "source",
    [
        "local unused() = nowhere; {}",
        "local unused = { a: 1, a: 2 }; {}",
        "if true then {} else self.x",
        "local f0 = 1; { a: function() f1 }.a == null",
        "{} + (import 'lib.libsonnet')",
    ],
)
def test_code_that_is_never_run_is_judged_as_the_arbiter_does(engines: Session, source: str, tmp_path: Path) -> None:
    (tmp_path / "lib.libsonnet").write_text("local unused() = nowhere; {}")
    asked = Job(str(tmp_path / "x.jsonnet"), source, roots=(str(tmp_path),))
    assert engines.evaluate(asked, "rjsonnet", 30).value is not None
    found = engines.evaluate(asked, "auto", 30)
    assert found.value is None
    assert word(found) == word(engines.evaluate(asked, "jsonnet", 30))


def test_programs_that_are_read_together_are_judged_one_by_one(engines: Session) -> None:
    sources = [f"local unused() = {'nowhere' if number in (3, 11) else 'null'}; {number}" for number in range(20)]
    engines.foresee([*sources, "1), function() (2", "(" * 5000 + "1" + ")" * 5000], "auto")
    wrong = [number for number, source in enumerate(sources) if engines.evaluate(job(source), "auto", 30).value is None]
    assert wrong == [3, 11]
    assert engines.evaluate(job("1), function() (2"), "auto", 30).value is None


def test_a_run_without_rjsonnet_has_the_same_verdicts(engines: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonnet_engine, "has_fast_engine", lambda: False)
    assert word(engines.evaluate(job("{ a: [1, 2.5] }"), "auto", 30)) == {"a": [1, 2.5]}
    assert "nowhere" in str(word(engines.evaluate(job("local unused() = nowhere; {}"), "auto", 30)))
    assert engines._workers["rjsonnet"]._process is None


def test_rjsonnet_is_missed_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert jsonnet_process.has_fast_engine()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site-packages")])
    assert not jsonnet_process.has_fast_engine()


def test_imports_are_read_by_both_engines(engines: Session, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.libsonnet").write_text("{ text: importstr 'text.txt', nested: import '../b.libsonnet' }")
    (tmp_path / "lib" / "text.txt").write_text("h\u00e9llo")
    (tmp_path / "b.libsonnet").write_text("1")
    asked = Job(str(tmp_path / "x.jsonnet"), "import 'lib/a.libsonnet'", roots=(str(tmp_path),))
    for engine in ("jsonnet", "rjsonnet", "auto"):
        found = engines.evaluate(asked, engine, 30)
        assert word(found) == {"text": "h\u00e9llo", "nested": 1}
        assert sorted((item.name, item.how) for item in found.opened) == [
            ("../b.libsonnet", "relative"),
            ("lib/a.libsonnet", "root"),
            ("text.txt", "relative"),
        ]


# -- how often


def loaded(source: str, **jsonnet: str) -> tuple[int, ConfigFile]:
    """How many evaluations loading takes, and what it gives."""
    settings = Settings(jsonnet=JsonnetSettings(**jsonnet))  # type: ignore[arg-type]
    engines = session(settings.max_memory)
    before = engines.evaluations
    file = load(source.encode(), ".drone.jsonnet", settings, root="/nowhere", absolute="/nowhere/.drone.jsonnet")
    return engines.evaluations - before, file


@pytest.mark.parametrize("engine", ["auto", "jsonnet", "rjsonnet"])
@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("'a'", 1),
        ("std.extVar('repo.name') + ' build.event'", 1),
        ("local unused = std.extVar('build.event'); 'a'", 1),
        (
            "if std.extVar('repo.trusted') == 'true' then std.extVar('build.branch') else 'a'",
            5,
        ),  # and for values that it compares the variable with
        ("std.extVar('build.action')", 7),
        ("std['ext' + 'Var']('bui' + 'ld.event')", 7),
        ("local v = std.extVar; v('build.event')", 7),
    ],
)
def test_a_program_is_evaluated_once_for_each_event_only_if_it_reads_a_build_variable(name: str, times: int, engine: str) -> None:
    found, file = loaded(f"{{ kind: 'pipeline', name: {name} }}", engine=engine)
    assert not file.problems
    assert file.evaluations[0].server
    assert found == times
    covered = [event for one in file.evaluations for event in one.events or ()]
    assert len(covered) == (7 if times == 7 else 0)


# -- limits


@pytest.fixture(params=["poll", "thread"])
def way_to_wait(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on what is not Windows, and as there."""
    if request.param == "thread":
        monkeypatch.setattr(process_wait, "_polled", process_wait._watched)


@pytest.mark.usefixtures("way_to_wait")
@pytest.mark.parametrize("engine", ["jsonnet", "rjsonnet"])
@pytest.mark.parametrize("watched", [False, True])
def test_memory_is_bounded_by_the_system_or_by_a_watch(engine: str, watched: bool) -> None:
    worker = jsonnet_process.Worker(engine, 60 << 20, watched=watched)
    doubling = "local f(n) = if n == 0 then 'x' else local s = f(n - 1); s + s; std.length([f(23 + i) for i in std.range(0, 3)] + f(29))"
    program = doubling if engine == "jsonnet" else "std.length(std.repeat('x', 1000000000))"
    answer = worker.call(job(program).request(), 30)
    assert "memory" in answer["limit"]
    assert worker.call(job("1").request(), 30)["value"].strip() == "1"
    worker.close()


@pytest.mark.usefixtures("way_to_wait")
@pytest.mark.parametrize("watched", [False, True])
def test_time_is_bounded(watched: bool) -> None:
    worker = jsonnet_process.Worker("jsonnet", 1 << 28, watched=watched)
    answer = worker.call(job("local f(n) = f(n + 1) tailstrict; f(0)").request(), 0.3)
    assert answer["limit"] == "took longer than 0.3 seconds"
    worker.close()


@pytest.mark.usefixtures("way_to_wait")
@pytest.mark.parametrize(
    ("written", "answer"),
    [
        (b"\0\0\0\x0am1:s1:ai1:", {"a": 1}),
        (b"", None),
        (b"\0\0", None),
        (b"\0\0\0\x0am1:s1:a", None),
        (b"\xff\xff\xff\xffm1:", None),
        (b"\0\0\0\x03x1:", None),
    ],
)
def test_an_answer_may_come_in_pieces_or_not_at_all(written: bytes, answer: object) -> None:
    pieces = "; ".join(f"os.write(1, {written[at : at + 5]!r})" for at in range(0, len(written), 5)) or "pass"
    with subprocess.Popen([sys.executable, "-S", "-c", f"import os; {pieces}"], stdout=subprocess.PIPE) as process:
        assert process_wait.receive(process, process_wait.Bounds(30)) == (answer, None)


def test_the_memory_of_a_process_can_be_told() -> None:
    import os

    assert 5 << 20 < (process_memory.used(os.getpid()) or 0) < 8 << 30
    assert 5 << 20 < process_memory._ps(os.getpid()) < 8 << 30
    assert process_memory.used(2**22 + 1) is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_an_evaluator_has_no_more_rights_than_it_needs() -> None:
    import os

    worker = jsonnet_process.Worker("jsonnet", 1 << 28)
    worker.call(job("1").request(), 30)
    home = Path(f"/proc/{worker._process.pid}")
    limits = {line[:26].strip(): line[26:].split()[0] for line in (home / "limits").read_text().splitlines()[1:]}
    assert int(limits["Max address space"]) < 1 << 29
    assert [limits[name] for name in ("Max file size", "Max core file size", "Max processes", "Max open files")] == ["0", "0", "0", "16"]
    assert os.readlink(home / "cwd") == "/"
    assert sorted(int(path.name) for path in (home / "fd").iterdir()) in ([0, 1, 2, 3], [0, 1, 2, 3, 4])
    worker.close()


# -- `$` in a list comprehension, which only the arbiter does not know

ROOTS = [
    "[{ a: $.b, b: 1 } for x in [1]]",
    "[{ a: { c: [$.b] }, b: x } for x in [1, 2] if x > 1]",
    "[[{ a: $.b, b: 1 }] for x in [1]] + [{ a: $.b, b: 3 } { b: 4 }]",
    "[{ [k]: { q: $.z }, z:: 5 } for k in ['k']]",
    "[{ ['k' + x]: $['k' + x] == null for x in ['y'] } for z in []]",
    "local f(x) = [{ a: $.b, b: x } for y in [x]]; f('$')",
    "[{ local drone_lint_root = 1, a: $.b, b: drone_lint_root } for x in [1]]",
    "[(import 'list.libsonnet') for x in [1]]",
]


@pytest.mark.parametrize("program", ROOTS)
def test_a_root_in_a_comprehension_is_that_of_its_object(program: str, tmp_path: Path) -> None:
    (tmp_path / "list.libsonnet").write_text("local more = import 'more.libsonnet'; [{ a: $.b, b: more } for x in [1]]", "utf-8")
    (tmp_path / "more.libsonnet").write_text("[{ c: $.d, d: 'd' } for x in [1]]", "utf-8")
    found = {}
    for engine in ("jsonnet", "rjsonnet", "auto"):
        one = Job(str(tmp_path / ".drone.jsonnet"), program, roots=(str(tmp_path),))
        outcome = session(1 << 30).evaluate(one, engine, 30)
        assert outcome.value is not None, outcome.error
        found[engine] = (json.loads(outcome.value), outcome.opened)
    assert found["jsonnet"] == found["rjsonnet"] == found["auto"]
    assert all("drone_lint_root" not in item.text for item in found["jsonnet"][1])


def test_programs_with_roots_are_read_together() -> None:
    engines = Session(1 << 30)
    programs = [f"[{{ n: {number}, a: $.n }} for x in [1]]" for number in range(8)]
    engines.foresee(programs, "auto")
    for program in programs:
        assert engines.evaluate(job(program), "auto", 30).value is not None
    assert engines.evaluations == 8
    engines.close()


@pytest.mark.parametrize("program", ["[$ for x in [1]]", "[{ [$.a]: 1, a: 2 } for x in [1]]", "[{ a: $.b, b: y } for x in [1]]"])
@pytest.mark.parametrize("engine", ["jsonnet", "auto"])
def test_a_root_that_is_none_is_an_error(program: str, engine: str) -> None:
    outcome = session(1 << 30).evaluate(job(program), engine, 30)
    assert outcome.value is None
    assert "drone_lint_root" not in (outcome.error or "")


# -- values on which the engines differ


@pytest.mark.parametrize(
    "source",
    [
        "'go' + 1.1",
        "'%s' % (1 / 3)",
        "'x' + std['pow'](10, -1)",
        "'' + 1e3 + 12345678901234567890",
        "['a' * 2]",
        "std.base64('h\u00e9llo')",
        "std.parseYaml('a: 010')",
        "'' + std.parseJson('1.1')",
        "std.manifestYamlDoc({ '1e3': 1 }, quote_keys=false)",
    ],
)
def test_where_the_engines_differ_the_arbiters_value_counts(engines: Session, source: str) -> None:
    assert word(engines.evaluate(job(source), "rjsonnet", 30)) != word(engines.evaluate(job(source), "jsonnet", 30))
    assert word(engines.evaluate(job(source), "auto", 30)) == word(engines.evaluate(job(source), "jsonnet", 30))


def test_ordinary_programs_are_left_to_the_fast_engine(engines: Session) -> None:
    source = "// a/b * 2\n{ image: 'golang:1.22.1', commands: ['base64 -d 1e3 / 2', |||\n  1.5 * 2\n|||], n: 3, id: 1, p: '/a/*', q: 'it''s' } /* 1.5 */"
    before = engines.evaluations
    assert engines.evaluate(job(source.replace("'it''s'", "@'it''s 1.5'")), "auto", 30).value is not None
    assert engines.evaluations == before + 1
