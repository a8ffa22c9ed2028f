"""Which rules there are, and which of them run on a file."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from drone_lint.findings.result import RuleInfo
from drone_lint.lint.rule import Rule, Trigger

if TYPE_CHECKING:
    pass

FAMILIES = (
    "load",
    "correctness",
    "plugin_settings",
    "trust",
    "container_escape",
    "supply_chain",
    "secrets",
    "injection",
    "docker_in_docker",
    "hygiene",
)
"""The folders of `drone_lint_rules`, in the order in which the index shows them."""

_PACKAGE = "drone_lint_rules"


class Facts(NamedTuple):
    """What must be known of a rule to decide whether it runs, so that it need not be imported before."""

    module: str
    """Import name."""
    family: str
    profile: str
    listed_in: str
    on_legacy: bool
    asks: tuple[str, ...]
    triggers: tuple[Trigger, ...]
    """One of which a file must have."""


# -- the built-in rules


class Rules(Mapping[str, type[Rule]]):
    """Rules by name, each imported when it is first looked at."""

    def __init__(self, facts: Mapping[str, Facts], made: Mapping[str, type[Rule]] | None = None) -> None:
        self.facts = facts
        self._made = dict(made or {})

    def plus(self, kinds: Iterable[type[Rule]]) -> Rules:
        """These rules and others, which are imported already; one of the same name replaces ours."""
        more = {kind.name: kind for kind in kinds}
        facts = {**self.facts, **{name: facts_of(kind, kind.family) for name, kind in more.items()}}
        return Rules(facts, {**self._made, **more})

    def __getitem__(self, name: str) -> type[Rule]:
        found = self._made.get(name)
        if found is None:
            facts = self.facts[name]
            module = importlib.import_module(facts.module)
            found = next(rule for rule in rules_of(module) if rule.name == name)
            found.family = found.family or facts.family
            self._made[name] = found
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.facts)

    def __len__(self) -> int:
        return len(self.facts)

    def __contains__(self, name: object) -> bool:
        return name in self.facts

    @property
    def families(self) -> tuple[str, ...]:
        """Every family that has a name, whether or not it has rules."""
        return tuple(dict.fromkeys((*FAMILIES, *(facts.family for facts in self.facts.values()))))


@lru_cache(maxsize=1)
def builtin_rules() -> Rules:
    """Every built-in rule by name: whatever stands in the families' folders."""
    indexed = _index()
    facts: dict[str, Facts] = {}
    for family, module_name in _modules():
        facts.update(indexed.get(f"{family}.{module_name}") or _read(family, module_name))
    return Rules(facts)


def _index() -> dict[str, dict[str, Facts]]:
    """What the generated index says of modules; nothing where there is no index. Modules that it does not know are imported."""
    try:
        rows = importlib.import_module(f"{_PACKAGE}.index").INDEX
    except ModuleNotFoundError:
        return {}
    found: dict[str, dict[str, Facts]] = {}
    for name, (family, module, profile, listed_in, on_legacy, asks, triggers) in rows.items():
        facts = Facts(
            f"{_PACKAGE}.{family}.{module}", family, profile, listed_in, on_legacy, asks, tuple(Trigger(*one) for one in triggers)
        )
        found.setdefault(f"{family}.{module}", {})[name] = facts
    return found


def _modules() -> Iterator[tuple[str, str]]:
    """Family and name of each module in the families' folders."""
    folder = os.path.dirname(importlib.import_module(_PACKAGE).__file__ or "")
    for family in FAMILIES:
        try:
            names = os.listdir(os.path.join(folder, family))
        except FileNotFoundError:
            continue
        yield from ((family, name[:-3]) for name in sorted(names) if name.endswith(".py") and not name.startswith("_"))


def _read(family: str, module_name: str) -> dict[str, Facts]:
    """What a module's rules themselves say."""
    module = importlib.import_module(f"{_PACKAGE}.{family}.{module_name}")
    return {rule.name: facts_of(rule, rule.family or family) for rule in rules_of(module)}


def rules_of(module: ModuleType) -> Iterator[type[Rule]]:
    """The rules that a module defines."""
    for item in vars(module).values():
        if isinstance(item, type) and issubclass(item, Rule) and item.__module__ == module.__name__ and "name" in vars(item):
            yield item


def facts_of(rule: type[Rule], family: str) -> Facts:
    """What is to be known of a rule before it is imported."""
    triggers = (rule.trigger,) if isinstance(rule.trigger, Trigger) else rule.trigger
    triggers = triggers if _has_hooks(rule) else ()
    return Facts(rule.__module__, family, rule.profile, rule.listed_in, rule.on_legacy, rule.asks, triggers)


HOOKS = ("check_file", "check_document", "check_pipeline", "check_step", "check_files")


def _has_hooks(rule: type[Rule]) -> bool:
    return any(getattr(rule, hook) is not getattr(Rule, hook) for hook in HOOKS)


def index_text() -> str:
    """The index of the built-in rules as the module that holds it."""
    lines = ['"""What decides whether a rule runs, for each rule. Generated: `pytest tests/cli --update-goldens` refreshes it."""', ""]
    lines += ["# fmt: off", "# ruff: noqa", "INDEX = {"]
    for family, module_name in _modules():
        for name, facts in _read(family, module_name).items():
            row = (
                facts.family,
                module_name,
                facts.profile,
                facts.listed_in,
                facts.on_legacy,
                facts.asks,
                tuple(map(tuple, facts.triggers)),
            )
            lines.append(f"    {name!r}: {row!r},")
    return "\n".join([*lines, "}", ""])


def beside_rules(family: str, module_name: str) -> ModuleType:
    """A module of a family's folder that is no rule: what commands of their own show of it (`dind`'s checklist)."""
    return importlib.import_module(f"{_PACKAGE}.{family}.{module_name}")


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
