"""What each name refers to, and what the server refuses before it runs anything (go.starlark.net resolve/resolve.go, default dialect)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from drone_lint.source.starlark.syntax import nodes
from drone_lint.source.starlark.syntax.blocks import Block, Use, bind_local
from drone_lint.source.starlark.syntax.calls import check_arguments
from drone_lint.source.starlark.syntax.errors import StaticError
from drone_lint.source.starlark.syntax.literals import from_bytes, to_bytes
from drone_lint.source.starlark.syntax.nodes import Binding
from drone_lint.source.starlark.syntax.parameters import bind_parameters
from drone_lint.source.starlark.syntax.spelling import did_you_mean

DOES_NOT = "this Starlark dialect does not "
UNIVERSE = frozenset(
    (
        "None",
        "True",
        "False",
        "abs",
        "any",
        "all",
        "bool",
        "bytes",
        "chr",
        "dict",
        "dir",
        "enumerate",
        "fail",
        "float",
        "getattr",
        "hasattr",
        "hash",
        "int",
        "len",
        "list",
        "max",
        "min",
        "ord",
        "print",
        "range",
        "repr",
        "reversed",
        "set",
        "sorted",
        "str",
        "tuple",
        "type",
        "zip",
    )
)


def resolve(program: nodes.Program, text: str) -> list[StaticError]:
    """Bind every name of a program, in place; gives what the server refuses, its first word first."""
    resolver = Resolver(program, text)
    resolver.statements(program.statements)
    resolver.file.resolve_local_uses()
    resolver.resolve_others(resolver.file)
    return resolver.errors


class Resolver:
    """Walks a program once."""

    def __init__(self, program: nodes.Program, text: str) -> None:
        self.errors: list[StaticError] = []
        self.file = Block(None, program.toplevel)
        self.block = self.file
        self._globals = program.globals
        self._universal: dict[str, Binding] = {}
        self._text = text
        self._loops = 0
        self._ifs = 0

    def refuse(self, message: str, at: int, end: int | None = None) -> None:
        """Note an error."""
        self.errors.append(StaticError(message, at, at, at + 1 if end is None else end))

    # -- names

    def bind(self, name: nodes.Name) -> bool:
        """Have the current block define a name; whether it did already."""
        if self.block is self.file:
            return self._bind_global(name)
        known = bind_local(self.block, name)
        self.use(name)
        return known

    def _bind_global(self, name: nodes.Name) -> bool:
        binding = self.file.bindings.get(name.name) or self._globals.get(name.name)
        if binding is None:
            name.binding = self._globals[name.name] = Binding("global", len(self._globals), name)
            return False
        name.binding = binding
        first = binding.first
        where = self.position(first.start) if first else ""
        self.refuse(f"cannot reassign {binding.scope} {name.name} declared at {where}", name.start, name.end)
        return True

    def use(self, name: nodes.Name) -> None:
        """Note that a name is used here; it is looked up at the end of its function, or of the program."""
        self.block.container().uses.append(Use(name, self.block))

    def position(self, offset: int) -> str:
        """A place as the server writes it; the file's path is put in later."""
        return f"\0{offset}\0"

    def resolve_others(self, block: Block) -> None:
        """Look up the names that no function defines for itself, inner blocks first."""
        stack: list[tuple[Block, bool]] = [(block, False)]
        while stack:
            one, below = stack.pop()
            if not below:
                stack.append((one, True))
                stack += [(child, False) for child in reversed(one.children)]
                continue
            for use in one.uses:
                use.name.binding = self._look_up(use, use.block)

    def _look_up(self, use: Use, block: Block) -> Binding:
        chain = []
        while block is not self.file and use.name.name not in block.bindings:
            chain.append(block)
            assert block.parent is not None
            block = block.parent
        binding = self._top(use) if block is self.file else block.bindings[use.name.name]
        for inner in reversed(chain):
            if inner.function is not None and binding.scope in ("local", "free", "cell"):
                binding = _captured(inner.function, binding)
            inner.bindings[use.name.name] = binding
        return binding

    def _top(self, use: Use) -> Binding:
        name = use.name.name
        binding = self.file.bindings.get(name) or self._globals.get(name) or self._universal.get(name)
        if binding is not None:
            return binding
        if name in UNIVERSE:
            if name == "set":
                self.refuse(DOES_NOT + "support sets", use.name.start, use.name.end)
            binding = self._universal[name] = Binding("universal", first=use.name)
            return binding
        candidates = sorted(map(to_bytes, {*use.block.names(), *self._globals}))  # edits are counted in bytes
        self.refuse(f"undefined: {name}{from_bytes(did_you_mean(to_bytes(name), candidates))}", use.name.start, use.name.end)
        return Binding("undefined")

    # -- statements

    def statements(self, statements: Iterable[nodes.Statement]) -> None:
        """Several statements."""
        for statement in statements:
            _STATEMENTS[type(statement)](self, statement)

    def expression_statement(self, node: nodes.ExprStatement) -> None:
        """An expression on its own."""
        self.expression(node.value)

    def branch(self, node: nodes.Branch) -> None:
        """`break`, `continue` or `pass`."""
        if not self._loops and node.word != "pass":
            self.refuse(f"{node.word} not in a loop", node.start, node.start + len(node.word))

    def _outside(self, words: str, start: int, length: int) -> None:
        if self.block.container() is self.file:
            self.refuse(f"{words} not within a function", start, start + length)

    def if_(self, node: nodes.If) -> None:
        """An `if`."""
        self._outside("if statement", node.start, 2)
        self.expression(node.condition)
        self._ifs += 1
        self.statements(node.then)
        self.statements(node.otherwise)
        self._ifs -= 1

    def assignment(self, node: nodes.Assign) -> None:
        """An assignment."""
        self.expression(node.value)
        self.assign(node.target, augmented=bool(node.operator))

    def def_(self, node: nodes.Def) -> None:
        """A function definition."""
        self.bind(node.name)
        self._function(node.code)

    def for_(self, node: nodes.For) -> None:
        """A loop."""
        self._outside("for loop", node.start, 3)
        self.expression(node.iterable)
        self.assign(node.target)
        self._loops += 1
        self.statements(node.body)
        self._loops -= 1

    def while_(self, node: nodes.While) -> None:
        """A `while`, which the server refuses."""
        self.refuse(DOES_NOT + "support while loops", node.start, node.start + 5)
        self._outside("while loop", node.start, 5)
        self.expression(node.condition)
        self._loops += 1
        self.statements(node.body)
        self._loops -= 1

    def return_(self, node: nodes.Return) -> None:
        """A `return`."""
        self._outside("return statement", node.start, 6)
        if node.value is not None:
            self.expression(node.value)

    def load(self, node: nodes.Load) -> None:
        """A `load`."""
        if self.block.container() is not self.file:
            self.refuse("load statement within a function", node.start, node.end)
        elif self._loops or self._ifs:
            self.refuse(f"load statement within a {'loop' if self._loops else 'conditional'}", node.start, node.end)
        for name, (original, at) in zip(node.to, node.names, strict=True):
            if not original:
                self.refuse("load: empty identifier", at)
                continue
            if original.startswith("_"):
                self.refuse(f"load: names with leading underscores are not exported: {original}", at)
            known = bind_local(self.block, name)
            self.use(name)
            if known:
                self.refuse(f"cannot reassign top-level {name.name}", name.start, name.end)

    def assign(self, target: nodes.Expr, *, augmented: bool = False) -> None:
        """The left side of an assignment."""
        target = nodes.unparenthesised(target)
        if isinstance(target, nodes.Name):
            self.bind(target)
        elif isinstance(target, nodes.Index):
            self.expression(target.owner)
            self.expression(target.key)
        elif isinstance(target, nodes.Dot):
            self.expression(target.owner)
        elif isinstance(target, (nodes.TupleExpr, nodes.ListExpr)):
            if augmented:
                kind = "tuple" if isinstance(target, nodes.TupleExpr) else "list"
                self.refuse(f"can't use {kind} expression in augmented assignment", target.start, target.end)
            for item in target.items:
                self.assign(item, augmented=augmented)
        else:
            self.refuse(f"can't assign to {_GO_NAMES[type(target)]}", target.start, target.end)

    # -- expressions

    def expression(self, node: nodes.Expr) -> None:
        """An expression and what is in it."""
        _EXPRESSIONS[type(node)](self, node)

    def literal(self, node: nodes.Literal) -> None:
        """A literal, which refers to nothing."""

    def items(self, node: nodes.ListExpr | nodes.TupleExpr) -> None:
        """A list or tuple."""
        for item in node.items:
            self.expression(item)

    def dict(self, node: nodes.DictExpr) -> None:
        """A dict."""
        for entry in node.entries:
            self.expression(entry.key)
            self.expression(entry.value)

    def paren(self, node: nodes.Paren) -> None:
        """Parentheses."""
        self.expression(node.inner)

    def unary(self, node: nodes.Unary) -> None:
        """A sign, or `not`."""
        self.expression(node.operand)

    def binary(self, node: nodes.Binary) -> None:
        """An operation."""
        self.expression(node.left)
        self.expression(node.right)

    def conditional(self, node: nodes.Conditional) -> None:
        """A conditional expression."""
        self.expression(node.condition)
        self.expression(node.then)
        self.expression(node.otherwise)

    def dot(self, node: nodes.Dot) -> None:
        """A field: its name is no variable."""
        self.expression(node.owner)

    def index(self, node: nodes.Index) -> None:
        """An index."""
        self.expression(node.owner)
        self.expression(node.key)

    def slice(self, node: nodes.Slice) -> None:
        """A slice."""
        self.expression(node.owner)
        for bound in (node.low, node.high, node.step):
            if bound is not None:
                self.expression(bound)

    def call(self, node: nodes.Call) -> None:
        """A call."""
        self.expression(node.function)
        check_arguments(self, node)

    def lambda_(self, node: nodes.Lambda) -> None:
        """A function without a name."""
        self._function(node.code)

    def comprehension(self, node: nodes.Comprehension) -> None:
        """A comprehension, which is a block of its own but for its first iterable."""
        first = node.clauses[0]
        assert isinstance(first, nodes.ForClause)
        self.expression(first.iterable)
        self.block = self.block.inner(None)
        self.assign(first.target)
        for clause in node.clauses[1:]:
            if isinstance(clause, nodes.IfClause):
                self.expression(clause.condition)
            else:
                self.assign(clause.target)
                self.expression(clause.iterable)
        if isinstance(node.body, nodes.DictEntry):
            self.expression(node.body.key)
            self.expression(node.body.value)
        else:
            self.expression(node.body)
        assert self.block.parent is not None
        self.block = self.block.parent

    def _function(self, code: nodes.Function) -> None:
        for param in code.params:
            if param.default is not None:
                self.expression(param.default)
        self.block = self.block.inner(code)
        bind_parameters(self, code)
        self.statements(code.body)
        self.block.resolve_local_uses()
        assert self.block.parent is not None
        self.block = self.block.parent


