"""Every rule says exactly what is expected: one generated file a rule, below `expected/`.

Examples pin rules and lines; these files pin the rest of the text report (message, severity, excerpt with its columns, `why`, `help`, Drone's words, related places)
and the titles of fixes. `pytest tests/rules --update-goldens` rewrites them; read the diff.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from drone_lint.findings.finding import Finding, Problem, Severity
from drone_lint.model.value import AnyPlace, Part, Place
from expected_output import EXPECTED, PINNED, output

_REFRESH = "refresh it with `pytest tests/rules --update-goldens`, and read the diff"


@pytest.mark.parametrize("name", PINNED)
def test_a_rule_says_exactly_what_is_expected(name: str, update_goldens: bool) -> None:
    file, text = EXPECTED / name, "\n".join(output(PINNED[name]))
    if update_goldens:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    assert file.is_file(), f"{name} is missing: {_REFRESH}"
    assert text == file.read_text(encoding="utf-8"), _REFRESH


def test_no_expected_output_is_left_over(update_goldens: bool) -> None:
    left = [path for path in EXPECTED.rglob("*") if path.is_file() and path.relative_to(EXPECTED).as_posix() not in PINNED]
    if update_goldens:
        for path in left:
            path.unlink()
        left = []
    assert left == [], "delete it, or refresh with `pytest tests/rules --update-goldens`"


# -- what people would notice, the files notice

_NEIGHBOUR = {"error": Severity.WARNING, "warning": Severity.ERROR, "notice": Severity.INFO, "info": Severity.NOTICE}


def _exchanged(place: AnyPlace) -> AnyPlace:
    """The key in place of the value, or the value in place of the key; other places (items of lists, ranges, text) stay."""
    if not isinstance(place, Place) or place.range or place.at or not place.path or not isinstance(place.path[-1], str):
        return place
    return place._replace(part=Part.VALUE if place.part is Part.KEY else Part.KEY)


class Mutation(NamedTuple):
    """A change of one field of every finding, and of every problem that has the field."""

    field: str
    change: Callable[[Any], Any]
    least: int
    """How many rules it changes at least: a mutation that changes nothing would be noticed by nobody."""


_MUTATIONS = {
    "a prefix before every message": Mutation("message", lambda message: f"x {message}", 100),
    "every severity swapped with its neighbour": Mutation("severity", lambda severity: _NEIGHBOUR[severity.value], 90),
    "keys exchanged with values": Mutation("place", _exchanged, 50),
    "every `why` removed": Mutation("why", lambda _: "", 90),
    "every `help` removed": Mutation("help", lambda _: "", 80),
    "every related place removed": Mutation("related", lambda _: (), 15),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", _MUTATIONS)
def test_the_files_of_all_rules_that_it_changes_fail_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    changed: set[str] = set()
    field, change, least = _MUTATIONS[name]
    for kind in (Finding, Problem):
        monkeypatch.setattr(kind, "__new__", _mutating(kind.__new__, field, change, changed))
    noticed = {rule.name for file, rule in PINNED.items() if "\n".join(output(rule)) != (EXPECTED / file).read_text(encoding="utf-8")}
    assert changed & {rule.name for rule in PINNED.values()} <= noticed
    assert len(noticed) >= least


def _mutating(make: Callable[..., Any], field: str, change: Callable[[Any], Any], changed: set[str]) -> Callable[..., Any]:
    def mutated(cls: type, *values: object, **fields: object) -> Any:
        made = make(cls, *values, **fields)
        other = made._replace(**{field: change(getattr(made, field))}) if hasattr(made, field) else made
        if other != made:
            changed.add(made.rule)
        return other

    return mutated
