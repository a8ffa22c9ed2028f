"""Sizes as Drone reads them: whole bytes, or text as in `1.5GiB` (runner-go manifest/unit.go, docker/go-units v0.4.0)."""

from __future__ import annotations

import re

from drone_lint.model.node import Scalar

_UNITS = "kmgtp"


def parse_size(node: Scalar) -> int | None:
    """The number of bytes; None where Drone refuses the text with `invalid size: '...'`. GB means GiB."""
    if isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        if isinstance(node.value, int) or abs(node.value) < 1 << 63:
            return int(node.value)
        return None
    if node.value is None:
        return 0
    return parse_size_text(node.text)


def parse_size_text(text: str) -> int | None:
    """The number of bytes that a text means."""
    match = re.fullmatch(r"(\d+(?:\.\d+)*) ?([kKmMgGtTpP])?[iI]?[bB]?", text, re.ASCII)
    if match is None or match[1].count(".") > 1:
        return None
    number, unit = float(match[1]), (match[2] or "").lower()
    if number == float("inf"):
        return None
    number *= 1024 ** (_UNITS.index(unit) + 1) if unit else 1
    return int(number) if number < 1 << 63 else -(1 << 63)  # as Go turns a number that does not fit into an int64
