"""Programs and the YAML beside them that can be their output: by names alone."""

from __future__ import annotations

import os

PROGRAMS = (".jsonnet", ".star", ".starlark", ".script")
"""How files end whose output can be committed as `.drone.yml`, the more usual ones first."""


def generated_file(absolute: str) -> str | None:
    """The YAML file beside a `.drone.jsonnet` or `.drone.star` that could be its output; None where there is none."""
    stem, ending = os.path.splitext(absolute)
    beside = stem + ".yml"
    there = ending in PROGRAMS and stem.endswith(".drone") and os.path.isfile(beside) and not os.path.islink(beside)
    return beside if there else None


def program_beside(absolute: str) -> str | None:
    """The program beside a `.drone.yml` that could have it as its output; None where there is none. A link is none: it may lead anywhere."""
    if not absolute.endswith(".drone.yml"):
        return None
    paths = (absolute.removesuffix(".yml") + ending for ending in PROGRAMS)
    return next((path for path in paths if os.path.isfile(path) and not os.path.islink(path)), None)
