r"""Where a character of a scalar's value is written: one `@` in the value, and the line and column of that `@` in the file."""

from __future__ import annotations

import pytest

from drone_lint.settings import Settings
from drone_lint.source.load import load


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("ab @", "ab @"),
        ("ab\n  cd @", "ab cd @"),
        ("'it''s @'", "it's @"),
        ("'a\n  b\n\n  c @'", "a b\nc @"),
        # double quotes: escapes of every length, line breaks that fold, and one that is escaped
        ('"ab @"', "ab @"),
        ('"a\\tb\\"c\\\\ @"', 'a\tb"c\\ @'),
        ('"\\x41\\u00e9\\U0001F600 @"', "Aé😀 @"),
        ('"a\n  b @"', "a b @"),
        ('"a\n\n  b @"', "a\nb @"),
        ('"a\n\n\n  b @"', "a\n\nb @"),
        ('"a \\\n  b @"', "a b @"),
        ('"a\\n\n  b @"', "a\n b @"),
        ('&anchor !!str "a\\t@"', "a\t@"),
        # blocks: literal, folded, folded with paragraphs and with lines that are more indented
        ("|\n  a\n  b @\n", "a\nb @\n"),
        ("|2\n    a\n  b @\n", "  a\nb @\n"),
        (">\n  a\n  b @\n", "a b @\n"),
        (">\n  a\n\n  b @\n", "a\nb @\n"),
        (">-\n  a\n    b\n  c @\n", "a\n  b\nc @"),
        (">\n  ab\n  cd @\n  ef\n", "ab cd @ ef\n"),
    ],
)
def test_the_character_is_found(written: str, value: str) -> None:
    text = f"kind: pipeline\ntype: docker\nname: a\nx-text: {written}\n"
    document = load(text.encode(), ".drone.yml", Settings()).evaluations[0].server[0]
    scalar = document.value["x-text"]
    assert scalar.text == value
    at = value.index("@")
    span = document.locate(scalar.range(at, at + 1)).primary
    assert (span.start, span.text) == (text.rindex("@"), "@")
