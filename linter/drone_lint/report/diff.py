"""What a change of the configuration newly allows, as text, JSON or Markdown for a comment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from drone_lint.findings.finding import Problem
from drone_lint.model.condition import EVENTS
from drone_lint.semantics.changes import KINDS

VERSION = 1
_TITLES = {
    "privilege": "Privileges",
    "secret": "Secrets",
    "mount": "Host mounts, devices and networks",
    "image": "Images",
    "trigger": "Triggers and conditions",
    "download": "Downloads that are run",
    "ignore": "Ignored findings",
    "command": "Commands of steps with secrets or privileges",
    "step": "What runs",
    "file": "Files",
    "finding": "New findings",
}
_PLURALS = {"is": "are", "gets": "get", "runs": "run", "mounts": "mount", "uses": "use", "changes": "change", "has": "have",
            "widens": "widen", "narrows": "narrow"}  # fmt: skip


class Difference(NamedTuple):
    """One change of a line, with all that it changes."""

    kind: str
    new: bool
    """Whether it allows more, or other things, than before."""
    what: str
    """Words with a verb: `is newly privileged`."""
    path: str
    """The configuration."""
    steps: tuple[tuple[str, str | None], ...]
    """Pipelines and steps; without step: the pipeline. None: it is about the file."""
    events: tuple[str, ...]
    place: str
    """`path:line`; empty where nothing of it is left."""


class Differences(NamedTuple):
    """Everything that changes."""

    base: str
    head: str
    found: tuple[Difference, ...]
    problems: tuple[Problem, ...]


def write_diff(differences: Differences, form: str) -> str:
    """`form` is `text`, `json` or `markdown`."""
    if form == "json":
        return json.dumps(_data(differences), indent=2, ensure_ascii=False) + "\n"
    lines = _markdown(differences) if form == "markdown" else _text(differences)
    return "\n".join(map(_printable, lines)) + "\n"


def _printable(line: str) -> str:
    return line if line.isprintable() else "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in line)


def _ordered(differences: Differences) -> list[tuple[str, list[Difference]]]:
    """Sections: what was not read on one side first, then by gravity, findings last."""
    found = []
    for kind in ("file", *(one for one in KINDS if one != "file")):
        chosen = [one for one in differences.found if one.kind == kind]
        if chosen:
            found.append((kind, sorted(chosen, key=lambda one: (not one.new, one.path, one.what))))
    return found


def _text(differences: Differences) -> Iterator[str]:
    head = f"{differences.base} to {differences.head}"
    if not differences.found:
        yield f"{head}: " + ("a side could not be read" if differences.problems else "nothing changes in what runs or what it may do")
        return
    yield head
    for kind, chosen in _ordered(differences):
        yield ""
        yield _TITLES[kind]
        yield from (f"  {'+' if one.new else '-'} {_sentence(one)}" for one in chosen)


def _markdown(differences: Differences) -> Iterator[str]:
    yield "### What this change allows"
    yield ""
    if not differences.found:
        yield "A side could not be read." if differences.problems else "Nothing changes in what runs or what it may do."
        return
    for kind, chosen in _ordered(differences):
        yield f"**{_TITLES[kind]}**"
        yield ""
        yield from (f"- {'new: ' if one.new else ''}{_escaped(_sentence(one))}" for one in chosen)
        yield ""
    yield f"{_escaped(differences.base)} to {_escaped(differences.head)}"


def _escaped(text: str) -> str:
    """Names stay text in a comment: no links, mentions or HTML; code spans stay."""
    parts = text.split("`")
    for number, part in enumerate(parts):
        if number % 2 == 0:
            for char in "\\<>[]*_#|!@&":
                part = part.replace(char, f"&#{ord(char)};")
            parts[number] = part.replace("://", ":&#47;/").replace("&#38;#", "&#")
    return "`".join(parts) if len(parts) % 2 else "&#96;".join(parts)


def _sentence(one: Difference) -> str:
    words = f"{_subject(one)} {_verb(one)}"
    if one.kind != "trigger" and one.events and set(one.events) != set(EVENTS):
        words += f", for {', '.join(one.events)}"
    if one.kind == "secret" and one.new and "pull_request" in one.events:
        words += ", so for pull requests of forks too"
    if one.place:
        words += f", by {one.place}"
    return words + (f" ({one.path})" if one.steps and one.place.rpartition(":")[0] != one.path else "")


def _subject(one: Difference) -> str:
    if not one.steps:
        return one.path
    names = [f"`{_name(step)}`" for _, step in one.steps if step is not None]
    if not names:
        pipelines = [f"`{_name(name)}`" for name, _ in one.steps]
        return f"pipeline{'s' if len(pipelines) > 1 else ''} {', '.join(pipelines)}"
    pipelines = list(dict.fromkeys(f"`{_name(name)}`" for name, _ in one.steps))
    if len(names) == 1:
        return f"step {names[0]} of pipeline {pipelines[0]}"
    some = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    where = f"pipeline {pipelines[0]}" if len(pipelines) == 1 else f"{len(pipelines)} pipelines"
    return f"{len(names)} steps of {where} ({some})"


def _name(name: str | None) -> str:
    """A name as it fits into a code span."""
    text = (name or "").replace("`", "'")
    return text if len(text) <= 80 else text[:79] + "…"


def _verb(one: Difference) -> str:
    if len(one.steps) < 2:
        return one.what
    words = one.what.split(" ")
    at = 1 if words[0] == "newly" else 2 if words[:2] == ["no", "longer"] else 0
    words[at] = _PLURALS.get(words[at], words[at])
    text = " ".join(words)
    return (
        text.replace("change its image ", "change their images ", 1)
        if one.kind == "image"
        else text.replace("what it downloads", "what they download", 1).replace("what it does", "what they do", 1)
    )


def _data(differences: Differences) -> dict[str, object]:
    return {
        "version": VERSION,
        "base": differences.base,
        "head": differences.head,
        "changes": [_change(one) for _, chosen in _ordered(differences) for one in chosen],
        "errors": [{"rule": one.rule, "path": one.path, "message": one.message} for one in differences.problems],
    }


def _change(one: Difference) -> dict[str, object]:
    path, _, line = one.place.rpartition(":")
    place = {"path": path, "line": int(line)} if one.place else None
    steps: Sequence[dict[str, str | None]] = [{"pipeline": pipeline, "step": step} for pipeline, step in one.steps]
    return {
        "kind": one.kind,
        "new": one.new,
        "what": one.what,
        "path": one.path,
        "steps": steps,
        "events": list(one.events),
        "place": place,
    }
