"""Comprehensions and what they share with loops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from drone_lint.source.starlark.engine.failure import Failure, Site
from drone_lint.source.starlark.engine.slicing import set_index
from drone_lint.source.starlark.engine.values import Dict, List, elements, length, type_name
from drone_lint.source.starlark.syntax import nodes
from drone_lint.source.starlark.syntax.literals import to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from drone_lint.source.starlark.engine.expressions import ExpressionCompiler

Run = Callable[[list[Any]], Any]
Store = Callable[[list[Any], Any], None]


def iterate(value: Any, site: Site) -> Iterator[Any]:
    """The items of a value, which cannot be changed until the last one was taken, or the iterator is closed."""
    items = elements(value)
    if items is None:
        error = Failure(f"{type_name(value)} value is not iterable")
        error.place(site)
        raise error
    if type(value) is not List and type(value) is not Dict:
        yield from items
        return
    value.iterating += 1
    try:
        yield from items
    finally:
        value.iterating -= 1


def store(compiler: ExpressionCompiler, target: nodes.Expr, site: Site) -> Store:
    """What assigns to the left side of an assignment."""
    target = nodes.unparenthesised(target)
    if isinstance(target, nodes.Name):
        compiler.costs.add()
        return _to_name(compiler, target)
    if isinstance(target, (nodes.TupleExpr, nodes.ListExpr)):
        compiler.costs.add()
        return _to_several([store(compiler, item, site) for item in target.items], site)
    if isinstance(target, nodes.Index):
        return _to_index(compiler, target)
    assert isinstance(target, nodes.Dot)
    owner = compiler.expression(target.owner)
    compiler.costs.add(2)
    return _to_field(owner, to_bytes(target.name.name), (target.at, target.start, target.end))


def _to_name(compiler: ExpressionCompiler, target: nodes.Name) -> Store:
    scope, index = target.binding.scope, target.binding.index
    values = compiler.machine.globals

    def to_local(f: list[Any], value: Any) -> None:
        f[index] = value

    def to_cell(f: list[Any], value: Any) -> None:
        f[index][0] = value

    def to_global(_: list[Any], value: Any) -> None:
        values[index] = value

    return to_local if scope == "local" else to_cell if scope == "cell" else to_global


def _to_several(targets: list[Store], site: Site) -> Store:
    def assign(f: list[Any], value: Any) -> None:
        for target, item in zip(targets, _unpacked(value, len(targets), site), strict=True):
            target(f, item)

    return assign


def _unpacked(value: Any, wanted: int, site: Site) -> Any:
    if type(value) is tuple and len(value) == wanted:
        return value
    items = elements(value)
    message = ""
    if items is None:
        message = f"got {type_name(value)} in sequence assignment"
    elif len(items) > wanted:
        message = f"too many values to unpack (got {length(value)}, want {wanted})"
    elif len(items) < wanted:
        message = f"too few values to unpack (got {len(items)}, want {wanted})"
    if message:
        error = Failure(message)
        error.place(site)
        raise error
    return list(items)


def _to_index(compiler: ExpressionCompiler, target: nodes.Index) -> Store:
    owner, key = compiler.expression(target.owner), compiler.expression(target.key)
    compiler.costs.add(3, 1)
    site = (target.at, target.start, target.end)

    def assign(f: list[Any], value: Any) -> None:
        container, at = owner(f), key(f)
        try:
            set_index(container, at, value)
        except Failure as error:
            error.place(site)
            raise

    return assign


def no_field(value: Any, name: str) -> Failure:
    """The error of an assignment to a field, which no value takes."""
    return Failure(f"can't assign to .{name} field of {type_name(value)}")


def _to_field(owner: Run, name: str, site: Site) -> Store:
    def assign(f: list[Any], _: Any) -> None:
        error = no_field(owner(f), name)
        error.place(site)
        raise error

    return assign


# -- comprehensions


def comprehension(compiler: ExpressionCompiler, node: nodes.Comprehension) -> Run:
    """A list or dict made by clauses."""
    compiler.costs.add()
    clauses = _clause(compiler, node, 0)
    if node.is_dict:

        def run_dict(f: list[Any]) -> Dict:
            made = Dict(node)
            clauses(f, made)
            return made

        return run_dict

    def run_list(f: list[Any]) -> List:
        made = List([], node)
        clauses(f, made)
        return made

    return run_list


def _clause(compiler: ExpressionCompiler, node: nodes.Comprehension, number: int) -> Callable[[list[Any], Any], None]:
    if number == len(node.clauses):
        return _element(compiler, node)
    clause = node.clauses[number]
    if isinstance(clause, nodes.IfClause):
        return _if(compiler, node, clause, number)
    return _for(compiler, node, clause, number)


def _if(compiler: ExpressionCompiler, node: nodes.Comprehension, clause: nodes.IfClause, number: int) -> Callable[[list[Any], Any], None]:
    machine, costs = compiler.machine, compiler.costs
    condition = compiler.condition(clause.condition)
    padding = costs.padding
    before = costs.start()
    inner = _clause(compiler, node, number + 1)
    extra = costs.taken(before)

    def run(f: list[Any], made: Any) -> None:
        if condition(f):
            machine.steps += extra
            inner(f, made)
        else:
            machine.steps += padding

    return run


def _for(compiler: ExpressionCompiler, node: nodes.Comprehension, clause: nodes.ForClause, number: int) -> Callable[[list[Any], Any], None]:
    machine, costs = compiler.machine, compiler.costs
    iterable = compiler.expression(clause.iterable)
    costs.add(3, 1)
    site = (clause.start, clause.iterable.start, clause.iterable.end)
    before = costs.start()
    costs.jump()
    padding = costs.padding
    target = store(compiler, clause.target, (clause.start, clause.start, clause.end))
    inner = _clause(compiler, node, number + 1)
    extra = costs.taken(before) + padding + 1

    def run(f: list[Any], made: Any) -> None:
        for item in iterate(iterable(f), site):
            machine.steps += extra
            if machine.steps >= machine.limit:
                machine.check_steps()
            target(f, item)
            inner(f, made)

    return run


def _element(compiler: ExpressionCompiler, node: nodes.Comprehension) -> Callable[[list[Any], Any], None]:
    compiler.costs.add(2, 1)
    if isinstance(node.body, nodes.DictEntry):
        return _entry(compiler, node.body)
    value = compiler.expression(node.body)

    def append(f: list[Any], made: List) -> None:
        made.items.append(value(f))

    return append


def _entry(compiler: ExpressionCompiler, entry: nodes.DictEntry) -> Callable[[list[Any], Any], None]:
    key, value = compiler.expression(entry.key), compiler.expression(entry.value)
    site = (entry.at, entry.start, entry.end)

    def set_entry(f: list[Any], made: Dict) -> None:
        name, item = key(f), value(f)
        try:
            made.set(name, item)
        except Failure as error:
            error.place(site)
            raise

    return set_entry
