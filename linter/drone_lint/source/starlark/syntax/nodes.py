"""The syntax tree. Every node has the offsets of its text; `at` is the offset that the server names when the node's operation fails."""

from __future__ import annotations

from typing import Any, TypeAlias


class Name:
    """An identifier; the resolver says what it refers to."""

    __slots__ = ("binding", "end", "name", "start")

    def __init__(self, name: str, start: int, end: int) -> None:
        self.name = name
        self.start = start
        self.end = end
        self.binding: Binding = UNBOUND


class Binding:
    """What a name stands for."""

    __slots__ = ("first", "index", "scope")

    def __init__(self, scope: str, index: int = 0, first: Name | None = None) -> None:
        self.scope = scope
        """`local`, `cell` (a local that an inner function uses), `free` (such a one, seen from there), `global`, `universal`, `undefined`."""
        self.index = index
        self.first = first


UNBOUND = Binding("undefined")


class Function:
    """The code of a `def` or a lambda, with what the resolver found out."""

    __slots__ = ("body", "free", "kwonly", "locals", "name", "params", "start", "varargs", "varkw")

    def __init__(self, name: str, params: tuple[Param, ...], body: tuple[Statement, ...], start: int) -> None:
        self.name = name
        self.params = params
        self.body = body
        self.start = start
        self.locals: list[Binding] = []
        self.free: list[Binding] = []
        """Bindings of the enclosing function that this one uses."""
        self.kwonly = 0
        self.varargs = False
        self.varkw = False


class Param:
    """A parameter: plain (`kind` empty), `*` or `**`; a bare `*` has no name."""

    __slots__ = ("at", "default", "end", "kind", "name")

    def __init__(self, kind: str, name: Name | None, default: Expr | None, at: int, end: int) -> None:
        self.kind = kind
        self.name = name
        self.default = default
        self.at = at
        self.end = end


class Literal:
    """A string, bytes or number."""

    __slots__ = ("end", "kind", "start", "value")

    def __init__(self, kind: str, value: Any, start: int, end: int) -> None:
        self.kind = kind
        self.value = value
        self.start = start
        self.end = end


class ListExpr:
    """A list as written."""

    __slots__ = ("end", "items", "start")

    def __init__(self, items: tuple[Expr, ...], start: int, end: int) -> None:
        self.items = items
        self.start = start
        self.end = end


class TupleExpr:
    """A tuple, with or without parentheses."""

    __slots__ = ("end", "items", "start")

    def __init__(self, items: tuple[Expr, ...], start: int, end: int) -> None:
        self.items = items
        self.start = start
        self.end = end


class DictEntry:
    """`key: value`."""

    __slots__ = ("at", "end", "key", "start", "value")

    def __init__(self, key: Expr, value: Expr, at: int, start: int, end: int) -> None:
        self.key = key
        self.value = value
        self.at = at
        self.start = start
        self.end = end


class DictExpr:
    """A dict as written."""

    __slots__ = ("end", "entries", "start")

    def __init__(self, entries: tuple[DictEntry, ...], start: int, end: int) -> None:
        self.entries = entries
        self.start = start
        self.end = end


class ForClause:
    """`for vars in x` of a comprehension."""

    __slots__ = ("end", "iterable", "start", "target")

    def __init__(self, target: Expr, iterable: Expr, start: int, end: int) -> None:
        self.target = target
        self.iterable = iterable
        self.start = start
        self.end = end


class IfClause:
    """`if condition` of a comprehension."""

    __slots__ = ("condition", "end", "start")

    def __init__(self, condition: Expr, start: int, end: int) -> None:
        self.condition = condition
        self.start = start
        self.end = end


class Comprehension:
    """A list or dict made by clauses."""

    __slots__ = ("body", "clauses", "end", "is_dict", "start")

    def __init__(self, body: Expr | DictEntry, clauses: tuple[ForClause | IfClause, ...], is_dict: bool, start: int, end: int) -> None:
        self.body = body
        self.clauses = clauses
        self.is_dict = is_dict
        self.start = start
        self.end = end


class Paren:
    """An expression in parentheses."""

    __slots__ = ("end", "inner", "start")

    def __init__(self, inner: Expr, start: int, end: int) -> None:
        self.inner = inner
        self.start = start
        self.end = end


class Unary:
    """`-x`, `+x`, `~x`, `not x`."""

    __slots__ = ("end", "operand", "operator", "start")

    def __init__(self, operator: str, operand: Expr, start: int, end: int) -> None:
        self.operator = operator
        self.operand = operand
        self.start = start
        self.end = end


class Binary:
    """An operation on two values, `and`, `or` and comparisons among them."""

    __slots__ = ("at", "end", "left", "operator", "right", "start")

    def __init__(self, operator: str, left: Expr, right: Expr, at: int, start: int, end: int) -> None:
        self.operator = operator
        self.left = left
        self.right = right
        self.at = at
        self.start = start
        self.end = end


class Conditional:
    """`x if condition else y`."""

    __slots__ = ("condition", "end", "otherwise", "start", "then")

    def __init__(self, condition: Expr, then: Expr, otherwise: Expr, start: int, end: int) -> None:
        self.condition = condition
        self.then = then
        self.otherwise = otherwise
        self.start = start
        self.end = end


