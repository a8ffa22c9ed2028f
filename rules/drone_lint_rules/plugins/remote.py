"""Scripts inside of plugins' settings, which run on another host."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Step, Value
from drone_lint_rules.plugins.knowledge import Plugin
from drone_lint_rules.shell import Script


def remote_scripts(step: Step, plugin: Plugin) -> Iterator[Script]:
    """The commands that a plugin runs on another host, one script a setting."""
    for name in plugin.fact("remote"):
        value = step.settings.get(name)
        if value is not None and (values := _lines(value)):
            yield Script(values)


def _lines(value: Value) -> list[Value]:
    return [value] if value.is_string else [item for item in value if item.is_scalar] if value.is_list else []


def passed_names(step: Step, plugin: Plugin) -> frozenset[str] | None:
    """The variables, in capitals, that remote commands get; None where that cannot be told."""
    value = step.settings.get(next(iter(plugin.fact("passes")), ""))
    if value is None:
        return frozenset()
    if value.get("from_secret") is not None:
        return None
    texts = [value.text] if value.is_scalar else [item.text for item in value]
    if any("$" in text for text in texts):
        return None
    return frozenset(name.strip().upper() for text in texts for name in text.split(","))


def passes_drone(step: Step, plugin: Plugin) -> bool:
    """Whether a switch passes all of Drone's variables."""
    switch = step.settings.get(plugin.fact("passes")[1]) if len(plugin.fact("passes")) > 1 else None
    return switch is not None and (switch.true or switch.text == "true")
