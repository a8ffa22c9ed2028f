"""A step's commands as the one script that its shell runs, with the way back to each command's text.

Light to import: the parser comes in with the first script that a rule looks into.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from drone_lint.api import Place, Step, Value, expansions_in, remembered

if TYPE_CHECKING:
    from drone_lint_rules.shell.parser import Parsed
    from drone_lint_rules.shell.syntax import SimpleCommand

_JOINT = "\n\n"


class Script:
    """The commands of a step as the runner joins them, Drone's `$$` undone.

    The runner writes a line feed and an `echo` of the command before each one (runner-docker engine/compiler/shell/shell.go): of that, an
    empty line is kept here, which ends a command whose last character is a backslash.

    For rules that see the server's documents (the default view): in the runner's, `$$` is undone already.
    """

    def __init__(self, values: Sequence[Value], shell: str = "sh") -> None:
        self.values = tuple(values)
        self.shell = shell
        """`sh`, or `powershell`, whose commands are not read: `commands` is empty."""
        self._items = tuple(shell_text(value.text) for value in values)
        self._starts = _starts(self._items)

    @cached_property
    def text(self) -> str:
        """What the shell reads, `${}` that Drone replaces still there."""
        return _JOINT.join([*(item.text for item in self._items), ""])

    def mentions(self, *parts: str) -> bool:
        """Whether any of these texts occurs: the cheap question to ask before `commands`."""
        return self.shell == "sh" and any(part in self.text for part in parts)

    @cached_property
    def calls_files(self) -> bool:
        """Whether a command may run a file by its path, a script of the repository above all; the cheap question."""
        return self.shell == "sh" and ("/" in self.text or ".sh" in self.text) and _file_call().search(self.text) is not None

    @property
    def commands(self) -> tuple[SimpleCommand, ...]:
        """Every simple command, in written order, also those in substitutions and in the scripts of `sh -c` and `eval`."""
        return self._parsed.commands

    @property
    def complete(self) -> bool:
        """Whether the script was understood to its end."""
        return self._parsed.complete

    @cached_property
    def _parsed(self) -> Parsed:
        return parsed(self.text if self.shell == "sh" else "", self._pasted)

    @property
    def _pasted(self) -> frozenset[int]:
        return frozenset(start + offset for start, item in zip(self._starts, self._items, strict=False) for offset in item.pasted)

    @property
    def pasted(self) -> tuple[tuple[int, int, bool], ...]:
        """The ranges that Drone replaces by text, outermost `${}` only, and whether the shell would expand what stands there."""
        found: list[tuple[int, int, bool]] = []
        for value, item, base in zip(self.values, self._items, self._starts, strict=False):
            for expansion in sorted(expansions_in(value.text), key=lambda one: (one.start, -one.end)) if item.pasted else ():
                start, end = base + item.shown(expansion.start), base + item.shown(expansion.end)
                if not found or start >= found[-1][1]:
                    found.append((start, end, start in self._parsed.pasted))
        return tuple(found)

    def place(self, start: int, end: int) -> Place:
        """The range `start` to `end` of the script, in the command that holds its first character."""
        index = max(bisect_right(self._starts, start) - 1, 0)
        item, base = self._items[index], self._starts[index]
        first = min(start - base, len(item.text))
        last = max(min(end - base, len(item.text)), first)
        return self.values[index].range(
            item.written(first), item.written(last - 1) + item.width(last - 1) if last > first else item.written(first)
        )

    def item(self, offset: int) -> Value:
        """The command that holds the character at an offset of the script."""
        return self.values[max(bisect_right(self._starts, offset) - 1, 0)]


_WRAPPERS = r"(?:ba|da|a|z|k)?sh|busybox|exec|sudo|su|env|command|builtin|time|timeout|nohup|nice|setsid|xargs|source|eval|retry|then|do|else|elif|if|while|until"


@lru_cache(maxsize=1)
def _file_call() -> re.Pattern[str]:
    """A path, or what ends in `.sh`, as the first word of a command, or anywhere behind a word that runs another program."""
    first = r"(?:^|[;&|({`!])[ \t]*(?:\w+=\S*[ \t]+)*[\"']?[^\s;&|]*"
    return re.compile(rf"(?m)(?:{first}|(?:^|[\s;&|(/])(?:{_WRAPPERS}|\.)\s[^\n;&|]*?)(?:/|\.sh\b)")


class ShellText:
    """What the shell sees of one command, and where each character was written."""

    __slots__ = ("_dollars", "pasted", "text")

    def __init__(self, text: str, dollars: tuple[int, ...] = (), pasted: tuple[int, ...] = ()) -> None:
        self.text = text
        self._dollars = dollars
        self.pasted = pasted
        """Offsets of `${` that Drone replaces by text."""

    def written(self, offset: int) -> int:
        """The offset in the command's own text."""
        return offset + bisect_right(self._dollars, offset - 1)

    def shown(self, offset: int) -> int:
        """The offset that a character of the command's own text has here."""
        dollars = self._dollars  # the n-th `$$` stands n characters further on in the command
        return offset - bisect_left(range(len(dollars)), offset, key=lambda index: dollars[index] + index)

    def width(self, offset: int) -> int:
        """How many characters of the command's own text the character is: two for `$$`."""
        return 2 if offset in self._dollars else 1


@lru_cache(maxsize=4096)
def shell_text(text: str) -> ShellText:
    """A command as the shell sees it: `$$` is one `$`; an unescaped `${` is Drone's (drone-semantics 2.4)."""
    at = text.find("$")
    if at < 0 or ("$$" not in text and "${" not in text):
        return ShellText(text)
    kept: list[str] = []
    dollars: list[int] = []
    pasted: list[int] = []
    start = removed = 0
    while at >= 0:
        following = text[at + 1 : at + 2]
        if following == "$":
            kept.append(text[start : at + 1])
            dollars.append(at - removed)
            removed += 1
            start = at + 2
        elif following == "{":
            pasted.append(at - removed)
        at = text.find("$", at + (2 if following == "$" else 1))
    kept.append(text[start:])
    return ShellText("".join(kept), tuple(dollars), tuple(pasted))


def _starts(items: Sequence[ShellText]) -> list[int]:
    starts, at = [], 0
    for item in items:
        starts.append(at)
        at += len(item.text) + len(_JOINT)
    return starts or [0]


@lru_cache(maxsize=256)
def parsed(text: str, pasted: frozenset[int]) -> Parsed:
    """A script, read once however many steps share it."""
    from drone_lint_rules.shell.parser import parse

    return parse(text, pasted)


@remembered
def script_of(step: Step) -> Script:
    """The script of a step, or of a service with commands; the same object each time."""
    return Script(step.commands, _shell(step))


def _shell(step: Step) -> str:
    """PowerShell where the platform is Windows (runner-docker engine/compiler/script.go, runner-exec engine/compiler)."""
    platform = step.pipeline.value.at("platform", "os")
    return "powershell" if platform is not None and platform.text == "windows" else "sh"
