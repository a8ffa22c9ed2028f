"""Documents as Drone decodes them, for comparison: what is written otherwise and means the same is the same here.

Fields that are absent, null or empty are one; text fields take any scalar by its text; a condition is a list (drone-semantics 2.1, 4.10; drone-yaml
yaml/pipeline.go, trigger/trigger.go for what the server fills in).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from drone_lint.model.node import Mapping, Node, Scalar, Sequence, plain
from drone_lint.text.position import Path

_CONDITIONS = frozenset(("action", "branch", "cron", "event", "environment", "instance", "paths", "ref", "repo", "status", "target"))
_TYPED = frozenset(
    ("privileged", "detach", "disable", "skip_verify", "recursive", "tags", "depth", "limit", "retries", "pull_request", "ports")
)
"""Fields that take booleans or numbers, where a text is refused."""
_DEFAULTS = {"pull": "default", "failure": "fail"}
_POINTERS = frozenset(("temp", "host", "claim", "config_map", "secret", "downward_api"))
"""Kinds of volumes: being there is what counts, even if empty."""


def decoded(document: Node) -> Any:
    """A document's fields as far as they mean something, in written order."""
    found = _fields(document, ())
    if not isinstance(found, dict) or found.get("kind", "pipeline") != "pipeline":
        return found
    platform = found.get("platform")
    found["type"] = found.get("type", "docker")
    if platform is None or isinstance(platform, dict):
        found["platform"] = {"os": "linux", "arch": "amd64", **(platform or {})}
    return found


def _fields(node: Node, path: tuple[str, ...]) -> Any:
    if isinstance(node, Scalar):
        return _scalar(node, path[-1] if path else "")
    if isinstance(node, Sequence):
        return [_fields(item, path) for item in node.items]
    free = _free_map(node, path)
    if free is not None:
        return free
    conditions = path[-1:] in (("when",), ("trigger",))
    found = {}
    for key, entry in node.entries.items():
        value = _condition(entry.node) if conditions and key in _CONDITIONS else _fields(entry.node, (*path, key))
        null = isinstance(entry.node, Scalar) and entry.node.value is None
        if _means_something(key, value) or (key in _POINTERS and not null and value == {}):
            found[key] = value
    return found


def _means_something(key: str, value: Any) -> bool:
    if value is None or value is False or value in ("", [], {}) or (key in _TYPED and value == 0):
        return False
    return bool(value != _DEFAULTS.get(key))


def _scalar(node: Scalar, key: str) -> Any:
    if node.value is None:
        return "" if key in ("commands", "depends_on", "command", "entrypoint") else None
    return node.value if key in _TYPED or node.value is False else node.text


def _free_map(node: Mapping, path: tuple[str, ...]) -> Any:
    """The maps whose keys are the author's own: variables as texts, settings with their types."""
    if path[-1:] == ("settings",):
        return {key: plain(entry.node) for key, entry in node.entries.items()}
    if path[-1:] == ("environment",):
        return {key: item.text if isinstance(item := entry.node, Scalar) else plain(item) for key, entry in node.entries.items()}
    return None


def _condition(node: Node) -> Any:
    """`push`, `[push]` and `{include: [push]}` are one."""
    if isinstance(node, Scalar):
        return [node.text] if node.text else None
    if isinstance(node, Sequence):
        return [item.text if isinstance(item, Scalar) else plain(item) for item in node.items]
    sides = {key: _condition(entry.node) for key, entry in node.entries.items() if isinstance(entry.node, Sequence) and entry.node.items}
    return sides["include"] if list(sides) == ["include"] else sides


# -- comparing


def first_difference(one: Any, other: Any, path: Path = ()) -> Path | None:
    """Where two decoded values differ first, in the order of the first one; what it lacks comes last. None: they are equal."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key, value in one.items():
            found = first_difference(value, other[key], (*path, key)) if key in other else (*path, key)
            if found is not None:
                return found
        return next(((*path, key) for key in other if key not in one), None)
    if isinstance(one, list) and isinstance(other, list):
        for index, (left, right) in enumerate(zip(one, other, strict=False)):
            found = first_difference(left, right, (*path, index))
            if found is not None:
                return found
        return None if len(one) == len(other) else (*path, min(len(one), len(other)))
    same = one == other and (isinstance(one, bool) is isinstance(other, bool)) and (isinstance(one, str) is isinstance(other, str))
    return None if same else path


def likeness(one: Any, other: Any) -> float:
    """How much of the first's values the second has too, at the same keys, whatever stands around them: 0 to 1."""
    left, right = Counter(_leaves(one, ())), Counter(_leaves(other, ()))
    return sum((left & right).values()) / max(sum(left.values()), 1)


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key != "platform":
                yield from _leaves(item, (*path, str(key)))
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, path)
    else:
        yield path, str(value)
