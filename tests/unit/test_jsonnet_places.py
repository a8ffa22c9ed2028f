"""A text that a program puts together is shown by the literal that has the finding's own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from drone_lint.model.value import Part, Place
from drone_lint.settings import JsonnetSettings, Settings
from drone_lint.source.load import load
from drone_lint.text.position import Span

_LONG = "local long = 'registry.example.com/a/very/long/team/name/';\n"

RANGES = [
    # program that gives the field `c`, the text that a finding is about, what is shown of the source
    ("local label = 'a much longer label than the rest'; { c: 'echo ${X} ' + label }", "${X}", "${X}", "exact"),
    ("local label = 'a much longer label than the rest'; { c: label + ' ${X}' }", "${X}", "${X}", "exact"),
    (
        "local ref = 'a-very-long-name-of-a-branch'; { c: '${REF:-' + ref + '}' }",
        "${REF:-a-very-long-name-of-a-branch}",
        "${REF:-",
        "approximate",
    ),
    ("{ c: std.strReplace(|||\n  echo ${X} here\n  more\n|||, '\\n', ' ') }", "${X}", "${X}", "exact"),
    ("{ c: std.strReplace('echo @ ${X} here', '@', 'something long instead') }", "${X}", "${X}", "exact"),
    ("{ c: 'set -e\\n' + importstr 'script.sh' }", "${X}", "${X}", "exact"),
    ("{ c: importstr 'script.sh' }", "${X}", "${X}", "exact"),
    ("{ c: 'echo %s to %s' % ['${X}', 'a place with a long name'] }", "${X}", "${X}", "exact"),
    ("{ c: std.format('echo %s to ${X} or to %s', ['a long text that is put in', 'y']) }", "${X}", "${X}", "exact"),
    ("{ c: 'echo %(a)s ${X}' % { a: 'a long text that is put in' } }", "${X}", "${X}", "exact"),
    ("{ c: std.join(' && ', ['a very long command of a program', 'echo ${X}']) }", "${X}", "${X}", "exact"),
    ("{ c: std.join(' && ', std.map(function(x) 'run --with-long-options ' + x, ['a', '${X}'])) }", "${X}", "${X}", "exact"),
    ("{ c: std.split('a ${X},something longer than that', ',')[0] }", "${X}", "${X}", "exact"),
    ("{ c: std.stripChars('\\n echo ${X}\\n', '\\n ') }", "${X}", "${X}", "exact"),
    ("{ c: std.substr('echo ${X} and so on' + ' and on', 3, 9) }", "${X}", "${X}", "exact"),
    ("{ c: std.asciiUpper('echo ${x} and so on') }", "${X}", "${x}", "exact"),
    ("local pick(a) = if a == 'amd64' then 'x ${X}' else 'y'; { c: pick('amd64') }", "${X}", "${X}", "exact"),
    ("local by = { amd64: 'x ${X}' }; { c: 'echo ' + by['amd64'] }", "${X}", "${X}", "exact"),
    ("local has(o, k) = k in o; { c: if has({ a: 1 }, 'a') then 'x ${X}' + 'yy' else 'n' }", "${X}", "${X}", "exact"),
    ("{ c: ['a long word ' + x + ' ${X}' for x in ['u', 'v']][1] }", "${X}", "${X}", "exact"),
    ("local f(n='a long default') = 'echo ${X} ' + n; { c: f() }", "${X}", "${X}", "exact"),
    ("local l = import 'lib.libsonnet'; { c: l.say('a long argument to a function') }", "${X}", "${X}", "exact"),
    ("{ c: 'echo ${X}-${Y}' + '-and-something-longer' }", "${Y}", "${Y}", "exact"),
    ("function(a='long default of an argument') { c: 'echo ${X} ' + a }", "${X}", "${X}", "exact"),
    ("{ [k]: 'echo ${X} ' + k for k in ['c'] }", "${X}", "${X}", "exact"),
    ("{ c: std.toString('echo ${X} ') + std.length('a long argument') }", "${X}", "${X}", "exact"),
]

IMAGES = [
    (_LONG + "{ image: long + 'go:latest' }", "'go:latest'"),
    (_LONG + "{ image: long + 'go' + ':' + '1.23' }", "'1.23'"),
    (_LONG + "{ image: long + 'go' }", "'go'"),
    (_LONG + "{ image: '%s%s' % [long, 'go:1'] }", "'go:1'"),
    (_LONG + "{ image: long + 'go:1.' + std.extVar('minor') }", "'go:1.'"),
    ("local go(version) = { image: 'golang:' + version }; go('1.23')", "'1.23'"),
    ("{ image: self.name, name:: 'golang:1.23' }", "'golang:1.23'"),
]

KEYS = [
    ("local c = true; { [if c then 'failure']: true }", ("failure",), "'failure'"),
    ("local c = true; { [if c then 'failure']: 'ignore' + 'd' }", ("failure",), "'failure'"),
    ("local c = 'x'; { [if c == 'x' then 'failure']: 1, [if c == 'y' then 'pull']: 2 }", ("failure",), "'failure'"),
    ("local c = true; { when: { [if c then 'event']: ['push'] } }", ("when", "event"), "'event'"),
    ("{ ['a' + '_key']: 1 }", ("a_key",), "'_key'"),
]


def _located(folder: Path, program: str, path: tuple[str, ...], wanted: str | None, part: Part = Part.VALUE, engine: str = "auto") -> Span:
    (folder / "script.sh").write_text("set -u\necho ${X} from a file\n", "utf-8")
    (folder / "lib.libsonnet").write_text("{ say(x):: 'say ' + x + ' ${X}' }\n", "utf-8")
    settings = Settings(event="push", jsonnet=JsonnetSettings(engine=engine, ext_str={"minor": "23"}))
    file = load(program.encode(), ".drone.jsonnet", settings, root=str(folder), absolute=str(folder / ".drone.jsonnet"))
    assert not file.problems
    document = file.evaluations[0].server[0]
    text = document.value.at(*path).text  # type: ignore[union-attr]
    at = (text.index(wanted), text.index(wanted) + len(wanted)) if wanted else None
    place = Place(document, path, part, at)
    document.locator.prepare([place])
    return document.locate(place).primary


@pytest.mark.parametrize(("program", "wanted", "text", "precision"), RANGES)
@pytest.mark.parametrize("engine", ["auto", "jsonnet"])
def test_a_part_of_a_text_is_shown_where_it_is_written(
    program: str, wanted: str, text: str, precision: str, engine: str, tmp_path: Path
) -> None:
    span = _located(tmp_path, program, ("c",), wanted, engine=engine)
    assert (span.text, span.precision.value) == (text, precision)


@pytest.mark.parametrize(("program", "text"), IMAGES)
def test_an_image_is_shown_by_the_literal_with_the_tag_or_the_last(program: str, text: str, tmp_path: Path) -> None:
    span = _located(tmp_path, program, ("image",), None)
    assert (span.text, span.precision.value) == (text, "exact")


@pytest.mark.parametrize(("program", "path", "text"), KEYS)
@pytest.mark.parametrize("part", [Part.VALUE, Part.KEY])
def test_a_computed_key_is_shown_by_its_literal(program: str, path: tuple[str, ...], text: str, part: Part, tmp_path: Path) -> None:
    assert _located(tmp_path, program, path, None, part).text in (text, "'ignore'")


def test_a_text_of_several_literals_is_not_claimed_to_be_one_of_them(tmp_path: Path) -> None:
    span = _located(tmp_path, "local a = 'one two three'; { c: a + ' four' }", ("c",), None)
    assert (span.text, span.precision.value) == ("'one two three'", "approximate")
    span = _located(tmp_path, "local a = std.extVar('minor'); { c: a + 'x' }", ("c",), "23x")
    assert (span.text, span.precision.value) == ("x", "approximate")
