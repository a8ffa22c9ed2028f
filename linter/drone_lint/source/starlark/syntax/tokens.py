"""Tokens of a program, as go.starlark.net's scanner reads them (syntax/scan.go)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from drone_lint.source.starlark.syntax.errors import StaticError
from drone_lint.source.starlark.syntax.literals import go_quoted, unquoted
from drone_lint.source.starlark.syntax.numbers import scan_number

NAME, INT, FLOAT, STRING, BYTES = "identifier", "int literal", "float literal", "string literal", "bytes literal"
NEWLINE, INDENT, OUTDENT, END = "newline", "indent", "outdent", "end of file"
ILLEGAL = "illegal token"
_ERROR = "error"
_TAB = 8

KEYWORDS = frozenset(
    ("and", "break", "continue", "def", "elif", "else", "for", "if", "in", "lambda", "load", "not", "or", "pass", "return", "while")
)
_RESERVED = frozenset(
    ("as", "class", "del", "except", "finally", "from", "global", "import", "is", "nonlocal", "raise", "try", "with", "yield")
)
OPERATORS = frozenset(
    (
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "&",
        "|",
        "^",
        "<<",
        ">>",
        "~",
        ".",
        ",",
        "=",
        ";",
        ":",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "<",
        ">",
        ">=",
        "<=",
        "==",
        "!=",
        "+=",
        "-=",
        "*=",
        "/=",
        "//=",
        "%=",
        "&=",
        "|=",
        "^=",
        "<<=",
        ">>=",
        "**",
    )
)

_OPERATOR = re.compile(r"\*\*|//=|<<=|>>=|//|<<|>>|[=<>!+\-%/&|^*]=|[-+*/%&|^=<>:;~,.]")
_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_BLANK = re.compile(r"[ \t]*")
_COMMENT = re.compile(r"#[^\r\n\0]*")
_QUOTE = re.compile(r"(?:rb?|b)?(\"\"\"|'''|\"|')")
_BODIES = {
    '"': re.compile(r'[^"\\\r\n]*(?:\\(?:\r\n|.)[^"\\\r\n]*)*"', re.DOTALL),
    "'": re.compile(r"[^'\\\r\n]*(?:\\(?:\r\n|.)[^'\\\r\n]*)*'", re.DOTALL),
    '"""': re.compile(r'[^"\\]*(?:(?:\\(?:\r\n|.)|"(?!""))[^"\\]*)*"""', re.DOTALL),
    "'''": re.compile(r"[^'\\]*(?:(?:\\(?:\r\n|.)|'(?!''))[^'\\]*)*'''", re.DOTALL),
}


class Token(NamedTuple):
    """A token; `value` is the decoded literal or the name."""

    kind: str
    """One of this module's kinds, or the keyword or operator itself."""
    value: Any
    start: int
    end: int
    """Where it ends, which is where the server says that a syntax error is."""


def shown(kind: str) -> str:
    """A kind of token as the server's messages name it."""
    return f"'{kind}'" if kind in OPERATORS else kind if kind != BYTES else ""


