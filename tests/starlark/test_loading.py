"""Starlark configurations from their text to documents, positions and problems."""

from __future__ import annotations

import textwrap

import pytest

from drone_lint.lint.locating import resolve
from drone_lint.model.node import Scalar, plain, walk
from drone_lint.model.value import Part, Place
from drone_lint.settings import Settings, StarlarkSettings
from drone_lint.source.load import load


def loaded(text, **settings):
    return load(
        textwrap.dedent(text).encode("utf-8"), ".drone.star", Settings(**settings), absolute="/nowhere/.drone.star", root="/nowhere"
    )


def values(text, **settings):
    file = loaded(text, **settings)
    assert not file.problems, file.problems
    return [[plain(one.root) for one in evaluation.server] for evaluation in file.evaluations]


def problem(text, **settings):
    (found,) = loaded(text, **settings).problems
    return found


# -- what comes out


def test_a_list_gives_documents_and_a_dict_gives_one():
    assert values("def main(ctx):\n  return [{'a': 1}, {'b': [True, None, (1, 'x')]}]") == [[{"a": 1}, {"b": [True, None, [1, "x"]]}]]
    assert values("def main(ctx):\n  return {'a': {1: 'one'}}") == [[{"a": {"1": "one"}}]]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("'a\"\\\\b'", '"a\\"\\\\b"'),
        ("'é'", '"é"'),
        ("'\\u00ad\\u200b'", '"\\u00ad\\u200b"'),
        ("'a\\nb'", '"a\\nb"'),
        ("'<\\t>'", '"\\u003c\\t\\u003e"'),
        ("'\\U0001F600'", '"😀"'),
        ("'\\x7f'", '"\\x7f"'),
        ("'é'[0]", '"\\xc3"'),
        ("1.5", "1.5"),
        ("1e6", "1e+06"),
        ("float('inf')", "+Inf"),
        ("1 << 70", "1180591620717411303424"),
        ("(1, 2)", "[1, 2]"),
        ("range(3)", "[0, 1, 2]"),
        ("'ab'.elems()", '["a", "b"]'),
    ],
)
def test_the_text_is_the_servers(written, text):
    from drone_lint.source.starlark.session import Request, session

    request = Request(f"def main(ctx):\n  return {{'a': {written}}}", ({"repo": {}, "build": {}, "input": {}},))
    (outcome,) = session(1 << 30).evaluate(request, 20)
    assert outcome.text == f'{{"a": {text}}}'


def test_a_program_is_run_for_each_event_that_matters():
    file = loaded("def main(ctx):\n  return {'kind': 'pipeline', 'name': 'tag' if ctx.build.event == 'tag' else 'other'}")
    assert [(one.events, plain(one.server[0].root)["name"]) for one in file.evaluations] == [
        (("push", "pull_request", "promote", "rollback", "cron", "custom"), "other"),
        (("tag",), "tag"),
    ]


def test_a_field_is_given_the_values_that_it_is_compared_with():
    file = loaded("""
    def main(ctx):
      names = ["a"]
      if ctx.build.branch in ["main", "stable"] or ctx.build.ref.startswith("refs/tags/"):
        names.append("b")
      if ctx.build.branch.split("/")[0] == "release" and ctx.build.event == "push":
        names.append("c")
      return [{"kind": "pipeline", "name": name} for name in names]
    """)
    assert {one.given for one in file.evaluations} == {(), (("ctx.build.branch", "release"),)}
    assert [one.name for one in file.evaluations[-1].server] == ["a", "c"]


def test_strings_of_ctx_are_those_of_the_event():
    assert values(
        "def main(ctx):\n  return {'a': ctx.build.ref, 'b': ctx.build.cron, 'c': ctx.repo.private, 'd': ctx.build.debug}", event="cron"
    ) == [[{"a": "refs/heads/main", "b": "nightly", "c": False, "d": False}]]


# -- errors


