"""Programs that mean harm: each is one clear problem, and the file beside it is linted."""

from __future__ import annotations

from pathlib import Path

import pytest

from drone_lint.findings.finding import Problem
from drone_lint.settings import JsonnetSettings, Settings
from drone_lint.source.load import load
from drone_lint.source.loaded import ConfigFile

GOOD = "{ kind: 'pipeline', type: 'docker', name: 'a', steps: [{ name: 'b', image: 'alpine:3.20' }] }"
ENDLESS = "local f(n) = f(n + 1) tailstrict; f(0)"

HOSTILE = {
    "200,000 parentheses": ("(" * 200_000 + "1" + ")" * 200_000, "invalid-jsonnet", "parse depth"),
    "200,000 brackets": ("[" * 200_000 + "]" * 200_000, "invalid-jsonnet", "parse depth"),
    "deep json": ('{"a":' * 50_000 + "1" + "}" * 50_000, "invalid-jsonnet", "parse depth"),
    "recursion without end": ("local f(n) = 1 + f(n + 1); f(0)", "invalid-jsonnet", "max stack frames exceeded"),
    "objects without end": ("local f(n) = { a: f(n + 1) }; f(0)", "invalid-jsonnet", "max stack frames exceeded"),
    "a value of itself": ("local a = a; { b: a }", "invalid-jsonnet", "max stack frames exceeded"),
    "tail recursion without end": (ENDLESS, "evaluation-limit", "took longer than 1 second"),
    "doubling lists": ("local f(n) = if n == 0 then [1] else f(n - 1) + f(n - 1); f(40)", "evaluation-limit", ""),
    "a long list": ("[x for x in std.range(1, 1000000000)]", "evaluation-limit", ""),
    "a long text": ("{ kind: 'pipeline', name: std.repeat('x', 2000000000) }", "evaluation-limit", "needed more memory"),
    "64 MiB of text": (
        "local f(n) = if n == 0 then 'x' else local s = f(n - 1); s + s; { kind: 'pipeline', name: f(26) }",
        "evaluation-limit",
        "",
    ),
    "a program of 50 MB": ("{ a: '" + "x" * 50_000_000 + "' }", "evaluation-limit", "larger than"),
    "a file of the system": ("{ a: importstr '/etc/passwd' }", "invalid-jsonnet", "an absolute path"),
    "a circle of imports": ("{ a: import 'circle.libsonnet' }", "invalid-jsonnet", "max stack frames exceeded"),
    "itself": ("(import '.drone.jsonnet') + {}", "invalid-jsonnet", "max stack frames exceeded"),
}


def loaded(data: bytes, folder: Path, engine: str = "auto") -> ConfigFile:
    chosen = Settings(jsonnet=JsonnetSettings(engine=engine), max_seconds=1, max_memory=100 << 20)
    path = folder / ".drone.jsonnet"
    path.write_bytes(data)
    return load(data, path.name, chosen, root=str(folder), absolute=str(path))


def problems(file: ConfigFile) -> list[Problem]:
    return [*file.problems, *(problem for one in file.evaluations for problem in one.problems)]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_program_is_one_problem(name: str, tmp_path: Path) -> None:
    (tmp_path / "circle.libsonnet").write_text("import 'circle.libsonnet'")
    program, rule, words = HOSTILE[name]
    (problem,) = problems(loaded(program.encode(), tmp_path))
    assert problem.rule == rule
    assert words in problem.message
    assert loaded(GOOD.encode(), tmp_path).evaluations[0].server[0].pipeline is not None


@pytest.mark.parametrize("engine", ["jsonnet", "rjsonnet"])
def test_an_engine_that_dies_takes_nothing_with_it(engine: str, tmp_path: Path) -> None:
    (problem,) = problems(loaded(HOSTILE["200,000 parentheses"][0].encode(), tmp_path, engine))
    assert problem.rule in ("evaluation-limit", "invalid-jsonnet")
    assert problems(loaded(GOOD.encode(), tmp_path, engine)) == []


def test_what_is_not_utf_8_is_unreadable(tmp_path: Path) -> None:
    (problem,) = problems(loaded(b"{ kind: 'pipeline', name: '\xe9' }", tmp_path))
    assert (problem.rule, problem.message) == ("unreadable", "not UTF-8 text: byte 0xe9 at offset 27")


@pytest.mark.parametrize(
    "data", [b"\xef\xbb\xbf" + GOOD.encode(), GOOD.replace(", ", ",\r\n").encode(), GOOD.replace(", ", ",\r\n  // \u00e9\r\n").encode()]
)
def test_byte_order_marks_and_carriage_returns_move_nothing(data: bytes, tmp_path: Path) -> None:
    file = loaded(data, tmp_path)
    document = file.evaluations[0].server[0]
    step = document.value.at("steps", 0, "image")
    assert step is not None
    span = document.locate(step.place).primary
    assert span.text == "'alpine:3.20'"
    assert span.begin.line == file.source.text[: span.start].count("\n") + 1


@pytest.mark.parametrize("depth", [450, 600])
def test_the_server_allows_500_frames(depth: int, tmp_path: Path) -> None:
    program = f"local f(n) = if n == 0 then 0 else 1 + f(n - 1); {{ kind: 'pipeline', name: 'n' + f({depth}) }}"
    found = problems(loaded(program.encode(), tmp_path))
    assert [(one.rule, one.help) for one in found] == ([("invalid-jsonnet", "the server allows 500 frames")] if depth > 500 else [])
