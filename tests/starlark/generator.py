"""Makes programs: strings through operators and methods, dicts and lists through functions, updates and comprehensions."""

from __future__ import annotations

import json
from random import Random

_LETTERS = "abcXYZ 019-_/é日\n\t\"'\\{}%$"
_WORDS = ("name", "image", "é", "a b", "kind", "x")
_NAMES = ("name", "image", "kind", "x")
_PROGRAM = """\
GLOBAL = "glöbal"

def helper(text, more = "!"):
    return "<" + text + more

def updated(one, other):
    made = dict(one)
    made.update(**{key: other[key] for key in other if key.isalpha()})
    made["last"] = "end"
    return made

def main(ctx, name = "thé name"):
    value = %s
    return [{"kind": value}]
"""


def program(random: Random) -> str:
    """A program."""
    return _PROGRAM % value(random, 2)


def literal(random: Random, without: str = "") -> str:
    """A string."""
    text = "".join(random.choice(_LETTERS) for _ in range(random.randrange(9)))
    return json.dumps("".join(char for char in text if char not in without), ensure_ascii=False)


def string(random: Random, depth: int) -> str:
    """An expression whose value is a string."""
    if depth == 0:
        return random.choice((literal(random), literal(random), "name", "GLOBAL", "ctx.build.branch"))
    one, two = string(random, depth - 1), string(random, depth - 1)
    plain = literal(random, '{}%\\"')[1:-1]
    return random.choice((
        one,
        f"({one} + {two})",
        f'("{plain}%s-%s" % ({one}, {two}))',
        f'"{plain}{{}}:{{x}}".format({one}, x = {two})',
        f"{one}.join([{two}, {literal(random)}])",
        f"{one}.replace({literal(random)}, {two})",
        f"{one}[{random.randrange(-3, 4)}:{random.randrange(-3, 9)}]",
        f"{one}.strip()",
        f"{one}.upper()",
        f"({one} if {two} else {two})",
        f"({one} * {random.randrange(4)})",
        f"helper({one})",
        f'({one} + "-").split("-")[0]',
        f"{{'k': {one}}}['k']",
        f"str({one})",
    ))  # fmt: skip


def value(random: Random, depth: int) -> str:
    """Any expression."""
    if depth == 0:
        return random.choice((string(random, 2), string(random, 1), "True", "None", "12", "[]", "{}"))
    one, two = value(random, depth - 1), value(random, depth - 1)
    named = ", ".join(f"{name} = {value(random, depth - 1)}" for name in random.sample(_NAMES, random.randrange(3)))
    words = ", ".join(json.dumps(word, ensure_ascii=False) for word in random.sample(_WORDS, random.randrange(3)))
    return random.choice((
        _dict(random, depth),
        f"dict({named})",
        f"updated({_dict(random, depth)}, {_dict(random, depth)})",
        f"({_dict(random, depth)} | {_dict(random, depth)})",
        f"[{one}, {two}]",
        f"[i for i in [{one}, {two}]]",
        f"{{i: {{i + i: i}} for i in [{words}]}}",
        f"([{one}] + [{two}])",
    ))  # fmt: skip


def _dict(random: Random, depth: int) -> str:
    keys = random.sample(_WORDS, random.randrange(4))
    return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {value(random, depth - 1)}" for key in keys) + "}"
