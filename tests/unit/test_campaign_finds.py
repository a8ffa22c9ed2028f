"""What the campaigns of `tests/campaigns` found, each kept so that it stays mended."""

from __future__ import annotations

import time

import pytest

from drone_lint.config.load import ConfigError, read
from drone_lint.semantics.glob import is_malformed, matches
from drone_lint.semantics.path_match import path_match
from drone_lint.semantics.size import parse_size_text
from drone_lint.semantics.substitution import SubstitutionError, lookup_in, substitute
from drone_lint.settings import Settings
from drone_lint.source.facts import FailedSubstitution
from drone_lint.source.jsonnet.syntax.static_check import is_sound
from drone_lint.source.jsonnet.syntax.tokens import offset_in, structure
from drone_lint.source.load import load
from drone_lint.source.yaml.scalars import resolve
from drone_lint_rules.shell.parser import parse

SHA = "0123456789abcdef0123456789abcdef01234567"


def result(text: str) -> str:
    return substitute(text, lookup_in({"A": SHA})).text


def rules_of(text: str) -> list[str]:
    return [problem.rule for problem in load(text.encode(), ".drone.yml", Settings()).problems]


def test_a_position_of_more_digits_than_go_reads_leaves_the_value():
    assert result("${A:" + "9" * 6000 + "}") == SHA
    assert result("${A:9223372036854775808}") == SHA
    assert result("${A:" + "0" * 6000 + "2}") == SHA[2:]


def test_substitution_in_substitution_has_a_bound():
    assert result("${B:-" * 50 + "x" + "}" * 50) == "x"
    with pytest.raises(SubstitutionError, match="nested deeper"):
        substitute("${B:-" * 5000 + "x" + "}" * 5000, lookup_in({}))
    file = load(("kind: pipeline\nname: " + "${B:-" * 60 + "x" + "}" * 60).encode(), ".drone.yml", Settings())
    assert [(one.cause, one.refusals) for one in file.facts(FailedSubstitution)] == [("too deep", ())]


@pytest.mark.parametrize("pattern", ["*?" * 18 + "z", "*" * 2000 + "z", "*[0-9]" * 30 + "z"])
def test_patterns_that_go_back_and_forth_end(pattern):
    begin = time.process_time()
    assert result("${A##" + pattern + "}") == SHA
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*", "abc", True), ("*", "a/c", False), ("a*c", "abc", True), ("a*c", "a/c", False), ("?", "/", False), ("[a-c]?", "bx", True), ("[^a-c]", "b", False),
        ("a*b*c", "axbxbxc", True), ("*x", "xxx", True), ("a\\*", "a*", True), ("a\\*", "ab", False), ("[\\]]", "]", True), ("*.y*ml", "a.yxml", True), ("", "", True),
        ("[z-a]", "m", False), ("ab", "a", False), ("[[:]", ":", True), ("*/*", "a/b", True), ("*a", "b/a", False),
    ],
)  # fmt: skip
def test_patterns_match_as_path_match_does(pattern, name, expected):
    assert path_match(pattern, name) is expected


@pytest.mark.parametrize("pattern", ["[]a]", "[", "[a", "[a-]", "[-a]", "\\", "[a-"])
def test_malformed_patterns_are_refused(pattern):
    with pytest.raises(ValueError, match=r"^.+$"):
        path_match(pattern, "a")
    assert result("${A#" + pattern + "}") == SHA if "\\" not in pattern else True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9" * 6000, "!!str"),
        ("-" + "9" * 6000, "!!str"),
        ("1e+999", "!!str"),
        (".5e999", "!!str"),
        ("0x" + "f" * 5000, "!!str"),
        ("0" * 100 + "7", "!!int"),
    ],
)
def test_numbers_that_go_cannot_hold_are_strings(text, expected):
    assert resolve(text)[0] == expected


