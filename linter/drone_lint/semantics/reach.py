"""For which builds can a pipeline or step run: trigger and when by Drone's own matching, whatever is unknown taken as possible.

The server evaluates `trigger`, the runner `when`; all conditions are ANDed (drone-semantics 4.10). No condition tells a fork from the
repository itself: a fork's pull request is a build of the repository, and `repo` is the repository's own name then.
"""

from __future__ import annotations

from collections.abc import Sequence

from drone_lint.model.condition import EVENTS, Condition, Conditions
from drone_lint.model.lazy import remembered
from drone_lint.model.pipeline import Pipeline
from drone_lint.model.step import Step
from drone_lint.semantics.conditions import takes
from drone_lint.semantics.glob import alternatives, is_literal, is_malformed, matches

OF_SERVER = ("event", "action", "cron", "target", "ref", "branch", "repo")
"""Conditions of a `trigger` that the server looks at; `instance`, `paths` and `matrix` it does not."""
OF_RUNNER = (*OF_SERVER, "instance")
"""Conditions of a `when` that runners look at; `paths` and `matrix` they do not."""

ACTIONS = {"pull_request": ("opened", "synchronized"), "tag": ("create",)}
"""What the server sends; every other event has none."""
_PULLS = ("refs/pull/", "refs/merge-requests/", "refs/pull-requests/")
_REFS = {
    "push": ("refs/heads/",),
    "pull_request": _PULLS,
    "tag": ("refs/tags/",),
    "cron": ("refs/heads/",),
    "custom": ("refs/heads/", "refs/tags/"),
    "promote": ("refs/heads/", "refs/tags/", *_PULLS),
    "rollback": ("refs/heads/", "refs/tags/", *_PULLS),
}
_SLASHES = {"refs/heads/": 2, "refs/tags/": 2} | dict.fromkeys(_PULLS, 3)
"""How many slashes a ref has at least: that of a pull request ends in `/head` or the like (drone-semantics 4.10)."""


def impossible(conditions: Conditions, event: str, *, of_server: bool, within: Conditions | None = None) -> str | None:
    """The name of a condition that no build of an event can meet; None where all can be met.

    Args:
        conditions: a `trigger` or `when`.
        event: the build's event.
        of_server: whether the server evaluates them (`trigger`), which does not look at `instance`.
        within: the `trigger` around a `when`: the same build must meet both.
    """
    around: frozenset[str] = within.given.intersection(OF_SERVER) if within is not None else frozenset()
    for name in OF_SERVER if of_server else OF_RUNNER:
        together = [conditions[name]] if name in conditions.given else []
        if within is not None and name in around:
            together.append(within[name])
        if together and not possible(name, event, together):
            return name
    return None


def possible(name: str, event: str, conditions: Sequence[Condition]) -> bool:
    """Whether some build of an event can meet conditions of one name."""
    if not conditions:
        return True
    values = known_values(name, event)
    if values is not None:
        return any(all(takes(one, value) for one in conditions) for value in values)
    if name == "branch" and event == "tag" and any(one.include and not _takes_tags(one) for one in conditions):
        return False
    if name == "branch" and any(one.include and all(never_matches(name, pattern) for pattern in one.include) for one in conditions):
        return False
    prefixes = _REFS[event] if name == "ref" else ("",)
    return any(_jointly(conditions, prefix) for prefix in prefixes)


def never_matches(name: str, pattern: str) -> bool:
    """Whether a pattern has a form that no build's branch, ref or action has: `refs/heads/main` as a branch, `v*` as a ref, `closed`."""
    if name == "branch":
        return pattern.startswith("refs/")
    if name == "ref":
        return not any(_overlaps(one, prefix) for one in alternatives(pattern) for prefix in _SLASHES)
    return name == "action" and bool(pattern) and not any(matches(pattern, action) for sent in ACTIONS.values() for action in ("", *sent))


def known_values(name: str, event: str) -> tuple[str, ...] | None:
    """All values that builds of an event have for a condition; None where there is no telling."""
    if name == "event":
        return (event,)
    if name == "action":
        return ACTIONS.get(event, ("",))
    if name == "cron" and event != "cron":
        return ("",)
    return ("",) if name == "target" and event not in ("promote", "rollback") else None


