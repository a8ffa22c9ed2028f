"""Other files of the repository that a configuration names: whether they exist, and YAML in them. Nothing outside the repository is read."""

from __future__ import annotations

import os
from typing import NamedTuple

from drone_lint.model.document import Document
from drone_lint.source.decode import decode
from drone_lint.source.locate import NodeLocator
from drone_lint.source.position import SourceFile

_LARGEST = 1 << 20


class OtherYaml(NamedTuple):
    """A YAML file of the repository."""

    source: SourceFile
    documents: tuple[Document, ...]
    error: str = ""
    """Why it, or a document of it, could not be read."""
    at: int = 0
    """Where."""


def inside(root: str, path: str) -> str | None:
    """The absolute path of a file or folder named relative to the root; None when it leads out of the repository, links included."""
    full = os.path.realpath(os.path.join(root, path))
    top = os.path.realpath(root)
    return full if full == top or full.startswith(top + os.sep) else None


def is_checkout(root: str) -> bool:
    """Whether a folder holds more of a repository than its configurations: otherwise nothing can be said of files that are missing."""
    try:
        with os.scandir(root) as entries:
            return any(one.name == ".git" or (not one.name.startswith(".") and not one.name.endswith(_CONFIGS)) for one in entries)
    except OSError:
        return False


_CONFIGS = (".yml", ".yaml", ".json", ".jsonnet", ".libsonnet", ".jsonl")


def read_yaml(root: str, path: str) -> OtherYaml | None:
    """Read a YAML file of the repository; None when there is none, or it is too large to be one that people write."""
    full = inside(root, path)
    if full is None or not os.path.isfile(full) or os.path.getsize(full) > _LARGEST:
        return None
    shown = os.path.relpath(full)
    shown = (full if shown.startswith("..") else shown).replace(os.sep, "/")
    try:
        with open(full, "rb") as file:
            data = file.read()
        source = SourceFile(shown, data.decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        return OtherYaml(SourceFile(shown, ""), (), f"cannot be read: {error}")
    found = decode(source.text)
    documents = tuple(Document(number, one.root, NodeLocator(source, one.root), source) for number, one in enumerate(found.decoded))
    if found.failures:
        failure = found.failures[0][0]
        return OtherYaml(source, documents, failure.message, min(failure.at, len(source.text)))
    return OtherYaml(source, documents)
