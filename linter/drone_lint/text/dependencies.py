"""Which other files a report rests on: whoever looks at one, or finds that it is not there, notes it here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_noting: list[set[str]] = []


def note(*paths: str) -> None:
    """Note absolute paths of files or folders that were looked at, or looked for."""
    for paths_ in _noting:
        paths_.update(paths)


@contextmanager
def consulted() -> Iterator[set[str]]:
    """Gather what is noted meanwhile."""
    found: set[str] = set()
    _noting.append(found)
    try:
        yield found
    finally:
        _noting.remove(found)
