"""Which rules run under some settings."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from drone_lint.lint.packs import known_rules
from drone_lint.lint.registry import Facts, Rules
from drone_lint.lint.rule import Rule
from drone_lint.lint.triggers import Triggers, is_set
from drone_lint.settings import Settings
from drone_lint.source.loaded import ConfigFile
from drone_lint.text.programs import find_program
from drone_lint.text.spelling import nearest


class UnknownRuleError(ValueError):
    """A name that is no rule's and no family's."""

    def __init__(self, name: str, nearest: str | None) -> None:
        self.name = name
        self.nearest = nearest
        super().__init__(f"unknown rule `{name}`" + (f"; did you mean `{nearest}`?" if nearest else ""))


def check_names(names: Iterable[str], known: Rules) -> None:
    """Raise UnknownRuleError for the first name that is neither a rule nor a family."""
    for name in names:
        if name not in known and name not in known.families:
            raise UnknownRuleError(name, nearest(name, (*known, *known.families)))


class RuleSet:
    """The rules that run under some settings; made when a file first needs them."""

    def __init__(self, settings: Settings, known: Rules | None = None, *, only: Iterable[str] | None = None) -> None:
        """Choose.

        Args:
            settings: what they say of profiles, `select` and `ignore` decides, unless `only` does.
            known: the rules to choose from; the built-in ones when None.
            only: names of exactly the rules that run.

        Raises:
            UnknownRuleError: `select` or `ignore` names something that does not exist.
        """
        self.settings = settings
        self.known = known_rules(settings.packs) if known is None else known
        """All rules that there are."""
        check_names((*settings.select, *settings.ignore), self.known)
        chosen = (name for name, facts in self.known.facts.items() if _wanted(name, facts, settings)) if only is None else only
        self.names = tuple(chosen)
        """Every rule that runs, whether or not a file needed it so far."""
        self._made: dict[str, Rule] = {}

    def __getitem__(self, name: str) -> Rule:
        found = self._made.get(name)
        if found is None:
            kind = self.known[name]
            found = self._made[name] = kind(self.settings, make_options(kind, self.settings.rules.get(name, {})))
        return found

    def __contains__(self, name: str) -> bool:
        return name in self.names

    @property
    def families(self) -> frozenset[str]:
        """Families of the rules that run."""
        return frozenset(self.known.facts[name].family for name in self.names)

    @cached_property
    def asked(self) -> tuple[tuple[str, int, int], ...]:
        """The programs that the rules ask: path, size and time of each."""
        programs = dict.fromkeys(program for name in self.names for program in self.known.facts[name].asks)
        paths = [path for program in programs if (path := find_program(program)) is not None]
        return tuple((path, os.stat(path).st_size, os.stat(path).st_mtime_ns) for path in paths)

    @cached_property
    def identity(self) -> str:
        """All that settings and installed programs say of how these rules run."""
        return f"{self.settings!r} {self.asked}"

    def all(self) -> list[Rule]:
        """Every rule that runs."""
        return [self[name] for name in self.names]

    def triggered_by(self, file: ConfigFile) -> list[Rule]:
        """The rules that can find something in a file; the others are not imported."""
        content = Triggers(file, self.settings)
        facts = self.known.facts
        return [self[name] for name in self.names if (facts[name].on_legacy or not file.legacy) and content.triggers(facts[name])]


def active_rules(settings: Settings) -> list[Rule]:
    """All rules that run under these settings, made with their options.

    Raises:
        UnknownRuleError: `select` or `ignore` names something that does not exist.
    """
    return RuleSet(settings).all()


def _wanted(name: str, facts: Facts, settings: Settings) -> bool:
    names = {name, facts.family}
    if names & set(settings.ignore) or (facts.profile == "policy" and not _listed(facts, settings)):
        return False
    if settings.select:
        return bool(names & set(settings.select))
    return facts.profile != "pedantic" or settings.profile in ("pedantic", "drone") or _listed(facts, settings)


def _listed(facts: Facts, settings: Settings) -> bool:
    """Whether the list that switches the rule on has anything in it."""
    return bool(facts.listed_in) and is_set(facts.listed_in, settings)


def make_options(rule: type[Rule], given: Any) -> Any:
    """A rule's options from the configuration's entry, which was checked before; lists become tuples."""
    values = {key.replace("-", "_"): tuple(value) if isinstance(value, list) else value for key, value in dict(given).items()}
    return rule.options(**{key: value for key, value in values.items() if key in rule.options._fields})
