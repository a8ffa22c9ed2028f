"""`.drone.jsonnet` to documents, as the server evaluates it (drone-semantics 1.1)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from drone_lint.findings.finding import Problem
from drone_lint.model.condition import EVENTS
from drone_lint.model.document import Document
from drone_lint.model.node import DEEPEST, from_data
from drone_lint.settings import Settings
from drone_lint.source.facts import Arrival, Fact, NeverEqual, StaleYaml, UnresolvedImport
from drone_lint.source.generated import RenderedPlaces, cut_off, is_deeper, refusals_as_yaml, runner_documents, runner_types_of
from drone_lint.source.jsonnet.engine.session import Job, Opened, Outcome, session
from drone_lint.source.jsonnet.manifest import needs_text, render
from drone_lint.source.jsonnet.sourcemap.locator import MapLocator
from drone_lint.source.jsonnet.variables import reads_untrusted, variables
from drone_lint.source.loaded import ConfigFile, Evaluation, OnDemand, PlacedExpansion, once
from drone_lint.source.pairs import generated_file, generated_names
from drone_lint.text.dependencies import note
from drone_lint.text.files import relative_path
from drone_lint.text.position import SourceFile, whole_file

if TYPE_CHECKING:
    from drone_lint.source.committed import Committed
    from drone_lint.source.jsonnet.analysis.taint import Arrivals
    from drone_lint.source.jsonnet.sourcemap.map import SourceMap


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
    loader = _Loader(source, settings, base)
    results = loader.results()
    note(*loader.candidates(), *generated_names(filename))
    committed = once(lambda: _committed(source, absolute, results, settings))
    results = [loader.judged(one, committed) for one in results]
    demands = [demand for one in results for demand in one.on_demand]
    if settings.jsonnet.server_evaluates and any(loader.openings):
        demands.append(OnDemand(UnresolvedImport, once(lambda: () if _is_read(committed()) else _imports(loader, root, settings))))
    if absolute is not None and generated_file(absolute) is not None:
        demands.append(OnDemand(StaleYaml, once(lambda: _stale(source, committed()))))
    return ConfigFile(
        source,
        "jsonnet",
        tuple(one.evaluation for one in results),
        tuple(problem for one in results for problem in one.problems),
        tuple(fact for one in results for fact in one.known),
        tuple(demands),
        tuple(expansion for one in results for expansion in one.expansions),
        root=root,
        sources=tuple(loader.sources.values()),
        runners=tuple(dict.fromkeys(name for one in results for name in one.runners)),
    )


def _imports(loader: _Loader, root: str | None, settings: Settings) -> tuple[UnresolvedImport, ...]:
    from drone_lint.source.jsonnet.analysis.imports import server_imports

    return tuple(server_imports(loader.openings, loader.sources, root, settings))


def _committed(source: SourceFile, absolute: str | None, results: Sequence[_Result], settings: Settings) -> Committed | None:
    """The YAML that is committed beside the program."""
    if absolute is None or generated_file(absolute) is None:
        return None
    from drone_lint.source.committed import committed_yaml

    return committed_yaml(source, absolute, [one.evaluation.server for one in results], settings)


def _is_read(committed: Committed | None) -> bool:
    return committed is not None and committed.is_read


def _stale(source: SourceFile, committed: Committed | None) -> tuple[StaleYaml, ...]:
    from drone_lint.source.committed import stale_yaml

    return stale_yaml(source, committed)


class _Result(NamedTuple):
    """What one evaluation gave."""

    evaluation: Evaluation
    problems: tuple[Problem, ...] = ()
    known: tuple[Fact, ...] = ()
    on_demand: tuple[OnDemand, ...] = ()
    expansions: tuple[PlacedExpansion, ...] = ()
    runners: tuple[str, ...] = ()
    job: Job | None = None
    """What was evaluated, where it gave documents."""


class _Loader:
    """One file's evaluations; keeps the texts of what they import."""

    def __init__(self, source: SourceFile, settings: Settings, base: Job) -> None:
        self._source = source
        self._settings = settings
        self._base = base
        self.sources: dict[str, SourceFile] = {base.filename: source}
        self.openings: list[tuple[Opened, ...]] = []
        """What each evaluation imported, in its order."""
        self._arrivals: Arrivals | None = None

    def results(self) -> list[_Result]:
        found: dict[tuple[str | None, str | None], tuple[list[str], Job, Outcome]] = {}
        events = self._events()
        while events:
            event = events.pop(0)
            job = self._base._replace(ext_str=variables(self._source.text, self._settings, event), watched=self._may_read_variables())
            outcome = self._evaluate(job)
            found.setdefault((outcome.value, outcome.error or outcome.limit), ([], job, outcome))[0].append(event or "")
            if not any(name.startswith("build.") for name in outcome.variables):
                break  # what happens is the same for all builds
        several = sum(len(names) for names, _, _ in found.values()) > 1
        ordinary = [(tuple(names) if several else None, job, outcome) for names, job, outcome in found.values()]
        results = [self._result(*one) for one in ordinary]
        if self._settings.profile != "drone":
            results += self._for_other_values(ordinary)
        return results

    def _for_other_values(self, ordinary: Sequence[tuple[tuple[str, ...] | None, Job, Outcome]]) -> Iterator[_Result]:
        """What the program gives for values that it compares variables with, and under the name that the server knows it by."""
        if not any("==" in source.text or "!=" in source.text or "std" in source.text for source in self.sources.values()):
            return
        from drone_lint.source.jsonnet.analysis.constants import MOST, THIS_FILE, given_values, with_file_name

        texts = [source.text for source in self.sources.values()]
        supplied = variables(self._source.text, self._settings, self._events()[0])
        read = {name for _, _, outcome in ordinary for name in outcome.variables}
        names = [name for name in supplied if name in read or any(name in text for text in texts)]
        names = [name for name in names if name not in self._settings.jsonnet.ext_str]
        pairs = list(given_values(self.sources.values(), names, supplied))
        events = self._events() if any("build.event" in text for text in texts) else self._events()[:1]
        if len(events) * len(pairs) > MOST:
            events = events[:1]
        if len(pairs) > MOST:
            yield _Result(Evaluation(None, (), (), (self._too_many(len(pairs), MOST),)))
        jobs: list[tuple[str | None, tuple[str, str], Job]] = []
        if any("thisFile" in text for text in texts):
            name = supplied.get("repo.config") or ".drone.jsonnet"
            base = self._base._replace(ext_str=supplied, source=with_file_name(self._source.text, name))
            jobs.append((None, (THIS_FILE, name), base))
        for event in events:
            ext_str = variables(self._source.text, self._settings, event)
            jobs += [
                (event if len(events) > 1 else None, given, self._base._replace(ext_str={**ext_str, given[0]: given[1]}))
                for given in pairs[:MOST]
            ]
        yield from self._new_results(jobs, {outcome.value for _, _, outcome in ordinary})

    def _new_results(self, jobs: Sequence[tuple[str | None, tuple[str, str], Job]], seen: set[str | None]) -> Iterator[_Result]:
        """Those of some jobs whose value was not seen before; a program that refuses a value gives no build for it."""
        for event, given, job in jobs:
            outcome = session(self._settings.max_memory).fastest(job, self._settings.jsonnet.engine, self._settings.max_seconds)
            if outcome.value is None or outcome.value in seen:
                continue
            seen.add(outcome.value)
            result = self._result((event,) if event is not None else None, job, outcome)
            if result.evaluation.server or not result.evaluation.problems:
                yield _Result(result.evaluation._replace(given=(given,)))

    def _too_many(self, wanted: int, left: int) -> Problem:
        message = f"the program compares variables with so many values that {wanted - left} were not tried"
        return Problem("evaluation-limit", self._source.path, message, whole_file(self._source), help="compare variables with fewer values")

    def judged(self, result: _Result, committed: Callable[[], Committed | None]) -> _Result:
        """The result, or what the server lacks to come to it; a server that reads committed YAML lacks nothing."""
        if result.job is None or not self._settings.jsonnet.server_evaluates:
            return result
        lacking = self._lacking(result.job)
        if lacking is None or _is_read(committed()):
            return result
        return _Result(Evaluation(result.evaluation.events, (), (), (lacking,)))

    def candidates(self) -> Iterator[str]:
        """Every path at which an import would have been found, had there been a file."""
        folders = {os.path.dirname(path) for path in self.sources} | {*self._base.roots}
        for item in dict.fromkeys(item for opened in self.openings for item in opened):
            yield from (os.path.normpath(os.path.join(folder, item.name)) for folder in folders)

    def _events(self) -> list[str | None]:
        chosen = self._settings.event
        if chosen is not None and chosen != "all":
            return [chosen]
        if chosen is None and self._settings.profile == "drone":
            return [None]
        return list(EVENTS)

    def _may_read_variables(self) -> bool:
        """Whether it is worth while to watch: `extVar` is written, or could be under another name."""
        text = self._source.text
        return "extVar" in text or "import" in text or re.search(r"\bstd\b(?!\s*\.)", text) is not None

    def _evaluate(self, job: Job) -> Outcome:
        outcome = session(self._settings.max_memory).evaluate(job, self._settings.jsonnet.engine, self._settings.max_seconds)
        self.openings.append(outcome.opened)
        for item in outcome.opened:
            if item.path not in self.sources:
                self.sources[item.path] = SourceFile(self._shown(item), item.text)
        return outcome

    def _shown(self, item: Opened) -> str:
        """An imported file's path as the user would write it: beside the main file's own path."""
        relative = relative_path(item.path, os.path.dirname(self._base.filename))
        folder = os.path.dirname(self._source.path)
        return os.path.normpath(os.path.join(folder, relative)).replace(os.sep, "/")

    def _result(self, events: tuple[str, ...] | None, job: Job, outcome: Outcome) -> _Result:
        if outcome.value is not None:
            outcome = _readable(outcome, outcome.value)
        if outcome.value is None:
            from drone_lint.source.jsonnet.errors import problem_of

            problem = problem_of(outcome, self._source, self.sources)
            return _Result(Evaluation(events, (), (), (problem,)))
        value = json.loads(outcome.value)
        elements = value if isinstance(value, list) else [value]
        if not elements:
            return _Result(Evaluation(events, (), (), (self._no_documents(),)))
        source_map = self._map_later(job, value)
        server = tuple(
            self._document(index, one, source_map, events, in_list=isinstance(value, list)) for index, one in enumerate(elements)
        )
        demands = tuple(self._on_variables(job, outcome, value, server)) if outcome.variables else ()
        if not needs_text(outcome.value):
            return _Result(Evaluation(events, server, server), on_demand=demands, runners=runner_types_of(server, self._settings), job=job)
        return self._with_text(events, server, elements)._replace(on_demand=demands, job=job)

    def _on_variables(self, job: Job, outcome: Outcome, value: Any, server: tuple[Document, ...]) -> Iterator[OnDemand]:
        """What can be found out of the external variables that an evaluation read."""
        if reads_untrusted(outcome.variables):
            yield OnDemand(Arrival, once(lambda: self._arriving(job, value, server)))
        if any(sign in source.text for source in self.sources.values() for sign in ("==", "!=")):
            yield OnDemand(NeverEqual, once(lambda: self._compared(job, outcome)))

    def _arriving(self, job: Job, value: Any, server: tuple[Document, ...]) -> tuple[Fact, ...]:
        """Where text of untrusted contributors arrives, which costs evaluations; within one bound for all of the file's."""
        from drone_lint.source.jsonnet.analysis.taint import Arrivals

        self._arrivals = self._arrivals or Arrivals(self._settings, self.sources)
        return tuple(self._arrivals.find(job, value, server))

    def _compared(self, job: Job, outcome: Outcome) -> tuple[Fact, ...]:
        from drone_lint.source.jsonnet.analysis.comparisons import never_equal

        return tuple(never_equal(job, outcome.variables, self.sources, self._settings))

    def _lacking(self, job: Job) -> Problem | None:
        """What the server's engine does not have or cannot read: members of the standard library, operators without spaces."""
        if any(
            sign in source.text for source in self.sources.values() for sign in ("&&", "||", "==", "!=", ">=", "<=", "<<", ">>", "::", "+:")
        ):
            from drone_lint.source.jsonnet.syntax.operators import taken_apart

            if (problem := taken_apart(self.sources.values())) is not None:
                return problem
        if not any("std" in source.text for source in self.sources.values()):
            return None
        from drone_lint.source.jsonnet.analysis.stdlib import unavailable

        return unavailable(job, self.sources, self._settings)

    def _map_later(self, job: Job, value: Any) -> Callable[[], SourceMap]:
        """One source map for all documents of an evaluation; clean files need none."""
        sources = dict(self.sources)

        @lru_cache(maxsize=1)
        def source_map() -> SourceMap:
            from drone_lint.source.jsonnet.sourcemap.map import SourceMap

            return SourceMap(job, value, sources, self._settings)

        return source_map

    def _document(
        self, index: int, element: Any, source_map: Callable[[], SourceMap], events: tuple[str, ...] | None, *, in_list: bool
    ) -> Document:
        locator = MapLocator(source_map, index if in_list else None)
        return Document(index, from_data(element), locator, self._source, self._settings.runner, events=events)

    def _with_text(self, events: tuple[str, ...] | None, server: tuple[Document, ...], elements: list[Any]) -> _Result:
        """The evaluation of a program whose text runners see otherwise than it is."""
        from drone_lint.source.views import expansions_of, facts_of, too_many_values, views_of

        views = views_of(render(elements), self._settings)
        places = RenderedPlaces(views, server)
        known = (*cut_off(views, places), *facts_of(views, places))
        others = tuple(runner_documents(other, server) for other in views.others)
        evaluation = Evaluation(events, server, runner_documents(views, server), too_many_values(views, self._source), other_runners=others)
        return _Result(evaluation, known=known, expansions=tuple(expansions_of(views, places)), runners=views.runners)

    def _no_documents(self) -> Problem:
        message = "the result is an empty list: the server then parses the Jsonnet source itself as YAML and refuses it"
        return Problem(
            "empty-config", self._source.path, message, whole_file(self._source), drone=refusals_as_yaml(self._source.text, self._settings)
        )


def _readable(outcome: Outcome, value: str) -> Outcome:
    """The outcome, or its error where the value is none of Drone's: `inf`, of which rjsonnet makes no error, or nested too deep to walk."""
    try:
        data = json.loads(value)
    except ValueError:
        return outcome._replace(value=None, error="RUNTIME ERROR: overflow")
    if value.count("[") + value.count("{") > DEEPEST and is_deeper(data, DEEPEST):
        return outcome._replace(value=None, limit=f"gave values nested deeper than {DEEPEST} levels")
    return outcome
