"""What earlier runs found, kept in the user's own cache folder: a file that did not change, read under the same settings, is not linted again.

An entry is known by a digest of this installation, the settings, the paths and the content of the file, and lists every other file
that was looked at, with what it was like. Nothing in the folder is trusted: entries are data, never code, carry a checksum, and
are taken only from a folder that nobody else can write to. Whatever is wrong with one is a miss.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from drone_lint import __version__
from drone_lint.findings.finding import Confidence, Refusal, Severity, Unchecked
from drone_lint.findings.result import Diagnostic, FileReport, IgnoredBy, PlaceRecord
from drone_lint.text.files import read_file
from drone_lint.text.position import Precision, SourceFile, Span

try:  # hashlib imports OpenSSL, which takes a tenth of a small run
    from _blake2 import blake2b
except ImportError:  # pragma: no cover - other Pythons
    from hashlib import blake2b

_LARGEST = 1 << 20
"""Bytes of a file up to which it is known by its content; larger ones by size and time."""
_OLDEST = 30 * 24 * 3600
"""Seconds after which an entry that nobody wrote again is removed."""
_TIDY = 24 * 3600


def digest(*parts: bytes) -> str:
    """A name for some bytes; where one part ends and the next begins counts."""
    state = blake2b(digest_size=16)
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


class Key(NamedTuple):
    """What decides over a file's report."""

    shown: str
    """The path that the report shows."""
    absolute: str
    settings: str
    """All settings, as text."""
    data: bytes


class CacheFaultError(Exception):
    """An entry whose checksum is right and that cannot be read."""


