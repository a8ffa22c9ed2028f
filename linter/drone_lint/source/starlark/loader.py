"""`.drone.star` to documents, as the server evaluates it (drone-semantics 1.3)."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from drone_lint.findings.finding import Problem, Refusal
from drone_lint.model.condition import EVENTS
from drone_lint.model.document import Document
from drone_lint.model.node import DEEPEST, NULL, Node, from_data
from drone_lint.settings import Settings
from drone_lint.source.facts import Arrival, Fact, StaleYaml
from drone_lint.source.generated import RenderedPlaces, is_deeper, refusals_as_yaml, runner_documents, runner_types_of
from drone_lint.source.jsonnet.manifest import needs_text
from drone_lint.source.loaded import ConfigFile, Evaluation, OnDemand, PlacedExpansion, once
from drone_lint.source.pairs import generated_file, generated_names
from drone_lint.source.starlark.locator import Origins, PlaceLocator, fields_in, sources_of
from drone_lint.source.starlark.session import Context, Outcome, Request, session
from drone_lint.source.starlark.variables import context, is_untrusted, untrusted_among
from drone_lint.text.dependencies import note
from drone_lint.text.position import SourceFile, whole_file

_TRIED = 12
"""Values of `ctx` that a program compares with, for which it is run as well, at most."""
_LONG = 65_000
"""Characters of a document that may make a line too long for Drone."""
_STEPS = 1_000_000
"""Steps that these runs may take together, two of them in any case: counted, so that output does not depend on the machine."""


def load_starlark(
    source: SourceFile,
    settings: Settings,
    *,
    root: str | None = None,
    absolute: str | None = None,
    data: Mapping[str, Any] = {},
    marked: bool = False,
) -> ConfigFile:
    """Run a Starlark configuration for the builds that matter.

    Args:
        source: the program.
        settings: what holds for the file.
        root: absolute path of the repository's root.
        absolute: absolute path of the file; None for standard input.
        data: `ctx.input`, of a template.
        marked: whether the file begins with a byte order mark, which the server's engine refuses.
    """
    if marked:
        drone = (Refusal("server", f"{source.path}:1:1: unexpected input character '\\ufeff'"),)
        problem = Problem("invalid-starlark", source.path, "the file begins with a byte order mark", whole_file(source), drone=drone)
        return ConfigFile(source, "starlark", (Evaluation(None, (), (), (problem,)),), (problem,), root=root, sources=(source,))
    results = Loader(source, settings, data).results()
    demands = [demand for one in results for demand in one.on_demand]
    if absolute is not None:
        demands += _stale(source, absolute, [one.evaluation for one in results], settings)
    return ConfigFile(
        source,
        "starlark",
        tuple(one.evaluation for one in results),
        tuple(dict.fromkeys(problem for one in results for problem in one.problems)),
        tuple(one for result in results for one in result.known),
        tuple(demands),
        tuple(expansion for one in results for expansion in one.expansions),
        root=root,
        sources=(source,),
        runners=tuple(dict.fromkeys(name for one in results for name in one.runners)),
    )


def _stale(source: SourceFile, absolute: str, evaluations: Sequence[Evaluation], settings: Settings) -> tuple[OnDemand, ...]:
    note(*generated_names(absolute))
    if generated_file(absolute) is None:
        return ()

    def look() -> tuple[Fact, ...]:
        from drone_lint.source.committed import committed_yaml, stale_yaml

        return stale_yaml(source, committed_yaml(source, absolute, [one.server for one in evaluations if not one.given], settings))

    return (OnDemand(StaleYaml, once(look)),)


class Result(NamedTuple):
    """What the runs for some builds gave."""

    evaluation: Evaluation
    known: tuple[Fact, ...] = ()
    on_demand: tuple[OnDemand, ...] = ()
    expansions: tuple[PlacedExpansion, ...] = ()
    runners: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be evaluated or read."""
        return self.evaluation.problems


