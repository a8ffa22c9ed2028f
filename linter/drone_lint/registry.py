"""Which rules there are, and which of them run."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

from drone_lint.result import RuleInfo
from drone_lint.rule import Rule
from drone_lint.settings import Settings
from drone_lint.spelling import nearest

FAMILIES = ("load", "correctness", "trust", "container_escape", "supply_chain", "secrets", "injection", "docker_in_docker", "hygiene")
"""The folders of `drone_lint_rules`, in the order in which the index shows them."""

_PACKAGE = "drone_lint_rules"


class UnknownRuleError(ValueError):
    """A name that is no rule's and no family's."""

    def __init__(self, name: str, nearest: str | None) -> None:
        self.name = name
        self.nearest = nearest
        super().__init__(f"unknown rule `{name}`" + (f"; did you mean `{nearest}`?" if nearest else ""))


@lru_cache(maxsize=1)
def builtin_rules() -> dict[str, type[Rule]]:
    """Every built-in rule by name: whatever stands in the families' folders."""
    found: dict[str, type[Rule]] = {}
    folder = os.path.dirname(importlib.import_module(_PACKAGE).__file__ or "")
    for family in FAMILIES:
        for module_name in _modules(os.path.join(folder, family)):
            module = importlib.import_module(f"{_PACKAGE}.{family}.{module_name}")
            for rule in rules_of(module):
                rule.family = rule.family or family
                found[rule.name] = rule
    return found


def _modules(folder: str) -> list[str]:
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    return sorted(name[:-3] for name in names if name.endswith(".py") and not name.startswith("_"))


def rules_of(module: ModuleType) -> Iterator[type[Rule]]:
    """The rules that a module defines."""
    for item in vars(module).values():
        if isinstance(item, type) and issubclass(item, Rule) and item.__module__ == module.__name__ and "name" in vars(item):
            yield item


def check_names(names: Iterable[str], known: dict[str, type[Rule]]) -> None:
    """Raise UnknownRuleError for the first name that is neither a rule nor a family."""
    families = {rule.family for rule in known.values()} | set(FAMILIES)
    for name in names:
        if name not in known and name not in families:
            raise UnknownRuleError(name, nearest(name, (*known, *sorted(families))))


def active_rules(settings: Settings, known: dict[str, type[Rule]] | None = None) -> list[Rule]:
    """The rules that run under these settings, made with their options.

    Raises:
        UnknownRuleError: `select` or `ignore` names something that does not exist.
    """
    known = builtin_rules() if known is None else known
    check_names((*settings.select, *settings.ignore), known)
    return [rule for rule in (_make(kind, settings) for kind in known.values() if _wanted(kind, settings)) if _on(rule)]


def _wanted(rule: type[Rule], settings: Settings) -> bool:
    names = {rule.name, rule.family}
    if names & set(settings.ignore):
        return False
    if settings.select:
        return bool(names & set(settings.select))
    return rule.profile != "pedantic" or settings.profile in ("pedantic", "drone") or rule.asked_for(settings)


def _on(rule: Rule) -> bool:
    return rule.profile != "policy" or rule.configured()


def _make(rule: type[Rule], settings: Settings) -> Rule:
    return rule(settings, make_options(rule, settings.rules.get(rule.name, {})))


def make_options(rule: type[Rule], given: Any) -> Any:
    """A rule's options from the configuration's entry, which was checked before; lists become tuples."""
    if not is_dataclass(rule.options):
        return rule.options()
    names = {field.name for field in fields(rule.options)}
    values = {key.replace("-", "_"): tuple(value) if isinstance(value, list) else value for key, value in dict(given).items()}
    return rule.options(**{key: value for key, value in values.items() if key in names})


def info(rule: type[Rule]) -> RuleInfo:
    """What reporters may know of a rule."""
    page = rule.page()
    return RuleInfo(
        name=rule.name,
        family=rule.family,
        severity=rule.severity,
        confidence=rule.confidence,
        summary=page.split("\n", 1)[0].rstrip("."),
        page=page,
        profile=rule.profile,
        fixable=rule.fixable,
        references=tuple((item.id, item.title, item.url) for item in rule.references),
    )
