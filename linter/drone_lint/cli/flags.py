"""From the command line's options to flags and outputs. What they take from the environment is handed in by `cli`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from drone_lint.cli.options import UsageError
from drone_lint.report import FORMATS, WITH_EXTRA
from drone_lint.run.targets import Flags
from drone_lint.text.spelling import nearest


def flags_from(options: Mapping[str, Any], environment: Mapping[str, str]) -> Flags:
    """The command line's word on settings.

    Raises:
        UsageError: an option's value does not hold.
    """
    changes: dict[str, Any] = {}
    for name in ("trust", "runner", "profile", "fail_on", "event", "max_seconds", "baseline"):
        if options.get(name) is not None:
            changes[name] = options[name]
    for name in ("select", "ignore"):
        if options.get(name):
            changes[name] = tuple(part.strip() for item in options[name] for part in item.split(",") if part.strip())
    if options.get("max_memory") is not None:
        changes["max_memory"] = size_of(options["max_memory"])
    jsonnet: dict[str, Any] = {
        name: _pairs(options, name, environment) for name in ("ext_str", "ext_code", "tla_str", "tla_code") if options.get(name)
    }
    if options.get("jpath"):
        jsonnet["jpath"] = tuple(os.path.abspath(item) for item in options["jpath"])
    if options.get("engine") is not None:
        jsonnet["engine"] = options["engine"]
    sections: dict[str, dict[str, Any]] = {"jsonnet": jsonnet} if jsonnet else {}
    if options.get("env"):
        sections["substitution"] = {"env": _pairs(options, "env", environment)}
    if options.get("server_version"):
        sections["server"] = {"version": options["server_version"]}
    return Flags(changes, sections, options.get("config"), bool(options.get("isolated")), bool(options.get("no_ignores")))


def _pairs(options: Mapping[str, Any], name: str, environment: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for item in options[name]:
        key, equals, value = item.partition("=")
        if not equals:
            if key not in environment:
                raise UsageError(f"--{name.replace('_', '-')} {key}: no value is given, and the environment has no such variable")
            value = environment[key]
        found[key] = value
    return found


def size_of(text: str) -> int:
    """A number of bytes, given with a unit or without.

    Raises:
        UsageError: it is not a size.
    """
    units = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
    number = text.lower().removesuffix("ib").removesuffix("b")
    factor = units.get(number[-1:], 1)
    digits = number[:-1] if factor > 1 else number
    if not digits.isdigit():
        raise UsageError(f"--max-memory {text}: expected a number of bytes, or one with K, M or G")
    return int(digits) * factor


def require(extra: str) -> None:
    """Make sure that the packages of an extra are there.

    Raises:
        UsageError: they are not.
    """
    from importlib.util import find_spec

    missing = [name for name in ("jinja2", "markdown_it") if find_spec(name) is None]
    if missing:
        raise UsageError(f"--format {extra}: {' and '.join(missing)} not installed; run `pip install 'drone-lint[{extra}]'`")


def outputs_of(options: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """Formats with the files they go to; None is standard output."""
    formats = options["format"] or ["text"]
    for name in formats:
        if name in WITH_EXTRA:
            require(name)
        elif name not in FORMATS:
            guess = nearest(name, FORMATS)
            raise UsageError(
                f"--format {name}: unknown format" + (f"; did you mean `{guess}`?" if guess else f"; known: {', '.join(FORMATS)}")
            )
    files = options["output"]
    if len(files) > len(formats):
        raise UsageError("there are more --output than --format options")
    targets = [*files, *[None] * (len(formats) - len(files))]
    if targets.count(None) > 1:
        raise UsageError("for several formats, give an --output to all but one")
    return list(zip(formats, targets, strict=True))
