"""The baseline: findings that were there before, by content and not by line, so that a run fails only on what is new."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from drone_lint.config.load import ConfigError
from drone_lint.findings.result import Diagnostic, FileReport, IgnoredBy, PlaceRecord
from drone_lint.report.wording import json_text
from drone_lint.text.files import read_text, relative_path

DEFAULT = ".drone-lint-baseline.json"
_LARGEST = 64 << 20


class Entry(NamedTuple):
    """One place of a finding. Paths are relative to the baseline's folder."""

    file: str
    rule: str
    pipeline: str
    step: str
    value: str
    """Hash of what stands there."""


def entry(item: Diagnostic, place: PlaceRecord, file: str) -> Entry:
    """The entry of a finding's place."""
    return Entry(file, item.rule, place.pipeline or "", place.step or "", place.content)


def relative(path: str, baseline: str) -> str:
    """A file's path as the baseline names it."""
    return relative_path(os.path.abspath(path), os.path.dirname(os.path.abspath(baseline)))


def read(path: str) -> Counter[Entry]:
    """A baseline's entries with their numbers.

    Raises:
        ConfigError: it cannot be read, or is no baseline.
    """
    try:
        data = json.loads(read_text(path, _LARGEST))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; `drone-lint baseline write` creates one") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not a valid baseline: {error}") from error
    if not isinstance(data, dict) or data.get("version") != 1 or not isinstance(data.get("findings"), list):
        raise ConfigError(f"{path}: not a baseline of version 1")
    return Counter(dict(_entries(path, data["findings"])))


def _entries(path: str, rows: Sequence[Any]) -> Iterator[tuple[Entry, int]]:
    for number, row in enumerate(rows):
        names = Entry._fields
        if (
            not isinstance(row, dict)
            or not all(isinstance(row.get(name), str) for name in names)
            or not isinstance(row.get("count", 1), int)
        ):
            raise ConfigError(f"{path}: entry {number + 1} of `findings` is not a valid entry")
        yield Entry(*(row[name] for name in names)), row.get("count", 1)


def text(entries: Counter[Entry]) -> str:
    """The file's text: one line an entry, in order, so that differences are small."""
    rows = []
    for one in sorted(entry for entry, number in entries.items() if number > 0):
        row: dict[str, Any] = one._asdict()
        if entries[one] > 1:
            row["count"] = entries[one]
        rows.append("  " + json_text(row, None).rstrip("\n"))
    return '{"version": 1, "findings": [\n' + ",\n".join(rows) + "\n]}\n"


def of_reports(files: Iterable[FileReport], baseline: str) -> Counter[Entry]:
    """Everything that was found, as a baseline."""
    return Counter(entry(item, place, relative(file.path, baseline)) for file in files for item in file.findings for place in item.places)


def apply(file: FileReport, entries: Counter[Entry], baseline: str) -> tuple[FileReport, list[Entry]]:
    """A file's report without what the baseline has, and the entries of the file that match nothing any more."""
    name = relative(file.path, baseline)
    left = Counter({one: number for one, number in entries.items() if one.file == name})
    kept: list[Diagnostic] = []
    ignored = list(file.ignored)
    for item in file.findings:
        places = [place for place in item.places if not _take(left, entry(item, place, name))]
        if not places:
            ignored.append(item._replace(ignored_by=IgnoredBy("baseline", "recorded in the baseline")))
        elif len(places) == len(item.places):
            kept.append(item)
        else:
            kept.append(item._replace(places=tuple(places), span=places[0].span, message=places[0].message, related=places[0].related))
    stale = [one for one, number in left.items() if number > 0] if not file.problems else []
    return file._replace(findings=tuple(kept), ignored=tuple(ignored)), stale


def _take(left: Counter[Entry], one: Entry) -> bool:
    if left[one] <= 0:
        return False
    left[one] -= 1
    return True
