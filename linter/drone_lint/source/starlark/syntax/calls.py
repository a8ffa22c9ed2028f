"""The arguments of a call, as go.starlark.net's resolver takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drone_lint.source.starlark.syntax import nodes

if TYPE_CHECKING:
    from drone_lint.source.starlark.syntax.resolver import Resolver

_MOST = 256


def check_arguments(resolver: Resolver, call: nodes.Call) -> None:
    """Resolve the arguments of a call, and refuse those that stand in the wrong order."""
    seen = _Seen(resolver)
    for argument in call.arguments:
        seen.order(argument)
        resolver.expression(argument.value)
    for kind, count in (("positional", seen.positional), ("keyword", seen.named)):
        if count >= _MOST:
            resolver.refuse(f"{count} {kind} arguments in call, limit is 255", call.start, call.end)


class _Seen:
    """What came before in a list of arguments."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._star = False
        self._stars = False
        self._names: set[str] = set()
        self.positional = 0
        self.named = 0

    def order(self, argument: nodes.Argument) -> None:
        if argument.kind == "**":
            if self._stars:
                self._refuse("multiple **kwargs not allowed", argument)
            self._stars = True
        elif argument.kind == "*":
            if self._stars or self._star:
                self._refuse("*args may not follow **kwargs" if self._stars else "multiple *args not allowed", argument)
            self._star = True
        elif argument.kind == "=":
            self._keyword(argument)
        else:
            self._positional(argument)

    def _keyword(self, argument: nodes.Argument) -> None:
        self.named += 1
        if self._stars or self._star:
            self._refuse(f"keyword argument may not follow {'**kwargs' if self._stars else '*args'}", argument)
        assert argument.name is not None
        if argument.name.name in self._names:
            self._resolver.refuse(f"keyword argument {argument.name.name} repeated", argument.name.start, argument.name.end)
        self._names.add(argument.name.name)

    def _positional(self, argument: nodes.Argument) -> None:
        self.positional += 1
        if self._star or self._stars or self._names:
            before = "*args" if self._star else "**kwargs" if self._stars else "named"
            self._refuse(f"positional argument may not follow {before}", argument)

    def _refuse(self, message: str, argument: nodes.Argument) -> None:
        self._resolver.refuse(message, argument.start, argument.end)
