"""The configuration that `drone-lint init` writes, and the JSON Schema of configurations, both made from the code."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
import typing
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from drone_lint.config.load import PER_PATH_KEYS, SEVERITIES, TOP_KEYS, command_line_only
from drone_lint.lint.registry import FAMILIES, builtin_rules
from drone_lint.settings import CHOICES, Settings

SCHEMA_NAME = ".drone-lint.schema.json"

_TEMPLATE = """\
# yaml-language-server: $schema=./{schema}
# drone-lint's configuration. Every key may be left out; what is commented out shows the default or an example.

# trust: untrusted            # the repository's setting in Drone; leave it out if you do not know it
# runner: docker              # for pipelines without a type
# profile: default            # or pedantic, or drone (only what Drone itself refuses)
# fail-on: warning            # the least severity that fails a run
# select: []                  # exactly these rules or families
# ignore: [unused-volume]
# severity: {{floating-image-tag: error}}
# server: {{version: "2.25", ignore-pull-requests: false, paths-extension: false, plugin-volumes: false, extra-types: []}}
# jsonnet: {{server-evaluates: true, import-limit: 0, jpath: [vendor], ext-str: {{team: payments}}, engine: auto}}
# images: {{trusted-registries: [], privileged: [], docker-client: [], moving-tags: []}}
# secrets: {{allowed-on-pull-requests: [], keys: []}}
# substitution: {{variables: []}}
# rules:
#   privileged-step: {{allow: ["integration-tests*"]}}
# per-path:
#   "examples/**": {{ignore: [floating-image-tag]}}
# files: ["ci/*.jsonnet"]     # what counts as a Drone configuration besides the usual names
# baseline: .drone-lint-baseline.json
"""


def template() -> str:
    """The text of a configuration to start from."""
    return _TEMPLATE.format(schema=SCHEMA_NAME)


def schema_text() -> str:
    """The JSON Schema's text."""
    return json.dumps(schema(), indent=1) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of configurations, from the settings' fields and the rules' options."""
    hints = typing.get_type_hints(Settings)
    properties = {key: _of_key(key, hints) for key in TOP_KEYS}
    per_path = {"type": "object", "additionalProperties": False, "properties": {key: properties[key] for key in PER_PATH_KEYS}}
    properties["per-path"] = {"type": "object", "additionalProperties": per_path}
    said = {name.replace("_", "-"): text for name, text in _said_of(Settings).items()}
    for key, one in properties.items():
        hint = hints[key.replace("-", "_")]
        one["description"] = said.get(key) or inspect.getdoc(hint) or key
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of drone-lint",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def _of_key(key: str, hints: Mapping[str, Any]) -> dict[str, Any]:
    if key in ("select", "ignore"):
        return {"type": "array", "items": {"enum": [*builtin_rules(), *FAMILIES]}}
    if key == "severity":
        return {
            "type": "object",
            "propertyNames": {"enum": [*builtin_rules(), *FAMILIES]},
            "additionalProperties": {"enum": list(SEVERITIES)},
        }
    if key == "rules":
        options = {name: _section(rule.options, ()) for name, rule in builtin_rules().items()}
        return {"type": "object", "additionalProperties": False, "properties": options}
    if key in CHOICES:
        return {"enum": list(CHOICES[key])}
    hint = hints.get(key.replace("-", "_"))
    if isinstance(hint, type) and hasattr(hint, "_fields"):
        return _section(hint, command_line_only(key))
    return _of_type(hint)


def _section(kind: type, left_out: tuple[str, ...]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    said = _said_of(kind)
    properties: dict[str, Any] = {}
    for name in hints:
        if name in left_out:
            continue
        one = {"enum": list(CHOICES[name])} if name in CHOICES else _of_type(hints[name])
        properties[name.replace("_", "-")] = {**one, "description": said[name]} if name in said else one
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _said_of(kind: type) -> dict[str, str]:
    """The texts that stand under the fields of a class."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, text in pairwise(body.body):
        value = text.value if isinstance(text, ast.Expr) else None
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(value, ast.Constant):
            found[field.target.id] = " ".join(str(value.value).split())
    return found


def _of_type(hint: Any) -> dict[str, Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return {"type": "array", "items": _of_type(arguments[0])}
    if origin is not None and issubclass_safe(origin, Mapping):
        return {"type": "object", "additionalProperties": _of_type(arguments[1])}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if type(None) in arguments:
        return _of_type(next(one for one in arguments if one is not type(None)))
    names = {str: "string", bool: "boolean", int: "integer", float: "number"}
    return {"type": names[hint]} if hint in names else {}


def issubclass_safe(kind: Any, parent: type) -> bool:
    """`issubclass` that is false for what is no class."""
    return isinstance(kind, type) and issubclass(kind, parent)
