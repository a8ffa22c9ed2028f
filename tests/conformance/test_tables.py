"""The tables of small facts, row by row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drone_lint.lint.schema import faults_of, schema_named
from drone_lint.model.condition import decode_condition
from drone_lint.model.document import Document
from drone_lint.model.image import parse_image
from drone_lint.model.node import Mapping, Node, Scalar, Sequence, plain
from drone_lint.model.value import Value
from drone_lint.semantics.glob import matches
from drone_lint.semantics.privilege import automatic_plugin, restricted
from drone_lint.semantics.setting import plugin_text
from drone_lint.semantics.size import parse_size
from drone_lint.semantics.substitution import SubstitutionError, lookup_in, substitute
from drone_lint.settings import Settings
from drone_lint.source.yaml.loader import load_yaml
from drone_lint.text.position import SourceFile

TABLES = Path(__file__).parent / "tables"


def rows(name: str) -> list[Any]:
    return [pytest.param(row, id=str(number)) for number, row in enumerate(json.loads((TABLES / f"{name}.json").read_text("utf-8")))]


def document_of(text: str) -> Document:
    file = load_yaml(SourceFile(".drone.yml", text), Settings())
    assert not file.problems
    return file.evaluations[0].server[0]


@pytest.mark.parametrize("row", rows("globs"))
def test_pattern_matches_as_doublestar_does(row: dict[str, Any]) -> None:
    assert matches(row["pattern"], row["value"]) is row["match"]


@pytest.mark.parametrize("row", rows("images"))
def test_image_counts_as_plugin(row: dict[str, Any]) -> None:
    assert automatic_plugin(parse_image(row["image"])) == row["matches"]


@pytest.mark.parametrize("row", rows("restricted_paths"))
def test_path_is_restricted(row: dict[str, Any]) -> None:
    assert restricted(row["path"]) is row["restricted"]


@pytest.mark.parametrize("row", rows("sizes"))
def test_size_is_read(row: dict[str, Any]) -> None:
    node = document_of(f"a: {row['text']}\n").value["a"].node
    assert isinstance(node, Scalar)
    assert parse_size(node) == row["bytes"]


@pytest.mark.parametrize("row", rows("settings"))
def test_setting_becomes_text(row: dict[str, Any]) -> None:
    assert plugin_text(document_of(f"a: {row['yaml']}\n").value["a"].node) == row["env"]


@pytest.mark.parametrize("row", rows("substitution"))
def test_text_is_substituted(row: dict[str, Any]) -> None:
    values = row.get("env", {})
    if row.get("error"):
        with pytest.raises(SubstitutionError) as raised:
            substitute(row["text"], lookup_in(values))
        assert raised.value.message == row["error"].partition(" [")[0], "Go adds the bounds to a panic"
    else:
        assert substitute(row["text"], lookup_in(values)).text == row["result"]


# -- decoding


def same(node: Node | None, wanted: Any, key: str) -> bool:
    """Whether a node holds what Drone decoded: zero values are left out there."""
    if key in CONDITIONS and isinstance(wanted, dict) and set(wanted) <= {"include", "exclude"}:
        assert node is not None
        condition = decode_condition(Value(None, (), node))  # type: ignore[arg-type]
        return (list(condition.include), list(condition.exclude)) == (wanted.get("include", []), wanted.get("exclude", []))
    if isinstance(wanted, dict) and isinstance(node, Scalar) and len(wanted) == 1:
        (wanted,) = wanted.values()  # the short form of `ports`, `build` and `push`
    if isinstance(wanted, dict):
        return isinstance(node, Mapping) and all(
            name in node.entries and same(node.entries[name].node, value, name) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(node, Sequence)
            and len(node.items) == len(wanted)
            and all(same(*pair, key) for pair in zip(node.items, wanted, strict=True))
        )
    if isinstance(wanted, str):
        return isinstance(node, Scalar) and node.text == wanted
    if key == "size_limit":
        return isinstance(node, Scalar) and parse_size(node) == wanted
    return (isinstance(node, Scalar) and node.value == wanted) or (
        isinstance(node, Scalar) and isinstance(wanted, int) and int(node.value) == wanted
    )  # type: ignore[arg-type]


CONDITIONS = ("action", "branch", "cron", "event", "instance", "matrix", "paths", "ref", "repo", "status", "target")


def decoded_values(wanted: Any) -> Any:
    """Drone's own `{value: x}` and `{from_secret: x}` back in the words of the file."""
    if isinstance(wanted, dict):
        return {key: _restored(value) if key in ("environment", "settings") else decoded_values(value) for key, value in wanted.items()}
    return [decoded_values(item) for item in wanted] if isinstance(wanted, list) else wanted


def _restored(entries: dict[str, Any]) -> dict[str, Any]:
    return {name: entry["value"] if entry and "value" in entry else entry for name, entry in entries.items()}


@pytest.mark.parametrize("row", rows("decode"))
@pytest.mark.parametrize("reader", ["server", "docker"])
def test_document_is_decoded(row: dict[str, Any], reader: str) -> None:
    document = document_of(row["yaml"])
    faults = [fault for fault in faults_of(document.root, schema_named(f"pipeline.{reader}")) if fault.refused]
    if "error" in row[reader]:
        assert faults
        return
    assert not faults
    for key, wanted in decoded_values(row[reader]).items():
        node = document.value.get(key)
        assert wanted is None or same(node.node if node else None, wanted, key), (key, wanted, plain(document.root))
