"""Checks real programs: `python tests/starlark/real.py FILES...` compares values with `starlark-go` and counts exact places.

`starlark-go` cannot be given `ctx`, so every `x.name` of a program is rewritten for it as a call that looks into dicts as well.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from drone_lint.lint.locating import resolve
from drone_lint.model.node import Mapping, Scalar, Sequence, walk
from drone_lint.model.value import Part, Place
from drone_lint.settings import Settings
from drone_lint.source.load import load
from drone_lint.source.starlark.session import Request, session
from drone_lint.source.starlark.syntax import nodes
from drone_lint.source.starlark.syntax.outline import _walk
from drone_lint.source.starlark.syntax.parser import parse
from drone_lint.source.starlark.variables import context

EVENTS = ("push", "pull_request", "tag", "cron", "promote", "rollback", "custom")
_ATTRIBUTE = """
def attribute__(x, name):
    if type(x) == "dict" and name in x and "is context__" in x:
        return x[name]
    return getattr(x, name)
"""


def rewritten(text: str) -> str:
    """A program in which fields are looked up by a function."""
    edits = []
    for node in _walk(parse(text).statements):
        if isinstance(node, nodes.Dot):
            edits += [(node.start, 1, "attribute__("), (node.at, 0, f', "{node.name.name}")' + " " * (node.end - node.at))]
    parts, at = [], 0
    for start, opens, insertion in sorted(edits, key=lambda edit: (edit[0], edit[1])):
        parts.append(text[at:start])
        parts.append(insertion.rstrip())
        at = start if opens else start + len(insertion) - len(insertion.rstrip())
    return "".join(parts) + text[at:] + "\n" + _ATTRIBUTE


def theirs(text: str, given: dict[str, dict[str, Any]]) -> Any:
    """The server's engine's value, or its error."""
    import starlark_go

    groups = {name: {**fields, "is context__": True} for name, fields in given.items()}
    engine = starlark_go.Starlark(globals={"context__": {**groups, "is context__": True}}, print=lambda _: None)
    try:
        engine.exec(rewritten(text) + "\nresult__ = main(context__)\n", filename="f.star")
    except starlark_go.StarlarkError as error:
        return str(error.args)
    return engine.get("result__")


def ours(text: str, contexts: list[Any]) -> list[Any]:
    """Our engine's values."""
    outcomes = session(1 << 30).evaluate(Request(text, tuple(contexts)), 60)
    return [[json.loads(one) for one in outcome.documents] if outcome.documents is not None else outcome.error for outcome in outcomes]


def check(path: str) -> tuple[int, int, int, int, int, int]:
    """Equal values, all values, exact keys, all keys, exact strings, all strings of a file."""
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    contexts = [context(Settings(), event) for event in EVENTS]
    equal = 0
    for event, given, mine in zip(EVENTS, contexts, ours(text, contexts), strict=True):
        other = theirs(text, given)
        other = [other] if isinstance(other, dict) else other
        same = other == mine if not isinstance(mine, str) else isinstance(other, str)
        equal += same
        if not same:
            print(f"{path}: {event}: values differ")
    keys = shown = strings = exact = 0
    for evaluation in load(text.encode(), ".drone.star", Settings(max_seconds=60)).evaluations:
        for document in evaluation.server:
            for at, node in walk(document.root):
                if at and isinstance(at[-1], str):
                    span = resolve(Place(document, at, Part.KEY)).primary
                    keys += 1
                    shown += span.precision.value == "exact" and span.text.strip("'\"") == at[-1]
                if isinstance(node, Scalar) and node.tag == "!!str":
                    span = resolve(Place(document, at)).primary
                    strings += 1
                    exact += (span.precision.value == "exact" and span.text[-1:] in ("'", '"')) or not node.text
                assert isinstance(node, (Mapping, Sequence, Scalar))
    return equal, len(EVENTS), shown, keys, exact, strings


def main() -> None:
    """Print a line a file, and the sums."""
    sums = [0] * 6
    for path in sys.argv[1:]:
        began = time.process_time()
        try:
            found = check(path)
        except Exception as error:  # noqa: BLE001 - the other files are checked
            print(f"{path}: {type(error).__name__}: {error}")
            continue
        sums = [one + more for one, more in zip(sums, found, strict=True)]
        equal, values, shown, keys, exact, strings = found
        print(f"{path}: values {equal}/{values}, keys {shown}/{keys}, strings {exact}/{strings}, {time.process_time() - began:.1f} s")
    print("values {}/{}, keys {}/{}, strings {}/{}".format(*sums))


if __name__ == "__main__":
    main()
