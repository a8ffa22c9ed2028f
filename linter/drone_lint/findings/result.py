"""What a run found, with spans: the frozen data that reporters, ignores and baselines see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from drone_lint.findings.finding import Confidence, Fix, Problem, Refusal, Severity, Unchecked
from drone_lint.model.value import AnyPlace
from drone_lint.text.position import Span


class PlaceRecord(NamedTuple):
    """One place of a finding, in Drone's words and in the source."""

    document: int | None
    pipeline: str | None
    step: str | None
    pointer: str
    """JSON pointer inside the document; empty for a document's root or for raw text."""
    span: Span
    place: AnyPlace | None
    """None in what came from another process."""
    content: str = ""
    """Hash of the keys and the value there: what a baseline knows the place by."""
    message: str = ""
    """This place's own message (a group shows its first)."""
    related: tuple[tuple[str, Span], ...] = ()


class IgnoredBy(NamedTuple):
    """Why a finding is silent."""

    kind: str
    """`comment`, `baseline` or `configuration`."""
    reason: str = ""


class Diagnostic(NamedTuple):
    """A finding with spans: all places of one rule that share a primary span or a group."""

    rule: str
    family: str
    severity: Severity
    confidence: Confidence
    message: str
    span: Span
    places: tuple[PlaceRecord, ...]
    label: str = ""
    related: tuple[tuple[str, Span], ...] = ()
    drone: tuple[Refusal, ...] = ()
    why: str = ""
    help: str = ""
    note: str = ""
    events: tuple[str, ...] | None = None
    """The build events for which it appears; None: all that were evaluated."""
    given: tuple[tuple[str, str], ...] = ()
    """External variables with the values for which alone it appears, where a program compares them with such; empty: for ordinary ones."""
    fixes: tuple[Fix, ...] = ()
    """One for each place that has one."""
    fingerprint: str = ""
    secret: bool = False
    """Whether the span holds a secret, which no report may show."""
    ignored_by: IgnoredBy | None = None


class FileReport(NamedTuple):
    """What one file gave."""

    path: str
    documents: int = 0
    steps: int = 0
    findings: tuple[Diagnostic, ...] = ()
    ignored: tuple[Diagnostic, ...] = ()
    problems: tuple[Problem, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    """What rules could not look at (commands, where there is no shellcheck)."""
    fail_on: str = "warning"
    """The least severity that fails the run for this file, or `never`."""

    @property
    def fails(self) -> bool:
        """Whether a finding is bad enough for exit code 1."""
        if self.fail_on == "never":
            return False
        least = Severity(self.fail_on).rank
        return any(item.severity.rank >= least for item in self.findings)


class RuleInfo(NamedTuple):
    """What a reporter may say about a rule."""

    name: str
    family: str
    severity: Severity
    confidence: Confidence
    summary: str
    page: str
    profile: str = "default"
    fixable: str = ""
    references: tuple[tuple[str, str, str], ...] = ()
    """Id, title and URL of each."""


class Report(NamedTuple):
    """A whole run."""

    files: tuple[FileReport, ...]
    rules: Mapping[str, RuleInfo]
    """Every rule that ran, and every other that a finding or problem names."""
    rules_run: int = 0
    problems: tuple[Problem, ...] = ()
    """Problems of no file: a path that does not exist, a folder without configurations."""

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """Findings of all files, in order."""
        return tuple(item for file in self.files for item in file.findings)

    @property
    def ignored(self) -> tuple[Diagnostic, ...]:
        """Ignored findings of all files."""
        return tuple(item for file in self.files for item in file.ignored)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Everything that could not be linted."""
        return (*(item for file in self.files for item in file.problems), *self.problems)

    @property
    def unchecked(self) -> tuple[Unchecked, ...]:
        """What rules could not look at, summed over the files."""
        numbers: dict[tuple[str, str], int] = {}
        for file in self.files:
            for number, what, reason in file.unchecked:
                numbers[what, reason] = numbers.get((what, reason), 0) + number
        return tuple(Unchecked(number, what, reason) for (what, reason), number in numbers.items())

    def number_of(self, severity: Severity) -> int:
        """How many findings have a severity."""
        return sum(item.severity is severity for item in self.findings)
