"""Which files are Drone configurations, and where their repository ends."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from drone_lint.text.files import LARGEST, read_text, relative_path
from drone_lint.text.programs import find_program

_PROGRAMS = (".drone.jsonnet", ".drone.star", ".drone.starlark", ".drone.script")
_IN_FOLDER = (".jsonnet", ".star", ".starlark", ".script", ".yml", ".yaml")
"""What files of a folder `.drone` end with, if they are configurations."""
_VENDORED = frozenset(("vendor", "node_modules", "third_party", ".git", ".hg", ".svn", ".venv", "venv", "__pycache__"))


def repository_root(path: str) -> str | None:
    """The nearest folder at or above an absolute path that holds `.git`; None where there is none."""
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    while True:
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def is_config(relative: str) -> bool:
    """Whether a path (with forward slashes) is a Drone configuration by its name."""
    folder, _, name = relative.rpartition("/")
    if name in (".drone.yml", ".drone.yaml") or name.endswith(_PROGRAMS):
        return True
    return os.path.basename(folder) == ".drone" and name.endswith(_IN_FOLDER)


class Found(NamedTuple):
    """What a folder holds."""

    configs: tuple[str, ...]
    """Absolute paths of configurations, in order."""
    closed: tuple[tuple[str, str], ...]
    """Folders that cannot be looked into, and why."""


def configs_below(folder: str, patterns: Sequence[str] = ()) -> Found:
    """The configurations below a folder; what git ignores and vendored folders are left out."""
    closed: dict[str, str] = {}
    paths = [path for path in _walk(folder, closed) if _matches(path, folder, patterns)]
    ignored = _git_ignored(folder, [*paths, *closed])
    left = tuple(path for path in paths if path not in ignored)
    return Found(left, tuple((path, why) for path, why in closed.items() if path not in ignored))


def _matches(path: str, folder: str, patterns: Sequence[str]) -> bool:
    relative = relative_path(path, folder)
    if is_config(f"{os.path.basename(folder)}/{relative}"):
        return True
    from drone_lint.semantics.glob import matches

    return any(matches(pattern, relative) for pattern in patterns)


def _walk(folder: str, closed: dict[str, str] | None = None) -> Iterator[str]:
    """Files below a folder, links to folders not followed; folders that cannot be listed go into `closed`."""

    def note(error: OSError) -> None:
        if closed is not None and error.filename is not None:
            closed[str(error.filename)] = (error.strerror or str(error)).lower()

    for current, folders, files in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if name not in _VENDORED)
        for name in sorted(files):
            yield os.path.join(current, name)


def _git_ignored(folder: str, paths: Sequence[str]) -> set[str]:
    """Which of the paths git ignores; none where git or the repository is missing."""
    if not paths or repository_root(folder) is None:
        return set()
    import subprocess

    # a repository's own settings must not have git run a program (CVE-2022-24765 and its kin)
    program = find_program("git")
    if program is None:
        return set()
    command = [program, "-C", folder, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "check-ignore", "-z", "--stdin"]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            command, input="\0".join(paths).encode("utf-8", "surrogateescape"), capture_output=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return set()
    return {os.fsdecode(name) for name in done.stdout.split(b"\0") if name}


def importers(library: str, root: str) -> list[str]:
    """The `.drone.jsonnet` files below `root` that import a library, directly or through others, by the texts' own words."""
    graph = {path: _imports(path) for path in _walk(root) if path.endswith((".jsonnet", ".libsonnet"))}
    wanted, found = {os.path.realpath(library)}, set()
    while True:
        more = {path for path, names in graph.items() if path not in found and names & wanted}
        if not more:
            break
        found |= more
        wanted |= {os.path.realpath(path) for path in more}
    return sorted(path for path in found if is_config(path.replace(os.sep, "/")))


def _imports(path: str) -> set[str]:
    import re

    try:
        text = read_text(path, LARGEST)
    except (OSError, UnicodeDecodeError):
        return set()
    root = repository_root(path)
    names = re.findall(r"""\bimport(?:str|bin)?\s+@?['"]([^'"\n]+)['"]""", text)
    folders = [os.path.dirname(path), *([root] if root else [])]
    return {os.path.realpath(os.path.join(folder, name)) for name in names for folder in folders}
