"""Our reader of JSON Schema against a general one, and the schemas themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

import drone_lint_schemas
from drone_lint.lint.schema import faults_of, schema_named
from drone_lint.model.node import Mapping, Node, Sequence, plain
from drone_lint.semantics.size import parse_size_text
from drone_lint.settings import Settings
from drone_lint.source.yaml.loader import load_yaml
from drone_lint.text.position import SourceFile

CASES = Path(__file__).parents[1] / "conformance" / "cases"
SHIPPED = sorted(path.stem for path in Path(drone_lint_schemas.__file__ or "").parent.glob("*.json"))
DECODED = [name for name in SHIPPED if name.startswith("pipeline.")]


@pytest.mark.parametrize("name", SHIPPED)
def test_schema_is_valid_and_described(name: str) -> None:
    schema = schema_named(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]
    assert [key for key, value in schema.get("properties", {}).items() if not value.get("description")] == []


def roots() -> list[Node]:
    found = []
    for path in sorted(CASES.glob("*/*.yml")):
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        file = load_yaml(SourceFile(path.name, text), Settings())
        found += [document.root for evaluation in file.evaluations for document in evaluation.server]
    return found


def has_odd_scalars(node: Node) -> bool:
    """Tags and numbers that JSON does not have."""
    if isinstance(node, Mapping):
        return any(has_odd_scalars(entry.node) for entry in node.entries.values())
    if isinstance(node, Sequence):
        return any(has_odd_scalars(item) for item in node.items)
    return node.tag not in ("!!str", "!!bool", "!!int", "!!float", "!!null") or (isinstance(node.value, float) and node.value != node.value)


@pytest.mark.parametrize("name", DECODED)
def test_our_reader_agrees_with_jsonschema(name: str) -> None:
    formats = FormatChecker()
    formats.checks("drone-size")(lambda value: not isinstance(value, (str, bool)) or parse_size_text(str(value).lower()) is not None)
    schema = schema_named(name)
    validator = Draft202012Validator(json.loads(json.dumps(schema)), format_checker=formats)
    checked = 0
    for root in roots():
        if not has_odd_scalars(root):
            assert bool(faults_of(root, schema)) == (not validator.is_valid(plain(root))), plain(root)
            checked += 1
    assert checked > 100