class _Build(NamedTuple):
    """A build, and what the program gives for it."""

    event: str | None
    context: Context
    outcome: Outcome
    given: tuple[tuple[str, str], ...] = ()
    instead: tuple[str, str] = ("", "")
    """The value of the field that is given, and the one that it has otherwise."""


class Loader:
    """One program's runs."""

    def __init__(self, source: SourceFile, settings: Settings, data: Mapping[str, Any]) -> None:
        self.source = source
        self.settings = settings
        self._data = data
        self._end = time.monotonic() + settings.max_seconds
        self._made: dict[_Same, Document] = {}
        """Documents by what they are made of: those that all ordinary builds have are one, and other builds have those of ordinary ones."""
        self._common: frozenset[_Same] = frozenset()
        self._viewed: dict[Document, Document] = {}
        """What runners see of documents that substitution was looked at for."""

    def run(self, contexts: Sequence[Context], *, every: bool = True) -> list[Outcome]:
        """What the program gives for some builds, in what is left of the time for the file; for the first alone where the build does not matter."""
        limits = self.settings.starlark
        request = Request(self.source.text, tuple(contexts), limits.step_limit, limits.size_limit, every=every)
        return session(self.settings.max_memory).evaluate(request, max(self._end - time.monotonic(), 0.05))

    def results(self) -> list[Result]:
        """For each different result, the builds that have it."""
        events = self._events()
        contexts = [self.context(event) for event in events]
        outcomes = self.run(contexts, every=False)
        builds = [_Build(*one) for one in zip(events, contexts, outcomes, strict=False)]
        if len(builds) < len(events) and builds[0].outcome.limit is None:
            builds[0] = builds[0]._replace(event=None)
        several = len(builds) > 1
        self._common = _in_all([one.outcome for _, one in _distinct(builds)])
        found = []
        ordinary: dict[_Same, Document] = {}
        for names, one in _distinct(builds):
            self._forget_uncommon()
            found.append(self._result(tuple(event or "" for event in names) if several else None, one))
            ordinary = {**self._made, **ordinary}
        self._made = ordinary
        return [*found, *self._compared(builds)]

    def context(self, event: str | None, given: Mapping[str, str] = {}) -> Context:
        """The fields of `ctx` for a build; those who start one by hand may give the parameters that the program names."""
        named = re.findall(r"""\bparams\s*(?:\[|\.get\()\s*["']([^"'\\]+)["']""", self.source.text)
        by_hand = event in ("promote", "rollback", "custom")
        parameters = {f"build.params.{name}": "" for name in named} if by_hand else {}
        return context(self.settings, event, {**parameters, **given}, self._data)

    def _events(self) -> list[str | None]:
        chosen = self.settings.event
        if chosen is not None and chosen != "all":
            return [chosen]
        if chosen is None and self.settings.profile == "drone":
            return [None]
        return list(EVENTS)

    # -- values that the program compares with

    def _compared(self, builds: Sequence[_Build]) -> Iterator[Result]:
        """What the program gives where a field has the value that it is compared with, if that is something else."""
        if self.settings.profile == "drone":
            return
        steps = max(build.outcome.steps for build in builds)
        tried = list(self._tried(builds))[: max(2, min(_TRIED, _STEPS // max(steps, 1)))]
        if not tried:
            return
        outcomes = self.run([one.context for one in tried])
        seen = {_key(one.outcome) for one in builds}
        for build, outcome in zip(tried, outcomes, strict=False):
            if outcome.limit is None and _key(outcome) not in seen:
                seen.add(_key(outcome))
                events = (build.event,) if build.event is not None else None
                yield self._result(events, build._replace(outcome=outcome))

    def _tried(self, builds: Sequence[_Build]) -> Iterator[_Build]:
        seen = set()
        for build in builds:
            for one in build.outcome.compared:
                value = _at(build.context, one.field)
                other = value.encode()[: one.start] + one.text.encode() + value.encode()[one.start + one.length :]
                changed = other.decode("utf-8", "replace")
                if one.field == "build.event" or changed == value or (one.field, changed) in seen:
                    continue
                seen.add((one.field, changed))
                given = ((f"ctx.{one.field}", changed),)
                fields = self.context(build.event, {one.field: changed})
                yield build._replace(context=fields, given=given, instead=(changed, value))

    # -- documents

    def _result(self, events: tuple[str, ...] | None, build: _Build) -> Result:
        outcome = build.outcome
        if outcome.documents is None:
            from drone_lint.source.starlark.errors import problem_of

            return Result(Evaluation(events, (), (), (problem_of(outcome, self.source),), build.given))
        if not outcome.documents:
            return Result(Evaluation(events, (), (), (self._no_documents(),), build.given))
        roots = roots_of(outcome.documents)
        if roots is None:
            return self._as_text(events, build)
        if any(is_deeper(root, DEEPEST) for root in roots):
            deep = Outcome(limit=f"gave values nested deeper than {DEEPEST} levels")
            from drone_lint.source.starlark.errors import problem_of

            return Result(Evaluation(events, (), (), (problem_of(deep, self.source),), build.given))
        server = self.documents(outcome, [from_data(root) for root in roots], events, build.instead)
        demands = self._on_demand(build, server)
        if not needs_text(outcome.text):
            evaluation = Evaluation(events, server, server, (), build.given)
            return Result(evaluation, on_demand=demands, runners=runner_types_of(server, self.settings))
        return self._with_text(events, build, server)._replace(on_demand=demands)

    def documents(
        self, outcome: Outcome, roots: Sequence[Node], events: tuple[str, ...] | None, instead: tuple[str, str] = ("", "")
    ) -> tuple[Document, ...]:
        """The documents of a run.

        Args:
            outcome: what it gave.
            roots: its documents, decoded.
            events: those it is for.
            instead: a field's value in this run, and in ordinary ones: a document that differs in nothing else is the ordinary one.
        """
        sources = sources_of(outcome.sources)
        found = []
        for index, (root, places) in enumerate(zip(roots, outcome.places, strict=True)):
            key = _same(outcome, index, instead)
            if key not in self._made:
                shared = None if key in self._common else events
                locator = PlaceLocator(Origins(self.source, places, sources, outcome.fields, root))
                self._made[key] = Document(index, root, locator, self.source, self.settings.runner, events=shared)
            found.append(self._made[key])
        return tuple(found)

    def _forget_uncommon(self) -> None:
        """Have the next ordinary build make its own documents of those that not all have."""
        self._made = {key: document for key, document in self._made.items() if key in self._common}

    def _with_text(self, events: tuple[str, ...] | None, build: _Build, server: tuple[Document, ...]) -> Result:
        """The evaluation of a program whose text runners see otherwise than it is; of documents that were looked at before, nothing is said again."""
        from drone_lint.source.generated import cut_off
        from drone_lint.source.views import expansions_of, facts_of, too_many_values, views_of

        texts = dict(zip(server, build.outcome.documents or (), strict=True))
        chosen = [one for one in server if one not in self._viewed and needs_text(texts[one])]
        if any(len(text) > _LONG for text in texts.values()):  # what Drone loses there concerns what follows
            chosen = list(server)
        whole = not build.outcome.listed or len(chosen) == len(server)
        views = views_of(build.outcome.text if whole else "".join(f"---\n{texts[one]}\n" for one in chosen), self.settings)
        views.runners = runner_types_of(server, self.settings)
        places = RenderedPlaces(views, tuple(chosen))
        known = (*cut_off(views, places), *facts_of(views, places)) if chosen else ()
        self._viewed.update(zip(chosen, runner_documents(views, tuple(chosen)), strict=False))
        runner = tuple(self._viewed.get(one, one) for one in server)
        with_others = [dict(zip(chosen, runner_documents(other, tuple(chosen)), strict=False)) for other in views.others if chosen]
        others = tuple(tuple(found.get(one, self._viewed.get(one, one)) for one in server) for found in with_others)
        evaluation = Evaluation(events, server, runner, too_many_values(views, self.source), build.given, others)
        return Result(evaluation, known, expansions=tuple(expansions_of(views, places)) if chosen else (), runners=views.runners)

    def _as_text(self, events: tuple[str, ...] | None, build: _Build) -> Result:
        """The evaluation of a program whose text is not JSON, so that Drone's YAML parser decides what it says."""
        from drone_lint.source.views import runner_refusals, views_of

        views = views_of(build.outcome.text, self.settings)
        decoded = {one.number: one.root for one in views.server.decoded}
        roots = [decoded.get(number, NULL) for number in range(len(build.outcome.documents or ()))]
        server = self.documents(build.outcome, roots, events)
        if not views.server.failures:
            return self._with_text(events, build, server)._replace(on_demand=self._on_demand(build, server))
        words = f"yaml: {views.server.failures[0][0].message}"
        drone = (Refusal("server", words), *runner_refusals(views, words))
        message = f"Drone cannot read what the program gives: {views.server.failures[0][0].message}"
        problem = Problem("invalid-starlark", self.source.path, message, whole_file(self.source), drone=drone)
        return Result(Evaluation(events, (), (), (problem,), build.given), runners=views.runners)

    def _on_demand(self, build: _Build, server: tuple[Document, ...]) -> tuple[OnDemand, ...]:
        """What can be found out of the fields that a run read."""
        if build.given or not untrusted_among(build.outcome.read):
            return ()
        arriving = any(is_untrusted(build.outcome.fields[number]) for number in fields_in(build.outcome.places))
        if not arriving and not any('"privileged"' in one for one in build.outcome.documents or ()):
            return ()
        return (OnDemand(Arrival, once(lambda: self._arriving(build, server))),)

    def _arriving(self, build: _Build, server: tuple[Document, ...]) -> tuple[Fact, ...]:
        from drone_lint.source.starlark.taint import arrivals

        return tuple(arrivals(self, build.event, build.outcome, server))

    def _no_documents(self) -> Problem:
        message = "the result is an empty list: the server then parses the Starlark source itself as YAML and refuses it"
        drone = refusals_as_yaml(self.source.text, self.settings)
        return Problem("empty-config", self.source.path, message, whole_file(self.source), drone=drone)


def _key(outcome: Outcome) -> tuple[object, ...]:
    """What is the same where two runs give the same."""
    return (outcome.documents, outcome.listed, outcome.error, outcome.sites, outcome.limit)


def _distinct(builds: Sequence[_Build]) -> list[tuple[list[str | None], _Build]]:
    """Builds by what they have as result, with the events of each."""
    found: dict[tuple[object, ...], tuple[list[str | None], _Build]] = {}
    for build in builds:
        found.setdefault(_key(build.outcome), ([], build))[0].append(build.event)
    return list(found.values())


_Same = tuple[int, str, str]
"""What two documents have in common that are one: number, text and places."""


def _same(outcome: Outcome, index: int, instead: tuple[str, str] = ("", "")) -> _Same:
    text = (outcome.documents or ())[index]
    given, otherwise = instead
    return (index, text.replace(given, otherwise) if len(given) > 1 else text, outcome.places[index])


def _in_all(outcomes: Sequence[Outcome]) -> frozenset[_Same]:
    """The documents that all of several results have."""
    found = [frozenset(_same(one, index) for index in range(len(one.documents or ()))) for one in outcomes]
    return frozenset.intersection(*found) if len(found) > 1 else frozenset()


def _at(fields: Context, name: str) -> str:
    value: Any = fields
    for part in name.split(".", 2):
        value = value.get(part, "") if isinstance(value, Mapping) else ""
    return value if isinstance(value, str) else ""


def roots_of(documents: Sequence[str]) -> list[Any] | None:
    """The documents as data; None where any is not JSON, or has a number that Drone's parser reads in its own way."""
    try:
        return [json.loads(one, parse_float=_refuse, parse_constant=_refuse) for one in documents]
    except ValueError:
        return None
    except RecursionError:
        return [[[]]] if not documents else [_nested(DEEPEST + 2)]


def _refuse(text: str) -> float:
    raise ValueError(text)


def _nested(levels: int) -> Any:
    """A list in so many others, which stands for what is nested too deep to be decoded."""
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found
