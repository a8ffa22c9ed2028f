"""What a worker process does: lint one configuration, and say what of it concerns the build."""

from __future__ import annotations

from typing import NamedTuple

from drone_lint.findings.result import Diagnostic, FileReport, PlaceRecord
from drone_lint.lint.selection import RuleSet
from drone_lint.run.batch import let_go, lint_data
from drone_lint.run.targets import Target
from drone_lint.semantics.build import NO, Build
from drone_lint.semantics.plan import facts_from, plan_build
from drone_lint.settings import Settings
from drone_lint.source.loaded import ConfigFile


class Task(NamedTuple):
    """A configuration to lint."""

    data: bytes
    settings: Settings
    build: Build | None
    """The build whose pipelines count; None: the whole file counts."""
    allowed_ignores: tuple[str, ...] = ()
    """Rules and families whose ignore comments count; all others do not, because a pull request writes them."""


class Seen(NamedTuple):
    """A finding, in what an author needs to read."""

    severity: str
    rank: int
    rule: str
    pipeline: str
    step: str
    message: str


class Examined(NamedTuple):
    """What is known of a configuration."""

    findings: tuple[Seen, ...] = ()
    """Those that concern the build, the worst first."""
    elsewhere: int = 0
    """How many findings concern only pipelines that do not run in this build."""
    problems: tuple[str, ...] = ()
    """What could not be checked: then there is no verdict."""


_rule_sets: dict[str, RuleSet] = {}
"""By settings: a server has few. Belongs to the worker process, which ends after some requests."""


def examine(task: Task) -> Examined:
    """Lint a configuration. The file's name is always that of YAML: what arrives is converted already."""
    key = repr(task.settings)
    if key not in _rule_sets:
        _rule_sets[key] = RuleSet(task.settings)
    target = Target(".drone.yml", None, task.data)
    file, report = lint_data(task.data, target, task.settings, _rule_sets[key], ignores=bool(task.allowed_ignores))
    try:
        return _examined(file, report, task)
    finally:
        let_go(file)


def _examined(file: ConfigFile, report: FileReport, task: Task) -> Examined:
    refused = [item for item in report.ignored if not {item.rule, item.family} & set(task.allowed_ignores)]
    findings = [*report.findings, *refused]
    idle = _idle_documents(file, task)
    concerned = [item for item in findings if any(_counts(place, idle) for place in item.places)]
    seen = sorted((_seen(item, idle) for item in concerned), key=lambda one: -one.rank)
    problems = tuple(f"{problem.rule}: {problem.message}" for problem in report.problems)
    return Examined(tuple(seen), len(findings) - len(concerned), problems)


def _idle_documents(file: ConfigFile, task: Task) -> frozenset[int]:
    """Documents whose pipelines surely do not run in the build."""
    if task.build is None or not file.evaluations:
        return frozenset()
    documents = [document for document in file.evaluations[0].server if document.pipeline is not None]
    plan = plan_build(documents, task.build, facts_from(task.settings))
    return frozenset(document.index for document, planned in zip(documents, plan.pipelines, strict=True) if planned.verdict.runs == NO)


def _counts(place: PlaceRecord, idle: frozenset[int]) -> bool:
    return place.document is None or place.document not in idle


def _seen(item: Diagnostic, idle: frozenset[int]) -> Seen:
    place = next((place for place in item.places if _counts(place, idle)), item.places[0])
    return Seen(item.severity.value, item.severity.rank, item.rule, place.pipeline or "", place.step or "", place.message or item.message)
