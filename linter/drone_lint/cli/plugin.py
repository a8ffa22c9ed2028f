"""Running as a Drone plugin: the step's `settings:` arrive as `PLUGIN_*` and mean the same as the flags."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from drone_lint.cli.options import CHECK, Option, UsageError
from drone_lint.text.spelling import did_you_mean

_PREFIX = "PLUGIN_"


def words_of(environment: Mapping[str, str]) -> list[str]:
    """The settings as the words of a call.

    Drone joins lists with commas, and writes lists of other things, and maps, as JSON (drone/runner-go environ and
    drone-runtime engine/plugin/encoder).

    Raises:
        UsageError: a setting is no option, or a switch is neither true nor false.
    """
    options = {option.name: option for option in CHECK}
    words: list[str] = []
    paths: list[str] = []
    for variable in sorted(name for name in environment if name.startswith(_PREFIX)):
        name, value = variable.removeprefix(_PREFIX).lower().replace("-", "_"), environment[variable]
        if name == "paths":
            paths += _items(value)
        elif name in options:
            words += _words(options[name], value)
        else:
            raise UsageError(f"unknown setting `{name}`{did_you_mean(name, ('paths', *options))}")
    return [*words, *(["--", *paths] if paths else [])]


def _words(option: Option, value: str) -> Iterator[str]:
    flag = option.flags[0]
    if option.kind == "flag":
        if value.lower() not in ("true", "false", ""):
            raise UsageError(f"setting `{option.name}`: expected true or false, not `{value}`")
        yield from [flag] if value.lower() == "true" else []
    elif option.kind == "list":
        yield from (f"{flag}={item}" for item in _items(value))
    elif value:
        yield f"{flag}={value}"


def _items(value: str) -> list[str]:
    """The items of a list; `key=value` for a map."""
    if value[:1] in ("[", "{"):
        try:
            found = json.loads(value)
        except ValueError:
            found = None
        if isinstance(found, dict):
            return [f"{key}={item}" for key, item in found.items()]
        if isinstance(found, list):
            return [str(item) for item in found]
    return [item.strip() for item in value.split(",") if item.strip()]
