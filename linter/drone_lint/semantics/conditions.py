"""Conditions (`trigger`, `when`) as Drone matches them (drone-semantics 4.10)."""

from __future__ import annotations

from drone_lint.model.condition import EVENTS, Condition, Conditions
from drone_lint.semantics.glob import matches


def takes(condition: Condition, value: str) -> bool:
    """Whether a condition is true for a value: exclude wins, an empty include takes everything (runner-go manifest/cond.go)."""
    if any(matches(pattern, value) for pattern in condition.exclude):
        return False
    return not condition.include or any(matches(pattern, value) for pattern in condition.include)


def events_taken(conditions: Conditions) -> frozenset[str]:
    """The events for which the `event` condition is true."""
    return frozenset(event for event in EVENTS if takes(conditions["event"], event))