def test_aliases_that_multiply_are_a_limit_and_not_a_crash():
    lists = "x0: &x0 [a,b,c,d,e,f,g,h,i,j]\n" + "".join(f"x{n}: &x{n} [{','.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 9))
    merges = "m0: &m0 {k: v}\n" + "".join(f"m{n}: &m{n} {{<<: [{','.join([f'*m{n - 1}'] * 10)}]}}\n" for n in range(1, 9))
    begin = time.process_time()
    assert rules_of("kind: pipeline\n" + lists) == ["evaluation-limit"]
    assert rules_of("kind: pipeline\n" + merges) == ["evaluation-limit"]
    assert time.process_time() - begin < 5


def test_ordinary_aliases_are_no_bomb():
    steps = "".join(f"- {{<<: *base, name: s{n}}}\n" for n in range(2000))
    assert rules_of("kind: pipeline\nx: &base {image: a, environment: {A: b, C: d}}\nsteps:\n" + steps) == []


@pytest.mark.parametrize("text", ["42.inf", "1.x", "[1_0]", "{a: 1.}", "0x"])
def test_numbers_that_the_arbiter_reads_otherwise_are_not_sound(text):
    assert not is_sound(text)
    assert is_sound("[1, 2.5, 3e2][0]")


def test_a_key_without_a_value_ends_where_it_begins():
    (literal,) = structure("{ commands: }").objects
    (field,) = literal.fields
    assert field.value == field.value_end < literal.end


@pytest.mark.parametrize("text", ["'efa\\ult'", "'\\u12'", "'\\u'", "'\\'", "|||\n          |||\n |||\n"])
def test_broken_escapes_stay_inside_of_the_literal(text):
    for literal in structure(text).strings.values():
        assert offset_in(text, literal, len(literal.value)) <= literal.end


def test_places_in_a_text_block_that_begins_with_blank_lines_are_found():
    text = "|||\n\n   a\n\n     b c\n|||"
    (literal,) = structure(text).strings.values()
    assert literal.value == "\na\n\n  b c\n"
    for at, char in enumerate(literal.value):
        assert text[offset_in(text, literal, at)] == char, at


def test_two_escapes_that_make_one_character_count_as_one():
    text = "'\\ud83d\\udc0bx'"
    (literal,) = structure(text).strings.values()
    assert literal.value == "\U0001f40bx"
    assert text[offset_in(text, literal, 1)] == "x"


def test_an_unfinished_test_command_ends_with_the_script():
    for script in ("for i in x; do [[", "while [[ $(", "[[ a\n", "if [[ `"):
        (command,) = parse(script).commands
        assert command.end <= len(script)


@pytest.mark.parametrize(
    "pattern", ["{a,a}" * 28 + "z", "*a" * 30 + "z", "*" * 3000 + "z", "**/" * 3000 + "z", "{" * 3000, "*?" * 16 + "{a,b}" * 10 + "z"]
)
def test_globs_end(pattern):
    begin = time.process_time()
    for value in ("a" * 200, "a/" * 200, "a" * 100_000):
        assert matches(pattern, value) is False
    assert is_malformed(pattern) in (True, False)
    assert time.process_time() - begin < 10


def problems_of(text: str, engine: str = "auto") -> list[str]:
    settings = Settings(jsonnet=Settings().jsonnet._replace(engine=engine))
    file = load(text.encode(), "/nowhere/.drone.jsonnet", settings)
    return [problem.rule for problem in (*file.problems, *(one for each in file.evaluations for one in each.problems))]


@pytest.mark.parametrize("engine", ["auto", "rjsonnet", "jsonnet"])
@pytest.mark.parametrize("number", ["1e999", "-1e999", "1e308 * 10"])
def test_an_infinite_number_is_an_error_of_the_program(number, engine):
    assert problems_of(f"{{ kind: 'pipeline', a: {number} }}", engine) == ["invalid-jsonnet"]


@pytest.mark.parametrize("inner", ["[f(n - 1)]", "{ a: f(n - 1) }"])
def test_a_result_that_is_nested_too_deep_is_a_limit(inner):
    program = "local f(n) = if n == 0 then '$$' else {}; {{ kind: 'pipeline', x: f({}) }}"
    assert problems_of(program.format(inner, 180)) == []
    assert problems_of(program.format(inner, 495)) == ["evaluation-limit"]


def test_a_small_program_with_a_large_result_is_a_limit():
    binds = ", ".join(f"a{n} = [{', '.join([f'a{n - 1}'] * 10)}]" for n in range(1, 8))
    assert problems_of(f"local a0 = 'x', {binds}; {{ kind: 'pipeline', x: a7 }}") == ["evaluation-limit"]


@pytest.mark.parametrize(
    "value", ['!!int ""', "!!bool x", "!!float ''", "!!timestamp x", "!!binary x", "{? [a]: b}", "!!python/object:os.system x"]
)
def test_odd_values_in_a_configuration_are_its_mistakes(value, tmp_path):
    path = tmp_path / ".drone-lint.yaml"
    path.write_text(f"runner: {value}\n")
    with pytest.raises(ConfigError):
        read(str(path))


@pytest.mark.parametrize(("text", "size"), [("9" * 400, None), ("9" * 400 + "GiB", None), ("9" * 300 + "P", -(1 << 63)), ("1.5k", 1536)])
def test_a_size_past_all_numbers(text, size):
    assert parse_size_text(text) == size


@pytest.mark.parametrize("engine", ["auto", "jsonnet"])
def test_what_the_arbiter_cannot_parse_is_an_error_wherever_it_stands(engine):
    assert problems_of(f"local unused = {'-' * 500}1; {{ kind: 'pipeline', name: 'a' }}", engine) == ["invalid-jsonnet"]
    assert problems_of(f"local used = {'-' * 4}1; {{ kind: 'pipeline', name: 'a' }}", engine) == []
