"""Which variables untrusted contributors control, and where Drone substitutes them into the text."""

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
"""Parts of a version that are always digits."""

GUARDED = frozenset(("tag", "promote", "rollback", "cron", "custom"))
"""Events that only users with write access can start."""


class Paste(NamedTuple):
    """A `${}` that substitutes untrusted text."""

    value: Value
    expansion: Expansion
    free: bool
    """Free text (message, title, author); otherwise a branch or tag, whose names Git restricts."""


def is_free_text(name: str) -> bool:
    """Whether a variable contains text that its author can choose freely."""
    return name in _FREE or name.startswith(_FREE_PREFIXES)


def is_ref(name: str) -> bool:
    """Whether a variable contains the name of a branch or tag, or is derived from one."""
    return name in _REFS or (name.startswith(_REF_PREFIXES) and not name.endswith(_NUMBERS))


def is_tainted(name: str) -> bool:
    """Whether a user without any permissions can influence a variable's value."""
    return is_free_text(name) or is_ref(name)


def pastes(value: Value) -> Iterator[Paste]:
    """The `${}` in a scalar's text that substitute untrusted text. A length (`${#X}`) is a number, so it is left out."""
    for expansion in expansions_in(value.text):
        if is_tainted(expansion.name) and expansion.form != "length":
            yield Paste(value, expansion, is_free_text(expansion.name))


def is_tag(name: str) -> bool:
    """Whether a variable is set only for tags."""
    return name == "DRONE_TAG" or name.startswith(_REF_PREFIXES)


def is_fixed(step: Step, name: str) -> bool:
    """Whether `trigger` and `when` restrict a variable to values that they list explicitly (`branch: [main]`)."""
    if is_free_text(name):
        return False
    if name in ("DRONE_COMMIT_REF", "CI_COMMIT_REF") or is_tag(name):
        return step_values(step, "ref") is not None
    if name == "DRONE_SOURCE_BRANCH" and "pull_request" in step_events(step):
        return False
    return step_values(step, "branch") is not None


def writer(name: str, events: frozenset[str]) -> str:
    """Who controls a variable in builds of some events, as a noun phrase for messages."""
    if is_tag(name):
        return "anyone who can push a tag"
    if is_free_text(name):
        return "anyone who can open a pull request" if "pull_request" in events else "the author of a commit"
    if "pull_request" in events and name == "DRONE_SOURCE_BRANCH":
        return "anyone who can open a pull request"
    return "anyone who can push a tag" if events == {"tag"} else "anyone who can push a branch"


def source_name(name: str) -> str:
    """What a variable contains, as a noun phrase for messages."""
    if "MESSAGE" in name:
        return "the commit message"
    if "TITLE" in name:
        return "the pull request title"
    if name.endswith("_EMAIL"):
        return "the author's e-mail address"
    if name.endswith("_AVATAR"):
        return "the address of the author's picture"
    if "AUTHOR" in name:
        return "the author's name"
    return "the tag name" if "TAG" in name or "VER" in name else "the branch name"
