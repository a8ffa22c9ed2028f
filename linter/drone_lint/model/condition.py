"""Conditions (`trigger`, `when`) as Drone decodes them (drone-semantics 4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.model.lazy import lazy
from drone_lint.model.value import Value

EVENTS = ("push", "pull_request", "tag", "promote", "rollback", "cron", "custom")
"""Every event that Drone sends (harness/drone core/event.go)."""


class Condition(NamedTuple):
    """One condition after decoding: what is left of it, Drone's swallowed errors applied. Empty means: always true."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.include or self.exclude)


def decode_condition(value: Value | None) -> Condition:
    """What Drone makes of a condition's value. A malformed part is dropped silently (runner-go manifest/cond.go)."""
    if value is None:
        return Condition()
    if value.is_scalar:
        return Condition((value.text,)) if not value.is_null else Condition()
    if value.is_list:
        return Condition(_texts(value))
    return Condition(_texts(value.get("include")), _texts(value.get("exclude")))


def _texts(value: Value | None) -> tuple[str, ...]:
    if value is None or not value.is_list:
        return ()
    return tuple(item.text for item in value if item.is_scalar and not item.is_null)


class Conditions:
    """All conditions of a `trigger` or `when`."""

    def __init__(self, value: Value | None) -> None:
        self.value = value
        self._cache: dict[str, Condition] = {}

    def __getitem__(self, name: str) -> Condition:
        """The condition of a name (`branch`, `event`, ...); an empty one where there is none."""
        if name not in self._cache:
            self._cache[name] = decode_condition(self.value.get(name) if self.value is not None else None)
        return self._cache[name]

    def items(self) -> Iterator[tuple[str, Value]]:
        """Names and values as written."""
        if self.value is not None:
            yield from self.value.items()

    @lazy
    def given(self) -> frozenset[str]:
        """Names of the conditions of which something is left after decoding."""
        return frozenset(name for name, _ in self.items() if self[name])
