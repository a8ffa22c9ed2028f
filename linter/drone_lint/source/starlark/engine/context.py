"""`ctx`: the argument of `main` (harness/drone plugin/converter/starlark/args.go)."""

from __future__ import annotations

from typing import Any

from drone_lint.source.starlark.engine.text import whole
from drone_lint.source.starlark.engine.values import Dict, List, Struct
from drone_lint.source.starlark.syntax.literals import to_bytes

FLOAT = "\0float"
"""The key of a mapping that stands for a number with a fraction."""


class Context:
    """`ctx` for one build.

    Args:
        given: `repo`, `build` and `input`, each with its fields: strings, booleans, numbers, lists and mappings.
    """

    def __init__(self, given: dict[str, dict[str, Any]]) -> None:
        self.names: list[str] = []
        """Fields that are strings, in the order of their numbers as sources: -1 is the first."""
        self.values: dict[int, str] = {}
        groups = {name: Struct(f'"{name}"', f"{name}.", self._fields(name, fields)) for name, fields in given.items()}
        self.value = Struct('"context"', "", dict(sorted(groups.items())))

    def _fields(self, group: str, fields: dict[str, Any]) -> dict[str, Any]:
        numbered = sorted(fields, key=lambda name: (isinstance(fields[name], dict), name))  # parameters of a build last: not all have them
        found = {name: self._value(f"{group}.{name}", fields[name]) for name in numbered}
        return {to_bytes(name): found[name] for name in sorted(found)}

    def _value(self, name: str, given: Any) -> Any:
        if isinstance(given, str):
            self.names.append(name)
            source = -len(self.names)
            self.values[source] = to_bytes(given)
            return whole(self.values[source], source) if given else given
        if isinstance(given, list):
            return List([self._value(name, item) for item in given])
        if isinstance(given, dict) and FLOAT in given:
            return float(given[FLOAT])
        if isinstance(given, dict):
            made = Dict()
            for key, item in given.items():
                made.set(to_bytes(str(key)), self._value(f"{name}.{key}", item))
            return made
        return given
