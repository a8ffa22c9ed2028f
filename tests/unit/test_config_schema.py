"""What configurations may say: by the real types of settings and of options, ours and those of packs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, Optional

import pytest
from jsonschema import Draft202012Validator

from drone_lint.config.check import explain, holds, line_in_toml, line_of
from drone_lint.config.schema import of_options, schema
from drone_lint.lint.registry import builtin_rules


class Options(NamedTuple):
    """Of every type that an option may have."""

    ratio: float = 0.5
    limit: int | None = None
    strict: bool | None = None
    old: Optional[str] = None  # noqa: UP045 - packs write it so
    names: list[str] = []
    numbers: tuple[int, ...] = ()
    level: Literal["low", "high"] = "low"
    words: Mapping[str, str] = {}
    either: int | str = 0


class Pack:
    options = Options


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("ratio", 1, ""),
        ("ratio", 0.25, ""),
        ("ratio", "0.25", "expected a number, not '0.25'"),
        ("ratio", True, "expected a number, not True"),
        ("limit", None, ""),
        ("limit", 3, ""),
        ("limit", "3", "expected a whole number, or null, not '3'"),
        ("limit", 3.5, "expected a whole number, or null, not 3.5"),
        ("strict", None, ""),
        ("strict", "yes", "expected true or false, or null, not 'yes'"),
        ("old", 1, "expected a string, or null, not 1 (quote it)"),
        ("names", ["a"], ""),
        ("names", "a", "expected a list of strings, not 'a'"),
        ("names", [1], "expected a string, not 1 (quote it)"),
        ("numbers", [1, 2], ""),
        ("numbers", ["1"], "expected a whole number, not '1'"),
        ("level", "high", ""),
        ("level", "hihg", "unknown value `hihg`; did you mean `high`?"),
        ("words", {"a": "b"}, ""),
        ("words", {"a": 1}, "expected a string, not 1 (quote it)"),
        ("words", {1: "b"}, "expected a mapping whose keys are strings"),
        ("either", "x", ""),
        ("either", [], "expected a whole number or a string, not []"),
        ("ratoi", 1, "unknown key `ratoi`; did you mean `ratio`?"),
    ],
)
def test_an_option_is_checked_by_its_real_type(key, value, expected):
    options = of_options(Pack)
    data = {key: value}
    assert holds(data, options) == (not expected)
    if expected:
        assert str(explain(data, options)) == expected
    if all(isinstance(name, str) for name in (value if isinstance(value, dict) else ())):
        assert Draft202012Validator(options).is_valid(data) == (not expected), "both readers of the schema agree"


def test_an_option_of_a_pack_without_postponed_annotations_is_checked():
    scope: dict[str, object] = {}
    exec("from typing import NamedTuple\nclass Options(NamedTuple):\n    limit: int = 1\nclass Rule:\n    options = Options", scope)
    assert not holds({"limit": "many"}, of_options(scope["Rule"]))


@pytest.mark.parametrize(
    ("text", "path", "key", "line"),
    [
        ("a: 1\nb:\n  c: 2\n  d: 3\n", ("b",), "d", 4),
        ("a: 1\nb:\n- x\n- y: 2\n", ("b", 1, "y"), None, 4),
        ("a: {b: {c: 1}}\n", ("a", "b"), "c", 1),
        ("x: &x {c: 1}\na: *x\n", ("a",), "c", 1),
    ],
)
def test_a_key_of_yaml_is_told_with_its_line(text, path, key, line):
    assert line_of(text, path, key) == line


def test_a_key_of_toml_is_told_with_its_line_where_one_line_names_it():
    text = "[tool.drone-lint]\ntrust = 'untrusted'\n[tool.drone-lint.server]\nverson = '1'\n"
    assert line_in_toml(text, ("server",), "verson") == 4
    assert line_in_toml(text + "verson = 2\n", ("server",), "verson") is None


def test_the_schema_is_one_and_leaves_no_rule_out():
    whole = schema(builtin_rules())
    Draft202012Validator.check_schema(whole)
    assert set(whole["properties"]["rules"]["properties"]) == set(builtin_rules())
