"""Which rules can find something in a file: the others are not imported."""

from __future__ import annotations

from typing import Any

from drone_lint.lint.registry import Facts
from drone_lint.lint.rule import Trigger
from drone_lint.model.node import Content
from drone_lint.settings import Settings
from drone_lint.source.loaded import ConfigFile


class Triggers:
    """What of a file, and of the settings that hold for it, triggers rules."""

    def __init__(self, file: ConfigFile, settings: Settings) -> None:
        self._settings = settings
        self._file = file
        self._expansions = bool(file.expansions)
        documents = dict.fromkeys(document for one in file.evaluations for text in (one.server, *one.texts_of_runners) for document in text)
        found = [document.content for document in documents]
        texts = dict.fromkeys(text for one in found for text in one.texts)
        commands = dict.fromkeys(line for one in found for line in one.commands.split("\n"))
        self._content = Content(set().union(*(one.keys for one in found)), "\n".join(texts), "\n".join(commands))

    def triggers(self, facts: Facts) -> bool:
        """Whether the file has what the rule asks for."""
        return any(self._has(trigger) for trigger in facts.triggers)

    def _has(self, trigger: Trigger) -> bool:
        if (trigger.fact and not self._file.offers(trigger.fact)) or (trigger.expansions and not self._expansions):
            return False
        return (
            (not trigger.keys or not self._content.keys.isdisjoint(trigger.keys))
            and (not trigger.words or _any(trigger.words, self._content.text))
            and (not trigger.commands or _any(trigger.commands, self._content.commands))
            and (not trigger.configured or is_set(trigger.configured, self._settings))
        )


def _any(words: tuple[str, ...], text: str) -> bool:
    return any(word in text for word in words)


def is_set(name: str, settings: Settings) -> bool:
    """Whether a setting, named with its section (`images.privileged`), has anything in it."""
    found: Any = settings
    for part in name.split("."):
        found = getattr(found, part)
    return bool(found)
