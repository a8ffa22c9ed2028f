"""For which builds can a pipeline or step run: trigger and when by Drone's own matching, whatever is unknown taken as possible.

The server evaluates `trigger`, the runner `when`; all conditions are ANDed (drone-semantics 4.10).
"""

from __future__ import annotations

from drone_lint.model.condition import EVENTS, Condition, Conditions
from drone_lint.model.glob import is_malformed, matches
from drone_lint.model.pipeline import Pipeline
from drone_lint.model.step import Step

_ACTIONS = {"pull_request": ("opened", "synchronized"), "tag": ("create",)}
"""What the server sends; every other event has none."""
_REFS = {
    "push": ("refs/heads/",),
    "pull_request": ("refs/pull/", "refs/merge-requests/", "refs/pull-requests/", "refs/heads/"),
    "tag": ("refs/tags/",),
    "cron": ("refs/heads/",),
    "custom": ("refs/heads/", "refs/tags/"),
    "promote": ("refs/heads/", "refs/tags/", "refs/pull/"),
    "rollback": ("refs/heads/", "refs/tags/", "refs/pull/"),
}


def impossible(conditions: Conditions, event: str, *, of_server: bool) -> str | None:
    """The name of a condition that no build of an event can meet; None where all can be met.

    Args:
        conditions: a `trigger` or `when`.
        event: the build's event.
        of_server: whether the server evaluates them (`trigger`), which does not look at `instance`.
    """
    if not conditions["event"].match(event):
        return "event"
    if not any(conditions["action"].match(action) for action in _ACTIONS.get(event, ("",))):
        return "action"
    if event != "cron" and not conditions["cron"].match(""):
        return "cron"
    if event not in ("promote", "rollback") and not conditions["target"].match(""):
        return "target"
    if not any(_possible_below(conditions["ref"], prefix) for prefix in _REFS[event]):
        return "ref"
    if conditions.events <= {"tag"} and conditions["branch"].include and not _takes_tags(conditions["branch"]):
        return "branch"
    names = ("branch", "repo", "cron", "target", "ref") if of_server else ("branch", "repo", "cron", "target", "ref", "instance")
    return next((name for name in names if not satisfiable(conditions[name])), None)


def satisfiable(condition: Condition) -> bool:
    """Whether some value can meet a condition: not when all that it includes is excluded."""
    if not condition.include:
        return not any(pattern == "**" for pattern in condition.exclude)
    return any(
        not is_malformed(pattern) and pattern not in condition.exclude and not any(matches(other, pattern) for other in condition.exclude)
        for pattern in condition.include
    )


def _takes_tags(branch: Condition) -> bool:
    """Whether a branch condition can be true for a tag: its branch is mostly empty or the tag's own name, by the SCM."""
    return any(pattern in ("*", "**") or "*" in pattern or _looks_like_tag(pattern) for pattern in branch.include)


def _looks_like_tag(pattern: str) -> bool:
    return (pattern[:1] == "v" and pattern[1:2].isdigit()) or pattern[:1].isdigit() or pattern.startswith("refs/tags")


def _possible_below(condition: Condition, prefix: str) -> bool:
    """Whether a ref with a prefix can meet a condition."""
    if any(pattern == prefix + "**" or pattern in ("**", "refs/**") for pattern in condition.exclude):
        return False
    return not condition.include or any(_overlaps(pattern, prefix) for pattern in condition.include)


def _overlaps(pattern: str, prefix: str) -> bool:
    if is_malformed(pattern):
        return False
    literal = pattern
    for sign in "*?[{\\":
        literal = literal.partition(sign)[0]
    if literal == pattern:
        return pattern.startswith(prefix)
    return literal.startswith(prefix) or prefix.startswith(literal)


def pipeline_events(pipeline: Pipeline) -> frozenset[str]:
    """The events for which a pipeline can run."""
    return frozenset(event for event in EVENTS if impossible(pipeline.trigger, event, of_server=True) is None)


def step_events(step: Step) -> frozenset[str]:
    """The events for which a step can run: those of its pipeline that its `when` can meet as well."""
    return frozenset(event for event in pipeline_events(step.pipeline) if impossible(step.when, event, of_server=False) is None)
