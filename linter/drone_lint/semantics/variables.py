"""Drone's own `${}` variables and the values they have here."""

from __future__ import annotations

import os
from functools import lru_cache

from drone_lint.semantics.substitution import SubstitutionError, lookup_in, substitute
from drone_lint.settings import Settings


@lru_cache(maxsize=1)
def ordinary() -> dict[str, str]:
    """Every variable that a runner sets, with an ordinary value."""
    with open(os.path.join(os.path.dirname(__file__), "variables.txt"), encoding="utf-8") as file:
        rows = (line.rstrip("\n").partition(" ") for line in file if not line.startswith("#"))
        return {name: value for name, _, value in rows if name}


def values(settings: Settings) -> dict[str, str]:
    """The variables for a run: Drone's own (none under the drone profile), then what was given."""
    known = {} if settings.profile == "drone" else ordinary()
    return {**known, **settings.substitution.env}


def known(settings: Settings) -> frozenset[str]:
    """The names that Drone substitutes: its own, and those that the settings add."""
    return frozenset((*ordinary(), *settings.substitution.variables, *settings.substitution.env))


def runner_text(text: str, settings: Settings) -> str:
    """What a runner makes of the `${}` in one value's text; the text itself where that cannot be done.

    Unlike the runner's view of a file, this is there too when substitution breaks the document around it.
    """
    if "${" not in text:
        return text
    try:
        return substitute(text, lookup_in(values(settings))).text
    except SubstitutionError:
        return text
