"""Which variables a stranger can fill, and where Drone pastes them into the text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.api import Expansion, Step, Value, expansions_in, step_events, step_values

_FREE = ("DRONE_COMMIT_MESSAGE", "DRONE_PULL_REQUEST_TITLE", "CI_COMMIT_MESSAGE")
_FREE_PREFIXES = ("DRONE_COMMIT_AUTHOR", "CI_COMMIT_AUTHOR")
_REFS = (
    "DRONE_BRANCH",
    "DRONE_SOURCE_BRANCH",
    "DRONE_TARGET_BRANCH",
    "DRONE_COMMIT_BRANCH",
    "DRONE_COMMIT_REF",
    "DRONE_TAG",
    "CI_COMMIT_BRANCH",
    "CI_COMMIT_REF",
)
_REF_PREFIXES = ("DRONE_SEMVER", "DRONE_CALVER")
_NUMBERS = ("_MAJOR", "_MINOR", "_PATCH", "_MICRO")
"""Parts of a version that are digits, whatever the tag says."""

GUARDED = frozenset(("tag", "promote", "rollback", "cron", "custom"))
"""Events that only people with write access start."""


class Paste(NamedTuple):
    """A `${}` that pastes text of a stranger."""

    value: Value
    expansion: Expansion
    free: bool
    """Free text (message, title, author); otherwise a branch or tag, whose names Git restricts."""


def is_free_text(name: str) -> bool:
    """Whether a variable holds text that its author chose freely."""
    return name in _FREE or name.startswith(_FREE_PREFIXES)


def is_ref(name: str) -> bool:
    """Whether a variable holds the name of a branch or tag, or what is made of it."""
    return name in _REFS or (name.startswith(_REF_PREFIXES) and not name.endswith(_NUMBERS))


def is_tainted(name: str) -> bool:
    """Whether someone without any rights can have a say in a variable's value."""
    return is_free_text(name) or is_ref(name)


def pastes(value: Value) -> Iterator[Paste]:
    """The `${}` of a scalar's text that paste text of a stranger. A length (`${#X}`) is a number."""
    for expansion in expansions_in(value.text):
        if is_tainted(expansion.name) and expansion.form != "length":
            yield Paste(value, expansion, is_free_text(expansion.name))


def is_tag(name: str) -> bool:
    """Whether a variable is filled by tags alone."""
    return name == "DRONE_TAG" or name.startswith(_REF_PREFIXES)


def is_fixed(step: Step, name: str) -> bool:
    """Whether `trigger` and `when` leave a variable no value but those that they name one by one (`branch: [main]`)."""
    if is_free_text(name):
        return False
    if name in ("DRONE_COMMIT_REF", "CI_COMMIT_REF") or is_tag(name):
        return step_values(step, "ref") is not None
    if name == "DRONE_SOURCE_BRANCH" and "pull_request" in step_events(step):
        return False
    return step_values(step, "branch") is not None


def writer(name: str, events: frozenset[str]) -> str:
    """Who fills a variable in builds of some events, for messages."""
    if is_tag(name):
        return "whoever may push tags"
    if is_free_text(name):
        return "whoever opens a pull request" if "pull_request" in events else "whoever writes a commit"
    if "pull_request" in events and name == "DRONE_SOURCE_BRANCH":
        return "whoever opens a pull request"
    return "whoever may push tags" if events == {"tag"} else "whoever may push a branch"


def source_name(name: str) -> str:
    """What a variable holds, for messages."""
    if "MESSAGE" in name:
        return "the commit's message"
    if "TITLE" in name:
        return "the pull request's title"
    if "AUTHOR" in name:
        return "the author's name"
    return "the tag" if "TAG" in name or "VER" in name else "the branch"
