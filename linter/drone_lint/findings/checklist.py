"""The Docker-in-Docker checklist: what rules know of each step that uses Docker, as frozen rows."""

from __future__ import annotations

from typing import NamedTuple

from drone_lint.findings.finding import Severity
from drone_lint.model.value import AnyPlace
from drone_lint.text.position import Span


class Row(NamedTuple):
    """One answer."""

    check: str
    """The question: `socket`, `volume`, `privilege`, `network`, `client`, `compose`, `files` or `safety`, asked in this order."""
    status: str
    """`ok`: there, or not needed; `missing`: Docker will not work without; `unknown`: cannot be known from here; `cost`: works, and is paid for in safety."""
    sentence: str
    place: AnyPlace
    """What it rests on."""
    rule: str = ""
    """The rule that says so; empty where no rule is concerned."""
    severity: Severity | None = None
    """Of that rule's finding; None where there is none."""
    span: Span | None = None
    """Where the place is, once that was looked up."""


class StepChecklist(NamedTuple):
    """The answers for one step or service."""

    pipeline: str
    step: str
    kind: str
    """`step` or `service`."""
    uses: tuple[str, ...]
    """What it uses of Docker: `docker build`, `docker-compose up`, `DOCKER_HOST`."""
    place: AnyPlace
    rows: tuple[Row, ...]
    span: Span | None = None

    @property
    def title(self) -> str:
        """For messages."""
        return f"{self.kind} `{self.step}`" if self.step else self.kind

    def worst(self, *statuses: str) -> bool:
        """Whether a row has one of these statuses."""
        return any(row.status in statuses for row in self.rows)


class Checklist(NamedTuple):
    """The checklist of one file."""

    path: str
    steps: tuple[StepChecklist, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row."""
        return tuple(row for step in self.steps for row in step.rows)


class Grouped(NamedTuple):
    """One answer that several steps share."""

    row: Row
    steps: tuple[str, ...]


def grouped(checklist: Checklist, *statuses: str) -> list[Grouped]:
    """The rows of some statuses, those that say the same of several steps put together."""
    found: dict[tuple[object, ...], tuple[Row, list[str]]] = {}
    for step in checklist.steps:
        for row in step.rows:
            if row.status in statuses:
                where = (row.span.file.path, row.span.start) if row.span is not None else None
                found.setdefault((row.check, row.sentence, row.rule, where), (row, []))[1].append(step.step)
    return [Grouped(row, tuple(dict.fromkeys(steps))) for row, steps in found.values()]
