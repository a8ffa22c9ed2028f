"""Reads words: quotes, escapes, variables, substitutions, with the origin of every character."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from drone_lint_rules.shell.syntax import Part, Scope, Stage, Word

ATOM = "\ue000"
"""Stands in a nested script for a substitution that was read with the outer one."""
MAX_DEPTH = 40
"""Levels of nesting that are read; real scripts have a handful, and each takes some eight frames of Python's stack."""


class TooDeepError(Exception):
    """The script is nested deeper than any script that people write."""


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A compiled pattern; compiled at first use, since most runs need none."""
    return re.compile(text)


_PLAIN = rf"[^\s'\"\\$`|&;()<>{ATOM}]+"
_NAME = r"[A-Za-z_][A-Za-z_0-9]*|[0-9]+|[@*#?$!-]"
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}


class Reader:
    """A position in a text, and the words from there."""

    def __init__(self, text: str, origins: Sequence[int], pasted: frozenset[int], atoms: dict[int, Part]) -> None:
        self.text = text
        self.end = len(text)
        self.at = 0
        self.depth = 0
        self.complete = True
        """False when a quote, substitution or compound command was never closed."""
        self.expanded: set[int] = set()
        """Where the `${` stand that Drone replaces and the shell would have expanded."""
        self.stage: Stage | None = None
        """The element of a pipeline that is being read."""
        self._origins = origins
        self._pasted = pasted
        self._atoms = atoms

    # -- supplied by the grammar

    def commands_until(self, scope: Scope, stops: frozenset[str]) -> str:
        """Read commands into `scope` up to one of `stops`; gives the stop, or nothing at the end of the text."""
        raise NotImplementedError

    def nested(self, text: str, origins: Sequence[int], scope: Scope, atoms: dict[int, Part] | None = None) -> None:
        """Read another text as commands of `scope`."""
        raise NotImplementedError

    # -- positions

    def start_of(self, at: int) -> int:
        """Where in the whole script the character at `at` stands."""
        return self._origins[at] if at < len(self._origins) else self.end_of(at)

    def end_of(self, at: int) -> int:
        """The offset in the whole script just after the character before `at`."""
        at = min(at, len(self._origins))
        return self._origins[at - 1] + 1 if at > 0 else 0

    def peek(self, ahead: int = 0) -> str:
        """The character ahead, empty at the end."""
        at = self.at + ahead
        return self.text[at] if at < self.end else ""

    def skip_blanks(self) -> None:
        """Go past blanks and continued lines."""
        found = pattern(r"(?:[ \t\r]|\\\r?\n)+").match(self.text, self.at, self.end)
        if found:
            self.at = found.end()

    def enter(self) -> None:
        """Go one level deeper; the caller takes it back by `self.depth -= 1`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooDeepError

    # -- words

    def read_word(self) -> Word:
        """The word that starts here; without parts where none does."""
        start, parts = self.at, list[Part]()
        while self.at < self.end:
            part = self._word_part()
            if part is None:
                break
            parts.extend(part)
        return Word(parts, self.start_of(start), max(self.end_of(self.at), parts[-1].end if parts else 0))

    def _word_part(self) -> tuple[Part, ...] | None:
        plain = pattern(_PLAIN).match(self.text, self.at, self.end)
        if plain:
            return (self._literal(plain.end()),)
        char = self.text[self.at]
        if char == "'":
            return (self._single(),)
        if char == '"':
            return self._double()
        if char == "\\":
            return self._escape()
        if char == "$":
            return self._dollar("")
        if char == "`":
            return (self._backticks(""),)
        if char in "<>" and self.peek(1) == "(":
            return (self._substitution("process-in" if char == "<" else "process-out", "process", ""),)
        if char == ATOM:
            return (self._atom(),)
        return None

    def literal(self, start: int, end: int, quote: str = "") -> Part:
        """Text that means itself."""
        return Part("text", self.text[start:end], self._origins[start:end], self.start_of(start), self.end_of(end), quote)

    def _literal(self, end: int, quote: str = "") -> Part:
        start, self.at = self.at, end
        return self.literal(start, end, quote)

    def _decoded(self, start: int, text: str, origins: Sequence[int], quote: str) -> Part:
        return Part("text", text, origins, self.start_of(start), self.end_of(self.at), quote)

    def _atom(self) -> Part:
        found = self._atoms.get(self.at)
        if found is None:
            return self._literal(self.at + 1)
        self.at += 1
        return found

    def _single(self) -> Part:
        start = self.at
        end = self.text.find("'", start + 1, self.end)
        if end < 0:
            end, self.complete = self.end, False
        self.at = min(end + 1, self.end)
        return self._decoded(start, self.text[start + 1 : end], self._origins[start + 1 : end], "'")

    def _escape(self) -> tuple[Part, ...]:
        start = self.at
        self.at = min(start + 2, self.end)
        if self.at < start + 2:
            return (self._decoded(start, "\\", self._origins[start : start + 1], ""),)
        if self.text[start + 1] == "\n":
            return ()
        return (self._decoded(start, self.text[start + 1], self._origins[start + 1 : start + 2], "\\"),)

    def _double(self) -> tuple[Part, ...]:
        start = self.at
        self.at += 1
        parts = self.quoted_parts('"')
        if self.peek() == '"':
            self.at += 1
        else:
            self.complete = False
        return parts or (self._decoded(start, "", (), '"'),)

    def quoted_parts(self, stop: str) -> tuple[Part, ...]:
        """Parts as between double quotes, up to `stop` or the end; with an empty `stop` (a here-document) `"` is literal."""
        parts: list[Part] = []
        plain = pattern(rf"[^{stop}\\$`{ATOM}]+")
        while self.at < self.end and (not stop or self.text[self.at] != stop):
            found = plain.match(self.text, self.at, self.end)
            char = self.text[self.at]
            if found:
                parts.append(self._literal(found.end(), '"'))
            elif char == "\\":
                parts.extend(self._quoted_escape(stop))
            elif char == "$":
                parts.extend(self._dollar('"'))
            elif char == "`":
                parts.append(self._backticks('"'))
            else:
                parts.append(self._atom())
        return tuple(parts)

    def _quoted_escape(self, stop: str) -> tuple[Part, ...]:
        following = self.peek(1)
        if following == "\n":
            self.at += 2
            return ()
        if following and following in "$`\\" + stop:
            start = self.at
            self.at += 2
            return (self._decoded(start, following, self._origins[start + 1 : start + 2], '"'),)
        return (self._literal(self.at + 1, '"'),)

    # -- expansions

    def _dollar(self, quote: str) -> tuple[Part, ...]:
        following = self.peek(1)
        if following == "(":
            return (self._arithmetic(quote) or self._substitution("substitution", "command", quote),)
        if following == "{":
            return (self._braced(quote),)
        if following == "'" and not quote:
            return (self._ansi(),)
        if following == '"' and not quote:
            self.at += 1
            return self._double()
        name = pattern(_NAME).match(self.text, self.at + 1, self.end)
        if not name:
            return (self._literal(self.at + 1, quote),)
        end = name.end() if not name[0].isdigit() else self.at + 2
        return (self._variable(end, self.text[self.at + 1 : end], quote),)

    def _variable(self, end: int, name: str, quote: str, operator: str = "", inner: tuple[Part, ...] = ()) -> Part:
        start, self.at = self.at, end
        begin = self.start_of(start)
        if begin in self._pasted:
            self.expanded.add(begin)
        return Part(
            "variable",
            self.text[start:end],
            self._origins[start:end],
            begin,
            self.end_of(end),
            quote,
            name,
            operator,
            inner,
            pasted=begin in self._pasted,
        )

    def _braced(self, quote: str) -> Part:
        self.enter()
        start = self.at
        sign = pattern(rf"\$\{{([#!]?)({_NAME})").match(self.text, start, self.end)
        if sign and sign[1] and self.text[sign.end() : sign.end() + 1] not in ("}", "[", ""):
            sign = pattern(rf"\$\{{()({_NAME})").match(self.text, start, self.end)
        self.at = sign.end() if sign else start + 2
        rest = self.at
        inner = self._until_brace(quote)
        operator = (sign[1] if sign else "") + self.text[rest : self.at]
        if self.peek() == "}":
            self.at += 1
        else:
            self.complete = False
        end, self.at = self.at, start
        self.depth -= 1
        return self._variable(end, sign[2] if sign else "", quote, operator, inner)

    def _until_brace(self, quote: str) -> tuple[Part, ...]:
        parts: list[Part] = []
        plain = pattern(rf"[^}}'\"\\$`{ATOM}]+")
        while self.at < self.end and self.text[self.at] != "}":
            found = plain.match(self.text, self.at, self.end)
            char = self.text[self.at]
            if found:
                parts.append(self._literal(found.end(), quote))
            elif char == "'" and not quote:
                parts.append(self._single())
            elif char == '"':
                parts.extend(self._double())
            elif char == "\\":
                parts.extend(self._escape())
            elif char == "$":
                parts.extend(self._dollar(quote))
            elif char == "`":
                parts.append(self._backticks(quote))
            elif char == ATOM:
                parts.append(self._atom())
            else:
                parts.append(self._literal(self.at + 1, quote))
        return tuple(parts)

    def _arithmetic(self, quote: str) -> Part | None:
        """`$(( ))`, or None where the parentheses show that it is a command substitution that starts with a subshell."""
        end = self.arithmetic_end(self.at + 1) if self.peek(2) == "(" else -1
        if end < 0:
            return None
        start = self.at
        inner = self.arithmetic_parts(start + 3, end)
        origins = self._origins[start:end]
        return Part("arithmetic", self.text[start:end], origins, self.start_of(start), self.end_of(end), quote, inner=inner)

    def arithmetic_parts(self, start: int, end: int) -> tuple[Part, ...]:
        """What stands between `((` and the `))` that ends at `end`, for the substitutions in it; goes on after it."""
        self.enter()
        outer, self.end, self.at = self.end, end - 2, start
        parts = self.quoted_parts("")
        self.end, self.at = outer, end
        self.depth -= 1
        return parts

    def arithmetic_end(self, at: int) -> int:
        """Where the `(( ))` that starts at `at` ends, -1 where it does not."""
        level = 0
        for found in pattern(r"[()]").finditer(self.text, at, self.end):
            level += 1 if found[0] == "(" else -1
            if level == 1 and found[0] == ")":
                return found.end() + 1 if self.text[found.end() : found.end() + 1] == ")" else -1
        return -1

    def _substitution(self, scope_kind: str, kind: str, quote: str) -> Part:
        self.enter()
        start, stage = self.at, self.stage
        scope = Scope(scope_kind, stage)
        self.at += 2
        if self.commands_until(scope, frozenset((")",))) != ")":
            self.complete = False
        self.depth -= 1
        self.stage = stage
        text = self.text[start : self.at]
        origins = self._origins[start : self.at]
        return Part(kind, text, origins, self.start_of(start), self.end_of(self.at), quote, scope=scope)

    def _backticks(self, quote: str) -> Part:
        self.enter()
        start, stage = self.at, self.stage
        scope = Scope("substitution", stage)
        found = (
            pattern(
                r"(?:[^`\\]|\\.)*",
            ).match(self.text, start + 1, self.end)
            if self.text.find("`", start + 1, self.end) >= 0
            else None
        )
        end = found.end() if found else self.end
        self.complete = self.complete and self.text[end : end + 1] == "`"
        escapable = '$`\\"' if quote else "$`\\"
        self.nested(*self._unescaped(start + 1, end, escapable), scope)
        self.at = min(end + 1, self.end)
        self.depth -= 1
        self.stage = stage
        text, origins = self.text[start : self.at], self._origins[start : self.at]
        return Part("command", text, origins, self.start_of(start), self.end_of(self.at), quote, scope=scope)

    def _unescaped(self, start: int, end: int, escapable: str) -> tuple[str, Sequence[int]]:
        if "\\" not in self.text[start:end]:
            return self.text[start:end], self._origins[start:end]
        kept: list[int] = []
        at = start
        while at < end:
            if self.text[at] == "\\" and at + 1 < end and self.text[at + 1] in escapable:
                at += 1
            kept.append(at)
            at += 1
        return "".join([self.text[at] for at in kept]), [self._origins[at] for at in kept]

    def _ansi(self) -> Part:
        """`$'...'`: the escapes that make one character of one letter are decoded, numeric ones stay as written."""
        start = self.at
        found = pattern(r"(?s)[^'\\]*(?:\\.[^'\\]*)*").match(self.text, start + 2, self.end)
        end = found.end() if found else self.end
        text: list[str] = []
        kept: list[int] = []
        for escape in pattern(r"(?s)\\.|[^\\]").finditer(self.text, start + 2, end):
            char = escape[0]
            known = _SIMPLE_ESCAPES.get(char[-1], char[-1] if char[-1] in "\\'\"?" else char) if len(char) == 2 else char
            text.append(known)
            kept.extend([self._origins[escape.end() - 1]] * len(known))
        self.complete = self.complete and end < self.end
        self.at = min(end + 1, self.end)
        return self._decoded(start, "".join(text), kept, "'")
