"""The plugins that are known, by the images of steps."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from drone_lint.api import Pipeline, PluginSettings, Settings, Step, remembered
from drone_lint_rules.drone import CONTAINERS

TYPES = ("text", "list", "bool", "number", "other", "any")
"""What a setting may be, by the program's own reading of it; `any` where its source does not show it."""


class Keeper(NamedTuple):
    """Where a cache plugin keeps what it saves."""

    path: str
    setting: str = ""
    """The setting that names another folder."""
    only: str = ""
    """`backend=filesystem`: the setting and value without which it keeps everything elsewhere."""


class Plugin(NamedTuple):
    """What is known of a plugin."""

    name: str
    """The image as people write it."""
    types: Mapping[str, str]
    """Settings with their types."""
    older: frozenset[str] = frozenset()
    """Settings that only other versions read."""
    secrets: frozenset[str] = frozenset()
    """Settings that hold credentials."""
    environment: frozenset[str] = frozenset()
    """Variables without `PLUGIN_` that the program reads as well."""
    lines: Mapping[str, tuple[str, ...]] = {}
    """All other facts: the words behind the first word of a line."""

    def knows(self, setting: str) -> bool:
        """Whether any version of the plugin reads a setting; the runner passes names in capitals, whatever their case."""
        name = setting.lower()
        return name in self.types or name in self.older or "open" in self.lines

    def fact(self, name: str) -> tuple[str, ...]:
        """The words of a line (`remote`), empty where there is none."""
        return self.lines.get(name, ())

    def has(self, name: str) -> bool:
        """Whether there is such a line, which may have no words (`host-added`)."""
        return name in self.lines

    @property
    def keeper(self) -> Keeper | None:
        """Where a cache plugin keeps what it saves, if in a folder of its container."""
        words = self.fact("keeps-in")
        return Keeper(words[0], *([*words[1:], "", ""][:2])) if words else None


@remembered
def _image(step: Step) -> str:
    """The image's name as plugins are known by it; empty where no plugin runs."""
    if step.commands or step.pipeline.type not in CONTAINERS:
        return ""
    return step.reference.familiar.lower()


def plugin_of(step: Step, settings: Settings) -> Plugin | None:
    """The plugin that a step runs; None where its image is not known, or its commands run instead."""
    name = _image(step)
    if not name:
        return None
    return _own(name, settings.plugins[name]) if name in settings.plugins else plugin_named(name)


def plugin_steps(pipeline: Pipeline, settings: Settings) -> Iterator[tuple[Step, Plugin]]:
    """The steps and services of a pipeline that run a known plugin."""
    for step in pipeline.containers:
        plugin = plugin_of(step, settings)
        if plugin is not None:
            yield step, plugin


def uses_known_plugin(step: Step, settings: Settings, fact: str) -> bool:
    """Whether a step runs a known plugin of which a fact holds."""
    plugin = plugin_of(step, settings)
    return plugin is not None and plugin.has(fact)


def _own(name: str, given: PluginSettings) -> Plugin:
    """A plugin that the configuration describes."""
    base = plugin_named(given.like.lower()) or Plugin(name, {})
    types = {**base.types, **{setting.lower(): "any" for setting in given.settings}}
    secrets = frozenset(setting.lower() for setting in given.secrets)
    lines = {key: words for key, words in base.lines.items() if key != "instead"}
    if not given.settings and not given.like:
        lines["open"] = ()
    if given.events:
        lines["only-events"] = given.events
    if given.instead:
        lines["instead"] = (given.instead, "the configuration says so")
    types |= dict.fromkeys(secrets - types.keys(), "text")
    return Plugin(name, types, base.older, base.secrets | secrets, base.environment, lines)


@lru_cache(maxsize=1)
def _stanzas() -> dict[str, str]:
    """The stanza of each image, not taken apart yet."""
    with open(os.path.join(os.path.dirname(__file__), "known.txt"), encoding="utf-8") as file:
        stanzas = file.read().split("\nplugin ")[1:]
    return {name: stanza for stanza in stanzas for name in stanza.partition("\n")[0].split()}


@lru_cache(maxsize=64)
def plugin_named(name: str) -> Plugin | None:
    """A plugin by its image's name in lower case, without tag."""
    stanza = _stanzas().get(name)
    if stanza is None:
        return None
    lines = {words[0]: tuple(words[1:]) for line in stanza.split("\n")[1:] if (words := line.split())}
    base = plugin_named(lines["like"][0]) if "like" in lines else None
    types = dict(base.types) if base is not None else {}
    for kind in TYPES:
        types.update(dict.fromkeys(lines.pop(kind, ()), kind))
    older, secrets, environment = (frozenset(lines.pop(group, ())) for group in ("older", "secret", "environment"))
    if base is not None:
        older, secrets, environment = older | base.older, secrets | base.secrets, environment | base.environment
    return Plugin(name, types, older, secrets, environment, lines)
