"""One build as far as it is known, and whether it meets conditions: yes, no, or nobody can tell (drone-semantics 4.10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from drone_lint.model.condition import Condition, Conditions
from drone_lint.semantics.conditions import takes
from drone_lint.semantics.glob import matches
from drone_lint.semantics.reach import OF_RUNNER, OF_SERVER, known_values, possible

YES, MAYBE, NO = "yes", "maybe", "no"
KNOWN = ("branch", "ref", "repo", "target", "cron", "action", "instance")
"""What may be known of a build besides its event: fields of `Build`, and options of `drone-lint plan`."""
_BY_BRANCH = ("push", "cron", "custom")
"""Events whose ref is that of their branch."""


@dataclass(frozen=True)
class Build:
    """A build. What is None is not known."""

    event: str
    branch: str | None = None
    """The branch that conditions look at: for a pull request the one that it is to be merged into."""
    ref: str | None = None
    repo: str | None = None
    target: str | None = None
    cron: str | None = None
    action: str | None = None
    instance: str | None = None

    def values(self, name: str) -> tuple[str, ...] | None:
        """What a condition's subject can be: one value where it is known, several, or None where there is no telling."""
        given: str | None = getattr(self, name)
        if given is not None:
            return (given,)
        if name == "ref" and self.branch is not None and self.event in _BY_BRANCH:
            return (f"refs/heads/{self.branch}",)
        if name == "branch" and self.ref is not None and self.ref.startswith("refs/heads/"):
            return (self.ref.removeprefix("refs/heads/"),)
        return known_values(name, self.event)


class Verdict(NamedTuple):
    """Whether something runs, with the conditions that say no or that nobody can tell."""

    runs: str
    """`yes`, `maybe` or `no`."""
    reasons: tuple[str, ...] = ()


RUNS = Verdict(YES)


def judge(conditions: Conditions, build: Build, *, within: Conditions | None = None) -> Verdict:
    """Whether a build meets a `trigger`, or (with the `trigger` around it as `within`) a `when`."""
    names = OF_SERVER if within is None else OF_RUNNER
    found = [(name, *_look(name, conditions[name], build, within)) for name in names if conditions[name]]
    for answer in (NO, MAYBE):
        reasons = tuple(reason for _, one, reason in found if one == answer)
        if reasons:
            return Verdict(answer, reasons)
    return RUNS


def _look(name: str, condition: Condition, build: Build, within: Conditions | None) -> tuple[str, str]:
    if within is not None and any("${" in pattern for pattern in (*condition.include, *condition.exclude)):
        return MAYBE, f"`{name}` depends on a `${{}}`"
    values = build.values(name)
    if values is None:
        together = [condition, *([within[name]] if within is not None and name in OF_SERVER and within[name] else [])]
        if possible(name, build.event, together):
            return MAYBE, f"`{name}` is not known, wants {_wants(condition)}"
        return NO, f"`{name}`: no {build.event} build has {_wants(condition)}"
    taken = [value for value in values if takes(condition, value)]
    if len(taken) == len(values):
        return YES, ""
    if taken:
        return MAYBE, f"`{name}` may be {_any(values)}, wants {_wants(condition)}"
    excluded = next((pattern for pattern in condition.exclude if matches(pattern, values[0])), None)
    if excluded is not None:
        return NO, f"`{name}` is {_any(values)}, which is excluded" + (f" by `{excluded}`" if excluded not in values else "")
    return NO, f"`{name}` is {_any(values)}, wants {_wants(condition)}"


def _wants(condition: Condition) -> str:
    if not condition.exclude:
        return _any(condition.include)
    return (f"{_any(condition.include)} but not " if condition.include else "any but ") + _any(condition.exclude)


def _any(values: Sequence[str]) -> str:
    return " or ".join(_quoted(values))


def _quoted(values: Sequence[str]) -> Iterator[str]:
    yield from (f"`{value}`" if value else "empty" for value in values[:4])
    if len(values) > 4:
        yield f"{len(values) - 4} more"
