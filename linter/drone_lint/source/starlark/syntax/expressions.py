"""Expressions, as go.starlark.net's parser reads them (syntax/parse.go)."""

from __future__ import annotations

from typing import NoReturn

from drone_lint.source.starlark.syntax import nodes
from drone_lint.source.starlark.syntax.errors import DepthError, StaticError
from drone_lint.source.starlark.syntax.tokens import BYTES, END, FLOAT, INT, NAME, NEWLINE, STRING, Token, shown, tokenise

DEEPEST = 3000
"""Levels of brackets and operators in each other that are read."""
_LEVELS = (
    ("or",),
    ("and",),
    ("not",),
    ("==", "!=", "<", ">", "<=", ">=", "in", "not in"),
    ("|",),
    ("^",),
    ("&",),
    ("<<", ">>"),
    ("-", "+"),
    ("*", "%", "/", "//"),
)
_PRECEDENCE = {operator: level for level, operators in enumerate(_LEVELS) for operator in operators}
_NOT, _COMPARISON, _PRIMARY = 2, 3, len(_LEVELS)
_LITERALS = frozenset((INT, FLOAT, STRING, BYTES))
_ENDS_LIST = frozenset((END, NEWLINE, "=", "}", "]", ")", ";"))


class ExpressionParser:
    """Reads expressions from a text; one token ahead, as the server's parser, so that errors come in its order."""

    def __init__(self, text: str) -> None:
        self._tokens = tokenise(text)
        self._depth = 0
        self.last = 0
        """Where the token before the current one ends."""
        self.token = Token(NEWLINE, None, 0, 0)
        self.advance()
        self.last = 0

    # -- tokens

    def advance(self) -> Token:
        """Go on to the next token; gives the one before."""
        token = self.token
        self.last = token.end
        self.token = next(self._tokens, Token(END, None, token.end, token.end))
        return token

    def consume(self, kind: str) -> Token:
        """Take a token of a kind, or refuse the program."""
        if self.token.kind != kind:
            self.fail(f"got {shown(self.token.kind)}, want {shown(kind)}")
        return self.advance()

    def fail(self, message: str, at: int | None = None) -> NoReturn:
        """Refuse the program, at an offset or where the server's scanner stands."""
        token = self.token
        if at is None:
            raise StaticError(message, token.end, token.start, max(token.end, token.start + 1))
        raise StaticError(message, at, at, at + 1)

    def identifier(self) -> nodes.Name:
        """A name."""
        if self.token.kind != NAME:
            self.fail("not an identifier")
        token = self.advance()
        return nodes.Name(token.value, token.start, token.end)

    # -- expressions

    def expression(self, *, in_parens: bool = False) -> nodes.Expr:
        """An expression, or several as a tuple."""
        first = self.test()
        if self.token.kind != ",":
            return first
        items = self.more([first], trailing=in_parens)
        return nodes.TupleExpr(tuple(items), items[0].start, self.last)

    def more(self, items: list[nodes.Expr], *, trailing: bool) -> list[nodes.Expr]:
        """The rest of a list of expressions, from its first comma."""
        while self.token.kind == ",":
            comma = self.advance()
            if self.token.kind in _ENDS_LIST:
                if not trailing:
                    self.fail("unparenthesized tuple with trailing comma", comma.start)
                break
            items.append(self.test())
        return items

    def test(self) -> nodes.Expr:
        """One expression, conditionals and lambdas included."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise DepthError
        node = self._lambda(conditional=True) if self.token.kind == "lambda" else self._conditional()
        self._depth -= 1
        return node

    def _conditional(self) -> nodes.Expr:
        then = self.operation(0)
        if self.token.kind != "if":
            return then
        word = self.advance()
        condition = self.operation(0)
        if self.token.kind != "else":
            self.fail("conditional expression without else clause", word.start)
        self.advance()
        otherwise = self.test()
        return nodes.Conditional(condition, then, otherwise, then.start, otherwise.end)

    def _lambda(self, *, conditional: bool) -> nodes.Expr:
        word = self.advance()
        params = self.parameters() if self.token.kind != ":" else ()
        self.consume(":")
        body = self.test() if conditional else self._without_condition()
        code = nodes.Function("lambda", params, (nodes.Return(body, body.start),), word.start)
        return nodes.Lambda(code, word.start, body.end)

    def _without_condition(self) -> nodes.Expr:
        return self._lambda(conditional=False) if self.token.kind == "lambda" else self.operation(0)

    def operation(self, level: int) -> nodes.Expr:
        """Operations that bind at least as tightly as a level."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise DepthError
        left = self._operand(level)
        seen = _PRIMARY + 1
        while True:
            operator = self._operator()
            precedence = _PRECEDENCE.get(operator, -1)
            if precedence < level:
                break
            if precedence == _COMPARISON and seen == _COMPARISON:
                assert isinstance(left, nodes.Binary)
                self.fail(f"{left.operator} does not associate with {operator} (use parens)")
            seen = precedence
            token = self.advance()
            right = self.operation(precedence + 1)
            left = nodes.Binary(operator, left, right, token.start, left.start, right.end)
        self._depth -= 1
        return left

    def _operand(self, level: int) -> nodes.Expr:
        if self.token.kind == "not" and level <= _NOT:
            word = self.advance()
            operand = self.operation(_NOT)
            return nodes.Unary("not", operand, word.start, operand.end)
        return self.primary_with_suffix()

    def _operator(self) -> str:
        """The operator that follows; `not in` becomes one token, which stands where its `in` does."""
        if self.token.kind != "not":
            return self.token.kind
        self.advance()
        if self.token.kind != "in":
            self.fail(f"got {shown(self.token.kind)}, want in")
        self.token = self.token._replace(kind="not in")
        return "not in"

    # -- primaries

    def primary_with_suffix(self) -> nodes.Expr:
        """A primary expression with what is looked up in it or called."""
        node = self._primary()
        while True:
            kind = self.token.kind
            if kind == ".":
                dot = self.advance()
                name = self.identifier()
                node = nodes.Dot(node, name, dot.start, node.start, name.end)
            elif kind == "[":
                node = self._subscript(node)
            elif kind == "(":
                node = self._call(node)
            else:
                return node

    def _primary(self) -> nodes.Expr:
        kind = self.token.kind
        if kind == NAME:
            return self.identifier()
        if kind in _LITERALS:
            token = self.advance()
            return nodes.Literal(kind, token.value, token.start, token.end)
        if kind == "[":
            return self._list()
        if kind == "{":
            return self._dict()
        if kind == "(":
            return self._parenthesised()
        if kind not in ("-", "+", "~"):
            self.fail(f"got {shown(kind)}, want primary expression")
        return self._sign()

    def _sign(self) -> nodes.Expr:
        signs = []
        while self.token.kind in ("-", "+", "~"):
            signs.append(self.advance())
            if len(signs) > DEEPEST:
                raise DepthError
        node = self.primary_with_suffix()
        for sign in reversed(signs):
            node = nodes.Unary(sign.kind, node, sign.start, node.end)
        return node

    def _parenthesised(self) -> nodes.Expr:
        start = self.advance().start
        if self.token.kind == ")":
            return nodes.TupleExpr((), start, self.advance().end)
        inner = self.expression(in_parens=True)
        return nodes.Paren(inner, start, self.consume(")").end)

    def _subscript(self, owner: nodes.Expr) -> nodes.Expr:
        bracket = self.advance()
        low = high = step = None
        if self.token.kind != ":":
            low = self.expression()
            if self.token.kind == "]":
                return nodes.Index(owner, low, bracket.start, owner.start, self.advance().end)
        if self.token.kind == ":":
            self.advance()
            if self.token.kind not in (":", "]"):
                high = self.test()
        if self.token.kind == ":":
            self.advance()
            if self.token.kind != "]":
                step = self.test()
        return nodes.Slice(owner, low, high, step, bracket.start, owner.start, self.consume("]").end)

    # -- calls

    def _call(self, function: nodes.Expr) -> nodes.Expr:
        bracket = self.consume("(")
        arguments: list[nodes.Argument] = []
        while self.token.kind not in (")", END):
            if arguments:
                self.consume(",")
                if self.token.kind == ")":
                    break
            arguments.append(self._argument())
        return nodes.Call(function, tuple(arguments), bracket.start, function.start, self.consume(")").end)

    def _argument(self) -> nodes.Argument:
        if self.token.kind in ("*", "**"):
            star = self.advance()
            value = self.test()
            return nodes.Argument(star.kind, None, value, star.start, value.end)
        value = self.test()
        if self.token.kind != "=":
            return nodes.Argument("", None, value, value.start, value.end)
        if not isinstance(value, nodes.Name):
            self.fail("keyword argument must have form name=expr")
        self.advance()
        given = self.test()
        return nodes.Argument("=", value, given, value.start, given.end)

    def parameters(self) -> tuple[nodes.Param, ...]:
        """The parameters of a function or lambda."""
        params: list[nodes.Param] = []
        while self.token.kind not in (")", ":", END):
            if params:
                self.consume(",")
                if self.token.kind == ")":
                    break
            params.append(self._parameter())
        return tuple(params)

    def _parameter(self) -> nodes.Param:
        if self.token.kind in ("*", "**"):
            star = self.advance()
            name = self.identifier() if star.kind == "**" or self.token.kind == NAME else None
            return nodes.Param(star.kind, name, None, star.start, self.last)
        name = self.identifier()
        if self.token.kind != "=":
            return nodes.Param("", name, None, name.start, name.end)
        equals = self.advance()
        default = self.test()
        return nodes.Param("", name, default, equals.start, default.end)

    # -- lists and dicts

    def _list(self) -> nodes.Expr:
        start = self.advance().start
        if self.token.kind == "]":
            return nodes.ListExpr((), start, self.advance().end)
        first = self.test()
        if self.token.kind == "for":
            return self._comprehension(first, start, "]")
        items = self.more([first], trailing=True)
        return nodes.ListExpr(tuple(items), start, self.consume("]").end)

    def _dict(self) -> nodes.Expr:
        start = self.advance().start
        if self.token.kind == "}":
            return nodes.DictExpr((), start, self.advance().end)
        first = self._entry()
        if self.token.kind == "for":
            return self._comprehension(first, start, "}")
        entries = [first]
        while self.token.kind == ",":
            self.advance()
            if self.token.kind == "}":
                break
            entries.append(self._entry())
        return nodes.DictExpr(tuple(entries), start, self.consume("}").end)

    def _entry(self) -> nodes.DictEntry:
        key = self.test()
        colon = self.consume(":")
        value = self.test()
        return nodes.DictEntry(key, value, colon.start, key.start, value.end)

    def _comprehension(self, body: nodes.Expr | nodes.DictEntry, start: int, closing: str) -> nodes.Expr:
        clauses: list[nodes.ForClause | nodes.IfClause] = []
        while self.token.kind != closing:
            if self.token.kind == "for":
                word = self.advance()
                target = self.loop_variables()
                self.consume("in")
                iterable = self.operation(0)
                clauses.append(nodes.ForClause(target, iterable, word.start, iterable.end))
            elif self.token.kind == "if":
                word = self.advance()
                condition = self._without_condition()
                clauses.append(nodes.IfClause(condition, word.start, condition.end))
            else:
                self.fail(f"got {shown(self.token.kind)}, want '{closing}', for, or if")
        return nodes.Comprehension(body, tuple(clauses), closing == "}", start, self.advance().end)

    def loop_variables(self) -> nodes.Expr:
        """What a loop assigns to: without `in`, which follows."""
        first = self.primary_with_suffix()
        if self.token.kind != ",":
            return first
        items = [first]
        while self.token.kind == ",":
            self.advance()
            if self.token.kind in _ENDS_LIST:
                break
            items.append(self.primary_with_suffix())
        return nodes.TupleExpr(tuple(items), first.start, self.last)
