"""Any text at all is read as a shell script: no exception, positions inside of it, time in proportion to its length."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drone_lint_rules.shell.options import operands, options
from drone_lint_rules.shell.parser import parse
from drone_lint_rules.shell.syntax import Part, Word

TOKENS = (
    *(
        "'",
        '"',
        "`",
        "$",
        "\\",
        "$(",
        ")",
        "(",
        "{",
        "}",
        "${",
        "$((",
        "))",
        "((",
        "[[",
        "]]",
        "<(",
        ">(",
        "<<",
        "<<-",
        "<<<",
        "<<'E'",
        "E",
    ),
    *(
        ">",
        ">>",
        "2>&1",
        "&>",
        "|",
        "||",
        "&&",
        "&",
        ";",
        ";;",
        "\n",
        "\r\n",
        "\t",
        " ",
        "#",
        "!",
        "=",
        "a=",
        "a=(",
        "+=",
        "~",
        "*",
        "é",
        "\ue000",
    ),
    *(
        "if",
        "then",
        "fi",
        "for",
        "in",
        "do",
        "done",
        "case",
        "esac",
        "while",
        "function",
        "f()",
        "eval",
        "sh -c",
        "sudo -u x",
        "env A=b",
        "xargs -n1",
    ),
    *(
        "echo",
        "curl",
        "-k",
        "--x=y",
        "--",
        "$'",
        "\\n",
        "$x",
        "${x:-",
        "${#x}",
        "${!x}",
        "${x[@]}",
        "$$",
        "$1",
        "coproc",
        "select",
        "time",
        "\x00",
    ),
)
scripts = st.one_of(
    st.lists(st.sampled_from(TOKENS)).map("".join),
    st.lists(st.sampled_from(TOKENS)).map(" ".join),
    st.text(),
    st.text("'\"`$(){}\\\n ;|&<E#ax="),
)


def parts_of(word: Word) -> list[Part]:
    return list(word.walk())


@settings(max_examples=400, deadline=None)
@given(scripts, st.sets(st.integers(0, 40)))
def test_any_text_is_read_with_positions_inside_of_it(text: str, pasted: set[int]) -> None:
    read = parse(text, frozenset(pasted))
    assert read.pasted <= pasted
    for command in read.commands:
        assert 0 <= command.start <= command.end <= len(text)
        words = [*command.words, *(item.value for item in command.assignments), *(item.target for item in command.redirections)]
        words += [body for item in command.redirections for body in item.body]
        for word in words:
            assert 0 <= word.start <= word.end <= len(text)
            for part in parts_of(word):
                assert 0 <= part.start <= part.end <= len(text)
                assert len(part.origins) == len(part.text)
                assert all(0 <= origin < len(text) for origin in part.origins)
        assert command.program is not None
        list(options(command, "-o --x"))
        operands(command, "-o --x")
        list(command.feeds)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.characters(blacklist_characters="\r\n\0", blacklist_categories=["Cs"]), max_size=8), min_size=1, max_size=5))
def test_single_quoted_words_are_what_was_quoted(words: list[str]) -> None:
    quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
    (command,) = parse(f"prog {quoted}").commands
    assert [word.text for word in command.arguments] == words
    for word in command.arguments:
        for part in word.parts:
            assert all(f"prog {quoted}"[origin] == char for origin, char in zip(part.origins, part.text, strict=True))


NESTED = ("$(", "`", "((", "(", "{ ", "${x:-", '"$(', "<(", "sh -c '", 'eval "', "if ", "case x in a) ", "a=(", "<<E\n", "$((", "f() { ", "\\", "'", '"', "$'", "[[ ", "function f ", "! ", "${", "[", "coproc ", "for x in ", "eval ")  # fmt: skip


@pytest.mark.parametrize("token", NESTED)
def test_time_is_in_proportion_to_length(token: str) -> None:
    def cost(count: int) -> float:
        text = (token + "a ") * count
        best = 1e9
        for _ in range(3):
            start = time.process_time()
            parse(text)
            best = min(best, time.process_time() - start)
        return best

    small, large = cost(500), cost(4000)
    assert large < 40 * small + 0.1  # eight times the text; quadratic time would be 64 times as much
