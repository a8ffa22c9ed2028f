"""What becomes of `${}` and `$$`: rows that tell neighbouring forms apart (drone/envsubst `funcs.go`, runner-go `pipeline/runtime/runner.go`)."""

from __future__ import annotations

import pytest

from drone_lint.semantics.substitution import go_quote, lookup_in, substitute
from drone_lint.settings import Settings
from drone_lint.source.load import load


@pytest.mark.parametrize(
    ("text", "value", "result"),
    [
        # the first, every, at the beginning, at the end
        ("${V/a/x}", "banana", "bxnana"),
        ("${V//a/x}", "banana", "bxnxnx"),
        ("${V/#a/x}", "banana", "banana"),
        ("${V/#b/x}", "banana", "xanana"),
        ("${V/%a/x}", "banana", "bananx"),
        ("${V/%b/x}", "banana", "banana"),
        ("${V/#ba/x}", "bababa", "xbaba"),
        ("${V/%ba/x}", "bababa", "babax"),
        # the first letter, every letter
        ("${V^}", "release", "Release"),
        ("${V^^}", "release", "RELEASE"),
        ("${V,}", "RELEASE", "rELEASE"),
        ("${V,,}", "RELEASE", "release"),
        ("${V^}", "", ""),
        # no variable
        ("$$", "x", "$"),
        ("$$V", "x", "$V"),
        ("$$$$", "x", "$$"),
    ],
)
def test_a_form_gives(text: str, value: str, result: str) -> None:
    assert substitute(text, lookup_in({"V": value})).text == result


def test_a_file_whose_only_special_text_is_two_dollar_signs_is_substituted() -> None:
    text = "kind: pipeline\ntype: docker\nname: a\nsteps:\n- {name: s, image: i, commands: [echo $$HOME]}\n"
    (evaluation,) = load(text.encode(), ".drone.yml", Settings()).evaluations
    assert [command.text for command in evaluation.server[0].pipeline.steps[0].commands] == ["echo $$HOME"]
    assert [command.text for command in evaluation.runner[0].pipeline.steps[0].commands] == ["echo $HOME"]


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("plain", '"plain"'),
        ('a "b" \\', '"a \\"b\\" \\\\"'),
        ("\a\b\f\n\r\t\v", '"\\a\\b\\f\\n\\r\\t\\v"'),
        ("\x00\x1b\x7f", '"\\x00\\x1b\\x7f"'),
        # beyond ASCII: letters and symbols stay, what cannot be printed is escaped by its size
        ("straße 日本 😀", '"straße 日本 😀"'),
        ("a\u00a0b\u200b\u2028\ufeff", '"a\\u00a0b\\u200b\\u2028\\ufeff"'),
        ("\U000e0001", '"\\U000e0001"'),
    ],
)
def test_a_value_is_quoted_as_go_quotes_it(value: str, quoted: str) -> None:
    assert go_quote(value) == quoted