def tokenise(text: str) -> Iterator[Token]:
    """The tokens of a program. Raises StaticError when it comes to one that is none."""
    return _Scanner(text).tokens()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._indents = [0]

    def tokens(self) -> Iterator[Token]:
        fresh = True
        while True:
            if fresh:
                blank, dents = self._line_start()
                yield from dents
                if blank and self._skip_blank_line():
                    continue
            began, fresh = fresh, False
            char = self._next_char()
            if char in ("", "\0"):
                yield from self._end(began=began)
                return
            if char in "\r\n":
                fresh = True
                start = self._at
                self._newline()
                if self._depth == 0:
                    yield Token(NEWLINE, None, start, self._at)
            elif char == "\\":
                self._continuation()
            else:
                yield self._token(char)

    # -- lines

    def _line_start(self) -> tuple[bool, list[Token]]:
        """Whether the line is blank, and the tokens that its indentation makes."""
        match = _BLANK.match(self._text, self._at)
        assert match is not None
        self._at = match.end()
        blank = self._text[self._at : self._at + 1] in ("", "\0", "#", "\r", "\n")
        if blank or self._depth:
            return blank, []
        return False, self._indentation(_columns(match[0]))

    def _indentation(self, column: int) -> list[Token]:
        at, indents = self._at, self._indents
        if column > indents[-1]:
            indents.append(column)
            return [Token(INDENT, None, at, at)]
        dents = []
        while column < indents[-1]:
            indents.pop()
            dents.append(Token(OUTDENT, None, at, at))
        if column != indents[-1]:
            raise StaticError("unindent does not match any outer indentation level", at, at, at + 1)
        return dents

    def _skip_blank_line(self) -> bool:
        """Pass over a line without code; False at the end of the text."""
        char = self._next_char()
        if char in ("", "\0"):
            return False
        self._newline()
        return True

    def _next_char(self) -> str:
        """The character that begins the next token, behind blanks and a comment."""
        blank = _BLANK.match(self._text, self._at)
        comment = _COMMENT.match(self._text, blank.end()) if blank else None
        self._at = comment.end() if comment else blank.end() if blank else self._at
        return self._text[self._at : self._at + 1]

    def _newline(self) -> None:
        self._at += 2 if self._text.startswith("\r\n", self._at) else 1

    def _continuation(self) -> None:
        self._at += 1
        if self._text[self._at : self._at + 1] not in ("\r", "\n"):
            raise StaticError("stray backslash in program", self._at, self._at - 1, self._at)
        self._newline()

    def _end(self, *, began: bool) -> Iterator[Token]:
        at = self._at
        if len(self._indents) > 1:
            if not began:
                yield Token(NEWLINE, None, at, at)
            for _ in self._indents[1:]:
                yield Token(OUTDENT, None, at, at)
        yield Token(END, None, at, at)

    # -- tokens

    def _token(self, char: str) -> Token:
        start = self._at
        if char in "\"'rb" and (quote := _QUOTE.match(self._text, start)):
            return self._string(quote)
        if (char.isascii() and (char.isalpha() or char == "_")) or (not char.isascii() and char.isalpha()):
            return self._word(start)
        if char in "()[]{}":
            return self._bracket(char)
        if (char.isascii() and char.isdigit()) or (char == "." and self._text[start + 1 : start + 2] in tuple("0123456789")):
            return self._number(start)
        operator = _OPERATOR.match(self._text, start)
        if operator is None:
            words = "'!'" if char == "!" else go_quoted(char, "'")
            raise StaticError(f"unexpected input character {words}", start, start, start + 1)
        self._at = operator.end()
        return Token(operator[0], None, start, self._at)

    def _word(self, start: int) -> Token:
        text = self._text
        match = _WORD.match(text, start)
        end = match.end() if match else start
        while end < len(text) and not text[end].isascii() and text[end].isalpha():
            match = re.compile("[A-Za-z_0-9]*").match(text, end + 1)
            end = match.end() if match else end + 1
        self._at = end
        word = text[start:end]
        return Token(word if word in KEYWORDS else ILLEGAL if word in _RESERVED else NAME, word, start, end)

    def _bracket(self, char: str) -> Token:
        if char in "([{":
            self._depth += 1
        elif self._depth == 0:
            raise StaticError(f"unexpected '{char}'", self._at, self._at, self._at + 1)
        else:
            self._depth -= 1
        self._at += 1
        return Token(char, None, self._at - 1, self._at)

    def _number(self, start: int) -> Token:
        value, self._at = scan_number(self._text, start)
        return Token(FLOAT if isinstance(value, float) else INT, value, start, self._at)

    def _string(self, quote: re.Match[str]) -> Token:
        start, text = quote.start(), self._text
        body = _BODIES[quote[1]].match(text, quote.end())
        if body is None:
            raise self._unterminated(start, quote)
        raw = text[start : body.end()]
        if "\r" in raw:
            raw = raw.replace("\r\n", "\n").replace("\r", "\n")
        try:
            value, is_bytes = unquoted(raw)
        except ValueError as error:
            raise StaticError(str(error), quote.start(1), start, body.end()) from None
        self._at = body.end()
        return Token(BYTES if is_bytes else STRING, value, start, self._at)

    def _unterminated(self, start: int, quote: re.Match[str]) -> StaticError:
        """A string that does not end: at the line's end, or at the text's."""
        text = self._text
        if len(quote[1]) == 1:
            line = re.compile(r"[^\\\r\n]*(?:\\(?:\r\n|.)[^\\\r\n]*)*", re.DOTALL).match(text, quote.end())
            if line is not None and line.end() < len(text) and text[line.end()] in "\r\n":
                return StaticError("unexpected newline in string", start, start, line.end())
        return StaticError("unexpected EOF in string", start, start, min(quote.end(), len(text)))


def _columns(blanks: str) -> int:
    """How far a line is indented; a tab goes on to the next column that eight divides, counting characters before it."""
    if "\t" not in blanks:
        return len(blanks)
    column = 0
    for number, char in enumerate(blanks):
        column += _TAB - number % _TAB if char == "\t" else 1
    return column
