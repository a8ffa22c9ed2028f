"""Whether a program surely passes the arbiter's static checks, told without the arbiter.

The fast engine overlooks what is wrong with code that is never run: unknown variables, repeated names, `self` outside of an object. The
arbiter sees that, but needs some 45 ms for anything at all. This is a strict reader of the part of Jsonnet that people write
(jsonnet.org/ref/spec, "Static checking"): it answers "sound" only for what it understood to the last token, and the arbiter is asked
about everything else. So it may be narrower than Jsonnet, and never wider.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from drone_lint.source.jsonnet.syntax.tokens import BAD, COMMENT, IDENTIFIER, NUMBER, STRING, Token, tokenise

_KEYWORDS = frozenset(
    (
        "assert", "else", "error", "false", "for", "function", "if", "import", "importstr", "importbin", "in", "local", "null", "self",
        "super", "tailstrict", "then", "true",
    )
)  # fmt: skip
_BINARY = frozenset(("*", "/", "%", "+", "-", "<<", ">>", "<", "<=", ">", ">=", "==", "!=", "&", "^", "|", "&&", "||", "in"))
_UNARY = frozenset(("+", "-", "!", "~"))
_COLONS = frozenset((":", "::", ":::"))
_ADDING = frozenset(("+:", "+::", "+:::"))
_LARGEST = 200_000
"""Characters; above, the arbiter's own fixed cost matters less than ours."""
_DEEPEST = 60
"""Nested expressions."""
_UNARIES = 4
"""Signs before one operand. The arbiter refuses what nests deeper than 500 levels, of which each sign is one."""

_END = Token("end", -1, -1, "")


class _NotUnderstoodError(Exception):
    """The program is not of the part of Jsonnet that is read here, or is wrong."""


@lru_cache(maxsize=64)
def is_sound(text: str) -> bool:
    """Whether the arbiter surely accepts a program's text; False: it may or may not."""
    if len(text) > _LARGEST:
        return False
    tokens = [token for token in tokenise(text) if token.kind != COMMENT]
    if any(not _plain(token) or (token.kind == NUMBER and _goes_on(text, token.end)) for token in tokens):
        return False
    try:
        _Reader(tokens).program()
    except (_NotUnderstoodError, RecursionError):
        return False
    return True


def _plain(token: Token) -> bool:
    """Whether a token is of a form on which the engines surely agree."""
    if token.kind == NUMBER:
        return re.fullmatch(r"(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", token.text) is not None
    if token.kind == STRING:
        if token.text.startswith("|||"):
            return not token.text.startswith("|||-") and "\r" not in token.text
        return token.text[0] == "@" or re.fullmatch(r"(?s)(?:[^\\]|\\[nrtbf'\"\\/])*", token.text) is not None
    return token.kind != BAD


def _goes_on(text: str, at: int) -> bool:
    """Whether a number is followed by what the engines' own scanners take for more of it: `42.inf`."""
    following = text[at : at + 1]
    return following in (".", "_") or following.isalnum()


Scope = frozenset[str]