class Dot:
    """`x.name`."""

    __slots__ = ("at", "end", "name", "owner", "start")

    def __init__(self, owner: Expr, name: Name, at: int, start: int, end: int) -> None:
        self.owner = owner
        self.name = name
        self.at = at
        self.start = start
        self.end = end


class Index:
    """`x[y]`."""

    __slots__ = ("at", "end", "key", "owner", "start")

    def __init__(self, owner: Expr, key: Expr, at: int, start: int, end: int) -> None:
        self.owner = owner
        self.key = key
        self.at = at
        self.start = start
        self.end = end


class Slice:
    """`x[low:high:step]`."""

    __slots__ = ("at", "end", "high", "low", "owner", "start", "step")

    def __init__(self, owner: Expr, low: Expr | None, high: Expr | None, step: Expr | None, at: int, start: int, end: int) -> None:
        self.owner = owner
        self.low = low
        self.high = high
        self.step = step
        self.at = at
        self.start = start
        self.end = end


class Argument:
    """An argument of a call: positional (`kind` empty), `name=`, `*` or `**`."""

    __slots__ = ("end", "kind", "name", "start", "value")

    def __init__(self, kind: str, name: Name | None, value: Expr, start: int, end: int) -> None:
        self.kind = kind
        self.name = name
        self.value = value
        self.start = start
        self.end = end


class Call:
    """A call."""

    __slots__ = ("arguments", "at", "end", "function", "start")

    def __init__(self, function: Expr, arguments: tuple[Argument, ...], at: int, start: int, end: int) -> None:
        self.function = function
        self.arguments = arguments
        self.at = at
        self.start = start
        self.end = end


class Lambda:
    """`lambda params: body`."""

    __slots__ = ("code", "end", "start")

    def __init__(self, code: Function, start: int, end: int) -> None:
        self.code = code
        self.start = start
        self.end = end


class ExprStatement:
    """An expression whose value is dropped."""

    __slots__ = ("start", "value")

    def __init__(self, value: Expr, start: int) -> None:
        self.value = value
        self.start = start


class Assign:
    """`target = value`, or with an operator (`+=`)."""

    __slots__ = ("at", "operator", "start", "target", "value")

    def __init__(self, operator: str, target: Expr, value: Expr, at: int, start: int) -> None:
        self.operator = operator
        """Empty for a plain assignment, else the operator without `=`."""
        self.target = target
        self.value = value
        self.at = at
        self.start = start


class Def:
    """A function definition."""

    __slots__ = ("code", "name", "start")

    def __init__(self, name: Name, code: Function, start: int) -> None:
        self.name = name
        self.code = code
        self.start = start


class If:
    """`if`; an `elif` is an `If` in `otherwise`."""

    __slots__ = ("condition", "otherwise", "start", "then")

    def __init__(self, condition: Expr, then: tuple[Statement, ...], otherwise: tuple[Statement, ...], start: int) -> None:
        self.condition = condition
        self.then = then
        self.otherwise = otherwise
        self.start = start


class For:
    """A loop."""

    __slots__ = ("body", "iterable", "start", "target")

    def __init__(self, target: Expr, iterable: Expr, body: tuple[Statement, ...], start: int) -> None:
        self.target = target
        self.iterable = iterable
        self.body = body
        self.start = start


class While:
    """`while`, which the server refuses."""

    __slots__ = ("body", "condition", "start")

    def __init__(self, condition: Expr, body: tuple[Statement, ...], start: int) -> None:
        self.condition = condition
        self.body = body
        self.start = start


class Return:
    """`return`, with or without a value."""

    __slots__ = ("start", "value")

    def __init__(self, value: Expr | None, start: int) -> None:
        self.value = value
        self.start = start


class Branch:
    """`break`, `continue` or `pass`."""

    __slots__ = ("start", "word")

    def __init__(self, word: str, start: int) -> None:
        self.word = word
        self.start = start


class Load:
    """`load(...)`; the names to bind and the names they have in the module."""

    __slots__ = ("end", "module", "names", "start", "to")

    def __init__(self, module: str, to: tuple[Name, ...], names: tuple[tuple[str, int], ...], start: int, end: int) -> None:
        self.module = module
        self.to = to
        self.names = names
        """Names in the module, with their offsets."""
        self.start = start
        self.end = end


Expr: TypeAlias = "Name | Literal | ListExpr | TupleExpr | DictExpr | Comprehension | Paren | Unary | Binary | Conditional | Dot | Index | Slice | Call | Lambda"
Statement: TypeAlias = "ExprStatement | Assign | Def | If | For | While | Return | Branch | Load"


class Program:
    """A parsed file; the resolver adds its globals."""

    __slots__ = ("globals", "statements", "toplevel")

    def __init__(self, statements: tuple[Statement, ...], toplevel: Function, globals_: dict[str, Binding]) -> None:
        self.statements = statements
        self.toplevel = toplevel
        """Holds the locals of comprehensions outside of functions, and of `load`."""
        self.globals = globals_


def unparenthesised(node: Expr) -> Expr:
    """The expression inside of any parentheses."""
    while isinstance(node, Paren):
        node = node.inner
    return node