@pytest.mark.parametrize(
    ("text", "message", "words"),
    [
        ("x = 1", "missing main function", "starlark: missing main function"),
        ("main = 1", "main must be a function", "starlark: main must be a function"),
        ("def main(ctx): return (1,)", "main returns an invalid type", "starlark: main returns an invalid type"),
        ("def main(ctx): return {'a': len}", "value <built-in function len>", "value <built-in function len> (type `builtin_function_or_method') can't be converted to JSON"),
        ("def main(): return {}", "function main accepts no arguments", "function main accepts no arguments (1 given)"),
        ("def main(ctx): return [1, set([1])]", "support sets", ".drone.star:1:27: this Starlark dialect does not support sets"),
        ("def main(ctx): fail('no', 1)", "the program fails with its own error: no 1", "fail: no 1"),
        ("def main(ctx): return {'a': 'x' * 2000000}", "maximum file size exceeded", "starlark: maximum file size exceeded"),
        ("def main(ctx): return ctx.repo.nam", "did you mean .name?", '"repo" struct has no .nam attribute (did you mean .name?)'),
        ("\ufeffdef main(ctx): return {}", "byte order mark", ".drone.star:1:1: unexpected input character '\\ufeff'"),
    ],
)  # fmt: skip
def test_errors_have_the_servers_words(text, message, words):
    found = problem(text)
    assert found.rule == "invalid-starlark"
    assert message in found.message
    assert [one.message for one in found.drone] == [words]


def test_an_empty_list_is_read_as_yaml():
    assert problem("def main(ctx): return []").rule == "empty-config"


def test_a_trace_leads_through_the_calls():
    found = problem("def f(x):\n  return x['b']\n\ndef g(x):\n  return f(x)\n\ndef main(ctx):\n  return g({})\n")
    assert found.span.text == "x['b']"
    assert [(words, span.text) for words, span in found.related] == [("called from here", "f(x)"), ("called from here", "g({})")]


def test_steps_are_counted_where_the_configuration_says_so():
    text = "def main(ctx):\n  x = 0\n  for i in range(10000):\n    x += i\n  return {'kind': 'pipeline', 'name': str(x)}"
    assert not loaded(text).problems
    limited = Settings(starlark=StarlarkSettings(step_limit=50_000))
    found = load(text.encode(), ".drone.star", limited).problems[0]
    assert found.drone[0].message == "Starlark computation cancelled: too many steps"
    assert not load(text.replace("10000", "1000").encode(), ".drone.star", limited).problems


@pytest.mark.parametrize(
    "text",
    [
        "def main(ctx):\n  for i in range(1 << 40):\n    pass\n  return {}",
        "x = [i for i in range(1 << 40)]\ndef main(ctx): return {}",
        "def main(ctx):\n  x = ['a']\n  for i in range(60):\n    x = x + x\n  return x",
        "def main(ctx):\n  x = 'a' * 1000000000\n  return [x, x + x]",
        "def main(ctx):\n  x = 3\n  for i in range(40):\n    x = x * x\n  return {'a': x}",
        "def main(ctx):\n  x = []\n  x.append(x)\n  return x",
        "def main(ctx):\n  x = 'a'\n  for i in range(40):\n    x = [x, x]\n  return x",
        "def main(ctx):\n  x = {}\n  for i in range(50000):\n    x = {'a': x}\n  return x",
        "def main(ctx): return " + "[" * 50000 + "]" * 50000,
        "def main(ctx): return " + "-" * 50000 + "1",
        "def main(ctx): return " + "1 + (" * 20000 + "1" + ")" * 20000,
        "def main(ctx): return b'ab'",
        "def main(ctx): return [b'ab']",
        "def main(ctx):\n  x = ()\n  for i in range(100000):\n    x = (x,)\n  return {x: 1}",
        "def main(ctx):\n  return 'a' * 2000000000 * 2000000000",
    ],
)
def test_hostile_programs_give_one_clear_error(text):
    found = problem(text, max_seconds=3.0, max_memory=256 << 20)
    assert found.rule in ("evaluation-limit", "invalid-starlark")
    assert "bug" not in found.message


def test_a_thousand_functions_in_each_other_and_long_sums_are_no_problem():
    chain = "".join(f"def f{n}(): return f{n + 1}()\n" for n in range(1000)) + "def f1000(): return 'deep'\n"
    assert values(chain + "def main(ctx): return {'a': f0()}") == [[{"a": "deep"}]]
    assert values("def main(ctx): return {'a': " + " + ".join(["'x'"] * 5000) + "}") == [[{"a": "x" * 5000}]]
    assert values("def main(ctx): return {'a': " + "[" * 150 + "]" * 150 + "}")


# -- places


