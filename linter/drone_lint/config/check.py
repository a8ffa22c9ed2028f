"""Whether a configuration holds: decided by a small reader of its JSON Schema, explained by `jsonschema` when it does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from drone_lint.config.schema import Schema
from drone_lint.text.spelling import nearest

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
_WORDS = {
    "string": "a string",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list of strings",
    "object": "a mapping",
    "null": "nothing",
}


def holds(value: Any, schema: Schema) -> bool:
    """Whether a value is as a schema wants it; reads what `config.schema` writes, so that a run with a sound configuration imports nothing more."""
    if "anyOf" in schema:
        return any(holds(value, one) for one in schema["anyOf"])
    if "enum" in schema:
        return isinstance(value, (str, bool, int)) and any(value == one and type(value) is type(one) for one in schema["enum"])
    if not _is(value, schema.get("type")):
        return False
    if isinstance(value, list):
        return all(holds(item, schema.get("items", {})) for item in value)
    return not isinstance(value, dict) or all(_entry_holds(key, item, schema) for key, item in value.items())


def _is(value: Any, kind: str | None) -> bool:
    if kind is None:
        return True
    return isinstance(value, _TYPES[kind]) and (not isinstance(value, bool) or kind == "boolean")


def _entry_holds(key: Any, item: Any, schema: Schema) -> bool:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    if not isinstance(key, str) or ("propertyNames" in schema and not holds(key, schema["propertyNames"])):
        return False
    below = properties.get(key, others)
    return bool(below is not False and holds(item, below))


class Wrong(Exception):  # noqa: N818 - a value on its way to the user, not a failure of ours
    """What is wrong with a configuration, and where."""

    def __init__(self, path: tuple[str | int, ...], message: str, *, at_key: str | None = None) -> None:
        self.path = path
        """Keys and indices of the value."""
        self.at_key = at_key
        """The key below it that is wrong; None: the value itself."""
        super().__init__(message)


def explain(value: Any, schema: Schema) -> Wrong:
    """The first thing that is wrong with a value that does not hold, in the order of the file."""
    from jsonschema import Draft202012Validator

    keys = _odd_keys(value, schema, ())
    if keys is not None:
        return Wrong(keys, "expected a mapping whose keys are strings")
    errors = list(Draft202012Validator(schema).iter_errors(_pruned(value, schema)))
    error = min(errors, key=lambda one: (_order(value, one.absolute_path), one.validator != "additionalProperties"))
    return _worded(error, tuple(error.absolute_path), value)


def _below(key: str, schema: Schema) -> Schema:
    """What a schema says of the value of a key; nothing where it does not know the key."""
    found = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
    return found if isinstance(found, dict) else {}


def _odd_keys(value: Any, schema: Schema, path: tuple[str | int, ...]) -> tuple[str | int, ...] | None:
    """The first mapping with a key that is not a string, which JSON does not have; as deep as the schema goes."""
    if not isinstance(value, dict) or schema.get("type") != "object":
        return None
    if not all(isinstance(key, str) for key in value):
        return path
    return next((found for key, item in value.items() if (found := _odd_keys(item, _below(key, schema), (*path, key))) is not None), None)


def _pruned(value: Any, schema: Schema) -> Any:
    """A value as deep as its schema goes: aliases can make the rest larger than memory, and `jsonschema` writes values into its messages."""
    if isinstance(value, dict):
        return {key: _pruned(item, _below(key, schema)) for key, item in value.items()} if schema.get("type") == "object" else {}
    if isinstance(value, list):
        return [_pruned(item, schema.get("items", {})) for item in value] if schema.get("type") == "array" else []
    return value


def _order(value: Any, path: Iterable[Any]) -> list[int]:
    """The position of a value in its file, for comparing."""
    found = []
    for key in path:
        found.append(key if isinstance(key, int) else list(value).index(key))
        value = value[key]
    return found


def _worded(error: Any, path: tuple[str | int, ...], whole: Any) -> Wrong:
    schema, value = error.schema, error.instance
    for key in path:
        whole = whole[key]
    if error.validator == "additionalProperties":
        key = next(key for key in value if key not in schema.get("properties", {}))
        return Wrong(path, _unknown(schema.get("x-what", "key"), key, schema.get("properties", {})), at_key=key)
    if error.validator == "enum":
        what = schema.get("x-what", "value")
        named = error.parent is not None and error.parent.validator == "propertyNames"
        at_key = value if named or "propertyNames" in error.absolute_schema_path else None
        return Wrong(path, _unknown(what, value if isinstance(value, str) else _shown(value), schema["enum"]), at_key=at_key)
    choices = [choice for one in schema.get("anyOf", ()) for choice in one.get("enum", ())]
    if error.validator == "anyOf" and choices:
        return Wrong(path, _unknown(schema.get("x-what", "value"), value if isinstance(value, str) else _shown(value), choices))
    kinds = [one["type"] for one in schema["anyOf"] if "type" in one] if error.validator == "anyOf" else [schema["type"]]
    return Wrong(path, f"expected {_expected(kinds, schema)}, not {_shown(whole)}" + _quote(value, kinds))


def _expected(kinds: list[str], schema: Schema) -> str:
    items = schema.get("items", {}).get("type", "string")
    words = {**_WORDS, "array": "a list of strings" if items == "string" else f"a list of {_WORDS[items].removeprefix('a ')}s"}
    return " or ".join(words[kind] for kind in kinds if kind != "null") + (", or null" if "null" in kinds else "")


def _quote(value: Any, kinds: list[str]) -> str:
    return " (quote it)" if "string" in kinds and isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def _unknown(what: str, name: str, choices: Iterable[str]) -> str:
    known = [str(one) for one in choices]
    guess = nearest(name, known)
    hint = f"; did you mean `{guess}`?" if guess else f"; known: {', '.join(known)}" if 0 < len(known) <= 12 else ""
    return f"unknown {what} `{name}`{hint}"


def _shown(value: Any) -> str:
    """A value in a message: shortened, since aliases can make it larger than memory."""
    import reprlib

    return reprlib.repr(value)


def line_of(text: str, path: tuple[str | int, ...], at_key: str | None) -> int | None:
    """The line of a value, or of a key below it, in YAML text; None where it cannot be told (aliases, merges)."""
    import yaml

    node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    mark = None
    for step in (*path, *([at_key] if at_key is not None else [])):
        if isinstance(node, yaml.MappingNode):
            entry = next((pair for pair in node.value if pair[0].value == step), None)
            if entry is None:
                break
            mark, node = entry[0].start_mark, entry[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            mark = node.start_mark
    return mark.line + 1 if mark is not None else None


def line_in_toml(text: str, path: tuple[str | int, ...], at_key: str | None) -> int | None:
    """The line that names a key, where just one line does; the TOML reader of Python tells no places."""
    names = [step for step in (*path, *([at_key] if at_key is not None else [])) if isinstance(step, str)]
    if not names:
        return None
    pattern = rf"""^\s*(?:\[[^\]]*)?["']?{re.escape(names[-1])}["']?\s*[=\]]"""
    lines = [number for number, line in enumerate(text.splitlines(), 1) if re.search(pattern, line)]
    return lines[0] if len(lines) == 1 else None
