"""The JSON Schema of configurations, made of the settings' fields and of the rules' options: the one source of keys, types and descriptions."""

from __future__ import annotations

import types
import typing
from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import Any

from drone_lint.lint.registry import Rules
from drone_lint.settings import CHOICES, Settings

SEVERITIES = ("error", "warning", "notice", "info")
_TOP = (
    "trust",
    "runner",
    "profile",
    "fail-on",
    "select",
    "ignore",
    "severity",
    "server",
    "jsonnet",
    "starlark",
    "images",
    "secrets",
    "substitution",
    "rules",
)
TOP_KEYS = (*_TOP, "plugins", "per-path", "packs", "templates", "files", "baseline")
PER_PATH_KEYS = ("trust", "runner", "profile", "fail-on", "select", "ignore", "severity", "rules")
_COMMAND_LINE_ONLY = {"jsonnet": ("tla_str", "tla_code", "ext_code"), "substitution": ("env",)}

Schema = dict[str, Any]


def schema(known: Rules, named: Collection[str] | None = None) -> Schema:
    """The JSON Schema of configurations.

    Args:
        known: the rules that there are.
        named: rules whose options are wanted, so that the others need not be imported; None: all.
    """
    properties = _properties(known, named)
    per_path = {"type": "object", "additionalProperties": False, "properties": {key: properties[key] for key in PER_PATH_KEYS}}
    properties["per-path"] = {"type": "object", "additionalProperties": per_path}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of drone-lint",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


_OPERATOR_KEYS = (
    "runner",
    "profile",
    "fail-on",
    "select",
    "ignore",
    "severity",
    "server",
    "jsonnet",
    "images",
    "secrets",
    "substitution",
    "rules",
)


def operator_schema(known: Rules, named: Collection[str] | None = None) -> Schema:
    """The JSON Schema of a server operator's configuration: what holds for all repositories, and for some by name."""
    found = _properties(known, named)
    own = {key: found[key] for key in _OPERATOR_KEYS}
    part = {"type": "object", "additionalProperties": False, "properties": own}
    more = {
        "packs": found["packs"],
        "repos": {"type": "object", "additionalProperties": part},
        "allow-ignores": found["ignore"],
        "skip-repos": {"type": "array", "items": {"type": "string"}},
    }
    return {"type": "object", "additionalProperties": False, "properties": {**own, **more}}


def described(one: Schema, kind: type) -> Schema:
    """A schema of a class's fields with the texts that stand under them in the source."""
    for name, text in _texts_under(kind).items():
        found = one["properties"].get(name.replace("_", "-"))
        if found is not None:
            found["description"] = text
    return one


def _properties(known: Rules, named: Collection[str] | None) -> dict[str, Schema]:
    hints = typing.get_type_hints(Settings)
    return {key: _of_key(key, hints[key.replace("-", "_")], known, named) for key in TOP_KEYS}


def _of_key(key: str, hint: Any, known: Rules, named: Collection[str] | None) -> Schema:
    choices = [*known, *known.families]
    if key in ("select", "ignore"):
        return {"type": "array", "items": {"enum": choices, "x-what": "rule"}}
    if key == "severity":
        return {
            "type": "object",
            "propertyNames": {"enum": choices, "x-what": "rule"},
            "additionalProperties": {"enum": list(SEVERITIES)},
        }
    if key == "rules":
        options = {name: of_options(known[name]) if named is None or name in named else {"type": "object"} for name in known}
        return {"type": "object", "additionalProperties": False, "properties": options, "x-what": "rule"}
    if key in CHOICES:
        return {"enum": list(CHOICES[key])}
    if hasattr(hint, "_fields"):
        return _section(hint, _COMMAND_LINE_ONLY.get(key, ()))
    return of_type(hint)


def of_options(rule: type[Any]) -> Schema:
    """The schema of a rule's options."""
    return _section(rule.options, ())


def _section(kind: type, left_out: Collection[str]) -> Schema:
    properties = {
        name.replace("_", "-"): {"enum": list(CHOICES[name])} if name in CHOICES else of_type(hint)
        for name, hint in typing.get_type_hints(kind).items()
        if name not in left_out
    }
    return {"type": "object", "additionalProperties": False, "properties": properties}


def of_type(hint: Any) -> Schema:
    """The schema of a Python type, as far as configurations can have values of it; `{}` for what may be anything."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hasattr(hint, "_fields"):
        return _section(hint, ())
    if origin in (tuple, list):
        return {"type": "array", "items": of_type(arguments[0])}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": of_type(arguments[1])}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin in (typing.Union, types.UnionType):
        return _one_of([of_type(one) for one in arguments if one is not type(None)], nullable=type(None) in arguments)
    names = {str: "string", bool: "boolean", int: "integer", float: "number"}
    return {"type": names[hint]} if hint in names else {}


def _one_of(found: list[Schema], *, nullable: bool) -> Schema:
    choices = [*found, {"type": "null"}] if nullable else found
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def _texts_under(kind: type) -> dict[str, str]:
    """The texts that stand under the fields of a class."""
    import ast
    import inspect
    import textwrap

    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, text in pairwise(body.body):
        value = text.value if isinstance(text, ast.Expr) else None
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(value, ast.Constant):
            found[field.target.id] = " ".join(str(value.value).split())
    return found
