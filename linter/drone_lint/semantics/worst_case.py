"""Values of variables that a text of `${}` is made for: a build without a tag, a branch with the name that a pattern looks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from drone_lint.semantics.substitution import Expansion

MOST = 16
"""Sets of values that are tried: each is a substitution and a parse of the text."""
_NOT_ALWAYS = (
    "DRONE_TAG",
    "DRONE_SEMVER",
    "DRONE_CALVER",
    "DRONE_PULL_REQUEST",
    "DRONE_DEPLOY",
    "DRONE_FAILED_",
    "DRONE_NETRC_",
    "DRONE_BUILD_ACTION",
    "DRONE_BUILD_PARENT",
    "DRONE_BUILD_TRIGGER",
    "DRONE_SOURCE_BRANCH",
    "DRONE_STEP_",
    "DRONE_CARD_PATH",
    "CI_",
)
"""Beginnings of names of variables that some builds, runners or versions of them do not set (drone-semantics 8.5)."""
_BY_PATTERN = ("//", "/#", "/%", "/", "##", "#", "%%", "%")


def untried(expansions: Sequence[Expansion], text: str, known: Mapping[str, str]) -> int:
    """How many values that one variable is compared with are beyond the bound, and so not tried."""
    return max(max(map(len, _wanted(expansions, text, known).values()), default=0) - (MOST - 1), 0)


def other_values(expansions: Sequence[Expansion], text: str, known: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Values to try besides the known ones, at most `MOST` sets of them.

    Args:
        expansions: every `${}` of the text.
        text: the text that they stand in.
        known: the values that were tried.
    """
    names = dict.fromkeys(one.name for one in expansions)
    unset = {name: "" for name in names if known.get(name) and name.startswith(_NOT_ALWAYS)}
    if unset:
        yield unset
    lists = _wanted(expansions, text, known)
    for number in range(min(max(map(len, lists.values()), default=0), MOST - 1)):
        yield {name: patterns[min(number, len(patterns) - 1)] for name, patterns in lists.items()}


def _wanted(expansions: Sequence[Expansion], text: str, known: Mapping[str, str]) -> dict[str, list[str]]:
    """The texts that each variable is searched for and does not have, in their order."""
    wanted: dict[str, dict[str, None]] = {}
    for one in expansions:
        pattern = pattern_of(one, text)
        if pattern and pattern not in known.get(one.name, ""):
            wanted.setdefault(one.name, {})[pattern] = None
    return {name: list(patterns) for name, patterns in wanted.items()}


def pattern_of(expansion: Expansion, text: str) -> str:
    """The literal text that an expansion looks for in its variable; empty where it looks for none, or for another variable's value."""
    if expansion.form not in _BY_PATTERN:
        return ""
    rest = text[expansion.start + 2 + len(expansion.name) + len(expansion.form) : expansion.end - 1]
    if expansion.form.startswith("/"):
        rest = _up_to_slash(rest)
    return "" if "${" in rest else rest.replace("*", "").replace("\\", "")


def _up_to_slash(text: str) -> str:
    at = 0
    while at < len(text) and text[at] != "/":
        at += 2 if text[at] == "\\" else 1
    return text[:at]
