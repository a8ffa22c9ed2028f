"""Documents against our JSON Schemas: what Drone's decoders refuse, and keys that none of them knows.

Reads only the part of JSON Schema on which verdicts depend (`type`, `properties`, `additionalProperties`, `items`, `format`), because a
general validator takes longer to import than the rest of a run. A test compares it with `jsonschema`'s verdicts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping as AnyMapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

import drone_lint_schemas
from drone_lint.model.document import Document
from drone_lint.model.lazy import remembered
from drone_lint.model.node import Mapping, Node, Scalar, Sequence
from drone_lint.model.pipeline import RUNNERS
from drone_lint.semantics.size import parse_size
from drone_lint.text.position import Path

KINDS = ("secret", "signature", "template", "cron", "registry")
"""Kinds besides `pipeline` that the server decodes by a structure of their own."""
COMMON = ("version", "kind", "type", "name", "depends_on", "node", "concurrency", "platform")
"""Keys that every runner decodes in every document, whatever its kind (runner-go manifest.RawResource)."""

Schema = AnyMapping[str, Any]


class Fault(NamedTuple):
    """A value that does not match its schema, or a key that the schema does not have."""

    kind: str
    """`type`, `size` or `unknown`."""
    path: Path
    node: Node
    schema: Schema
    """The schema of the value; for an unknown key, that of the enclosing object."""
    replaced: bool = False
    """Whether the value stands in an entry that a later one of the same key replaced; then the path leads to that one."""

    @property
    def refused(self) -> bool:
        """Whether a decoder fails on it; unknown keys are ignored."""
        return self.kind != "unknown"


@cache
def schema_named(name: str) -> Schema:
    """A schema by its file name without `.json`."""
    folder = os.path.dirname(drone_lint_schemas.__file__ or "")
    with open(os.path.join(folder, f"{name}.json"), encoding="utf-8") as file:
        found: Schema = json.load(file)
        return found


@remembered  # several rules ask about each document
def server_faults(document: Document) -> tuple[Fault, ...]:
    """What the server's decoder refuses in a document; every kind that has no structure of its own is a pipeline to it."""
    name = document.kind if document.kind in KINDS else "pipeline.server"
    return tuple(fault for fault in _faults(document, name) if fault.refused)


@remembered
def runner_faults(document: Document) -> tuple[Fault, ...]:
    """What a runner's decoder refuses in a document, and the keys that it ignores."""
    name = _runner_schema(document)
    if name is not None:
        return _faults(document, name)
    if _is_sound(document.root, _common_shape()):
        return ()
    return tuple(fault for fault in faults_of(document.root, _common()) if fault.refused)


def _faults(document: Document, name: str) -> tuple[Fault, ...]:
    """The faults of a document against a schema, found once for all rules."""
    key = ("faults", name)
    if key not in document.memo:
        sound = _is_sound(document.root, _shape_named(name))
        document.memo[key] = () if sound else tuple(faults_of(document.root, schema_named(name)))
    found: tuple[Fault, ...] = document.memo[key]
    return found


def _runner_schema(document: Document) -> str | None:
    if document.pipeline is not None:
        return f"pipeline.{document.pipeline.type}" if document.pipeline.type in RUNNERS else None
    return document.kind if document.kind in KINDS else None


@lru_cache(maxsize=1)
def _common() -> Schema:
    properties = schema_named("pipeline.docker")["properties"]
    return {"type": ["object", "null"], "properties": {key: properties[key] for key in COMMON}}


def decoded_by_all(fault: Fault) -> bool:
    """Whether every runner trips over a fault, also those that leave the document's kind or type alone."""
    return not fault.path or fault.path[0] in COMMON


# -- the walk


def faults_of(root: Node, schema: Schema, path: Path = ()) -> list[Fault]:
    """Every fault of a node at a path, in written order; no other faults below one of a wrong type."""
    found: list[Fault] = []
    _check(root, schema, path, found)
    return found


def _check(node: Node, schema: Schema, path: Path, found: list[Fault]) -> None:
    types = schema.get("type")
    if types is not None and not _is(node, types, schema):
        found.append(Fault("type", path, node, schema))
    elif isinstance(node, Mapping):
        _check_mapping(node, schema, path, found)
    elif isinstance(node, Sequence):
        items = schema.get("items")
        if items:
            for index, item in enumerate(node.items):
                _check(item, items, (*path, index), found)
    elif schema.get("format") == "drone-size" and parse_size(node) is None:
        found.append(Fault("size", path, node, schema))


def _check_mapping(node: Mapping, schema: Schema, path: Path, found: list[Fault]) -> None:
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties")
    for key, entry in node.entries.items():
        below = properties.get(key)
        if below is None:
            if others is False:
                if not key.startswith("x-"):
                    found.append(Fault("unknown", (*path, key), entry.node, schema))
                continue
            below = others
        if isinstance(below, dict) and below:
            _check(entry.node, below, (*path, key), found)
    for key, entry in node.replaced:
        below = properties.get(key, others)
        if isinstance(below, dict) and below:
            found += (fault._replace(replaced=True) for fault in faults_of(entry.node, below, (*path, key)) if fault.refused)


