"""Compose files against our schema of the Compose specification, with `jsonschema`; imported only where a command uses such a file."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import drone_lint_schemas
from drone_lint.api import AnyPlace, Document, Mapping, Node, Place, Scalar, Value, did_you_mean

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

_MOST = 50_000
"""Values of a document that are checked, aliases written out; what people write is far smaller."""
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
"""What go-yaml v3 takes for a boolean; `yes` and `on` are text to Compose 2."""
_DURATION = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h|d|w)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h|d|w))*|0")
_WORDS = {
    "object": "a map",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "`true` or `false`",
    "null": "nothing",
}
_SECTIONS = {"services": "service", "networks": "network", "volumes": "volume", "secrets": "secret", "configs": "config", "models": "model"}


class SchemaFault(NamedTuple):
    """A value that the Compose specification does not allow."""

    place: AnyPlace
    message: str
    help: str
    only_whole: bool = False
    """Whether it is one only if no other file of the same command completes it: something is missing."""


def schema_faults(document: Document) -> Iterator[SchemaFault]:
    """What is wrong with a document of a compose file, each value once, in written order.

    Values with `${VARIABLES}` are not judged: what they become is not known here.
    """
    if _is_large(document.root):
        yield SchemaFault(document.value.place, f"more than {_MOST:,} values: not checked", "write the file without aliases that multiply")
        return
    errors = list(_validator().iter_errors(_data(document.root)))
    faults = [(tuple(error.absolute_path), fault) for error in errors for fault in _said(document.value, error)]
    seen: set[tuple[object, str]] = set()
    for _, fault in sorted(faults, key=lambda item: [str(part).rjust(8, "0") for part in item[0]]):
        key = (fault.place, fault.message)
        if key not in seen:
            seen.add(key)
            yield fault


def _is_large(root: Node) -> bool:
    left = _MOST
    stack = [root]
    while stack and left:
        node = stack.pop()
        left -= 1
        if isinstance(node, Mapping):
            stack += [entry.node for entry in node.entries.values()]
        elif not isinstance(node, Scalar):
            stack += node.items
    return bool(stack)


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator, FormatChecker

    formats = FormatChecker(())
    formats.checks("compose-duration")(lambda value: not isinstance(value, str) or "$" in value or bool(_DURATION.fullmatch(value)))
    return Draft202012Validator(compose_schema(), format_checker=formats)


@cache
def compose_schema() -> dict[str, Any]:
    """Our schema of the Compose specification."""
    with open(os.path.join(os.path.dirname(drone_lint_schemas.__file__ or ""), "compose.json"), encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
        return found


def _data(node: Node) -> Any:
    """A node as Compose's decoder reads it: YAML 1.2's booleans; what `!reset` takes away is nothing."""
    if isinstance(node, Mapping):
        return {key: _data(entry.node) for key, entry in node.entries.items()}
    if not isinstance(node, Scalar):
        return [_data(item) for item in node.items]
    if node.tag == "!!bool":
        return _BOOLEANS.get(node.text, node.text)
    return node.value if node.tag in ("!!int", "!!float", "!!null") else node.text


# -- words


def _said(root: Value, error: ValidationError) -> Iterator[SchemaFault]:
    path = tuple(error.absolute_path)
    value = _at(root, path)
    if value is None or _is_open(value) or _is_reset(value):
        return
    kind, schema = error.validator, cast("dict[str, Any]", error.schema)
    shown = _shown(path)
    if kind == "additionalProperties":
        yield from _unknown(value, schema, path)
    elif "propertyNames" in error.relative_schema_path:
        bad = error.instance
        entry = value.get(bad) if isinstance(bad, str) else None
        yield SchemaFault(
            entry.key if entry is not None else value.key,
            f"`{bad}` is not a valid name in {_object(path)}",
            "use letters, digits, `.`, `_` and `-`",
        )
    elif kind == "type":
        yield SchemaFault(
            _place(value), f"{shown} has to be {_types(schema['type'])}, not {_kind(value)}", _type_help(value, schema["type"])
        )
    elif kind == "required":
        missing = [key for key in schema["required"] if value.get(key) is None]
        yield SchemaFault(
            value.key if path else value.place, f"{shown} is missing {' and '.join(f'`{key}`' for key in missing)}", "add it", True
        )
    elif kind == "enum":
        yield SchemaFault(
            value.place,
            f"`{value.text}` is not a value of {shown}{did_you_mean(value.text, schema['enum'])}",
            f"write one of {', '.join(f'`{one}`' for one in schema['enum'])}",
        )
    elif kind == "pattern":
        yield SchemaFault(value.place, f"`{value.text}` is not a value of {shown}", _pattern_help(path, schema))
    elif kind == "format":
        yield SchemaFault(value.place, f"`{value.text}` is not a duration", "write a number with its unit: `30s`, `1m30s`")
    elif kind in ("minimum", "maximum"):
        bound = "at least" if kind == "minimum" else "at most"
        yield SchemaFault(
            value.place,
            f"{shown} has to be {bound} {error.validator_value}, not {value.text}",
            f"write a number that is {bound} {error.validator_value}",
        )


def _at(root: Value, path: tuple[str | int, ...]) -> Value | None:
    return root.at(*path) if path else root


def _is_open(value: Value) -> bool:
    """Whether a variable decides what a value is."""
    return value.is_scalar and "$" in value.text.replace("$$", "")


def _is_reset(value: Value) -> bool:
    return isinstance(value.node, Scalar) and value.node.tag in ("!reset", "!override")


def _place(value: Value) -> Place:
    return value.key if value.is_null or value.is_map or value.is_list else value.place


def _unknown(value: Value, schema: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[SchemaFault]:
    known = tuple(schema.get("properties", ()))
    for key, item in value.items():
        if key in known or key.startswith("x-") or "$" in key:
            continue
        owner = _owner(key, path)
        guess = "" if owner else did_you_mean(key, known)
        help_ = f"write it {owner}" if owner else "remove it, or mend its name" if not guess else "mend its name"
        yield SchemaFault(item.key, f"unknown key `{key}` in {_object(path)}{guess}", help_)


def _owner(key: str, path: tuple[str | int, ...]) -> str:
    """Where a key belongs that stands at a wrong level: `below build`."""
    definitions = compose_schema()["$defs"]
    service = definitions["service"]["properties"]
    if not path and key in service and not key.startswith("x-"):
        return "below a service"
    if len(path) == 2 and path[0] == "services":
        for owner in ("build", "healthcheck", "deploy", "logging"):
            if key in service[owner]["properties"]:
                return f"below `{owner}`"
        return (
            "at the top of the file"
            if key in ("services", "secrets", "version", "name", "include") and key in compose_schema()["properties"]
            else ""
        )
    if len(path) > 2 and path[0] == "services" and key in service:
        return f"as a key of the service `{path[1]}`: one level up"
    return ""


def _object(path: tuple[str | int, ...]) -> str:
    if not path:
        return "the compose file"
    section = _SECTIONS.get(str(path[0]))
    if section is None:
        return _shown(path)
    if len(path) == 1:
        return f"`{path[0]}`"
    if len(path) == 2:
        return f"{section} `{path[1]}`"
    return f"{_inner(path[2:])} of {section} `{path[1]}`"


def _inner(path: tuple[str | int, ...]) -> str:
    return (
        "`" + ".".join(str(part) for part in path if isinstance(part, str)) + "`"
        if any(isinstance(part, str) for part in path)
        else "an item"
    )


def _shown(path: tuple[str | int, ...]) -> str:
    """A value for messages: `ports` of service `app`, an item of `command` of service `app`."""
    if not path:
        return "the compose file"
    item = "an item of " if isinstance(path[-1], int) else ""
    section = _SECTIONS.get(str(path[0]))
    if section is None or len(path) == 1:
        return f"{item}`{path[0]}`"
    if len(path) == 2:
        return f"{section} `{path[1]}`"
    return f"{item}{_inner(path[2:])} of {section} `{path[1]}`"


def _types(types: str | list[str]) -> str:
    names = [types] if isinstance(types, str) else [name for name in types if name != "null"]
    words = [_WORDS[name] for name in names]
    return ", ".join(words[:-1]) + " or " + words[-1] if len(words) > 1 else words[0]


def _kind(value: Value) -> str:
    if value.is_map:
        return "a map"
    if value.is_list:
        return "a list"
    if value.is_null:
        return "empty"
    tag = value.node.tag if isinstance(value.node, Scalar) else ""
    return f"the number `{value.text}`" if tag in ("!!int", "!!float") else f"`{value.text}`"


def _type_help(value: Value, types: str | list[str]) -> str:
    names = [types] if isinstance(types, str) else types
    tag = value.node.tag if isinstance(value.node, Scalar) else ""
    if "string" in names and tag in ("!!int", "!!float", "!!bool"):
        return f'write it in quotes: `"{value.text}"`'
    if value.is_null:
        return "fill it in, or remove the key"
    if "array" in names and value.is_scalar:
        return f"write it as an item of a list: `- {value.text}`"
    return f"write {_types(types)}"


def _pattern_help(path: tuple[str | int, ...], schema: dict[str, Any]) -> str:
    if path[-1] == "restart":
        return 'write `"no"`, `always`, `unless-stopped` or `on-failure:3`'
    if path[-1] == "pull_policy":
        return "write `always`, `missing`, `never`, `build`, `daily`, `weekly` or `every_12h`"
    if path[-1] == "container_name":
        return "begin with a letter or digit, and use letters, digits, `.`, `_` and `-`"
    return "use lower-case letters, digits, `-` and `_`" if path[-1] == "name" else str(schema.get("description", ""))
