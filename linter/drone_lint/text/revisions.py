"""Files as git keeps them at a revision: read object by object, without a checkout, hooks, filters, or the network."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from drone_lint.text.programs import find_program

_SECONDS = 30
_MOST_ENTRIES = 200_000
_LONGEST_LISTING = 64 << 20
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never", "--no-replace-objects")
"""A repository's own settings must not have git run a program (CVE-2022-24765 and its kin)."""


class RevisionError(Exception):
    """A revision, or a file of it, that cannot be read; the text says why."""


class Entry(NamedTuple):
    """A file or symbolic link of a revision's tree."""

    path: str
    """From the root, with slashes."""
    name: str
    """Of the object with its content."""
    size: int
    is_link: bool = False


def commit_of(root: str, revision: str) -> str:
    """The commit that a revision names.

    Args:
        root: absolute path of the repository's root.
        revision: as git understands it; nothing that git could read as an option, and no range.

    Raises:
        RevisionError: there is none.
    """
    if not revision or revision.startswith("-") or not revision.isprintable() or ".." in revision:
        raise RevisionError(f"{revision!r} is not a revision")
    try:
        found = _git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"], 1000)
    except RevisionError as error:
        raise RevisionError(str(error) if "git" in str(error) else f"{revision}: no commit of this repository") from None
    name = found.decode("ascii", "replace").strip()
    if not name or any(char not in "0123456789abcdef" for char in name):
        raise RevisionError(f"{revision}: no commit of this repository")
    return name


def entries_of(root: str, commit: str) -> tuple[Entry, ...]:
    """All files and links of a commit. Submodules, and paths that lead out of the tree, are passed over.

    Raises:
        RevisionError: objects are missing, or there is too much.
    """
    listing = _git(root, ["ls-tree", "-r", "-z", "-l", "--full-tree", commit], _LONGEST_LISTING)
    records = listing.split(b"\0")
    if len(records) > _MOST_ENTRIES:
        raise RevisionError(f"{commit[:12]}: more than {_MOST_ENTRIES} files")
    return tuple(_entries(records))


def _entries(records: Sequence[bytes]) -> Iterator[Entry]:
    for record in records:
        head, tab, path = record.partition(b"\t")
        words = head.split()
        if not tab or len(words) != 4 or words[1] != b"blob":
            continue
        shown = os.fsdecode(path)
        if not words[3].isdigit():
            raise RevisionError(f"{shown}: git does not have its content")
        if all(part not in ("", ".", "..") and part.lower() != ".git" for part in shown.split("/")) and "\\" not in shown:
            yield Entry(shown, words[2].decode(), int(words[3]), words[0] == b"120000")


def contents_of(root: str, entries: Sequence[Entry]) -> Iterator[tuple[Entry, bytes]]:
    """The contents of entries, one after the other.

    Raises:
        RevisionError: an object is missing.
    """
    if not entries:
        return
    asked = "".join(f"{entry.name}\n" for entry in entries).encode()
    most = sum(entry.size + 100 for entry in entries)
    answer = _git(root, ["cat-file", "--batch"], most, asked)
    at = 0
    for entry in entries:
        end = answer.find(b"\n", at)
        words = answer[at:end].split()
        if len(words) != 3 or words[1] != b"blob" or int(words[2]) != entry.size:
            raise RevisionError(f"{entry.path}: git does not have its content")
        yield entry, answer[end + 1 : end + 1 + entry.size]
        at = end + 2 + entry.size


def _git(root: str, words: Sequence[str], most: int, asked: bytes = b"") -> bytes:
    program = find_program("git")
    if program is None:
        raise RevisionError("git is not installed")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    command = [program, "-C", root, *_SAFE, *words]
    try:
        done = subprocess.run(command, input=asked, capture_output=True, timeout=_SECONDS, check=False, env=environment)  # noqa: S603 - fixed words
    except subprocess.TimeoutExpired:
        raise RevisionError(f"git {words[0]} takes longer than {_SECONDS} s") from None
    except OSError as error:
        raise RevisionError(f"git: {error.strerror or error}") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise RevisionError(lines[-1][:300] if lines else f"{words[0]} fails")
    if len(done.stdout) > most:
        raise RevisionError(f"git {words[0]}: the answer is larger than {most} bytes")
    return done.stdout
