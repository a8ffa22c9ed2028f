"""The Docker-in-Docker checklist: what is known of each step that uses Docker, as frozen rows."""

from __future__ import annotations

from typing import Literal, NamedTuple

from drone_lint.findings.finding import Severity
from drone_lint.model.value import AnyPlace
from drone_lint.text.position import Span

Check = Literal["daemon", "privilege", "network", "client", "compose", "files", "safety"]
Status = Literal["ok", "missing", "unknown", "risk"]
CHECKS: tuple[Check, ...] = ("daemon", "privilege", "network", "client", "compose", "files", "safety")
"""The questions, in the order in which they are asked."""
STATUSES: tuple[Status, ...] = ("missing", "unknown", "risk", "ok")
"""The answers, the worst first."""


class Row(NamedTuple):
    """One answer."""

    check: Check
    status: Status
    """`ok`: there, or not needed, and looked at; `missing`: Docker will not work without; `unknown`: cannot be known from the files;
    `risk`: works, and is paid for in safety, or in what other builds suffer."""
    sentence: str
    place: AnyPlace
    """What it rests on."""
    rule: str = ""
    """The rule that says so; empty where no rule is concerned."""
    remedy: str = ""
    """What to write instead."""
    ask: str = ""
    """A command that settles what is unknown."""
    related: tuple[tuple[str, AnyPlace], ...] = ()
    """How it comes about: calls, mounts."""
    severity: Severity | None = None
    """Of the rule's finding, as settings and options have it; None where there is no finding, or it is ignored."""
    ignored: str = ""
    """Why the rule's finding is silent: a comment's reason, or that the configuration allows it."""
    span: Span | None = None
    """Where the place is, once that was looked up."""
    spans: tuple[tuple[str, Span], ...] = ()
    """The same for what is related."""


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

    def answer(self, check: Check) -> Status | None:
        """The worst answer to a question; None where it was not asked."""
        found = {row.status for row in self.rows if row.check == check}
        return next((status for status in STATUSES if status in found), None)

    def worst(self, *statuses: Status) -> bool:
        """Whether a row has one of these statuses."""
        return any(row.status in statuses for row in self.rows)


class Probe(NamedTuple):
    """A check for a script that runs inside a step."""

    kind: Literal["client", "daemon", "plugin", "compose", "run", "build", "compose-file", "dockerfile", "bind", "name", "port"]
    subject: str = ""
    """A file, a name, a port."""
    context: str = ""
    """The build context of a Dockerfile; the program for a compose file."""


class Checklist(NamedTuple):
    """The checklist of one file."""

    path: str
    steps: tuple[StepChecklist, ...]
    all_steps: int = 0
    """How many steps and services the file has."""
    probes: tuple[Probe, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row."""
        return tuple(row for step in self.steps for row in step.rows)


class Fact(NamedTuple):
    """One answer that several steps share."""

    row: Row
    steps: tuple[str, ...]


def facts(checklist: Checklist, *statuses: Status) -> list[Fact]:
    """The rows of some statuses, each distinct one once, with the steps that it concerns."""
    found: dict[tuple[object, ...], tuple[Row, dict[str, None]]] = {}
    for step in checklist.steps:
        for row in step.rows:
            if row.status in statuses:
                where = (row.span.file.path, row.span.start) if row.span is not None else None
                found.setdefault((row.check, row.sentence, row.rule, where), (row, {}))[1][step.step] = None
    return [Fact(row, tuple(steps)) for row, steps in found.values()]


class Group(NamedTuple):
    """Steps of one pipeline with the same answers."""

    pipeline: str
    steps: tuple[str, ...]
    answers: tuple[Status | None, ...]
    """In the order of `CHECKS`."""


def matrix(checklist: Checklist) -> list[Group]:
    """One line for all steps of a pipeline that have the same answers."""
    found: dict[tuple[object, ...], list[str]] = {}
    for step in checklist.steps:
        key = (step.pipeline, tuple(step.answer(check) for check in CHECKS))
        found.setdefault(key, []).append(step.step or step.kind)
    return [Group(pipeline, tuple(dict.fromkeys(steps)), answers) for (pipeline, answers), steps in found.items()]  # type: ignore[arg-type]
