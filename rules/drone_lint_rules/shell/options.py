"""The options of a command, as getopt reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from drone_lint_rules.shell.syntax import Part, SimpleCommand, Word


class Option(NamedTuple):
    """One option; `-xk` is two."""

    name: str
    """`-k`, `--insecure`; a long option with one dash (`-password`) only when it was named as such."""
    value: str | None
    """Its value's text; None when it has none."""
    start: int
    end: int
    parts: tuple[Part, ...] = ()
    """The value's parts."""

    @property
    def variables(self) -> Iterator[Part]:
        """The shell variables in its value."""
        return Word(self.parts, self.start, self.end).variables()


def options(command: SimpleCommand, valued: str = "", *, first: int = 0) -> Iterator[Option]:
    """The options among a command's arguments from index `first`, up to `--`; operands between them are passed over.

    Args:
        command: the command.
        valued: the options that take a value, as one text: `-o -H --output`. Those with `=` in it (`--color=always`) need no mention.
            `-p?` is one whose value must be attached (`mysql -pX`).
        first: where to begin.
    """
    names = frozenset(valued.split())
    words = iter(command.arguments[first:])
    for word in words:
        text = word.text
        if text == "--":
            return
        if len(text) < 2 or text[0] != "-" or not _is_literal_dash(word):
            continue
        if text.startswith("--") or (text.partition("=")[0] in names and len(text.partition("=")[0]) > 2):
            yield _long(word, words, names)
        else:
            yield from _cluster(word, words, names)


def operands(command: SimpleCommand, valued: str = "") -> list[Word]:
    """The arguments that are neither options nor their values."""
    names = frozenset(valued.split())
    found: list[Word] = []
    words = iter(command.arguments)
    for word in words:
        text = word.text
        if text == "--":
            return [*found, *words]
        if len(text) < 2 or text[0] != "-":
            found.append(word)
        elif text.startswith("--") or (text.partition("=")[0] in names and len(text) > 2):
            _long(word, words, names)
        else:
            list(_cluster(word, words, names))
    return found


def _is_literal_dash(word: Word) -> bool:
    return word.parts[0].kind == "text"


def _long(word: Word, words: Iterator[Word], names: frozenset[str]) -> Option:
    name, equals, value = word.text.partition("=")
    if equals:
        return Option(name, value, word.start, word.end, word.after(len(name) + 1).parts)
    following = next(words, None) if name in names else None
    return _with(name, following, word.start, word.end)


def _with(name: str, following: Word | None, start: int, end: int) -> Option:
    if following is None:
        return Option(name, None, start, end)
    return Option(name, following.text, start, following.end, following.parts)


def _cluster(word: Word, words: Iterator[Word], names: frozenset[str]) -> Iterator[Option]:
    text = word.text
    for at in range(1, len(text)):
        name = "-" + text[at]
        attached = text[at + 1 :]
        if (name in names or name + "?" in names) and attached:
            rest = word.after(at + 1)
            yield Option(name, attached, word.start, word.end, rest.parts)
            return
        if name in names:
            yield _with(name, next(words, None), word.start, word.end)
            return
        yield Option(name, None, word.start, word.end)
