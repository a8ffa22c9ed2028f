"""What a shell script is made of. Offsets are those of the whole script's text; `Script.place` turns them into places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple


class Part(NamedTuple):
    """A piece of a word."""

    kind: str
    """`text`, `variable`, `command` (`$()`, backticks), `process` (`<()`, `>()`) or `arithmetic`."""
    text: str
    """What the shell makes of it for `text`; as written for the others."""
    origins: Sequence[int]
    """Where in the script each character of `text` stands."""
    start: int
    end: int
    quote: str = ""
    """`'`, `"` (also in a here-document), `\\` for an escaped character, or empty."""
    name: str = ""
    """The variable's name: `X` of `$X` and `${X:-y}`; `@`, `1` and the like too."""
    operator: str = ""
    """What stands between name and `}`, as written; `#` or `!` where that comes before the name."""
    inner: tuple[Part, ...] = ()
    """The parts of a default or pattern inside `${}`."""
    scope: Scope | None = None
    """The commands of a substitution."""
    pasted: bool = False
    """A `${}` that Drone replaces by text before any shell runs."""


class Word:
    """A word of a command, or the body of a here-document."""

    __slots__ = ("end", "parts", "start", "text")

    def __init__(self, parts: Iterable[Part], start: int, end: int) -> None:
        self.parts = tuple(parts)
        self.start = start
        self.end = end
        self.text = "".join([part.text for part in self.parts])
        """Decoded text, quotes and escapes gone; what is not literal stands as written (`$X`, `$(date)`)."""

    def __repr__(self) -> str:
        return f"Word({self.text!r})"

    @property
    def literal(self) -> str | None:
        """The text when nothing in it is expanded, else None."""
        return self.text if all(part.kind == "text" for part in self.parts) else None

    @property
    def quoted(self) -> bool:
        """Whether any of it is quoted or escaped."""
        return any(part.quote for part in self.parts)

    def walk(self) -> Iterator[Part]:
        """All parts, those inside `${}` after the one that holds them; not those of substitutions' commands."""
        yield from _walk(self.parts)

    def variables(self) -> Iterator[Part]:
        """The variables that the word expands itself; not those inside `$()`, nor Drone's own `${}`."""
        return (part for part in self.walk() if part.kind == "variable" and not part.pasted)

    def after(self, count: int) -> Word:
        """The word without the first `count` characters of its text (the value of `X=value`)."""
        left, parts = count, []
        for part in self.parts:
            if left >= len(part.text):
                left -= len(part.text)
                continue
            parts.append(_cut(part, left) if left else part)
            left = 0
        return Word(parts, parts[0].start if parts else self.end, self.end)


def _walk(parts: Iterable[Part]) -> Iterator[Part]:
    for part in parts:
        yield part
        yield from _walk(part.inner)


def _cut(part: Part, count: int) -> Part:
    origins = part.origins[count:]
    return part._replace(text=part.text[count:], origins=origins, start=origins[0])


class Redirection(NamedTuple):
    """`> file`, `2>&1`, `<<EOF` and the like."""

    operator: str
    descriptor: str
    """The number before the operator, empty where there is none."""
    target: Word
    """The file, descriptor or here-document's delimiter."""
    body: list[Word]
    """The text of a here-document, one word, once it was read."""


class Assignment(NamedTuple):
    """`NAME=value` before a command, on its own, or as an argument of `export` and the like."""

    name: str
    value: Word
    start: int
    end: int
    literal: bool = True
    """Whether it is one whatever variables hold."""


class Scope:
    """A list of commands and what holds it."""

    __slots__ = ("commands", "kind", "name", "outer")

    def __init__(self, kind: str, outer: Stage | None = None, name: str = "") -> None:
        self.kind = kind
        """`script`, `subshell`, `group`, `condition`, `branch`, `loop`, `case`, `function`, `substitution`, `process-in`, `process-out`
        or `nested` (the text of `sh -c`, `eval`, a here-document that a shell reads)."""
        self.outer = outer
        """The element of a pipeline that holds it; None for the script."""
        self.name = name
        """A function's name."""
        self.commands: list[SimpleCommand] = []
        """Every simple command inside, at any depth."""


