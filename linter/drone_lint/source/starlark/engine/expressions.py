"""Expressions as functions of a frame: the list of a function's variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drone_lint.source.starlark.engine import operators
from drone_lint.source.starlark.engine.arguments import ABSENT
from drone_lint.source.starlark.engine.builtins import UNIVERSE
from drone_lint.source.starlark.engine.calls import Arguments, call_closure, method_closure
from drone_lint.source.starlark.engine.closures import Run, added, applied, checked, checked_cell, checked_global, operated, set_new, terms
from drone_lint.source.starlark.engine.compare import equal, ordered
from drone_lint.source.starlark.engine.comprehensions import comprehension
from drone_lint.source.starlark.engine.costs import Costs
from drone_lint.source.starlark.engine.failure import Failure
from drone_lint.source.starlark.engine.machine import Machine
from drone_lint.source.starlark.engine.methods import attribute, no_attribute
from drone_lint.source.starlark.engine.slicing import get_index, get_slice
from drone_lint.source.starlark.engine.text import whole
from drone_lint.source.starlark.engine.values import MANDATORY, Bytes, Dict, Function, List, Struct, truth
from drone_lint.source.starlark.syntax import nodes
from drone_lint.source.starlark.syntax.literals import to_bytes
from drone_lint.source.starlark.syntax.tokens import BYTES, STRING


class ExpressionCompiler:
    """Compiles expressions of one program for one machine."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.costs = Costs()
        self.sources: list[tuple[int, int]] = []
        """Offsets of literals and names that strings can come from, by number."""
        self.values: dict[int, str] = {}
        """What those that are literals or names stand for."""
        self.function: nodes.Function | None = None

    def source(self, value: str, start: int, end: int) -> str:
        """A string that knows the literal or name that it comes from."""
        self.values[len(self.sources)] = value
        self.sources.append((start, end))
        return whole(value, len(self.sources) - 1) if value else value

    def expression(self, node: nodes.Expr) -> Run:
        """An expression."""
        return _COMPILERS[type(node)](self, node)

    # -- names and literals

    def name(self, node: nodes.Name) -> Run:
        """A variable, or a name of the language."""
        self.costs.add()
        scope, index = node.binding.scope, node.binding.index
        if scope == "universal":
            value = UNIVERSE[node.name]
            return lambda _: value
        message = f"{'global' if scope == 'global' else 'local'} variable {to_bytes(node.name)} referenced before assignment"
        site = (node.start, node.start, node.end)
        if scope == "global":
            return checked_global(self.machine.globals, index, message, site)
        if scope == "free":
            assert self.function is not None
            index += len(self.function.locals)
        return checked(index, message, site) if scope == "local" else checked_cell(index, message, site)

    def literal(self, node: nodes.Literal) -> Run:
        """A number or string."""
        self.costs.add()
        value = self.constant(node)
        return lambda _: value

    def constant(self, node: nodes.Literal) -> Any:
        """The value of a literal."""
        if node.kind == BYTES:
            return Bytes(node.value)
        return self.source(node.value, node.start, node.end) if node.kind == STRING else node.value

    def paren(self, node: nodes.Paren) -> Run:
        """Parentheses."""
        return self.expression(node.inner)

    # -- containers

    def list_(self, node: nodes.ListExpr) -> Run:
        """A list."""
        items = [self.expression(item) for item in node.items]
        self.costs.add()
        return lambda f: List([item(f) for item in items], node)

    def tuple_(self, node: nodes.TupleExpr) -> Run:
        """A tuple."""
        items = [self.expression(item) for item in node.items]
        self.costs.add()
        return lambda f: tuple([item(f) for item in items])

    def dict_(self, node: nodes.DictExpr) -> Run:
        """A dict."""
        self.costs.add()
        entries = []
        for entry in node.entries:
            self.costs.add(2, 1)
            entries.append((self.expression(entry.key), self.expression(entry.value), (entry.at, entry.start, entry.end)))

        def run(f: list[Any]) -> Dict:
            made = Dict(node)
            for key, value, site in entries:
                set_new(made, key(f), value(f), site)
            return made

        return run

    def comprehension(self, node: nodes.Comprehension) -> Run:
        """A list or dict made by clauses."""
        return comprehension(self, node)

    # -- operators

    def unary(self, node: nodes.Unary) -> Run:
        """A sign, or `not`."""
        operand = self.expression(node.operand)
        self.costs.add(1, 1)
        if node.operator == "not":
            return lambda f: not truth(operand(f))
        return applied(lambda value: operators.unary(node.operator, value), operand, (node.start, node.start, node.end))

    def binary(self, node: nodes.Binary) -> Run:
        """An operation on two values."""
        if node.operator in ("and", "or"):
            return self._either(node)
        if node.operator == "+":
            return self._sum(node)
        left, right = self.expression(node.left), self.expression(node.right)
        self.costs.add(2 if node.operator == "not in" else 1, 1)
        return operated(self._operation(node.operator), left, right, (node.at, node.start, node.end))

    def _operation(self, operator: str) -> Callable[[Any, Any], Any]:
        machine = self.machine
        if operator in ("==", "!="):
            expected = operator == "=="

            def compared(left: Any, right: Any) -> bool:
                machine.reads.compare(left, right)
                return equal(left, right) is expected

            return compared
        if operator in ("in", "not in"):
            function = operators.BINARY[operator]

            def contained(left: Any, right: Any) -> bool:
                machine.reads.look_in(left, right)
                return bool(function(left, right))

            return contained
        if operator in ("<", "<=", ">", ">="):
            return lambda left, right: ordered(operator, left, right)
        return operators.BINARY[operator]

    def _either(self, node: nodes.Binary) -> Run:
        """`and` and `or`, which give one of their sides."""
        machine, costs = self.machine, self.costs
        left = self.expression(node.left)
        costs.add(1, 1)
        costs.jump()
        padding = costs.padding
        before = costs.start()
        right = self.expression(node.right)
        extra = costs.taken(before) + 1
        wanted = node.operator == "or"

        def run(f: list[Any]) -> Any:
            value = left(f)
            if truth(value) is wanted:
                machine.steps += 0 if wanted else padding
                return value
            machine.steps += extra + (padding if wanted else 1)
            return right(f)

        return run

    def _sum(self, node: nodes.Binary) -> Run:
        """`a + b + c`: from left to right, with what stands there as literals put together beforehand, as the server's compiler does."""
        summands = terms(node)
        first = self._constant_sum(summands[0][0])
        rest = []
        for term, site in summands[1:]:
            rest.append((self._constant_sum(term), site))
            self.costs.add(1, 1)
        if not rest:
            return first
        if len(rest) == 1:
            return operated(operators.add, first, *rest[0])

        def run(f: list[Any]) -> Any:
            value = first(f)
            for term, site in rest:
                value = added(value, term(f), site)
            return value

        return run

    def _constant_sum(self, term: list[nodes.Expr]) -> Run:
        """Adjacent literals of one type as one."""
        if len(term) == 1:
            return self.expression(term[0])
        head = term[0]
        if isinstance(head, nodes.Literal):
            self.costs.add()
            values = [self.constant(item) for item in term if isinstance(item, nodes.Literal)]
            value: Any = values[0]
            for other in values[1:]:
                value = Bytes(value.data + other.data) if head.kind == BYTES else operators.add(value, other)
            return lambda _: value
        items = tuple(item for one in term if isinstance(one, (nodes.ListExpr, nodes.TupleExpr)) for item in one.items)
        made = nodes.ListExpr if isinstance(head, nodes.ListExpr) else nodes.TupleExpr
        return self.expression(made(items, head.start, term[-1].end))

    def conditional(self, node: nodes.Conditional) -> Run:
        """`x if condition else y`."""
        machine, costs = self.machine, self.costs
        condition = self.condition(node.condition)
        padding = costs.padding
        before = costs.start()
        then = self.expression(node.then)
        yes = costs.taken(before) + 1
        before = costs.start()
        otherwise = self.expression(node.otherwise)
        no = costs.taken(before) + padding

        def run(f: list[Any]) -> Any:
            if condition(f):
                machine.steps += yes
                return then(f)
            machine.steps += no
            return otherwise(f)

        return run

    def condition(self, node: nodes.Expr) -> Callable[[list[Any]], bool]:
        """An expression of which only the truth matters, with the jump behind it."""
        if isinstance(node, nodes.Unary) and node.operator == "not":
            inner = self.condition(node.operand)
            return lambda f: not inner(f)
        if isinstance(node, nodes.Binary) and node.operator in ("and", "or"):
            return self._both(node)
        if isinstance(node, nodes.Binary) and node.operator == "not in":
            value = self.expression(nodes.Binary("in", node.left, node.right, node.at, node.start, node.end))
            self.costs.jump()
            return lambda f: not value(f)
        value = self.expression(node)
        self.costs.jump()
        return lambda f: truth(value(f))

    def _both(self, node: nodes.Binary) -> Callable[[list[Any]], bool]:
        machine, costs = self.machine, self.costs
        value = self.expression(node.left)
        costs.jump()
        before = costs.start()
        right = self.condition(node.right)
        extra = costs.taken(before)
        wanted = node.operator == "or"

        def run(f: list[Any]) -> bool:
            if truth(value(f)) is wanted:
                return wanted
            machine.steps += extra
            return right(f)

        return run

    # -- access

    def dot(self, node: nodes.Dot) -> Run:
        """`x.name`."""
        owner = self.expression(node.owner)
        self.costs.add()
        machine, name, site = self.machine, to_bytes(node.name.name), (node.at, node.start, node.end)

        def run(f: list[Any]) -> Any:
            value = owner(f)
            found = attribute(value, name)
            if found is ABSENT:
                error = no_attribute(value, name)
                error.place(site)
                raise error
            return machine.read(value, name, found) if type(value) is Struct else found

        return run

    def index(self, node: nodes.Index) -> Run:
        """`x[y]`."""
        owner, key = self.expression(node.owner), self.expression(node.key)
        self.costs.add(1, 1)
        return operated(get_index, owner, key, (node.at, node.start, node.end))

    def slice_(self, node: nodes.Slice) -> Run:
        """`x[low:high:step]`."""
        owner = self.expression(node.owner)
        low, high, step = (self._bound(bound) for bound in (node.low, node.high, node.step))
        self.costs.add(1, 1)
        site = (node.at, node.start, node.end)

        def run(f: list[Any]) -> Any:
            arguments = (owner(f), low(f), high(f), step(f))
            try:
                return get_slice(*arguments)
            except Failure as error:
                error.place(site)
                raise

        return run

    def _bound(self, node: nodes.Expr | None) -> Run:
        if node is not None:
            return self.expression(node)
        self.costs.add(1, 1)
        return lambda _: None

    # -- functions

    def call(self, node: nodes.Call) -> Run:
        """A call."""
        site = (node.at, node.start, node.end)
        if isinstance(node.function, nodes.Dot):
            owner = self.expression(node.function.owner)
            self.costs.add()
            dot = (node.function.at, node.function.start, node.function.end)
            return method_closure(self.machine, owner, to_bytes(node.function.name.name), Arguments(self, node), site, dot)
        function = self.expression(node.function)
        return call_closure(self.machine, function, Arguments(self, node), site)

    def lambda_(self, node: nodes.Lambda) -> Run:
        """A function without a name."""
        return self.make_function(node.code)

    def make_function(self, code: nodes.Function) -> Run:
        """What makes a function of its code, its defaults and the cells around it."""
        defaults = self._defaults(code)
        outer = self.function
        cells = [binding.index + (len(outer.locals) if outer is not None and binding.scope == "free" else 0) for binding in code.free]
        self.costs.add(2 + len(cells))
        body = self.body(code)
        return lambda f: Function(code, body, tuple([default(f) for default in defaults]), [f[index] for index in cells])

    def _defaults(self, code: nodes.Function) -> list[Run]:
        defaults: list[Run] = []
        seen_star = False
        for param in code.params:
            if param.default is not None:
                defaults.append(self.expression(param.default))
            elif param.kind:
                seen_star = True
            elif seen_star:
                self.costs.add(1, 1)
                defaults.append(lambda _: MANDATORY)
        return defaults

    def body(self, code: nodes.Function) -> Run:
        """The body of a function; statements are compiled elsewhere."""
        raise NotImplementedError


_COMPILERS: dict[type[Any], Callable[[Any, Any], Run]] = {
    nodes.Name: ExpressionCompiler.name,
    nodes.Literal: ExpressionCompiler.literal,
    nodes.Paren: ExpressionCompiler.paren,
    nodes.ListExpr: ExpressionCompiler.list_,
    nodes.TupleExpr: ExpressionCompiler.tuple_,
    nodes.DictExpr: ExpressionCompiler.dict_,
    nodes.Comprehension: ExpressionCompiler.comprehension,
    nodes.Unary: ExpressionCompiler.unary,
    nodes.Binary: ExpressionCompiler.binary,
    nodes.Conditional: ExpressionCompiler.conditional,
    nodes.Dot: ExpressionCompiler.dot,
    nodes.Index: ExpressionCompiler.index,
    nodes.Slice: ExpressionCompiler.slice_,
    nodes.Call: ExpressionCompiler.call,
    nodes.Lambda: ExpressionCompiler.lambda_,
}