class Cache:
    """A folder of reports."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._stamp = _bytes(_installation())
        self._wrote = False

    # -- reading

    def get(self, key: Key) -> FileReport | None:
        """The report of a file, if it is known and nothing that it rests on changed.

        Raises:
            CacheFaultError: an entry that this installation wrote cannot be read again, which is a bug of ours. Damage is a miss.
        """
        try:
            with open(self._path(key), "rb") as file:
                check, _, body = file.read().partition(b"\n")
            if check != digest(self._stamp, body).encode("ascii"):
                return None
            return _read(body, key)
        except OSError:
            return None
        except Exception as error:
            raise CacheFaultError(f"{type(error).__name__}: {error}") from error

    # -- writing

    def put(self, key: Key, report: FileReport, sources: Iterable[SourceFile], consulted: Iterable[str]) -> None:
        """Keep a report. Nothing happens where that is not possible; what could not be linted is not kept.

        Args:
            key: what it is the report of.
            report: the report.
            sources: every file whose text took part.
            consulted: absolute paths of all other files and folders that were looked at, or looked for.
        """
        if report.problems:
            return
        try:
            body = _written(key, report, sources, consulted)
            path = self._path(key)
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            partial = f"{path}.{os.getpid()}"
            with open(partial, "wb") as file:
                file.write(digest(self._stamp, body).encode("ascii") + b"\n" + body)
            os.replace(partial, path)
            self._wrote = True
        except (OSError, ValueError):
            return

    def _path(self, key: Key) -> str:
        name = digest(self._stamp, _bytes(key.shown), _bytes(key.absolute), _bytes(key.settings), key.data)
        return os.path.join(self._folder, name[:2], name[2:])

    def tidy(self) -> None:
        """Remove old entries, once a day and only after something was written."""
        if not self._wrote:
            return
        import time

        now, marker = time.time(), os.path.join(self._folder, "tidied")
        try:
            if os.path.exists(marker) and now - os.stat(marker).st_mtime < _TIDY:
                return
            with open(marker, "wb"):
                pass
            for folder, _, names in os.walk(self._folder):
                for name in names:
                    path = os.path.join(folder, name)
                    if now - os.stat(path).st_mtime > _OLDEST:
                        os.unlink(path)
        except OSError:
            return


def open_cache(folder: str) -> Cache | None:
    """The cache in a folder, which is made if need be; None where it cannot be used, or somebody else could write to it."""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        found = os.lstat(folder)
    except OSError:
        return None
    if hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or found.st_mode & 0o022):
        return None
    return Cache(folder)


def _installation() -> str:
    """This installation: its version, and what its files are like, so that an edited checkout is another one."""
    here = os.path.dirname(os.path.abspath(__file__))
    parts = [__version__]
    for folder in (here, *_rooms()):
        stack = [folder]
        while stack:
            with os.scandir(stack.pop()) as entries:
                for entry in entries:
                    if entry.is_dir():
                        if entry.name != "__pycache__":
                            stack.append(entry.path)
                    else:
                        state = entry.stat()
                        parts.append(f"{entry.name} {state.st_size} {state.st_mtime_ns}")
    return "\n".join(sorted(parts))


def _rooms() -> list[str]:
    """Folders of the rules and schemas."""
    import sys

    found = []
    for name in ("drone_lint_rules", "drone_lint_schemas"):
        for folder in sys.path:
            if os.path.isdir(os.path.join(folder, name)):
                found.append(os.path.join(folder, name))
                break
    return found


# -- what a report rests on


def fingerprint(path: str) -> str:
    """What a file or folder is like: that it is not there, its content, or the names in it."""
    try:
        if os.path.isdir(path):
            return "d" + digest(*sorted(_bytes(name) for name in os.listdir(path)))
        state = os.stat(path)
        if not os.path.isfile(path):
            return "o"  # a pipe or device: opening it may never end
        if state.st_size > _LARGEST:
            return f"F{state.st_size} {state.st_mtime_ns}"
        return "f" + digest(read_file(path, _LARGEST))
    except OSError:
        return "-"


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace").removeprefix("\ufeff")


# -- entries: JSON of nested lists, each with a tag


_RECORDS: dict[str, type[Any]] = {kind.__name__: kind for kind in (FileReport, Diagnostic, PlaceRecord, IgnoredBy, Refusal, Unchecked)}
_ENUMS: dict[str, type[Any]] = {kind.__name__: kind for kind in (Severity, Confidence, Precision)}


def _written(key: Key, report: FileReport, sources: Iterable[SourceFile], consulted: Iterable[str]) -> bytes:
    import json

    files: dict[SourceFile, int] = {}
    for source in sources:
        files.setdefault(source, len(files))
    packed = _pack(report, files)
    texts = [[source.path, digest(_bytes(source.text))] for source in files]
    needs = {os.path.abspath(source.path) for source in files} | set(consulted)
    needs.discard(key.absolute)
    return json.dumps([texts, [[path, fingerprint(path)] for path in sorted(needs)], packed], ensure_ascii=False).encode("utf-8", "strict")


def _pack(value: Any, files: dict[SourceFile, int]) -> Any:
    if isinstance(value, Span):
        number = files.setdefault(value.file, len(files))
        return ["Span", number, value.start, value.end, value.precision.value]
    kind = type(value).__name__
    if kind in _ENUMS:
        return [kind, value.value]
    if isinstance(value, Diagnostic):
        value = value._replace(fixes=())
    elif isinstance(value, PlaceRecord):
        value = value._replace(place=None)
    if isinstance(value, tuple):
        return [kind, *(_pack(item, files) for item in value)]
    return value


def _read(body: bytes, key: Key) -> FileReport | None:
    import json

    texts, needs, packed = json.loads(body)
    if any(fingerprint(path) != wanted for path, wanted in needs):
        return None
    files: list[SourceFile] = []
    for path, wanted in texts:
        text = _text(os.path.abspath(path), key)
        if digest(_bytes(text)) != wanted:
            return None
        files.append(SourceFile(path, text))
    found = _unpack(packed, files)
    return found if isinstance(found, FileReport) else None


def _text(path: str, key: Key) -> str:
    if path == key.absolute:
        return _decoded(key.data)
    return _decoded(read_file(path, 64 << 20))


def _unpack(value: Any, files: Sequence[SourceFile]) -> Any:
    if not isinstance(value, list):
        return value
    kind, *items = value
    if kind == "Span":
        number, start, end, precision = items
        return Span(files[number], start, end, Precision(precision))
    if kind in _ENUMS:
        return _ENUMS[kind](items[0])
    unpacked = [_unpack(item, files) for item in items]
    return _RECORDS[kind](*unpacked) if kind in _RECORDS else tuple(unpacked)
