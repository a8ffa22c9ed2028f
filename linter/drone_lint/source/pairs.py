"""Names of programs and of the YAML that is generated from them: which of the two Drone reads is a setting of the repository."""

from __future__ import annotations

import os
from collections.abc import Iterator

PROGRAMS = (".jsonnet", ".star", ".starlark", ".script")
"""How files end whose output can be committed as YAML, the more usual ones first."""
_YAML = (".yml", ".yaml")


def generated_file(program: str) -> str | None:
    """The YAML that could be the output of a program, by its absolute path; None where there is none. A link is none: it may lead anywhere."""
    return next((path for path in generated_names(program) if _is_file(path)), None)


def program_beside(yaml: str) -> str | None:
    """The program that could have some YAML as its output, by its absolute path; None where there is none."""
    if not yaml.endswith(_YAML):
        return None
    return next((path for path in _programs(yaml) if _is_file(path) and generated_file(path) == yaml), None)


def generated_names(program: str) -> Iterator[str]:
    """Paths at which the output of a program is looked for, the likeliest first.

    `.drone.jsonnet` and all that end so, `drone.jsonnet`, and programs in a folder `.drone`; that of `.drone/drone.jsonnet` may stand above.
    """
    folder, name = os.path.split(program)
    stem, ending = os.path.splitext(name)
    inside = os.path.basename(folder) == ".drone"
    if ending not in PROGRAMS or not (inside or stem == "drone" or stem.endswith(".drone")):
        return
    folders = [folder, *([os.path.dirname(folder)] if inside and stem in ("drone", ".drone") else [])]
    stems = [".drone", "drone"] if stem == "drone" else [stem]
    for one in folders:
        own = [stem, *(other for other in stems if other != stem)] if one == folder and inside else stems
        yield from (os.path.join(one, other + ending) for ending in _YAML for other in own)


def _programs(yaml: str) -> Iterator[str]:
    folder, name = os.path.split(yaml)
    stem = os.path.splitext(name)[0]
    stems = [os.path.join(folder, stem)]
    if stem in ("drone", ".drone"):
        stems += [os.path.join(folder, "drone"), os.path.join(folder, ".drone", "drone"), os.path.join(folder, ".drone", ".drone")]
    yield from (one + ending for one in stems for ending in PROGRAMS)


def _is_file(path: str) -> bool:
    return os.path.isfile(path) and not os.path.islink(path)
