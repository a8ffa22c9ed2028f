"""What passes for sound without the arbiter, the arbiter accepts: over programs, and over what small accidents make of them."""

from __future__ import annotations

import random
from pathlib import Path

import _jsonnet
import pytest

from drone_lint.source.jsonnet.engine.session import uncalled
from drone_lint.source.jsonnet.syntax.static_check import is_sound
from drone_lint.source.jsonnet.syntax.tokens import COMMENT, tokenise

ROOT = Path(__file__).parents[2]
PROGRAMS = {
    "everything": """
local a = 1, b(x, y=x) = x + y, c = function(n) if n == 0 then [] else [n] + c(n - 1);
local std_ = std;
assert a == 1 : 'never';
{
  local own = self.name,
  local helper(n) = own + n,
  assert std.length(self.name) > 0 : 'a name',
  name: 'x', 'quoted key': @'verbatim ''text''', hidden:: $.name, forced::: super.name, method(x, y):: x + y,
  [if a == 1 then 'computed']+: { deep: self.name + own + helper('n') },
  list: [x * y for x in std.range(1, 3) if x > 1 for y in [x, -x] if !(y == 2)],
  map: { [k]: k + '!' for k in ['a', 'b'] },
  extended: { a: 1 } { b+: 2 } + { c: 3 },
  has: 'name' in super, text: |||
    a block
      with lines
  |||,
  call: b(1, y=2) tailstrict, index: [1, 2][0], number: -1.5e3, nothing: null, no: !true,
  fail:: error 'x' + self.name, lazy: if false then error 'no', chosen: if a == 1 then local z = 2; z else 3,
}
""",
    "locals": "local a = 1;\nlocal b = local c = a, d = c; [c, d];\nlocal f(x) = local y = x; y;\nfunction(ctx={}) { a: a, b: b, f: f(b) }",
    "objects": "local o = { a: { b: $.c, d: self.b }, c:: 1, ['x' + 1]: 2, local e = $, f: e };\n[o { a+: { b: super.b } }, (o).c, o['a']]",
}
POOL = ("(", ")", "{", "}", "[", "]", ",", ";", ":", "::", "+:", "=", "==", "+", "-", "!", ".", "$", "self", "super", "in", "for", "if", "then",
        "else", "local", "function", "error", "assert", "import", "tailstrict", "null", "1", "01", "'s'", "x", "a", "std", "|||", "\\", "#\n", "%")  # fmt: skip


def refused(programs: list[str]) -> list[str]:
    """Those that the arbiter refuses statically."""
    try:
        _jsonnet.evaluate_snippet("check", uncalled(programs))
    except RuntimeError:
        if len(programs) == 1:
            return programs
        half = len(programs) // 2
        return refused(programs[:half]) + refused(programs[half:])
    return []


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_people_write_is_understood(name):
    assert is_sound(PROGRAMS[name])
    assert not refused([PROGRAMS[name]])


@pytest.mark.parametrize(
    "text",
    [
        "local f() = unknown; 1", "{ a: 1, a: 2 }", "local a = 1, a = 2; a", "function(a, a) a", "self.a", "$", "{ [self.a]: 1 }", "[x for y in [1]]",
        "local o = { local x = 1, a: 1 }; x", "f(a=1, 2)", "import 'a' + 'b'", "local x = 1 x", "{ a: 1 b: 2 }", "[1 2]", "if true then", "super.a",
        "{ a(x)+: 1 }", "'\\q'", "01", "1 +", "", "local in = 1; 1", "std.", "{ [x]: x for y in [1] }", "(1", "1)", "[y for x in y for y in [1]]",
        "(" * 200 + "1" + ")" * 200,
    ],
)  # fmt: skip
def test_nothing_wrong_passes(text):
    assert not is_sound(text)


def test_accidents_that_pass_are_accepted_by_the_arbiter():
    files = [
        path for folder in ("examples", "tests/conformance") for path in (ROOT / folder).rglob("*.jsonnet") if ".venv" not in path.parts
    ]
    seeds = [*PROGRAMS.values(), *(path.read_text("utf-8", "replace") for path in sorted(files))]
    chance = random.Random(7)
    passing = list({text for text in (_accident(chance, chance.choice(seeds)) for _ in range(4000)) if is_sound(text)})
    assert len(passing) > 100
    bad = [text for at in range(0, len(passing), 100) for text in refused(passing[at : at + 100])]
    assert bad == []


def _accident(chance: random.Random, text: str) -> str:
    for _ in range(chance.choice((1, 1, 2, 3))):
        tokens = [token for token in tokenise(text) if token.kind != COMMENT]
        if len(tokens) < 2:
            return text
        one, other = chance.choice(tokens), chance.choice(tokens)
        put = chance.choice(("", chance.choice(POOL), other.text, one.text + " " + other.text, other.text + " " + one.text))
        text = f"{text[: one.start]} {put} {text[one.end :]}"
    return text
