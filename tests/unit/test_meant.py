"""The words that people write by mistake, and what they are told to write instead."""

from __future__ import annotations

import pytest
import yaml

from drone_lint.api import RUNNERS
from drone_lint.lint.rule import data_lines
from drone_lint.lint.schema import schema_named
from drone_lint_rules.correctness import _meant
from drone_lint_rules.correctness.invalid_condition import NAMES

ROWS = [tuple(line.split(" | ", 3)) for line in data_lines(_meant.__file__, "meant_keys.txt")]
FORMS = [tuple(line.split(" | ", 3)) for line in data_lines(_meant.__file__, "right_forms.txt")]
WAYS = {
    "pipeline": (),
    "step": ("steps", "items"),
    "clone": ("clone",),
    "volume": ("volumes", "items"),
    "mount": ("steps", "items", "volumes", "items"),
    "workspace": ("workspace",),
    "platform": ("platform",),
    "concurrency": ("concurrency",),
}


def _keys(place: str, runner: str) -> set[str]:
    if place == "condition":
        return set(NAMES)
    if place == "variable":
        return {"from_secret", "value"}
    schema = schema_named("secret" if place == "secret" else f"pipeline.{runner}")
    for part in WAYS.get(place, ()):
        schema = schema.get("items", {}) if part == "items" else schema.get("properties", {}).get(part, {})
    return set(schema.get("properties", {}))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_a_word_of_the_table_is_unknown_and_its_correction_is_not(row: tuple[str, ...]) -> None:
    place, key, word, _ = row
    assert any(key not in _keys(place, runner) for runner in RUNNERS), "every runner knows it"
    assert word == "-" or any(word in _keys(place, runner) for runner in RUNNERS)


def test_each_word_stands_once() -> None:
    keys = [(place, _meant._folded(key)) for place, key, *_ in ROWS]
    assert len(keys) == len(set(keys))
    forms = [row[:3] for row in FORMS]
    assert len(forms) == len(set(forms))


@pytest.mark.parametrize("row", ROWS + FORMS, ids=lambda row: "-".join(row[:3]))
def test_what_the_advice_shows_is_yaml(row: tuple[str, ...]) -> None:
    for snippet in row[3].split("`")[1::2]:
        if ": " in snippet:
            yaml.safe_load(snippet.replace("...", "x"))


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), "pipeline"),
        (("steps", 0), "step"),
        (("services", 3), "step"),
        (("steps", 0, "volumes", 1), "mount"),
        (("volumes", 0), "volume"),
        (("steps", 0, "environment", "A"), "variable"),
        (("steps", 0, "when"), "condition"),
        (("trigger",), "condition"),
        (("clone",), "clone"),
        (("steps", 0, "settings"), ""),
        (("steps", 0, "environment"), ""),
        (("environment",), ""),
        (("platform",), "platform"),
    ],
)
def test_places_have_names(path: tuple[str | int, ...], place: str) -> None:
    assert _meant.place_of(path) == place
