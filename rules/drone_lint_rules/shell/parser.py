"""The grammar of shell scripts: lists, pipelines, compound commands, functions, here-documents.

A reading for linters: it accepts all that POSIX shells and bash accept, goes on where they would stop, takes linear time, and
knows for every character of every word where it was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from drone_lint_rules.shell.programs import piped_scripts, scripts_of
from drone_lint_rules.shell.reader import ATOM, Reader, TooDeepError, pattern
from drone_lint_rules.shell.syntax import CAPTURED, Assignment, Part, Pipeline, Redirection, Scope, SimpleCommand, Stage, Word

MAX_NESTING = 6
"""Levels of `sh -c` and `eval` that are read."""

_CLOSERS = frozenset(("then", "do", "done", "fi", "else", "elif", "esac", "}"))
_RESERVED = r"(?:if|then|elif|else|fi|while|until|for|select|do|done|case|esac|function|coproc|[{}!]|\[\[)(?=[\s;&|()<>]|$)"
_REDIRECTION = r"(\d*|\{\w+\})(<<<|<<-?|<>|<&|>>|>&|>\||<(?!\()|>(?!\())|(&>>?)"
_ASSIGNMENT = r"([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?="
_END = frozenset[str]()


class Parsed(NamedTuple):
    """A script that was read."""

    commands: tuple[SimpleCommand, ...]
    """Every simple command, in written order: also those in compound commands, substitutions and nested scripts."""
    complete: bool
    """False when something was never closed, or nested too deep to be read."""
    pasted: frozenset[int] = frozenset()
    """Those offsets of `${` that Drone replaces which the shell would have expanded: not those in single quotes and comments."""


def parse(text: str, pasted: frozenset[int] = frozenset()) -> Parsed:
    """Read a script. Never fails; `pasted` are the offsets of `${` that Drone replaces."""
    parser = Parser(text, range(len(text)), pasted, {})
    complete = parser.read(Scope("script"))
    return Parsed(tuple(sorted(parser.commands, key=lambda command: command.start)), complete, frozenset(parser.expanded))


class _Pending(NamedTuple):
    redirection: Redirection
    delimiter: str
    literal: bool


class Parser(Reader):
    """Reads one text as a script."""

    def __init__(
        self,
        text: str,
        origins: Sequence[int],
        pasted: frozenset[int],
        atoms: dict[int, Part],
        commands: list[SimpleCommand] | None = None,
    ) -> None:
        super().__init__(text, origins, pasted, atoms)
        self.commands: list[SimpleCommand] = [] if commands is None else commands
        self.nesting = 0
        self._pending: list[_Pending] = []
        self._unread: list[Pipeline] = []

    def read(self, scope: Scope) -> bool:
        """Read the whole text into `scope`; whether it was understood to its end."""
        try:
            self.commands_until(scope, _END)
            self._read_nested()
        except TooDeepError:
            self.complete = False
        return self.complete

    def nested(self, text: str, origins: Sequence[int], scope: Scope, atoms: dict[int, Part] | None = None) -> None:
        """Read another text as commands of `scope`."""
        inner = Parser(text, origins, self._pasted, atoms or {}, self.commands)
        inner.depth, inner.nesting = self.depth, self.nesting
        if not self.nesting:
            inner.expanded = self.expanded
        self.complete = inner.read(scope) and self.complete

    # -- lists and pipelines

    def commands_until(self, scope: Scope, stops: frozenset[str]) -> str:
        """Read commands into `scope` up to one of `stops`; gives the stop, or nothing at the end of the text."""
        connector = ""
        while True:
            connector = self._separators() or connector
            if self.at >= self.end:
                return ""
            stop = self._closer()
            if stop in stops:
                return stop
            if not stop:
                connector = self._pipeline(scope, connector)

    def _closer(self) -> str:
        """Go past what closes a compound command; what it was."""
        found = pattern(r"\)|;;&?|;&").match(self.text, self.at, self.end)
        if not found:
            found = pattern(_RESERVED).match(self.text, self.at, self.end)
            if not found or found[0] not in _CLOSERS:
                return ""
        self.at = found.end()
        return ";;" if found[0].startswith(";") else found[0]

    def _separators(self) -> str:
        """Go past blanks, comments and what separates commands; the last separator."""
        last = ""
        while True:
            self.skip_blanks()
            char = self.peek()
            if char == "\n":
                self._newline()
            elif char == "#":
                self._comment()
            elif char and char in ";&|" and self.peek(1) not in (";", ">") and not (char == ";" and self.peek(1) == "&"):
                self.at += 2 if self.peek(1) == char else 1
            else:
                return last
            last = char or last

    def _comment(self) -> None:
        end = self.text.find("\n", self.at, self.end)
        self.at = end if end >= 0 else self.end

    def _pipeline(self, scope: Scope, connector: str) -> str:
        """Read a pipeline; gives the operator after it."""
        pipeline = Pipeline(scope, connector)
        while True:
            before = self.at
            stage = Stage(pipeline, len(pipeline.stages))
            pipeline.stages.append(stage)
            self._command(stage)
            self.skip_blanks()
            self._advance(before)
            operator = pattern(r"\|\||&&|\|&?").match(self.text, self.at, self.end)
            if operator:
                self.at = operator.end()
            if not operator or operator[0] in ("||", "&&"):
                break
            self._line_ends()
        self._unread.append(pipeline)
        if not self._pending:
            self._read_nested()
        return operator[0] if operator else ""

    def _line_ends(self) -> None:
        """Go past blanks, comments and newlines."""
        while True:
            self.skip_blanks()
            if self.peek() == "\n":
                self._newline()
            elif self.peek() == "#":
                self._comment()
            else:
                return

    def _advance(self, before: int) -> None:
        """Go past a character that nothing else went past."""
        if self.at == before < self.end:
            self.at += 1

    # -- compound commands

    def _command(self, stage: Stage) -> None:
        self.stage = stage
        self.skip_blanks()
        if self.peek() == "(":
            self._parenthesis(stage)
            return
        found = pattern(_RESERVED).match(self.text, self.at, self.end)
        word = found[0] if found else ""
        if found and word in ("!", "coproc"):
            self.at = found.end()
            self._command(stage)
        elif found and word not in _CLOSERS:
            self.at = found.end()
            self._compound(word, stage)
        else:
            self._simple(stage)

    def _compound(self, word: str, stage: Stage) -> None:
        self.enter()
        if word == "{":
            self._body("group", stage, "}")
        elif word == "if":
            self._if(stage)
        elif word in ("while", "until"):
            self._body("condition", stage, "do")
            self._body("loop", stage, "done")
        elif word in ("for", "select"):
            self._for(stage)
        elif word == "case":
            self._case(stage)
        elif word == "function":
            name = self._next_word()
            self._function(name.text, stage)
        else:
            self._test(stage)
        self.depth -= 1
        self.stage = stage
        self._redirections(stage)

    def _parenthesis(self, stage: Stage) -> None:
        end = self.arithmetic_end(self.at) if self.peek(1) == "(" else -1
        if end >= 0:
            self.arithmetic_parts(self.at + 2, end)
            return
        self.enter()
        self.at += 1
        self._body("subshell", stage, ")")
        self.depth -= 1
        self.stage = stage
        self._redirections(stage)

    def _body(self, kind: str, stage: Stage, *stops: str, name: str = "") -> str:
        stop = self.commands_until(Scope(kind, stage, name), frozenset(stops))
        self.complete = self.complete and bool(stop)
        return stop

    def _if(self, stage: Stage) -> None:
        self._body("condition", stage, "then")
        while True:
            stop = self._body("branch", stage, "elif", "else", "fi")
            if stop == "elif":
                self._body("condition", stage, "then")
            elif stop != "else":
                return

    def _for(self, stage: Stage) -> None:
        self.skip_blanks()
        if self.text.startswith("((", self.at):
            end = self.arithmetic_end(self.at)
            self.at = end if end >= 0 else self.at + 2
        else:
            self._next_word()
            self._line_ends()
            while self.at < self.end and self.peek() not in "\n;&|()":
                if not self._next_word().parts:
                    break
        self._separators()
        stop = self._closer()
        if stop == "do":
            self._body("loop", stage, "done")
        elif self.peek() == "{":
            self.at += 1
            self._body("loop", stage, "}")

    def _case(self, stage: Stage) -> None:
        self._next_word()
        self._line_ends()
        if self._next_word().text != "in":
            return
        stop = ";;"
        while stop == ";;":
            self._line_ends()
            if self.at >= self.end or pattern(r"esac(?=[\s;&|()<>]|$)").match(self.text, self.at, self.end):
                self._closer()
                return
            self._patterns()
            stop = self._body("case", stage, ";;", "esac")

    def _patterns(self) -> None:
        if self.peek() == "(":
            self.at += 1
        while self.at < self.end and self.peek() not in (")", "\n"):
            before = self.at
            self._next_word()
            if self.peek() == "|" or self.at == before:
                self.at += 1
        if self.peek() == ")":
            self.at += 1

    def _function(self, name: str, stage: Stage) -> None:
        """The body of a function; its commands count where it is defined."""
        found = pattern(r"[ \t]*\([ \t]*\)").match(self.text, self.at, self.end)
        self.at = found.end() if found else self.at
        self._line_ends()
        scope = Scope("function", stage, name)
        self.enter()
        inner = Pipeline(scope, "")
        inner.stages.append(Stage(inner, 0))
        self._command(inner.stages[0])
        self.depth -= 1

    def _test(self, stage: Stage) -> None:
        """`[[ ... ]]`, whose operators are no pipes."""
        command = SimpleCommand(stage)
        start = self.at - 2
        command.words.append(Word((self.literal(start, self.at),), self.start_of(start), self.end_of(self.at)))
        command.start = self.start_of(start)
        while self.at < self.end:
            self._line_ends()
            before = self.at
            word = self.read_word()
            if word.parts:
                command.words.append(word)
            if word.text == "]]":
                break
            self._advance(before)
        else:
            self.complete = False
        command.end = self.end_of(self.at)
        self._record(command)

    # -- simple commands

    def _next_word(self) -> Word:
        self.skip_blanks()
        word = self.read_word()
        self.skip_blanks()
        return word

    def _simple(self, stage: Stage) -> None:
        command = SimpleCommand(stage)
        start = self.at
        while True:
            self.skip_blanks()
            if self._redirection(command.redirections):
                continue
            char = self.peek()
            if char == "#":
                self._comment()
                break
            if not char or char in "\n;&|)":
                break
            if char == "(":
                if self._is_function(command):
                    self._function(command.words[0].text, stage)
                    return
                self.at += 1
                continue
            self._add_word(command)
        command.start = self.start_of(start)
        ends = [word.end for word in (*command.words, *(item.target for item in command.redirections))]
        ends += [prefix.end for prefix in command.prefixes]
        command.end = max([command.start, *ends])
        self._record(command)

    def _is_function(self, command: SimpleCommand) -> bool:
        return len(command.words) == 1 and not command.prefixes and bool(pattern(r"\([ \t]*\)").match(self.text, self.at, self.end))

    def _add_word(self, command: SimpleCommand) -> None:
        before = self.at
        word = self.read_word()
        if self.at == before:
            self.at += 1
            return
        if command.words or not _assigns(word):
            if word.parts:
                command.words.append(word)
            return
        if self.peek() == "(" and word.text.endswith("="):
            word = self._array(word)
        name, size = _assignment(word.text)
        command.prefixes.append(Assignment(name, word.after(size), word.start, word.end))

    def _array(self, word: Word) -> Word:
        self.at += 1
        parts = list(word.parts)
        while self.at < self.end and self.peek() != ")":
            before = self.at
            self._line_ends()
            parts.extend(self.read_word().parts)
            self._advance(before)
        self.at = min(self.at + 1, self.end)
        return Word(parts, word.start, self.end_of(self.at))

    def _record(self, command: SimpleCommand) -> None:
        if not (command.words or command.prefixes or command.redirections):
            return
        self.commands.append(command)
        command.stage.commands.append(command)
        outputs = True
        for scope in command.scopes:
            scope.commands.append(command)
            outputs = outputs and scope.kind not in CAPTURED
            if outputs and scope.outer is not None:
                scope.outer.commands.append(command)

    # -- redirections and here-documents

    def _redirections(self, stage: Stage) -> None:
        self.skip_blanks()
        while self._redirection(stage.redirections):
            self.skip_blanks()

    def _redirection(self, into: list[Redirection]) -> bool:
        found = pattern(_REDIRECTION).match(self.text, self.at, self.end)
        if not found:
            return False
        self.at = found.end()
        self.skip_blanks()
        operator = found[2] or found[3]
        redirection = Redirection(operator, found[1] or "", self.read_word(), [])
        into.append(redirection)
        if operator == "<<<":
            redirection.body.append(redirection.target)
        elif operator.startswith("<<"):
            self._pending.append(_Pending(redirection, redirection.target.text, redirection.target.quoted))
        return True

    def _newline(self) -> None:
        """Go past a newline, and the here-documents that begin after it."""
        self.at += 1
        pending, self._pending = self._pending, []
        for item in pending:
            self._here_document(item)
        self._read_nested()

    def _here_document(self, item: _Pending) -> None:
        start = self.at
        body_end, after = self._delimiter(item)
        end, self.end = self.end, body_end
        if item.literal:
            parts: tuple[Part, ...] = (self.literal(self.at, body_end, "'"),)
        else:
            parts = self.quoted_parts("")
        self.end, self.at = end, after
        item.redirection.body.append(Word(parts, self.start_of(start), self.end_of(body_end)))

    def _delimiter(self, item: _Pending) -> tuple[int, int]:
        """Where the body that starts here ends, and where the script goes on."""
        at, strip = self.at, item.redirection.operator == "<<-"
        while at < self.end:
            end = self.text.find("\n", at, self.end)
            end = end if end >= 0 else self.end
            line = self.text[at:end].rstrip("\r")
            if (line.lstrip("\t") if strip else line) == item.delimiter:
                return at, end
            at = end + 1
        self.complete = False
        return self.end, self.end

    # -- scripts in scripts

    def _read_nested(self) -> None:
        """Read what `sh -c`, `eval`, a shell's here-document or `echo ... | sh` will run, once its here-documents are there."""
        unread, self._unread = self._unread, []
        if self.nesting >= MAX_NESTING:
            return
        for pipeline in unread:
            for stage in pipeline.stages:
                for command in [command for command in stage.commands if command.stage is stage]:
                    for word in (*scripts_of(command), *piped_scripts(command)):
                        self._nested_word(word, stage)

    def _nested_word(self, word: Word, stage: Stage) -> None:
        text: list[str] = []
        origins: list[int] = []
        atoms: dict[int, Part] = {}
        for part in word.parts:
            if part.scope is not None:
                atoms[len(origins)] = part
                text.append(ATOM)
                origins.append(part.start)
            else:
                text.append(part.text)
                origins.extend(part.origins)
        outer, self.nesting = self.stage, self.nesting + 1
        complete = self.complete
        self.nested("".join(text), origins, Scope("nested", stage), atoms)
        self.stage, self.nesting = outer, self.nesting - 1
        self.complete = complete


def _assigns(word: Word) -> bool:
    first = word.parts[0] if word.parts else None
    return first is not None and first.kind == "text" and not first.quote and bool(pattern(_ASSIGNMENT).match(first.text))


def _assignment(text: str) -> tuple[str, int]:
    """Name and length of `NAME=` at the start of a text; an empty name where there is none."""
    found = pattern(_ASSIGNMENT).match(text)
    return (found[1], found.end()) if found else ("", 0)
