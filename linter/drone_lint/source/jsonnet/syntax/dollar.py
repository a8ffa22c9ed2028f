"""`$` in list comprehensions, which the arbiter refuses where the server does not.

The C++ engine takes a list comprehension for an object around its body (`obj_level + 1` in its desugarer), so that an object in one that no
other object surrounds has no `$`: `[{ name: 'a', also: $.name } for x in [1]]` is an unknown variable to it. go-jsonnet, of every version that a
server had, and rjsonnet give such an object its own `$`. For the arbiter it is written out.
"""

from __future__ import annotations

from drone_lint.source.jsonnet.syntax.tokens import PUNCTUATION, Token, tokenise

ERROR = "Unknown variable: $"
"""What the arbiter says to it."""


def with_roots(text: str) -> str:
    """The program with a name in the place of each `$` inside of an object; the same text where there is none.

    Lines stay as they are, columns do not.
    """
    if "$" not in text or "for" not in text:
        return text
    name = root_name(text)
    edits: list[tuple[int, int, str]] = []
    depth, opened = 0, 0
    dollars: list[Token] = []
    for token in tokenise(text):
        if token.kind != PUNCTUATION:
            continue
        if token.text == "{":
            if depth == 0:
                opened, dollars = token.end, []
            depth += 1
        elif token.text == "$" and depth:
            dollars.append(token)
        elif token.text == "}" and depth:
            depth -= 1
            if depth == 0 and dollars:
                edits += [(opened, opened, f"local {name} = self, "), *((one.start, one.end, name) for one in dollars)]
    return _edited(text, edits)


def root_name(text: str) -> str:
    """The name that stands for `$` in a text: one that it does not have."""
    name = "drone_lint_root"
    while name in text:
        name += "_"
    return name


def _edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    parts, at = [], 0
    for start, end, new in edits:
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])
