"""`ctx` for the builds that matter: the values that Jsonnet's external variables have, with real booleans (drone-semantics 1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drone_lint.settings import Settings
from drone_lint.source.jsonnet.variables import STRANGERS, variables

_PARAMETER = "build.param."
_MORE = {"cron": "", "debug": False}
"""What Jsonnet's variables lack."""
_BRANCHES = ("branch", "target")
_COMMITS = ("after", "commit")
UNTRUSTED = STRANGERS
"""Fields in whose value people without any rights, or those who may push no more than a branch, have a say; build parameters besides."""


def context(
    settings: Settings, event: str | None, given: Mapping[str, str] = {}, data: Mapping[str, Any] = {}
) -> dict[str, dict[str, Any]]:
    """The fields of `ctx` for one build.

    Args:
        settings: what holds for the file; values for Jsonnet's external variables hold for the fields of the same name.
        event: the build's event; None: unknown, so that strings are empty.
        given: fields that have another value (`build.branch`), with everything that follows from it.
        data: the data of a template.
    """
    found = variables("", settings, event)
    cron = "nightly" if event == "cron" else ""
    groups: dict[str, dict[str, Any]] = {"repo": {}, "build": {**_MORE, "cron": cron, "params": {}}, "input": dict(data)}
    for name, value in {**found, **_following(found, given)}.items():
        _set(groups, name, value)
    groups["repo"]["config"] = groups["repo"]["config"].replace(".drone.jsonnet", ".drone.star")
    return groups


def _set(groups: dict[str, dict[str, Any]], name: str, value: str) -> None:
    group, _, field = name.partition(".")
    if name.startswith(_PARAMETER):
        groups["build"]["params"][name.removeprefix(_PARAMETER)] = value
    elif name.startswith("build.params."):
        groups["build"]["params"][name.removeprefix("build.params.")] = value
    elif group in groups:
        groups[group][field] = value == "true" if value in ("true", "false") and group == "repo" else value


def _following(ordinary: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The given fields, and those that say the same: `branch` is `target`, `commit` is `after`, and a pushed branch is in `ref`."""
    found = dict(given)
    for names in (_BRANCHES, _COMMITS):
        for name in names:
            if f"build.{name}" in given:
                found |= {f"build.{other}": given[f"build.{name}"] for other in names}
    ref = found.get("build.ref", "")
    pushed = ordinary.get("build.ref", "").startswith("refs/heads/")
    if ref.startswith("refs/heads/"):
        found |= {f"build.{name}": ref.removeprefix("refs/heads/") for name in _BRANCHES}
    elif "build.branch" in found and "build.ref" not in found and pushed:
        found["build.ref"] = "refs/heads/" + found["build.branch"]
    if "/" in given.get("repo.slug", ""):
        found["repo.namespace"], _, found["repo.name"] = given["repo.slug"].partition("/")
    return found


def is_untrusted(field: str) -> bool:
    """Whether text of untrusted contributors, or of who starts a build, can be in a field."""
    return field in UNTRUSTED or field.startswith(("build.params.", "build.author_"))


def untrusted_among(read: Iterable[str]) -> bool:
    """Whether any such field was read."""
    return any(is_untrusted(name) or name == "build.params" for name in read)
