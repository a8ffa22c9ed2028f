"""Members of `std` that the server's go-jsonnet does not have, though the engines here do (drone-semantics 1.1)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import pairwise

from drone_lint.findings.finding import Problem, Refusal
from drone_lint.settings import Settings
from drone_lint.source.jsonnet.engine.session import Job, session
from drone_lint.source.jsonnet.syntax.tokens import IDENTIFIER, STRING, string_value, tokenise
from drone_lint.text.position import SourceFile, Span

_AFTER_0_20 = (
    "atan2 avg contains deg2rad equalsIgnoreCase flattenDeepArray hypot isDecimal isEven isInteger isNull isOdd log10 log2 maxArray minArray "
    "objectRemoveKey pi rad2deg remove removeAt sha1 sha256 sha3 sha512 trim"
)
"""go-jsonnet v0.20.0 is what every server from 2.25 on has."""
_AFTER_0_17 = (
    "all any escapeStringXML get isEmpty manifestJsonMinified manifestToml manifestTomlEx objectKeysValues objectKeysValuesAll parseYaml round "
    "splitLimitR sum thisFile xnor xor"
)
"""go-jsonnet v0.17.0 is what servers before 2.25 have."""


def missing(version: str) -> frozenset[str]:
    """Members that a server of a version lacks."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    return frozenset(_AFTER_0_20.split() + (_AFTER_0_17.split() if numbers < (2, 25) else []))


def unavailable(job: Job, sources: Mapping[str, SourceFile], settings: Settings) -> Problem | None:
    """What the server would refuse in a program that evaluates here: a member of `std` that it lacks, used where it is run."""
    lacking = missing(settings.server.version)
    code = {path: file for path, file in sources.items() if path == job.filename or path.endswith((".jsonnet", ".libsonnet"))}
    named = {path: found for path, file in code.items() if (found := _named(file.text, lacking))}
    if not named:
        return None
    error = _without(job, code, lacking, settings)
    match = re.search(r"[Ff]ield does not exist: (\w+)", error or "")
    if match is None or match[1] not in lacking:
        return None
    path, (start, end) = next(((path, found[match[1]]) for path, found in named.items() if match[1] in found), (job.filename, (0, 0)))
    return Problem(
        "unavailable-std",
        sources[job.filename].path,
        f"`std.{match[1]}` does not exist on a Drone {settings.server.version} server, whose Jsonnet engine is older",
        Span(sources[path], start, end),
        drone=(Refusal("server", f"RUNTIME ERROR: Field does not exist: {match[1]}"),),
        help="implement it with functions that the server has, or declare your server's version with --server-version",
    )


def _named(text: str, lacking: frozenset[str]) -> dict[str, tuple[int, int]]:
    """Names of lacking members that the program writes, with where: after a dot, or as text in brackets."""
    if "std" not in text or re.search(rf"\b(?:{'|'.join(sorted(lacking))})\b", text) is None:
        return {}
    found: dict[str, tuple[int, int]] = {}
    tokens = [token for token in tokenise(text) if token.kind != "comment"]
    for before, token in pairwise(tokens):
        name = token.text if token.kind == IDENTIFIER else None
        if token.kind == STRING and before.text == "[":
            literal = string_value(text, token.start)
            name = literal.value if literal is not None else None
        if name in lacking and before.text in (".", "["):
            found.setdefault(name, (token.start, token.end))
    return found


def _without(job: Job, code: Mapping[str, SourceFile], lacking: frozenset[str], settings: Settings) -> str | None:
    """The arbiter's error for the program when `std` has no more than the server's."""
    hidden = json.dumps(sorted(lacking))
    head = f"local real = std; local std = {{ [k]: real[k] for k in real.objectFieldsAll(real) if !real.member({hidden}, k) }}; "
    texts = {path: head + file.text for path, file in code.items()}
    main = texts.pop(job.filename)
    outcome = session(settings.max_memory).evaluate(job._replace(source=main, texts=texts), "jsonnet", settings.max_seconds)
    return outcome.error
