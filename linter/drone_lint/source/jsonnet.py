"""`.drone.jsonnet` to documents, as the server evaluates it (drone-semantics 1.1)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace

from drone_lint.config_file import ConfigFile, Evaluation
from drone_lint.finding import Problem, Refusal
from drone_lint.model.document import Document
from drone_lint.model.node import from_data
from drone_lint.settings import Settings
from drone_lint.source.jsonnet_engine import Job, Opened, Outcome, session
from drone_lint.source.jsonnet_errors import problem_of
from drone_lint.source.jsonnet_map import MapLocator, SourceMap
from drone_lint.source.jsonnet_variables import EVENTS, variables
from drone_lint.source.position import SourceFile, whole_file


def load_jsonnet(source: SourceFile, settings: Settings, *, root: str | None = None, absolute: str | None = None) -> ConfigFile:
    """Evaluate a Jsonnet configuration for the builds that matter."""
    filename = absolute or os.path.abspath(source.path)
    home = root or os.path.dirname(filename)
    base = Job(
        filename,
        source.text,
        roots=(home, *settings.jsonnet.jpath),
        jpath=settings.jsonnet.jpath,
        ext_code=settings.jsonnet.ext_code,
        tla_str=settings.jsonnet.tla_str,
        tla_code=settings.jsonnet.tla_code,
    )
    loader = _Loader(source, settings, base, home)
    evaluations = loader.evaluations()
    problems = [] if evaluations and any(one.server or one.problems for one in evaluations) else loader.empty()
    return ConfigFile(source, "jsonnet", tuple(evaluations), tuple(problems), root=root, sources=tuple(loader.sources.values()))


class _Loader:
    """One file's evaluations; keeps the texts of what they import."""

    def __init__(self, source: SourceFile, settings: Settings, base: Job, home: str) -> None:
        self._source = source
        self._settings = settings
        self._base = base
        self._home = home
        self.sources: dict[str, SourceFile] = {base.filename: source}

    def evaluations(self) -> list[Evaluation]:
        found: dict[tuple[str | None, str | None], tuple[list[str], Job, Outcome]] = {}
        events = self._events()
        for event in events:
            job = replace(self._base, ext_str=variables(self._source.text, self._settings, event))
            outcome = self._evaluate(job)
            found.setdefault((outcome.value, outcome.error or outcome.limit), ([], job, outcome))[0].append(event or "")
        several = len(events) > 1
        return [self._evaluation(tuple(names) if several else None, job, outcome) for names, job, outcome in found.values()]

    def _events(self) -> Sequence[str | None]:
        chosen = self._settings.event
        if chosen is not None and chosen != "all":
            return [chosen]
        if chosen is None and self._settings.profile == "drone":
            return [None]
        return EVENTS if self._reads_build() else ["push"]

    def _reads_build(self) -> bool:
        texts = [source.text for source in self.sources.values()]
        if not any("extVar" in text for text in texts) and "import" in self._source.text:
            job = replace(self._base, ext_str=variables(self._source.text, self._settings, "push"))
            self._evaluate(job)
            texts = [source.text for source in self.sources.values()]
        return any("extVar" in text and "build" in text for text in texts)

    def _evaluate(self, job: Job) -> Outcome:
        outcome = session(self._settings.max_memory).evaluate(job, self._settings.jsonnet.engine, self._settings.max_seconds)
        for item in outcome.opened:
            if item.path not in self.sources:
                self.sources[item.path] = SourceFile(self._shown(item), item.text)
        return outcome

    def _shown(self, item: Opened) -> str:
        """An imported file's path as the user would write it: beside the main file's own path."""
        relative = os.path.relpath(item.path, os.path.dirname(self._base.filename))
        folder = os.path.dirname(self._source.path)
        return os.path.normpath(os.path.join(folder, relative)).replace(os.sep, "/")

    def _evaluation(self, events: tuple[str, ...] | None, job: Job, outcome: Outcome) -> Evaluation:
        if outcome.value is None:
            return Evaluation(events, (), (), (problem_of(outcome, self._source, self.sources, self._settings),))
        value = json.loads(outcome.value)
        elements = value if isinstance(value, list) else [value]
        if not elements:
            return Evaluation(events, (), (), (self._no_documents(),))
        source_map = SourceMap(job, value, self.sources, self._settings)
        documents = tuple(
            Document(
                index,
                from_data(element),
                MapLocator(source_map, index if isinstance(value, list) else None),
                self._source,
                self._settings.runner,
            )
            for index, element in enumerate(elements)
        )
        return Evaluation(events, documents, documents)

    def _no_documents(self) -> Problem:
        message = "the result is an empty list: the server then parses the Jsonnet source itself as YAML and refuses it"
        refusals = (Refusal("server", "yaml: "), Refusal(f"runner:{self._settings.runner}", "yaml: "))
        return Problem("empty-config", self._source.path, message, whole_file(self._source), drone=refusals)

    def empty(self) -> list[Problem]:
        """The problem of a program that gives nothing for any build."""
        return [self._no_documents()]
