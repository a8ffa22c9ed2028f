"""Which rules there are, and which of them run on a file."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from drone_lint.findings.result import RuleInfo
from drone_lint.lint.rule import Rule, Trigger
from drone_lint.model.node import Content
from drone_lint.settings import Settings
from drone_lint.text.programs import find_program
from drone_lint.text.spelling import did_you_mean, nearest

if TYPE_CHECKING:
    from drone_lint.source.loaded import ConfigFile

FAMILIES = ("load", "correctness", "trust", "container_escape", "supply_chain", "secrets", "injection", "docker_in_docker", "hygiene")
"""The folders of `drone_lint_rules`, in the order in which the index shows them."""

_PACKAGE = "drone_lint_rules"


class UnknownRuleError(ValueError):
    """A name that is no rule's and no family's."""

    def __init__(self, name: str, nearest: str | None) -> None:
        self.name = name
        self.nearest = nearest
        super().__init__(f"unknown rule `{name}`" + (f"; did you mean `{nearest}`?" if nearest else ""))


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
            raise PackError(f"rule pack `{name}`: there is another rule `{taken[0]}`")
        rules = rules.plus(kinds)
    return rules


PACKS = "drone_lint.rules"
"""The entry-point group of rule packs."""


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


# -- selection


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
        content = _Content(file, self.settings)
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
    return bool(facts.listed_in) and _is_set(facts.listed_in, settings)


def _is_set(name: str, settings: Settings) -> bool:
    found: Any = settings
    for part in name.split("."):
        found = getattr(found, part)
    return bool(found)


class _Content:
    """What of a file, and of the settings that hold for it, triggers rules."""

    def __init__(self, file: ConfigFile, settings: Settings) -> None:
        self._settings = settings
        self._file = file
        self._expansions = bool(file.expansions)
        documents = {id(document): document for one in file.evaluations for document in (*one.server, *one.runner)}
        found = [document.content for document in documents.values()]
        texts = dict.fromkeys(text for one in found for text in one.texts)
        commands = dict.fromkeys(line for one in found for line in one.commands.split("\n"))
        self._content = Content(set().union(*(one.keys for one in found)), "\n".join(texts), "\n".join(commands))

    def triggers(self, facts: Facts) -> bool:
        return any(self._has(trigger) for trigger in facts.triggers)

    def _has(self, trigger: Trigger) -> bool:
        if (trigger.fact and not self._file.offers(trigger.fact)) or (trigger.expansions and not self._expansions):
            return False
        return (
            (not trigger.keys or not self._content.keys.isdisjoint(trigger.keys))
            and (not trigger.words or _any(trigger.words, self._content.text))
            and (not trigger.commands or _any(trigger.commands, self._content.commands))
            and (not trigger.configured or _is_set(trigger.configured, self._settings))
        )


def _any(words: tuple[str, ...], text: str) -> bool:
    return any(word in text for word in words)


def make_options(rule: type[Rule], given: Any) -> Any:
    """A rule's options from the configuration's entry, which was checked before; lists become tuples."""
    values = {key.replace("-", "_"): tuple(value) if isinstance(value, list) else value for key, value in dict(given).items()}
    return rule.options(**{key: value for key, value in values.items() if key in rule.options._fields})


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
