"""A wrong value under every key of every kind of document: rules report, and none of them fails."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from drone_lint.lint.engine import lint
from drone_lint.lint.schema import KINDS, RUNNERS, schema_named
from drone_lint.lint.selection import active_rules
from drone_lint.settings import Settings
from drone_lint.source.load import load

PEDANTIC = Settings(profile="pedantic", trust="untrusted")
RULES = active_rules(PEDANTIC)
WRONG: tuple[Any, ...] = (
    None, "", "${X}", "a\u2028b", "a\nb", 0, -1.5, 1e30, 10**30, True, [], [None], [[None]], [{}, "a", 1], {}, {"": None}, {"name": None},
    {"from_secret": ["a"]}, {"include": {}, "exclude": "x"}, {"a": {"b": [{"c": [None]}]}},
)  # fmt: skip
PLAIN = {"image": "docker:dind", "path": "/var/run", "kind": "pipeline", "commands": "docker build ."}


def sample(schema: Any, key: str = "") -> Any:
    """A value with every key that a schema knows."""
    types = schema.get("type", ["string"])
    if "properties" in schema:
        return {name: sample(below, name) for name, below in schema["properties"].items()}
    if "array" in types:
        return [sample(schema.get("items", {}), key)] * 2
    if "object" in types:
        return {"A": sample(schema["additionalProperties"]) if isinstance(schema.get("additionalProperties"), dict) else "a"}
    return (
        True
        if "boolean" in types and "string" not in types
        else 5
        if "number" in types and "string" not in types
        else PLAIN.get(key, "text")
    )


def documents() -> dict[str, dict[str, Any]]:
    pipelines = {name: sample(schema_named("pipeline.server")) | sample(schema_named(f"pipeline.{name}")) for name in RUNNERS}
    others = {kind: sample(schema_named(kind)) | {"kind": kind} for kind in KINDS}
    return {name: value | {"kind": "pipeline", "type": name} for name, value in pipelines.items()} | others


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a value, of a list's items the first only."""
    yield path
    if isinstance(value, dict):
        for key, below in value.items():
            yield from paths(below, (*path, key))
    elif isinstance(value, list) and value:
        yield from paths(value[0], (*path, 0))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    found = copy.copy(value)
    found[path[0]] = replaced(found[path[0]], path[1:], new)
    return found


@pytest.mark.parametrize("name", list(documents()))
def test_a_wrong_value_anywhere_fails_no_rule(name: str) -> None:
    document = documents()[name]
    for number, path in enumerate(paths(document)):
        if path[0:1] == ("services",) and len(path) > 2 and name != "docker":
            continue  # as in steps
        if number % 3 != len(name) % 3:
            continue  # all places with all values take minutes; a third of the places, with one value each, a second or two
        text = json.dumps(replaced(document, path, WRONG[number // 3 % len(WRONG)]))
        report = lint(load(text.encode(), ".drone.yml", PEDANTIC), RULES, PEDANTIC)
        assert [problem for problem in report.problems if problem.rule == "internal-error"] == [], path
        for item in report.findings:
            assert all(0 <= place.span.start <= place.span.end <= len(place.span.file.text) for place in item.places)