class _Reader:
    """Reads a program; every method leaves the position after what it read, or raises _NotUnderstoodError."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = [*tokens, _END, _END]
        self._at = 0
        self._depth = 0

    def program(self) -> None:
        self._expression(frozenset(("std",)), False)
        if self._tokens[self._at] is not _END:
            raise _NotUnderstoodError

    # -- tokens

    @property
    def _text(self) -> str:
        """The next token's text; a string literal counts as none."""
        token = self._tokens[self._at]
        return token.text if token.kind != STRING else ""

    def _take(self, text: str) -> bool:
        if self._text != text:
            return False
        self._at += 1
        return True

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise _NotUnderstoodError

    def _name(self) -> str:
        token = self._tokens[self._at]
        if token.kind != IDENTIFIER or token.text in _KEYWORDS:
            raise _NotUnderstoodError
        self._at += 1
        return token.text

    def _list(self, end: str, item: Callable[[], None]) -> None:
        """Items up to a closing bracket, a comma between them and perhaps behind the last."""
        while not self._take(end):
            item()
            if not self._take(","):
                self._need(end)
                return

    # -- expressions

    def _expression(self, scope: Scope, inside: bool) -> None:
        """One expression; `inside` tells whether an object is around it."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _NotUnderstoodError
        self._operand(scope, inside)
        while self._text in _BINARY:
            self._at += 1
            if self._tokens[self._at - 1].text == "in" and inside and self._take("super"):
                continue
            self._operand(scope, inside)
        self._depth -= 1

    def _operand(self, scope: Scope, inside: bool) -> None:
        first = self._at
        while self._text in _UNARY:
            self._at += 1
        if self._at - first > _UNARIES:
            raise _NotUnderstoodError
        read = _PREFIXES.get(self._text)
        if read is not None:
            self._at += 1
            read(self, scope, inside)
            return
        self._primary(scope, inside)
        self._suffixes(scope, inside)

    def _primary(self, scope: Scope, inside: bool) -> None:
        token = self._tokens[self._at]
        self._at += 1
        if token.kind in (STRING, NUMBER) or token.text in ("null", "true", "false"):
            return
        if token.text in ("self", "$"):
            if not inside:
                raise _NotUnderstoodError
        elif token.text == "super":
            if not inside or self._text not in (".", "["):
                raise _NotUnderstoodError
        elif token.text == "(":
            self._expression(scope, inside)
            self._need(")")
        elif token.text == "[":
            self._array(scope, inside)
        elif token.text == "{":
            self._object(scope, inside)
        elif token.kind != IDENTIFIER or token.text not in scope:
            raise _NotUnderstoodError

    def _suffixes(self, scope: Scope, inside: bool) -> None:
        while True:
            if self._take("."):
                self._name()
            elif self._take("["):
                self._expression(scope, inside)
                self._need("]")
            elif self._take("("):
                self._arguments(scope, inside)
            elif self._take("{"):
                self._object(scope, inside)
            else:
                return

    def _arguments(self, scope: Scope, inside: bool) -> None:
        named: set[str] = set()

        def argument() -> None:
            if self._tokens[self._at].kind == IDENTIFIER and self._tokens[self._at + 1].text == "=":
                name = self._name()
                if name in named:
                    raise _NotUnderstoodError
                named.add(name)
                self._at += 1
            elif named:
                raise _NotUnderstoodError
            self._expression(scope, inside)

        self._list(")", argument)
        self._take("tailstrict")

    # -- what begins with a word

    def _if(self, scope: Scope, inside: bool) -> None:
        self._expression(scope, inside)
        self._need("then")
        self._expression(scope, inside)
        if self._take("else"):
            self._expression(scope, inside)

    def _assert(self, scope: Scope, inside: bool) -> None:
        self._claim(scope, inside)
        self._need(";")
        self._expression(scope, inside)

    def _claim(self, scope: Scope, inside: bool) -> None:
        self._expression(scope, inside)
        if self._take(":"):
            self._expression(scope, inside)

    def _import(self, _scope: Scope, _inside: bool) -> None:
        path = self._tokens[self._at]
        if path.kind != STRING or path.text.startswith("|||"):
            raise _NotUnderstoodError
        self._at += 1
        if self._text in _BINARY or self._text in (".", "[", "(", "{"):  # to the arbiter all of this belongs to a computed path
            raise _NotUnderstoodError

    def _function(self, scope: Scope, inside: bool) -> None:
        self._need("(")
        self._body(scope, inside)

    def _body(self, scope: Scope, inside: bool, sign: str = "") -> None:
        """Parameters behind their opening bracket, and the function's body behind them."""
        names, defaults = self._parameters()
        scope |= names
        after = self._at
        for at in defaults:  # all parameters are known in all defaults
            self._at = at
            self._expression(scope, inside)
            if self._text not in (",", ")"):
                raise _NotUnderstoodError
        self._at = after
        if sign:
            self._need(sign)
        self._expression(scope, inside)

    def _parameters(self) -> tuple[Scope, list[int]]:
        names: list[str] = []
        defaults: list[int] = []

        def parameter() -> None:
            names.append(self._name())
            if self._take("="):
                defaults.append(self._at)
                self._skip()

        self._list(")", parameter)
        return self._distinct(names), defaults

    def _skip(self) -> None:
        """Go to the comma or bracket behind an expression, or the end of a bind."""
        depth = 0
        while self._tokens[self._at] is not _END:
            text = self._text
            if depth == 0 and text in (",", ")", "]", "}", ";"):
                return
            depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
            self._at += 1
        raise _NotUnderstoodError

    def _distinct(self, names: Sequence[str]) -> Scope:
        found = frozenset(names)
        if len(found) != len(names):
            raise _NotUnderstoodError
        return found

    def _local(self, scope: Scope, inside: bool) -> None:
        while True:  # a file's `local`s stand one behind the other, and must not count as nested
            names, binds = self._binds()
            self._need(";")
            after = self._at
            scope |= self._distinct(names)
            self._read_binds(binds, scope, inside)
            self._at = after
            if not self._take("local"):
                break
        self._expression(scope, inside)

    def _binds(self) -> tuple[list[str], list[int]]:
        """Names of `local`, and where each bind goes on behind its name; their texts are skipped."""
        names: list[str] = []
        binds: list[int] = []
        while True:
            names.append(self._name())
            binds.append(self._at)
            if self._take("("):
                self._list(")", self._skip)
            self._need("=")
            self._skip_bind()
            if not self._take(","):
                return names, binds

    def _skip_bind(self) -> None:
        """Behind a bind's value. A `local` inside of it has commas and semicolons of its own."""
        depth = locals_ = 0
        while self._tokens[self._at] is not _END:
            text = self._text
            if depth == 0 and not locals_ and text in (",", ")", "]", "}", ";"):
                return
            if depth == 0:
                locals_ += (text in ("local", "assert")) - (text == ";")
            depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
            if depth < 0:
                return
            self._at += 1
        raise _NotUnderstoodError

    def _read_binds(self, binds: Sequence[int], scope: Scope, inside: bool) -> None:
        for at in binds:
            self._at = at
            if self._take("("):
                self._body(scope, inside, "=")
            else:
                self._need("=")
                self._expression(scope, inside)
            if self._text not in (",", ";", "}"):
                raise _NotUnderstoodError

    # -- arrays and objects

    def _array(self, scope: Scope, inside: bool) -> None:
        start, depth = self._at, self._depth
        if self._take("]"):
            return
        specs = self._comprehension()
        if specs is None:
            self._at = start
            self._list("]", lambda: self._expression(scope, inside))
            return
        self._at = specs
        scope = self._specs(scope, inside)
        self._need("]")
        after, self._at = self._at, start
        self._expression(scope, inside)
        self._take(",")
        if self._at != specs:
            raise _NotUnderstoodError
        self._at, self._depth = after, depth

    def _comprehension(self) -> int | None:
        """Where the first `for` of the bracket that was opened stands; None where there is none."""
        depth, at = 0, self._at
        while self._tokens[at] is not _END:
            token = self._tokens[at]
            text = token.text if token.kind != STRING else ""
            if depth == 0 and text == "for":
                return at
            depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
            if depth < 0:
                return None
            at += 1
        raise _NotUnderstoodError

    def _specs(self, scope: Scope, inside: bool) -> Scope:
        """`for x in a if b ...`; the scope with all their variables."""
        while True:
            if self._take("for"):
                name = self._name()
                self._need("in")
                self._expression(scope, inside)
                scope |= {name}
            elif self._take("if"):
                self._expression(scope, inside)
            else:
                return scope

    def _object(self, scope: Scope, inside: bool) -> None:
        specs = self._comprehension()
        if specs is not None:
            self._object_comprehension(specs, scope, inside)
            return
        start = self._at
        names: list[str] = []
        self._list("}", lambda: self._member(scope, inside, names, None))
        after, self._at = self._at, start
        within = scope | self._distinct(names)
        fields: set[str] = set()
        self._list("}", lambda: self._member(scope, inside, None, (within, fields)))
        self._at = after

    def _object_comprehension(self, specs: int, scope: Scope, inside: bool) -> None:
        """`{ [name]: value for ... }`, without locals."""
        start, self._at = self._at, specs
        scope = self._specs(scope, inside)
        self._need("}")
        after, self._at = self._at, start
        self._need("[")
        self._expression(scope, inside)
        self._need("]")
        self._need(":")
        self._expression(scope, True)
        self._take(",")
        if self._at != specs:
            raise _NotUnderstoodError
        self._at = after

    def _member(self, outer: Scope, inside: bool, names: list[str] | None, read: tuple[Scope, set[str]] | None) -> None:
        """A member of an object: in a first pass only names of its locals are taken, in a second it is read."""
        if self._take("local"):
            name = self._name()
            at = self._at
            if read is None:
                if names is not None:
                    names.append(name)
                self._skip_bind()
            else:
                self._read_binds([at], read[0], True)
            return
        claim = self._take("assert")
        if read is None:
            self._skip_bind()
        elif claim:
            self._claim(read[0], True)
        else:
            self._field(outer, inside, read)

    def _field(self, outer: Scope, inside: bool, read: tuple[Scope, set[str]]) -> None:
        within, fields = read
        method = False
        if self._take("["):
            self._expression(outer, inside)
            self._need("]")
        else:
            named = self._key(fields)
            if named and self._take("("):
                method = True
                names, defaults = self._parameters()
                within |= names
                if defaults:
                    raise _NotUnderstoodError
        if self._text not in _COLONS and (method or self._text not in _ADDING):
            raise _NotUnderstoodError
        self._at += 1
        self._expression(within, True)

    def _key(self, fields: set[str]) -> bool:
        """A field's name; whether it is written without quotes."""
        token = self._tokens[self._at]
        if token.kind == STRING:
            if token.text[0] not in "'\"" or "\\" in token.text:
                raise _NotUnderstoodError
            self._at += 1
            name = token.text[1:-1]
        else:
            name = self._name()
        if name in fields:
            raise _NotUnderstoodError
        fields.add(name)
        return token.kind == IDENTIFIER


_PREFIXES: dict[str, Callable[[_Reader, Scope, bool], None]] = {
    "if": _Reader._if,  # noqa: SLF001 - a table of the class's own methods
    "assert": _Reader._assert,  # noqa: SLF001
    "local": _Reader._local,  # noqa: SLF001
    "function": _Reader._function,  # noqa: SLF001
    "error": _Reader._expression,  # noqa: SLF001
    "import": _Reader._import,  # noqa: SLF001
    "importstr": _Reader._import,  # noqa: SLF001
    "importbin": _Reader._import,  # noqa: SLF001
}