_TAGS = {"!!bool": "boolean", "!!int": "number", "!!float": "number", "!!null": "null", "!loop": "an endless value"}


def _is(node: Node, types: list[str], schema: Schema) -> bool:
    if isinstance(node, Mapping):
        return "object" in types
    if isinstance(node, Sequence):
        return "array" in types
    name = _TAGS.get(node.tag, "string")
    if name == "number" and "string" not in types:
        return "number" in types and _fits(node, schema)
    return name in types


def _fits(node: Scalar, schema: Schema) -> bool:
    """Whether a Go integer holds a number; a fraction is cut off."""
    value = node.value
    return schema.get("format") == "double" or (isinstance(value, (int, float)) and -(1 << 63) <= value < 1 << 63)


# -- the quick look: most documents have no faults


class _Shape(NamedTuple):
    """A schema, laid out for the one question whether a node surely has no fault."""

    scalars: frozenset[str]
    is_object: bool
    is_array: bool
    properties: AnyMapping[str, _Shape | None]
    """None: anything goes."""
    others: _Shape | bool | None
    """What holds for other keys; False: there must be none."""
    items: _Shape | None


_SCALARS = frozenset(("string", "number", "boolean", "null"))


@cache
def _shape_named(name: str) -> _Shape:
    return _shape(schema_named(name))


@cache
def _common_shape() -> _Shape:
    return _shape(_common())


def _shape(schema: Schema) -> _Shape:
    types = schema.get("type")
    scalars = _SCALARS if types is None else _SCALARS.intersection(types)
    if schema.get("format") == "drone-size":
        scalars = frozenset()
    elif "string" not in scalars:
        scalars -= {"number"}  # what an integer of Go holds is for `_check` to say
    others = schema.get("additionalProperties")
    return _Shape(
        scalars,
        types is None or "object" in types,
        types is None or "array" in types,
        {key: _shape(below) if isinstance(below, dict) and below else None for key, below in schema.get("properties", {}).items()},
        _shape(others) if isinstance(others, dict) and others else others is not False and None,
        _shape(schema["items"]) if schema.get("items") else None,
    )


def _is_sound(node: Node, shape: _Shape) -> bool:
    """Whether a node surely has no fault."""
    if isinstance(node, Scalar):
        return _TAGS.get(node.tag, "string") in shape.scalars
    if isinstance(node, Sequence):
        items = shape.items
        return shape.is_array and (items is None or all(_is_sound(item, items) for item in node.items))
    if not shape.is_object or node.replaced:
        return False
    for key, entry in node.entries.items():
        below = shape.properties.get(key, shape.others)
        if below is None:
            continue
        if isinstance(below, bool) or not _is_sound(entry.node, below):
            return False
    return True


# -- words


def expected(schema: Schema) -> str:
    """What a schema wants, in words: `a list of text`, `true or false`."""
    types = [name for name in schema.get("type", ()) if name != "null"]
    if "string" in types:
        return "text" if "object" not in types else "a string or a map"
    words = {"array": "a list", "object": "a map", "boolean": "`true` or `false`", "number": "a number"}
    named = [words[name] for name in types]
    if types == ["array"] and "items" in schema:
        return f"a list of {_plural(schema['items'])}"
    return " or ".join(named)


def _plural(items: Schema) -> str:
    types = items.get("type", ())
    return "text" if "string" in types else "numbers" if "number" in types and "object" not in types else "maps"


def keys_of(schema: Schema) -> tuple[str, ...]:
    """The keys that an object's schema knows."""
    return tuple(schema.get("properties", ()))


def known_to(path: Path, runner: str) -> tuple[str, ...]:
    """Who else knows the key at a path of a pipeline: other runners' names, or `server` when only the server reads it."""
    found = tuple(name for name in RUNNERS if name != runner and _has(schema_named(f"pipeline.{name}"), path))
    return found or (("server",) if _has(schema_named("pipeline.server"), path) else ())


def _has(schema: Schema, path: Path) -> bool:
    at: Any = schema
    for key in path:
        at = at.get("items") if isinstance(key, int) else at.get("properties", {}).get(key)
        if not isinstance(at, dict):
            return False
    return True


def object_name(path: Path) -> str:
    """What the object at a path is called: `step`, `volume of a step`, `clone`, `the pipeline`."""
    keys = [key for key in path if isinstance(key, str)]
    if not keys:
        return "a pipeline"
    singular = {"steps": "a step", "services": "a service", "volumes": "a volume", "devices": "a device"}
    last = singular.get(keys[-1], f"`{keys[-1]}`")
    if keys[-1] == "volumes" and len(keys) > 1:
        return "a volume mount"
    return last