def places(text):
    """Every key and string of the first document, with the source text that it is shown by."""
    file = loaded(text)
    assert not file.problems, file.problems
    (document, *_) = file.evaluations[0].server
    found = {}
    for path, node in walk(document.root):
        if path and isinstance(path[-1], str):
            found[(*path, "key")] = resolve(Place(document, path, Part.KEY)).primary
        if (isinstance(node, Scalar) and node.tag == "!!str") or (path and isinstance(path[-1], int)):
            found[path] = resolve(Place(document, path)).primary
    return {path: (span.text, span.precision.value) for path, span in found.items()}


def test_keys_and_strings_are_found_through_everything():
    found = places("""
    base = {"kind": "pipeline"}

    def step(name, image = "alpine:%s" % "3.20", **more):
      made = dict(name = name, image = image)
      made.update(more)
      return made

    def main(ctx):
      one = step("build-" + ctx.build.event, commands = ["make {}".format("all"), "-".join(["a", "b"])])
      one["privileged"] = True
      return dict(base, steps = [one] + [{"name": n.upper()} for n in ["x"]], **{"type": "docker"})
    """)
    assert found[("kind", "key")] == ('"kind"', "exact")
    assert found[("kind",)] == ('"pipeline"', "exact")
    assert found[("steps", "key")] == ("steps", "exact")
    assert found[("steps", 0, "name", "key")] == ("name", "exact")
    assert found[("steps", 0, "name")] == ('"build-"', "exact")
    assert found[("steps", 0, "image")] == ('"alpine:%s"', "exact")
    assert found[("steps", 0, "commands", "key")] == ("commands", "exact")
    assert found[("steps", 0, "commands", 0)] == ('"make {}"', "exact")
    assert found[("steps", 0, "commands", 1)] == ('"a"', "exact")
    assert found[("steps", 0, "privileged", "key")] == ('"privileged"', "exact")
    assert found[("steps", 1)] == ('"name"', "exact")
    assert found[("steps", 1, "name")] == ('"x"', "exact")
    assert found[("type", "key")] == ('"type"', "exact")
    assert {precision for _, precision in found.values()} == {"exact"}


@pytest.mark.parametrize(
    ("written", "wanted", "shown"),
    [
        ("'echo hello'", (5, 10), "hello"),
        ("'a\\tb\\u00e9c'", (2, 4), "b\\u00e9"),
        ("r'a\\tb'", (1, 3), "\\t"),
        ("'''x\ny z'''", (4, 5), "z"),
        ("'echo %s now' % 'hello'", (5, 10), "hello"),
        ("'echo %s now' % 'hello'", (11, 14), "now"),
        ("'éé %s' % 'wörld'", (4, 8), "örld"),
        ("'{}-{}'.format('ab', 'cd')", (3, 5), "cd"),
        ("','.join(['ab', 'cd', 'ef'])", (3, 5), "cd"),
        ("'a-b-c'.replace('b', 'xyz')", (3, 5), "yz"),
        ("'a-b-c'.replace('b', 'xyz')", (6, 7), "c"),
        ("'one two'.split()[1]", (1, 3), "wo"),
        ("'  pad '.strip()", (0, 2), "pa"),
        ("'key=value'.partition('=')[2]", (0, 5), "value"),
        ("'abcdef'[2:5]", (1, 2), "d"),
        ("('ab' + 'cd').upper()", (2, 3), "c"),
        ("'ab' * 3", (4, 5), "a"),
        ("'%(x)s' % {'x': 'deep'}", (1, 3), "ee"),
    ],
)
def test_a_range_inside_a_string_is_found_in_the_literal_that_holds_it(written, wanted, shown):
    file = loaded(f"def main(ctx):\n  return {{'a': {written}}}")
    (document,) = file.evaluations[0].server
    span = resolve(Place(document, ("a",), Part.VALUE, wanted)).primary
    assert (span.text, span.precision.value) == (shown, "exact")


def test_a_string_that_comes_from_elsewhere_says_where_it_is_used():
    file = loaded("IMAGE = 'alpine'\n\ndef main(ctx):\n  return {'image': IMAGE}")
    (document,) = file.evaluations[0].server
    found = resolve(Place(document, ("image",)))
    assert found.primary.text == "'alpine'"
    assert [(words, span.text) for words, span in found.related] == [("used here", "'image'")]
