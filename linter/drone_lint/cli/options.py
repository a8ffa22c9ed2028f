"""The command line's options, once: the typer app and the lean parser of plain calls are both made from this table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from drone_lint.settings import CHOICES


class UsageError(Exception):
    """A call that does not hold together; exit code 2."""


class Option(NamedTuple):
    """One option of `drone-lint check`."""

    name: str
    flags: tuple[str, ...]
    help: str
    kind: Literal["value", "list", "flag", "int", "float"] = "value"
    """`value`, `list` (repeatable), `flag`, `int` or `float`."""
    metavar: str = ""
    choices: tuple[str, ...] = ()
    panel: str = "Checks"


_JSONNET = "Jsonnet and substitution"
_REPORT = "Report"
_FIX = "Fixes"

CHECK: tuple[Option, ...] = (
    Option("select", ("--select",), "Run only these rules or families.", "list", "RULE,..."),
    Option("ignore", ("--ignore",), "Do not run these rules or families; overrides --select.", "list", "RULE,..."),
    Option(
        "profile",
        ("--profile",),
        "default; pedantic: everything; drone: only what Drone itself refuses.",
        choices=CHOICES["profile"],
    ),
    Option("trust", ("--trust",), "The repository's trust in Drone, if you know it.", choices=CHOICES["trust"]),
    Option("runner", ("--runner",), "The type of your runners: `docker` takes a pipeline without a type, no other does.", metavar="TYPE"),
    Option("server_version", ("--server-version",), "The Drone server's version.", metavar="VERSION"),
    Option("fail_on", ("--fail-on",), "The lowest severity that fails the run (exit code 1).", choices=CHOICES["fail-on"]),
    Option("config", ("--config",), "Use this configuration file.", metavar="FILE"),
    Option("isolated", ("--isolated",), "Do not read any configuration file.", "flag"),
    Option("baseline", ("--baseline",), "Do not report findings that this baseline records.", metavar="FILE"),
    Option("no_ignores", ("--no-ignores",), "Also report findings that ignore comments silence.", "flag"),
    Option("no_cache", ("--no-cache",), "Do not use the result cache.", "flag"),
    Option("jobs", ("--jobs", "-j"), "Number of processes; 0: one for each core.", "int", "N"),
    Option("stdin_filename", ("--stdin-filename",), "The file name to use for standard input (`-`).", metavar="PATH"),
    Option(
        "ext_str", ("--ext-str", "-V"), "External variable; without a value, from the environment.", "list", "KEY[=VALUE]", panel=_JSONNET
    ),
    Option("ext_code", ("--ext-code",), "External variable given as Jsonnet code.", "list", "KEY[=CODE]", panel=_JSONNET),
    Option("tla_str", ("--tla-str", "-A"), "Argument of a top-level function.", "list", "KEY[=VALUE]", panel=_JSONNET),
    Option("tla_code", ("--tla-code",), "Argument of a top-level function, as Jsonnet code.", "list", "KEY[=CODE]", panel=_JSONNET),
    Option("jpath", ("--jpath", "-J"), "Additional folder in which to look up imports.", "list", "DIR", panel=_JSONNET),
    Option(
        "event",
        ("--event",),
        "The build event to evaluate for.",
        choices=("push", "pull_request", "tag", "cron", "promote", "rollback", "custom", "all"),
        panel=_JSONNET,
    ),
    Option("engine", ("--engine",), "The Jsonnet engine.", choices=CHOICES["engine"], panel=_JSONNET),
    Option("env", ("--env",), "A value for a ${} variable.", "list", "KEY=VALUE", panel=_JSONNET),
    Option("max_seconds", ("--max-seconds",), "Time limit for evaluating one file.", "float", "SECONDS", panel=_JSONNET),
    Option(
        "max_memory", ("--max-memory",), "Memory limit for evaluating one file: bytes, or with K, M, G.", metavar="SIZE", panel=_JSONNET
    ),
    Option(
        "format",
        ("--format",),
        "text, concise, json, sarif, github, gitlab, junit, rdjson or html; can be repeated, each with an --output.",
        "list",
        "FORMAT",
        panel=_REPORT,
    ),
    Option("output", ("--output", "-o"), "Write the report of the --format before it to this file.", "list", "FILE", panel=_REPORT),
    Option("color", ("--color",), "Whether to use colors in the text report.", choices=("auto", "always", "never"), panel=_REPORT),
    Option("quiet", ("--quiet", "-q"), "Do not print the summary.", "flag", panel=_REPORT),
    Option("statistics", ("--statistics",), "Print the number of findings of each rule.", "flag", panel=_REPORT),
    Option("debug", ("--debug",), "Show the traceback of internal errors.", "flag", panel=_REPORT),
    Option("show_config", ("--show-config",), "Print the effective settings of each file, without linting.", "flag", panel=_REPORT),
    Option("fix", ("--fix",), "Apply safe fixes.", "flag", panel=_FIX),
    Option("unsafe_fixes", ("--unsafe-fixes",), "With --fix or --diff, also apply fixes that may change the meaning.", "flag", panel=_FIX),
    Option("diff", ("--diff",), "Show what --fix would change, without changing any file.", "flag", panel=_FIX),
)


def defaults() -> dict[str, Any]:
    """Every option as when it is not given."""
    empty: dict[str, Any] = {"list": [], "flag": False}
    return {"paths": [], **{option.name: list(empty[option.kind]) if option.kind == "list" else empty.get(option.kind) for option in CHECK}}


def parse_plain(arguments: Sequence[str]) -> dict[str, Any] | None:
    """Read a call of `check` without typer, as typer would; None for what is none: help, and mistakes, which typer explains."""
    by_flag = {flag: option for option in CHECK for flag in option.flags}
    found = defaults()
    rest = list(reversed(arguments))
    while rest:
        word = rest.pop()
        if word == "--":
            found["paths"] += reversed(rest)
            break
        if word == "-" or not word.startswith("-"):
            found["paths"].append(word)
            continue
        flag, value = _split(word)
        option = by_flag.get(flag)
        if option is None or (option.kind == "flag" and value is not None and (word.startswith("--") or value[0] == "-")):
            return None
        if option.kind == "flag":
            found[option.name] = True
            if value is not None:  # `-qo report.json`
                rest.append("-" + value)
            continue
        if value is None:
            if not rest:
                return None
            value = rest.pop()
        _take(found, option, value)
    return found if all(_settle(found, option) for option in CHECK) else None


def _split(word: str) -> tuple[str, str | None]:
    """`--flag=value`, `-fvalue`: the flag, and what is attached to it."""
    if word.startswith("--"):
        flag, equals, value = word.partition("=")
        return flag, value if equals else None
    return word[:2], word[2:] or None


def _take(found: dict[str, Any], option: Option, value: str) -> None:
    if option.name == "output":  # of the format before it: earlier ones without a file go to standard output
        found["output"] += [None] * (len(found["format"]) - 1 - len(found["output"]))
    if option.kind == "list":
        found[option.name].append(value)
    else:
        found[option.name] = value  # the last one counts


def _settle(found: dict[str, Any], option: Option) -> bool:
    """Give a value its type; whether it has one of those that are allowed."""
    value = found[option.name]
    if value is None or option.kind in ("list", "flag"):
        return True
    if option.kind in ("int", "float"):
        try:
            found[option.name] = int(value) if option.kind == "int" else float(value)
        except ValueError:
            return False
    return not option.choices or value in option.choices
