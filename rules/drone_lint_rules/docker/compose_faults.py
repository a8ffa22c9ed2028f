"""What is wrong with the compose files of a command, as data."""

from __future__ import annotations

from typing import NamedTuple

from drone_lint.api import AnyPlace


class ComposeFault(NamedTuple):
    """One thing that is wrong, with its place."""

    kind: str
    """`yaml`, `schema`, `reference`, `circle`, `conflict`, `port` (Compose refuses the files), `variable` (one
    must have a value and has none), `file` (something is not in the repository), `taken` (Docker refuses to start a container)."""
    place: AnyPlace
    message: str
    help: str
    related: tuple[tuple[str, AnyPlace], ...] = ()
    path: str = ""
    """For `file`: what is missing, relative to the repository's root."""
