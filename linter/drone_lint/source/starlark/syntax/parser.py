"""A program's text to its tree, as go.starlark.net's parser reads it (syntax/parse.go)."""

from __future__ import annotations

from drone_lint.source.starlark.syntax import nodes
from drone_lint.source.starlark.syntax.errors import DepthError
from drone_lint.source.starlark.syntax.expressions import DEEPEST, ExpressionParser
from drone_lint.source.starlark.syntax.literals import from_bytes, to_bytes
from drone_lint.source.starlark.syntax.tokens import END, INDENT, NAME, NEWLINE, OUTDENT, STRING, shown

_ASSIGNMENTS = frozenset(("=", "+=", "-=", "*=", "/=", "//=", "%=", "&=", "|=", "^=", "<<=", ">>="))


def parse(text: str) -> nodes.Program:
    """The tree of a program. Raises StaticError where the server refuses it, DepthError where it is nested too deep."""
    statements = tuple(_Parser(text).file())
    return nodes.Program(statements, nodes.Function("<toplevel>", (), statements, 0), {})


class _Parser(ExpressionParser):
    def file(self) -> list[nodes.Statement]:
        statements: list[nodes.Statement] = []
        while self.token.kind != END:
            if self.token.kind == NEWLINE:
                self.advance()
            else:
                self._statement(statements)
        return statements

    def _statement(self, into: list[nodes.Statement]) -> None:
        kind = self.token.kind
        if kind == "def":
            into.append(self._def())
        elif kind == "if":
            into.append(self._if())
        elif kind == "for":
            into.append(self._for())
        elif kind == "while":
            start = self.advance().start
            condition = self.test()
            self.consume(":")
            into.append(nodes.While(condition, self._suite(), start))
        else:
            self._simple(into)

    def _def(self) -> nodes.Statement:
        start = self.advance().start
        name = self.identifier()
        self.consume("(")
        params = self.parameters()
        self.consume(")")
        self.consume(":")
        return nodes.Def(name, nodes.Function(to_bytes(name.name), params, self._suite(), start), start)

    def _if(self) -> nodes.Statement:
        """An `if` with its `elif`s, which are read in a row and nested from the last one on."""
        branches: list[tuple[nodes.Expr, tuple[nodes.Statement, ...], int]] = []
        while not branches or self.token.kind == "elif":
            start = self.advance().start
            condition = self.test()
            self.consume(":")
            branches.append((condition, self._suite(), start))
        otherwise: tuple[nodes.Statement, ...] = ()
        if self.token.kind == "else":
            self.advance()
            self.consume(":")
            otherwise = self._suite()
        for condition, then, start in reversed(branches):
            otherwise = (nodes.If(condition, then, otherwise, start),)
        return otherwise[0]

    def _for(self) -> nodes.Statement:
        start = self.advance().start
        target = self.loop_variables()
        self.consume("in")
        iterable = self.expression()
        self.consume(":")
        return nodes.For(target, iterable, self._suite(), start)

    def _suite(self) -> tuple[nodes.Statement, ...]:
        statements: list[nodes.Statement] = []
        self._depth += 1
        if self._depth > DEEPEST:
            raise DepthError
        if self.token.kind == NEWLINE:
            self.advance()
            self.consume(INDENT)
            while self.token.kind not in (OUTDENT, END):
                self._statement(statements)
            self.consume(OUTDENT)
        else:
            self._simple(statements)
        self._depth -= 1
        return tuple(statements)

    def _simple(self, into: list[nodes.Statement]) -> None:
        while True:
            into.append(self._small())
            if self.token.kind != ";":
                break
            self.advance()
            if self.token.kind in (NEWLINE, END):
                break
        if self.token.kind != END:
            self.consume(NEWLINE)

    def _small(self) -> nodes.Statement:
        kind, start = self.token.kind, self.token.start
        if kind == "return":
            self.advance()
            value = self.expression() if self.token.kind not in (END, NEWLINE, ";") else None
            return nodes.Return(value, start)
        if kind in ("break", "continue", "pass"):
            return nodes.Branch(self.advance().kind, start)
        if kind == "load":
            return self._load()
        target = self.expression()
        if self.token.kind in _ASSIGNMENTS:
            operator = self.advance()
            return nodes.Assign(operator.kind[:-1], target, self.expression(), operator.start, start)
        return nodes.ExprStatement(target, start)

    # -- load

    def _load(self) -> nodes.Statement:
        start = self.advance().start
        bracket = self.consume("(")
        if self.token.kind != STRING:
            self.fail("first operand of load statement must be a string literal")
        module = from_bytes(self.advance().value)
        pairs: list[tuple[nodes.Name, str, int]] = []
        while self.token.kind not in (")", END):
            self.consume(",")
            if self.token.kind == ")":
                break
            pairs.append(self._loaded())
        end = self.consume(")").end
        if not pairs:
            self.fail("load statement must import at least 1 symbol", bracket.start)
        names = tuple((name, at) for _, name, at in pairs)
        return nodes.Load(module, tuple(name for name, _, _ in pairs), names, start, end)

    def _loaded(self) -> tuple[nodes.Name, str, int]:
        """A name to bind, its name in the module, and where that stands."""
        if self.token.kind == STRING:
            token = self.advance()
            return nodes.Name(from_bytes(token.value), token.start + 1, token.end - 1), from_bytes(token.value), token.start + 1
        if self.token.kind != NAME:
            self.fail(f'load operand must be "name" or localname="name" (got {shown(self.token.kind)})')
        name = self.identifier()
        if self.token.kind != "=":
            self.fail(f'load operand must be "{name.name}" or {name.name}="originalname" (want \'=\' after {name.name})')
        self.advance()
        if self.token.kind != STRING:
            self.fail(f'original name of loaded symbol must be quoted: {name.name}="originalname"')
        token = self.advance()
        return name, from_bytes(token.value), token.start + 1
