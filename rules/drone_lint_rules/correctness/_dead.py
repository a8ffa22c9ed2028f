"""Why no build meets a condition, in words: what `never-runs` and `never-matches` share (drone-semantics 4.10)."""

from __future__ import annotations

from collections.abc import Iterable

from drone_lint.api import Condition, never_matches, satisfiable

UNTAGGED = "on most SCMs a tag has no branch"
"""Said of what is a notice only: GitHub names the branch of some tags that stand at its tip (drone-semantics 4.10)."""
_ACTIONS = "Drone sends `opened` and `synchronized` for pull requests and `create` for tags"
_REFS = {"push": "refs/heads/", "cron": "refs/heads/", "tag": "refs/tags/", "pull_request": "refs/pull/"}
_OWNERS = {
    "cron": "only `cron` builds have a `cron`",
    "target": "only `promote` and `rollback` builds have a `target`",
    "action": "only `pull_request` and `tag` builds have an `action`",
}


def cause(name: str, condition: Condition, events: Iterable[str]) -> str:
    """Why no build of some events meets a condition; empty where there is nothing more to say than that.

    Args:
        name: the condition's.
        condition: what it takes.
        events: those that it was to be met by.
    """
    if condition.include and not satisfiable(condition):
        return f"its `{name}` excludes all that it includes"
    formless = [pattern for pattern in condition.include if never_matches(name, pattern)]
    if formless and len(formless) == len(condition.include):
        return form(name, formless[0])
    if name in _OWNERS:
        return _OWNERS[name]
    if name == "branch" and set(events) <= {"tag"}:
        return UNTAGGED
    prefixes = sorted({_REFS[event] for event in events if event in _REFS}) if name == "ref" else []
    if len(prefixes) == 1 and set(events) <= set(_REFS):
        return f"the ref of such a build begins with `{prefixes[0]}`"
    return ""


def form(name: str, pattern: str) -> str:
    """What is wrong with a pattern that has a form that no build's value has."""
    if name == "branch":
        return f"`{pattern}` is a ref, and branches are compared by their bare names"
    if name == "action":
        return f"there is no action `{pattern}`: {_ACTIONS}"
    if pattern.startswith("refs/pull"):
        return f"`{pattern}` matches no ref: those of pull requests are `refs/pull/*/head`"
    return f"`{pattern}` matches no ref: refs begin with `refs/heads/`, `refs/tags/` or `refs/pull/`"


def remedy(name: str, pattern: str) -> str:
    """What to write instead of a pattern of such a form."""
    if name == "branch":
        bare = pattern.removeprefix("refs/heads/")
        return f"write `{bare}`, or `ref: [{pattern}]`" if bare != pattern else f"write `ref: [{pattern}]`"
    if name != "ref":
        return ""
    for wrong, right in (("refs/head/", "refs/heads/"), ("refs/tag/", "refs/tags/"), ("heads/", "refs/heads/"), ("tags/", "refs/tags/")):
        if pattern.startswith(wrong):
            return f"write `{right}{pattern.removeprefix(wrong)}`"
    if pattern.startswith("refs/pull"):
        return "write `refs/pull/**`"
    if pattern.startswith("refs/"):
        return "write `refs/heads/...`, `refs/tags/...` or `refs/pull/...`"
    tag = pattern[:1] == "v" or pattern[:1].isdigit()
    return f"write `refs/tags/{pattern}`" if tag else f"write `refs/heads/{pattern}`, or `refs/tags/{pattern}`"
