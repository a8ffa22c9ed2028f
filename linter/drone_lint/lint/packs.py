"""Rule packs: rules of others, found by their entry points."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from functools import lru_cache

from drone_lint.lint.registry import Rules, builtin_rules, rules_of
from drone_lint.lint.rule import Rule
from drone_lint.text.spelling import did_you_mean

PACKS = "drone_lint.rules"
"""The entry-point group of rule packs."""


class PackError(ValueError):
    """A rule pack that cannot be used."""


@lru_cache(maxsize=8)
def known_rules(packs: tuple[str, ...] = ()) -> Rules:
    """The built-in rules and those of packs: names in the entry-point group `drone_lint.rules`, each of a module or package.

    Raises:
        PackError: there is no such pack, it cannot be imported, or a rule of it has the name of another.
    """
    rules = builtin_rules()
    if not packs:
        return rules
    from importlib.metadata import entry_points

    found = {point.name: point.value for point in entry_points(group=PACKS)}
    for name in packs:
        if name not in found:
            known = did_you_mean(name, found) or (f"; installed: {', '.join(sorted(found))}" if found else "; none is installed")
            raise PackError(f"unknown rule pack `{name}`{known}")
        kinds = list(_of_pack(name, found[name]))
        taken = [kind.name for kind in kinds if kind.name in rules]
        if taken:
            raise PackError(f"rule pack `{name}`: there already is a rule `{taken[0]}`")
        rules = rules.plus(kinds)
    return rules


def _of_pack(name: str, module_name: str) -> Iterator[type[Rule]]:
    try:
        package = importlib.import_module(module_name)
        folders = getattr(package, "__path__", ())
        names = sorted({entry[:-3] for folder in folders for entry in os.listdir(folder) if entry.endswith(".py") and entry[0] != "_"})
        modules = [package, *(importlib.import_module(f"{module_name}.{one}") for one in names)]
    except Exception as error:
        raise PackError(f"rule pack `{name}` cannot be imported: {type(error).__name__}: {error}") from error
    for module in modules:
        for kind in rules_of(module):
            kind.family = kind.family or name
            yield kind
