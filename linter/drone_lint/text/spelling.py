"""What a misspelt name most likely means."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, choices: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The choice that is written most like `name`; None where none is alike."""
    from difflib import get_close_matches

    known = list(choices)
    folded = {choice.lower().replace("-", "_"): choice for choice in reversed(known)}
    found = get_close_matches(name.lower().replace("-", "_"), list(folded), n=1, cutoff=cutoff)
    return folded[found[0]] if found else None


def did_you_mean(name: str, choices: Iterable[str], cutoff: float = 0.6) -> str:
    """`; did you mean ...?` for the end of a message; empty where nothing is alike."""
    guess = nearest(name, choices, cutoff)
    return f"; did you mean `{guess}`?" if guess is not None else ""
