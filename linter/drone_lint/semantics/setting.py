"""What a plugin gets of a setting: the text of `PLUGIN_<NAME>` (runner-go manifest/param.go, environ)."""

from __future__ import annotations

import json
from math import isfinite, isnan

from drone_lint.model.node import Mapping, Node, Scalar, Sequence, plain


def plugin_text(node: Node) -> str:
    """A setting's value as the plugin's environment variable holds it."""
    if isinstance(node, Scalar):
        return _scalar(node)
    if isinstance(node, Sequence) and all(isinstance(item, Scalar) for item in node.items):
        return ",".join(_scalar(item) for item in node.items if isinstance(item, Scalar))
    return json.dumps(_json(node), separators=(",", ":"), sort_keys=isinstance(node, Mapping), ensure_ascii=False)


def _scalar(node: Scalar) -> str:
    value = node.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _number(value) if isinstance(value, (int, float)) else value


def _number(value: float) -> str:
    """As Go's `strconv` writes it with the least digits: from 1e+06 on with an exponent (drone-semantics 8.3)."""
    if isinstance(value, int):
        return str(value)
    if not isfinite(value):
        return "NaN" if isnan(value) else f"{value:+}".capitalize().replace("inf", "Inf")
    from decimal import Decimal

    sign, digits, shift = Decimal(repr(value)).normalize().as_tuple()
    exponent = len(digits) + int(shift) - 1
    if -4 <= exponent < 6:
        return repr(value).removesuffix(".0")
    first, rest = str(digits[0]), "".join(map(str, digits[1:]))
    return f"{'-' * sign}{first}{'.' * bool(rest)}{rest}e{exponent:+03d}"


def _json(node: Node) -> object:
    if isinstance(node, Mapping):
        return {key: _json(entry.node) for key, entry in node.entries.items()}
    return [_json(item) for item in node.items] if isinstance(node, Sequence) else plain(node)
