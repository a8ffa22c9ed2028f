"""Other files of the repository that a configuration names: whether they exist, and what is in them. Nothing outside the repository is read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, NamedTuple

from drone_lint.model.document import Document
from drone_lint.model.value import TextPlace
from drone_lint.text import files as reading
from drone_lint.text.dependencies import note
from drone_lint.text.files import is_below, shown_path
from drone_lint.text.position import SourceFile

_LARGEST = 1 << 20
"""Bytes; what people write is smaller."""
_MOST_ENTRIES = 20_000
"""Of folders that are looked through for files."""
_COPIED = frozenset(("vendor", "node_modules", "third_party", "target", "dist", "site-packages", "bower_components", "venv"))
"""Folders with what others wrote, or what was built."""
_CONFIGS = (".yml", ".yaml", ".json", ".jsonnet", ".libsonnet", ".jsonl")


class Duplicate(NamedTuple):
    """A key that is written a second time in the same mapping."""

    key: str
    place: TextPlace
    first: TextPlace


class OtherYaml(NamedTuple):
    """A YAML file of the repository that Drone does not read: keys and documents count as the YAML specification says."""

    source: SourceFile
    documents: tuple[Document, ...]
    error: str = ""
    """Why it, or a document of it, could not be read."""
    at: int = 0
    """Where."""
    repeated: tuple[Duplicate, ...] = ()
    """Keys that most programs refuse, because they are there already."""


class Surroundings:
    """The files around a configuration, by paths relative to the repository's root.

    A configuration that lies deeper may belong to a smaller repository that was copied in (an example, a template): paths
    are looked up beside it, too. Links that lead out of the repository are followed nowhere.
    """

    def __init__(self, root: str | None, config: str) -> None:
        """Look around.

        Args:
            root: absolute path of the repository's root; None when there is no repository.
            config: path of the configuration, absolute or relative to the working directory; it need not exist.
        """
        top = os.path.realpath(root) if root is not None else None
        self._folders = [top] if top is not None else []
        beside = os.path.dirname(os.path.abspath(config))
        is_root = root is None and os.path.basename(config).startswith(".drone.") and os.path.isfile(config)
        if is_root or (top is not None and beside != top and is_below(os.path.realpath(beside), top)):
            self._folders.append(os.path.realpath(beside))
        self._read: dict[str, SourceFile | None] = {}
        self._exists: dict[str, bool | None] = {}
        self.memo: dict[object, Any] = {}
        """What has been worked out about the files for one rule, for the next."""

    @property
    def is_repository(self) -> bool:
        """Whether there is a repository to look into, so that a file which is not there is missing."""
        return any(os.path.exists(os.path.join(folder, ".git")) for folder in self._folders) or self.has_content

    @property
    def has_content(self) -> bool:
        """Whether there is more of a repository than its configurations."""
        return any(_has_content(folder) for folder in self._folders)

    def exists(self, path: str) -> bool | None:
        """Whether a file or folder is there; None where that cannot be said, because it is not inside the repository."""
        if path not in self._exists:
            self._exists[path] = self._look(path)
        return self._exists[path]

    def _look(self, path: str) -> bool | None:
        found = [inside(folder, path) for folder in self._folders]
        if any(full is not None and os.path.exists(full) for full in found):
            return True
        return None if not found or None in found else False

    def is_folder(self, path: str) -> bool:
        """Whether a folder of this name is there."""
        return any(full is not None and os.path.isdir(full) for full in (inside(folder, path) for folder in self._folders))

    def names_in(self, path: str) -> tuple[str, ...]:
        """The names of files and folders in a folder, sorted; none where there is no such folder, and at most a thousand."""
        names: set[str] = set()
        for folder in self._folders:
            full = inside(folder, path)
            if full is not None:
                try:
                    with os.scandir(full) as entries:
                        names.update(entry.name for entry, _ in zip(entries, range(1000)))  # noqa: B905 - ends with the shorter
                except OSError:
                    continue
        return tuple(sorted(names))

    def first(self, paths: Iterable[str]) -> str | None:
        """The first of several paths that exists."""
        return next((path for path in paths if self.exists(path)), None)

    def read(self, path: str) -> SourceFile | None:
        """A text file, the same object each time; None when there is none, or it is no text, or too large to be one that people write."""
        if path not in self._read:
            self._read[path] = self._text(path)
        return self._read[path]

    def _text(self, path: str) -> SourceFile | None:
        for folder in self._folders:
            full = _readable(folder, path)
            if full is not None:
                try:
                    with open(full, "rb") as file:
                        return SourceFile(shown_path(full), file.read().decode("utf-8-sig"))
                except (OSError, UnicodeDecodeError):
                    return None
        return None

    def files(self, folder: str, endings: tuple[str, ...], *, below: bool = True, most: int = 400) -> tuple[str, ...]:
        """Paths of the files of a folder whose names have one of these endings, sorted, at most so many.

        Dependencies that are copied in (`vendor`, `node_modules` and the like), hidden folders and links are passed over.

        Args:
            folder: relative to the repository's root; empty for the root.
            endings: of the names.
            below: whether folders in it count, too.
            most: how many at most.
        """
        key = ("files", folder, endings, below, most)
        if key not in self.memo:
            tops = (full for one in self._folders if (full := inside(one, folder)) is not None and os.path.isdir(full))
            found_in = (self._walk(top, folder, endings, below, most) for top in tops)
            self.memo[key] = tuple(sorted(next(filter(None, found_in), [])))
        found: tuple[str, ...] = self.memo[key]
        return found

    def _walk(self, top: str, folder: str, endings: tuple[str, ...], below: bool, most: int) -> list[str]:
        found: list[str] = []
        waiting = [(top, folder)]
        entries = 0
        while waiting and len(found) < most and entries < _MOST_ENTRIES:
            full, shown = waiting.pop()
            note(full)
            try:
                with os.scandir(full) as listing:
                    inner = sorted(listing, key=lambda one: one.name)
            except OSError:
                continue
            entries += len(inner)
            for entry in inner:
                path = f"{shown}/{entry.name}" if shown else entry.name
                if entry.is_file(follow_symlinks=False) and entry.name.endswith(endings):
                    found.append(path)
                elif below and entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".") and entry.name not in _COPIED:
                    waiting.append((entry.path, path))
        return found[:most]

    def read_yaml(self, path: str) -> OtherYaml | None:
        """A YAML file; None when there is none."""
        for folder in self._folders:
            found = read_yaml(folder, path)
            if found is not None:
                return found
        return None


def inside(root: str, path: str) -> str | None:
    """The absolute path of a file or folder named relative to the root; None when it leads out of the repository, links included."""
    full = reading.inside(root, path)
    if full is not None:
        note(full)
    return full


def _has_content(folder: str) -> bool:
    note(folder)
    try:
        with os.scandir(folder) as entries:
            return any(not one.name.startswith(".") and not one.name.endswith(_CONFIGS) for one in entries)
    except OSError:
        return False


def _readable(root: str, path: str) -> str | None:
    full = inside(root, path)
    if full is None or not os.path.isfile(full) or os.path.getsize(full) > _LARGEST:
        return None
    return full


def read_yaml(root: str, path: str) -> OtherYaml | None:
    """Read a YAML file of the repository; None when there is none, or it is too large to be one that people write."""
    full = _readable(root, path)
    if full is None:
        return None
    shown = shown_path(full)
    try:
        with open(full, "rb") as file:
            source = SourceFile(shown, file.read().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        return OtherYaml(SourceFile(shown, ""), (), f"cannot be read: {error}")
    from drone_lint.source.yaml.decoder import decode_plain
    from drone_lint.source.yaml.locator import NodeLocator

    found = decode_plain(source.text)
    documents = tuple(Document(number, root, NodeLocator(source, root), source) for number, root in enumerate(found.documents))
    repeated = tuple(Duplicate(one.key, TextPlace(source, one.start, one.end), TextPlace(source, *one.other)) for one in found.remarks)
    if found.error is None:
        return OtherYaml(source, documents, repeated=repeated)
    return OtherYaml(source, documents, found.error.message, min(found.error.at, len(source.text)), repeated)
