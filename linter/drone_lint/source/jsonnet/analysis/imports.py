"""What only the repository around a Jsonnet program tells: imports that the server cannot resolve."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from drone_lint.findings.finding import Refusal
from drone_lint.model.value import TextPlace
from drone_lint.settings import Settings
from drone_lint.source.facts import UnresolvedImport
from drone_lint.source.jsonnet.engine.session import Opened
from drone_lint.source.jsonnet.syntax.tokens import structure
from drone_lint.text.dependencies import note
from drone_lint.text.position import SourceFile

_NOT_FOUND = "no match locally or in the Jsonnet library paths"

# -- imports (harness/drone plugin/converter/jsonnet/importer.go; drone-semantics 1.1)


def server_imports(
    openings: Sequence[Sequence[Opened]], sources: Mapping[str, SourceFile], root: str | None, settings: Settings
) -> Iterator[UnresolvedImport]:
    """Imports that the server would not resolve; each file once.

    Args:
        openings: what each evaluation imported, in its order.
        sources: all files that took part, by path, the main one first.
        root: the repository's root.
        settings: what holds for the main file.
    """
    limit = settings.jsonnet.import_limit
    noted: set[str] = set()
    for opened in openings:
        for number, item in enumerate(opened, 1):
            found = _trouble(item, number, limit, _statement(item, sources)) if item.path not in noted else None
            if found is not None:
                noted.add(item.path)
                yield found
    files = {item.path: item for opened in openings for item in opened}
    for path in _uncommitted(root, next(iter(sources)), [path for path in files if path not in noted]):
        yield UnresolvedImport(_statement(files[path], sources), files[path].name, "uncommitted", limit)


def _trouble(item: Opened, number: int, limit: int, place: TextPlace) -> UnresolvedImport | None:
    """What is wrong with an import, and the server's words; none where it accepts it."""
    missing = (Refusal("server", f'RUNTIME ERROR: couldn\'t open import "{item.name}": {_NOT_FOUND}'),)
    if limit == 0:
        return UnresolvedImport(place, item.name, "absolute" if item.how == "absolute" else "no imports", limit, missing)
    if number > limit:
        return UnresolvedImport(place, item.name, "limit", limit, (Refusal("server", "jsonnet: import limit exceeded"),))
    if item.how == "jpath":
        return UnresolvedImport(place, item.name, "library path", limit, missing)
    if item.how == "own":
        return UnresolvedImport(place, item.name, "own folder", limit, missing)
    return UnresolvedImport(place, item.name, "absolute here", limit) if item.how == "absolute" else None


def _statement(item: Opened, sources: Mapping[str, SourceFile]) -> TextPlace:
    """The import of a file: in the folder that imported it first."""
    code = [path for path in sources if path != item.path and (path.endswith((".jsonnet", ".libsonnet")) or path == next(iter(sources)))]
    for path in sorted(code, key=lambda path: os.path.dirname(path) != item.base):
        for statement in structure(sources[path].text).imports:
            if statement.path == item.name:
                return TextPlace(sources[path], statement.start, statement.end)
    main = next(iter(sources.values()))
    return TextPlace(main, 0, 0)


def _uncommitted(root: str | None, main: str, paths: Sequence[str]) -> list[str]:
    """Which files git does not track; none where git is missing, or does not track the configuration itself yet."""
    if root is None or not paths or not os.path.exists(os.path.join(root, ".git")):
        return []
    import subprocess

    note(os.path.join(root, ".git", "index"))
    command = ["git", "-C", root, "-c", "core.fsmonitor=false", "ls-files", "-z", "--cached", "--", main, *paths]
    try:
        done = subprocess.run(command, capture_output=True, timeout=30, check=False)  # noqa: S603 - fixed words and paths behind `--`
    except (OSError, subprocess.TimeoutExpired):
        return []
    tracked = {os.path.normpath(os.path.join(root, os.fsdecode(name))) for name in done.stdout.split(b"\0") if name}
    return [path for path in paths if os.path.normpath(path) not in tracked] if os.path.normpath(main) in tracked else []