class Pipeline:
    """Commands joined by `|`; a single command too."""

    __slots__ = ("connector", "scope", "stages")

    def __init__(self, scope: Scope, connector: str) -> None:
        self.scope = scope
        self.connector = connector
        """What stands before it: `&&`, `||`, `;`, `&`, a newline, or empty at the start."""
        self.stages: list[Stage] = []


class Stage:
    """One element of a pipeline: a simple command, or a compound one (`( )`, `{ }`, `if`, `for` ...)."""

    __slots__ = ("commands", "index", "pipeline", "redirections")

    def __init__(self, pipeline: Pipeline, index: int) -> None:
        self.pipeline = pipeline
        self.index = index
        self.commands: list[SimpleCommand] = []
        """The simple commands in it whose output is its output; not those of substitutions."""
        self.redirections: list[Redirection] = []
        """Those of a compound command as a whole."""

    @property
    def earlier(self) -> list[Stage]:
        """What is piped into it."""
        return self.pipeline.stages[: self.index]

    @property
    def later(self) -> list[Stage]:
        """What it is piped into."""
        return self.pipeline.stages[self.index + 1 :]


class SimpleCommand:
    """A program with its arguments."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.prefixes: list[Assignment] = []
        self.words: list[Word] = []
        self.redirections: list[Redirection] = []
        self.start = self.end = 0

    def __repr__(self) -> str:
        return f"SimpleCommand({[word.text for word in self.words]!r})"

    @cached_property
    def _resolved(self) -> tuple[int, tuple[Assignment, ...]]:
        from drone_lint_rules.shell.programs import resolve

        return resolve(self.words)

    @property
    def program_word(self) -> Word | None:
        """The word that names the program, behind `sudo`, `env A=b`, `exec`, `time`, `xargs` and the like."""
        return self.words[self._resolved[0]] if self.words else None

    @cached_property
    def program(self) -> str:
        """The program's name without folder; the word as written when it is not literal; empty for a bare assignment."""
        word = self.program_word
        return word.text.rpartition("/")[2] if word is not None and word.literal else word.text if word is not None else ""

    @property
    def arguments(self) -> list[Word]:
        """The words after the program."""
        return self.words[self._resolved[0] + 1 :]

    @property
    def wrappers(self) -> list[Word]:
        """The words before the program: `sudo -E` and the like."""
        return self.words[: self._resolved[0]]

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """`A=b` before the program (also behind `env`), and what `export`, `declare` and the like assign."""
        from drone_lint_rules.shell.programs import declared

        return (*self.prefixes, *self._resolved[1], *declared(self))

    @property
    def scopes(self) -> Iterator[Scope]:
        """What holds it, innermost first."""
        scope: Scope | None = self.stage.pipeline.scope
        while scope is not None:
            yield scope
            scope = scope.outer.pipeline.scope if scope.outer is not None else None

    @property
    def all_redirections(self) -> Iterator[Redirection]:
        """Its own, and those of the compound commands around it up to a substitution."""
        yield from self.redirections
        for scope in self.scopes:
            if scope.kind in CAPTURED or scope.outer is None:
                return
            yield from scope.outer.redirections

    @property
    def feeds(self) -> Iterator[Stage]:
        """The stages that its output is piped into, its own pipeline's first, then those of the compound commands around it."""
        yield from self.stage.later
        for scope in self.scopes:
            if scope.kind in CAPTURED or scope.outer is None:
                return
            yield from scope.outer.later

    @property
    def captured(self) -> Scope | None:
        """The substitution that takes its output; None when the output goes on to the log, a file or a pipe."""
        return next((scope for scope in self.scopes if scope.kind in CAPTURED), None)


CAPTURED = ("substitution", "process-in")
"""Scopes whose output becomes text or a file for the command around them."""
