"""Errors of Jsonnet programs: where they are, what they say, what may help."""

from __future__ import annotations

from pathlib import Path

import pytest

from drone_lint.findings.finding import Problem
from drone_lint.settings import Settings
from drone_lint.source.load import load

ERRORS = [
    ("{\n  a: 1\n  b: 2,\n}", "b", "expected a comma before next field", "a comma, an operator"),
    ("local image = 1;\n{ a: imgae }", "imgae", "unknown variable: imgae", "did you mean `image`?"),
    ("local f(image, tag='x') = imgae;\n{ a: f(1) }", "imgae", "unknown variable: imgae", "did you mean `image`?"),
    ("{ a: wibble }", "wibble", "unknown variable: wibble", "define it with `local`"),
    ("local step(name) = {};\n{ steps: [step] }", "step", "couldn't manifest function as JSON", "call the function"),
    ("function(ctx) { a: ctx }", "ctx", "missing argument: ctx", "give every parameter a default"),
    ("local f(a, b) = a;\n{ x: [f(1)] }", "f(1)", "missing argument: b", "pass it"),
    ("local o = { name: 1 };\n{ a: o.nmae }", "o.nmae", "field does not exist: nmae", "did you mean `name`?"),
    ("{ a: import 'x.libsonnet' }", "import 'x.libsonnet'", 'couldn\'t open import "x.libsonnet"', "from the repository's root"),
    ("{ a: 'b }", "'", "unterminated string", "closing quote"),
    ("{ a: |||\nb\n||| }", "|", "text block's first line must start with whitespace", "indented"),
    ("{ a: error 'no name' }", "error 'no name'", "the program fails with its own error: no name", ""),
    ("{ a: 1, a: 2 }", "a", "duplicate field: a", "`name+:`"),
    ("local x = 1\n{ a = 1 }", "a", "expected one of :", "a `local` ends with `;`"),
    (
        "{ a: if std.extVar('repo.private') then 1 }",
        "if std.extVar('repo.private') then 1",
        "unexpected type string",
        "external variables are strings",
    ),
    ("{ a: if 1 then 1 }", "if 1 then 1", "unexpected type number", "must be a boolean"),
    ("kind: pipeline\nname: a\n", ":", 'did not expect: ":"', "looks like YAML"),
    ("local a = self.b; { c: a }", "self", "can't use self outside of an object", "the enclosing object"),
    ("local f = 'a'; { a: f('x') }", "f('x')", "only functions can be called", "this is not a function"),
    ("{ a: std.extVar('build.number') }", "std.extVar('build.number')", "has no external variable `build.number`", "`$DRONE_BUILD_NUMBER`"),
    ("{ a: std.extVar('branch') }", "std.extVar('branch')", "did you mean `build.branch`?", "--ext-str branch=VALUE"),
    ("{ a: std.extVar('repo.nmae') }", "std.extVar('repo.nmae')", "did you mean `repo.name`?", "--ext-str repo.nmae=VALUE"),
    ("{ a: std.extVar('build.evnt') }", "std.extVar('build.evnt')", "did you mean `build.event`?", "--ext-str build.evnt=VALUE"),
]


def problem(text: str, folder: Path) -> Problem:
    path = folder / ".drone.jsonnet"
    file = load(text.encode(), path.name, Settings(), root=str(folder), absolute=str(path))
    (found,) = [*file.problems, *(one for evaluation in file.evaluations for one in evaluation.problems)]
    return found


@pytest.mark.parametrize(("program", "text", "message", "advice"), ERRORS)
def test_an_error_has_a_place_and_a_hint(program: str, text: str, message: str, advice: str, tmp_path: Path) -> None:
    found = problem(program, tmp_path)
    assert found.span is not None
    assert found.span.text == text
    assert message in found.message
    assert advice in found.help
    assert bool(advice) == bool(found.help)
    assert found.drone


def test_a_missing_comma_is_shown_where_it_belongs(tmp_path: Path) -> None:
    ((words, span),) = problem("{\n  a: 'one' // a comment\n  b: 2,\n}", tmp_path).related
    assert (words, span.text) == ("the comma belongs after this", "'one'")


def test_a_trace_leads_from_the_library_to_the_call(tmp_path: Path) -> None:
    (tmp_path / "lib.libsonnet").write_text("{\n  step(name): { name: name, image: self.imge },\n}\n")
    found = problem("local lib = import 'lib.libsonnet';\n{ steps: [lib.step('a')] }", tmp_path)
    assert found.span is not None
    assert (found.span.file.path, found.span.text) == ("lib.libsonnet", "self.imge")
    assert [(words, span.file.path, span.text) for words, span in found.related] == [
        ("called from here", ".drone.jsonnet", "lib.step('a')")
    ]


@pytest.mark.parametrize("name", ["build.number", "build.cron", "repo.owner", "team"])
def test_variables_that_nothing_resembles_are_not_guessed(name: str, tmp_path: Path) -> None:
    found = problem(f"{{ a: std.extVar('{name}') }}", tmp_path)
    assert found.message == f"the server has no external variable `{name}`"