def _captured(function: nodes.Function, binding: Binding) -> Binding:
    """The binding, in an inner function, of what an outer one defines."""
    if binding.scope == "local":
        binding.scope = "cell"
    function.free.append(binding)
    return Binding("free", len(function.free) - 1, binding.first)


_STATEMENTS: dict[type[Any], Callable[[Resolver, Any], None]] = {
    nodes.ExprStatement: Resolver.expression_statement,
    nodes.Branch: Resolver.branch,
    nodes.If: Resolver.if_,
    nodes.Assign: Resolver.assignment,
    nodes.Def: Resolver.def_,
    nodes.For: Resolver.for_,
    nodes.While: Resolver.while_,
    nodes.Return: Resolver.return_,
    nodes.Load: Resolver.load,
}
_EXPRESSIONS: dict[type[Any], Callable[[Resolver, Any], None]] = {
    nodes.Name: Resolver.use,
    nodes.Literal: Resolver.literal,
    nodes.ListExpr: Resolver.items,
    nodes.TupleExpr: Resolver.items,
    nodes.DictExpr: Resolver.dict,
    nodes.Comprehension: Resolver.comprehension,
    nodes.Paren: Resolver.paren,
    nodes.Unary: Resolver.unary,
    nodes.Binary: Resolver.binary,
    nodes.Conditional: Resolver.conditional,
    nodes.Dot: Resolver.dot,
    nodes.Index: Resolver.index,
    nodes.Slice: Resolver.slice,
    nodes.Call: Resolver.call,
    nodes.Lambda: Resolver.lambda_,
}
_GO_NAMES: dict[type[Any], str] = {
    nodes.Literal: "literal",
    nodes.DictExpr: "dictexpr",
    nodes.Comprehension: "comprehension",
    nodes.Unary: "unaryexpr",
    nodes.Binary: "binaryexpr",
    nodes.Conditional: "condexpr",
    nodes.Slice: "sliceexpr",
    nodes.Call: "callexpr",
    nodes.Lambda: "lambdaexpr",
}
