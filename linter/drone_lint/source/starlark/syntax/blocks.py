"""The blocks of a program: the file, functions and comprehensions, with the names that each defines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.source.starlark.syntax import nodes
from drone_lint.source.starlark.syntax.nodes import Binding


class Block:
    """A block; a comprehension has no function of its own."""

    __slots__ = ("bindings", "children", "function", "parent", "uses")

    def __init__(self, parent: Block | None, function: nodes.Function | None) -> None:
        self.parent = parent
        self.function = function
        self.bindings: dict[str, Binding] = {}
        self.children: list[Block] = []
        self.uses: list[Use] = []

    def inner(self, function: nodes.Function | None) -> Block:
        """A new block in this one."""
        block = Block(self, function)
        self.children.append(block)
        return block

    def container(self) -> Block:
        """The function or file that this stands in, or is."""
        block = self
        while block.function is None:
            assert block.parent is not None
            block = block.parent
        return block

    def names(self) -> Iterator[str]:
        """The names that can be seen from here, those of the whole program left out."""
        block: Block | None = self
        while block is not None:
            yield from block.bindings
            block = block.parent

    def resolve_local_uses(self) -> None:
        """Bind what the function itself defines; the other uses are left."""
        left = []
        for use in self.uses:
            binding = look_up_local(use)
            if binding is not None and binding.scope in ("local", "cell"):
                use.name.binding = binding
            else:
                left.append(use)
        self.uses = left


class Use(NamedTuple):
    """A name and the block in which it is used."""

    name: nodes.Name
    block: Block


def bind_local(block: Block, name: nodes.Name) -> bool:
    """Have a block define a name, with a place among its function's locals; whether it did already."""
    if name.name in block.bindings:
        return True
    function = block.container().function
    assert function is not None
    binding = Binding("local", len(function.locals), name)
    block.bindings[name.name] = binding
    function.locals.append(binding)
    return False


def look_up_local(use: Use) -> Binding | None:
    """What a name is in the function around it, comprehensions included."""
    block: Block | None = use.block
    while block is not None:
        if use.name.name in block.bindings:
            return block.bindings[use.name.name]
        if block.function is not None:
            return None
        block = block.parent
    return None
