"""Rules whose finding is made by the loader."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Finding, Rule


class Noted(Rule):
    """A rule that reports what the loader noticed for it."""

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for note in file.noted(self.name):
            yield self.finding(note.place, note.message, drone=note.drone, related=note.related)