def _jointly(conditions: Sequence[Condition], prefix: str) -> bool:
    """Whether some value that begins with a prefix can meet all conditions."""
    for condition in conditions:
        named = literals(condition)
        if named is not None:
            return any(value.startswith(prefix) and all(takes(one, value) for one in conditions) for value in named)
    excluded = tuple(pattern for one in conditions for pattern in one.exclude)
    return all(satisfiable(Condition(one.include, excluded)) and _possible_below(one, prefix) for one in conditions)


def literals(condition: Condition) -> tuple[str, ...] | None:
    """The values that a condition includes, where it names them one by one; None for patterns, and where it takes anything."""
    found = [value for pattern in condition.include for value in alternatives(pattern)]
    return tuple(found) if found and all(is_literal(value) for value in found) else None


def satisfiable(condition: Condition) -> bool:
    """Whether some value can meet a condition: not when all that it includes is excluded."""
    if not condition.include:
        return not any(pattern == "**" for pattern in condition.exclude)
    return any(
        not is_malformed(pattern) and not any(_covers(other, pattern) for other in condition.exclude)
        for include in condition.include
        for pattern in alternatives(include)
    )


def _covers(pattern: str, other: str) -> bool:
    """Whether a pattern surely takes whatever another one does: the other's signs are looked at as the text that they are."""
    if pattern in (other, "**"):
        return True
    plain = is_literal(other) or not any(sign in pattern for sign in "?[\\")
    return plain and "**" not in other and matches(pattern, other)


def _takes_tags(branch: Condition) -> bool:
    """Whether a branch condition can be true for a tag: its branch is mostly empty or the tag's own name, by the SCM."""
    return any("*" in pattern or _looks_like_tag(pattern) for include in branch.include for pattern in alternatives(include))


def _looks_like_tag(pattern: str) -> bool:
    return (pattern[:1] == "v" and pattern[1:2].isdigit()) or pattern[:1].isdigit()


def _possible_below(condition: Condition, prefix: str) -> bool:
    """Whether a value with a prefix can meet a condition."""
    if prefix and any(pattern == prefix + "**" or pattern in ("**", "refs/**") for pattern in condition.exclude):
        return False
    return not condition.include or any(_overlaps(one, prefix) for pattern in condition.include for one in alternatives(pattern))


def _overlaps(pattern: str, prefix: str) -> bool:
    """Whether a pattern can take a ref (or, without a prefix, any value) that begins with a prefix."""
    if is_malformed(pattern) or ("**" not in pattern and "{" not in pattern and pattern.count("/") < _SLASHES.get(prefix, 0)):
        return False
    literal = pattern
    for sign in "*?[{\\":
        literal = literal.partition(sign)[0]
    if literal == pattern:
        return pattern.startswith(prefix)
    return literal.startswith(prefix) or prefix.startswith(literal)


def pipeline_events(pipeline: Pipeline) -> frozenset[str]:
    """The events for which a pipeline can run: those that its `trigger` can meet, of those for which a program makes it."""
    return _made(triggering_events(pipeline), pipeline)


@remembered
def triggering_events(pipeline: Pipeline) -> frozenset[str]:
    """The events that a pipeline's `trigger` can meet."""
    return frozenset(event for event in EVENTS if impossible(pipeline.trigger, event, of_server=True) is None)


def step_events(step: Step) -> frozenset[str]:
    """The events for which a step can run: those of its pipeline whose builds can meet its `when` as well."""
    return _made(unblocked_events(step), step.pipeline)


@remembered
def unblocked_events(step: Step) -> frozenset[str]:
    """The events that a step's `when` and its pipeline's `trigger` can meet, whether or not a program makes it for them."""
    events = triggering_events(step.pipeline)
    if step.when.value is None:
        return events
    trigger = step.pipeline.trigger
    return frozenset(event for event in events if impossible(step.when, event, of_server=False, within=trigger) is None)


def _made(events: frozenset[str], pipeline: Pipeline) -> frozenset[str]:
    """Those of some events for which a program makes a pipeline."""
    there = pipeline.document.events
    return events if there is None else events.intersection(there)


def step_values(step: Step, name: str) -> tuple[str, ...] | None:
    """All values that a condition's subject (`branch`, `ref`, ...) has where a step runs, if `trigger` or `when` names them one by one."""
    conditions = [one for one in (step.pipeline.trigger[name], step.when[name]) if one]
    for condition in conditions:
        named = literals(condition)
        if named is not None:
            return tuple(value for value in named if all(takes(one, value) for one in conditions))
    return None


def listed(events: frozenset[str]) -> str:
    """Events for messages, in Drone's order."""
    return ", ".join(f"`{event}`" for event in EVENTS if event in events)
