"""What is meant by a key that Drone does not know where it stands: words of Drone 0.8, of other CI systems, of another level."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from drone_lint.api import Edit, Fix, Mapping, Node, Scalar, Value, data_lines, parse_image
from drone_lint.api import Sequence as List
from drone_lint_rules.drone import is_plugin

Path = tuple[str | int, ...]
_ITEMS = {
    ("steps",): "step",
    ("services",): "step",
    ("volumes",): "volume",
    ("steps", "volumes"): "mount",
    ("services", "volumes"): "mount",
}
_MAPS = {
    (): "pipeline",
    ("clone",): "clone",
    ("workspace",): "workspace",
    ("platform",): "platform",
    ("concurrency",): "concurrency",
    ("trigger",): "condition",
}
_SOURCES = ("temp", "host", "claim", "config_map", "secret")
"""What a volume can be made of: one of these."""
_PARAMETERS = frozenset(
    [
        "action",
        "args",
        "branch",
        "branches",
        "cache",
        "cmd",
        "container",
        "deploy",
        "dir",
        "directory",
        "env_file",
        "event",
        "events",
        "exec",
        "files",
        "host",
        "hosts",
        "id",
        "label",
        "links",
        "memory",
        "message",
        "mount",
        "network",
        "networks",
        "options",
        "parameters",
        "path",
        "paths",
        "ref",
        "restart",
        "retries",
        "retry",
        "root",
        "run",
        "script",
        "scripts",
        "service",
        "source",
        "status",
        "tags",
        "target",
        "timeout",
        "title",
        "vars",
        "variables",
    ]
)
"""Words of `meant_keys.txt` that are settings of widely used plugins as well."""


class Meant(NamedTuple):
    """What a key should be."""

    word: str
    """The key to write at the same place; empty where renaming it is not enough."""
    advice: str
    """One clause: what to write."""


def meant(place: str, key: str) -> Meant | None:
    """What people mean by a key at a place (`pipeline`, `step`, ...: see `meant_keys.txt`); None where nothing is known."""
    return _table().get((place, _folded(key)))


def place_of(path: Sequence[str | int]) -> str:
    """The name of the kind of map at a path of a pipeline; empty where keys mean nothing."""
    keys = tuple(key for key in path if isinstance(key, str))
    if path and isinstance(path[-1], int):
        return _ITEMS.get(keys, "")
    if len(keys) == 3 and keys[0] in ("steps", "services") and keys[1] == "environment":
        return "variable"
    return "condition" if keys[1:] == ("when",) else _MAPS.get(keys, "")


def right_form(value: Value) -> str:
    """What to write instead of a value of the wrong type (`right_forms.txt`); empty where nothing is known."""
    *around, last = value.path or ("-",)
    place, key = place_of(around) if value.path else "document", last
    if isinstance(last, int) and around:
        place, key = place_of(around[:-1]), f"{around[-1]}[]"
    shape = "map" if value.is_map else "list" if value.is_list else "text"
    return _forms().get((place, str(key), shape)) or _forms().get((place, str(key), "*"), "")


def plugin_parameter(step: Value, key: str) -> Meant | None:
    """The advice for a key in the step of a plugin, whose own parameters it is most likely among; None in other steps."""
    image = step.get("image")
    if step.get("commands") is not None or image is None or not is_plugin(parse_image(image.text)):
        return None
    if meant("step", key) is not None and _folded(key) not in _PARAMETERS:
        return None
    return Meant("", f"write it below `settings`, where a plugin's parameters stand: `settings: {{{key}: ...}}`")


def renaming(value: Value, word: str, types: Sequence[str]) -> Fix | None:
    """The fix that renames a key, or removes it where the right one stands beside it; None where the value does not fit.

    Args:
        value: what stands under the wrong key.
        word: the right key.
        types: the JSON Schema types that the right key takes; empty for any.
    """
    twin = twin_of(value, word)
    if twin:
        return Fix(f"remove it: `{twin}` stands beside it", (Edit(value.place, action="remove"),), safe=False)
    if types and not _fits(value.node, types):
        return None
    return Fix(f"rename it to `{word}`", (Edit(value.key, word),), safe=False)


def twin_of(value: Value, word: str) -> str:
    """The key beside a wrong one that says already what `word` would: itself, or another source of the same volume; empty without one.

    A volume with `temp` and `host` is a temp volume (drone-semantics 8.3), so a second source must not come about by a renaming.
    """
    around = value.document.value.at(*value.path[:-1])
    if around is None:
        return ""
    same = _SOURCES if word in _SOURCES and place_of(value.path[:-1]) == "volume" else (word,)
    return next((key for key in same if around.get(key) is not None), "")


def _fits(node: Node, types: Sequence[str]) -> bool:
    if isinstance(node, Mapping):
        return "object" in types
    if isinstance(node, List):
        return "array" in types
    return isinstance(node, Scalar) and bool({"string", "boolean", "number"}.intersection(types))


def _folded(key: str) -> str:
    return key.lower().replace("-", "_")


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, str], Meant]:
    rows = (line.split(" | ", 3) for line in data_lines(__file__, "meant_keys.txt"))
    return {(place, _folded(key)): Meant("" if word == "-" else word, advice) for place, key, word, advice in rows}


@lru_cache(maxsize=1)
def _forms() -> dict[tuple[str, str, str], str]:
    rows = (line.split(" | ", 3) for line in data_lines(__file__, "right_forms.txt"))
    return {(place, key, shape): form for place, key, shape, form in rows}
