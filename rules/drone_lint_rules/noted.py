"""Rules whose findings the loader notices while it reads a file."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Confidence, ConfigFile, Finding, Fix, Note, Rule, Severity, Trigger


class Noted(Rule):
    """A rule that reports what the loader noticed for it."""

    trigger = Trigger(noted=True)

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for note in file.noted(self.name):
            if note.deliberate:
                yield self.finding(note.place, note.message, severity=Severity.NOTICE, confidence=Confidence.MEDIUM, group="deliberate")
            else:
                severity = Severity.WARNING if note.mild else None
                yield self.finding(note.place, note.message, severity=severity, drone=note.drone, related=note.related, fix=self.fix(note))

    def fix(self, note: Note) -> Fix | None:
        """The fix that removes the cause; None, unless a rule overrides this."""
        return None
