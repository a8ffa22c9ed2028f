"""What a drawing of plans shows: pipelines as groups of boxes, steps as boxes, what waits for what as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from drone_lint.semantics.build import MAYBE, NO, Verdict
from drone_lint.semantics.plan import BuildPlan, PlannedPipeline, PlannedStep, Privilege

GRAPHS = ("mermaid", "dot", "svg")
_LONGEST = 80
_PULL_REQUEST = "reached by pull requests, forks' too"


class Box(NamedTuple):
    """A step."""

    title: str
    image: str
    words: tuple[str, ...]
    """What to know of it: risks, secrets, when it runs."""
    risk: bool = False
    """Privileged, or root on the host."""
    secret: bool = False
    """Whether it gets, or may get, a secret."""
    detached: bool = False
    column: int | None = 0
    """None: it does not run."""


class Group(NamedTuple):
    """A pipeline, for all events in which it is the same."""

    title: str
    words: tuple[str, ...]
    boxes: tuple[Box, ...]
    edges: tuple[tuple[int, int], ...]
    column: int | None
    """None: it runs for none of the events."""


class Graph(NamedTuple):
    """A drawing."""

    title: str
    description: str
    groups: tuple[Group, ...]
    edges: tuple[tuple[int, int], ...]


def write_graph(path: str, plans: Sequence[BuildPlan], form: str) -> str:
    """Plans of one file as a drawing in one of `GRAPHS`."""
    graph = graph_of(path, plans)
    if form == "mermaid":
        from drone_lint.report.graph_mermaid import write_mermaid

        return write_mermaid(graph)
    if form == "dot":
        from drone_lint.report.graph_dot import write_dot

        return write_dot(graph)
    from drone_lint.report.graph_svg import write_svg

    return write_svg(graph)


def shown(text: str, longest: int = _LONGEST) -> str:
    """A text as drawings show it: on one line, of bounded length, without what commands a terminal or breaks a file."""
    short = text if len(text) <= longest else text[: longest - 1] + "…"
    return short if short.isprintable() else "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in short)


def graph_of(path: str, plans: Sequence[BuildPlan]) -> Graph:
    """Plans as a drawing. A pipeline that is the same for several events is one group; one that runs for none of them is said to be so."""
    found: dict[PlannedPipeline, list[tuple[int, PlannedPipeline]]] = {}
    idle: dict[str, PlannedPipeline] = {}
    running = _running(plans)
    for number, plan in enumerate(plans):
        for pipeline in plan.pipelines:
            if pipeline.order is None:
                idle.setdefault(pipeline.name, pipeline)
            else:
                found.setdefault(_drawn(pipeline, running if len(plans) > 1 else None), []).append((number, pipeline))
    events = [plan.build.event for plan in plans]
    edges = tuple(_between(list(found.values())))
    groups = [_group(one, [events[number] for number, _ in uses], all_events=len(events)) for one, uses in found.items()]
    groups = [one._replace(column=column) for one, column in zip(groups, _columns(len(groups), edges), strict=True)]
    groups += [_idle(one) for name, one in idle.items() if not any(name == key.name for key in found)]
    what = events[0] if len(events) == 1 else "all events"
    description = f"Pipelines: {len(groups)}; steps: {sum(len(one.boxes) for one in groups)}; what stands further right waits"
    return Graph(f"{shown(path)}: what runs for {what}", description, tuple(groups), edges)


def _running(plans: Sequence[BuildPlan]) -> set[tuple[str, str]]:
    """The steps, with their pipelines, that run for some event."""
    found = ((one.name, step.name) for plan in plans for one in plan.pipelines for step in one.steps if step.order is not None)
    return set(found)


def _drawn(pipeline: PlannedPipeline, running: set[tuple[str, str]] | None) -> PlannedPipeline:
    """A pipeline without what differs between events and is not drawn; of several events, steps that are skipped show where none runs them."""
    steps = pipeline.steps
    if running is not None:
        never = Verdict(NO, ("no event has what its conditions want",))
        kept = (step for step in steps if step.order is not None or (pipeline.name, step.name) not in running)
        steps = tuple(step if step.order is not None else replace(step, verdict=never) for step in kept)
    return replace(pipeline, order=1, dropped=(), steps=steps)


def _between(found: Sequence[Sequence[tuple[int, PlannedPipeline]]]) -> Iterator[tuple[int, int]]:
    """Which group waits for which: they must meet in a build."""
    named: dict[tuple[int, str], int] = {}
    for group, uses in enumerate(found):
        for number, pipeline in uses:
            named.setdefault((number, pipeline.name), group)
    seen: dict[tuple[int, int], None] = {}
    for end, uses in enumerate(found):
        for number, pipeline in uses:
            starts = (named.get((number, name)) for name in pipeline.after)
            seen.update({(start, end): None for start in starts if start is not None and start != end})
    yield from seen


def _columns(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Every group behind all that it waits for; groups of different events could wait for each other in a circle, which ends somewhere."""
    columns = [0] * count
    for _ in range(count):
        before = list(columns)
        for start, end in edges:
            columns[end] = max(columns[end], min(columns[start] + 1, count - 1))
        if columns == before:
            break
    return columns


def _group(pipeline: PlannedPipeline, events: Sequence[str], *, all_events: int) -> Group:
    words = [pipeline.type if pipeline.type != "exec" else "exec: on the runner's host itself"]
    if all_events > 1:
        words.append("for " + ", ".join(events))
    if "pull_request" in events:
        words.append(_PULL_REQUEST)
    if pipeline.verdict.runs == MAYBE:
        words.append("maybe: " + "; ".join(pipeline.verdict.reasons))
    if pipeline.on != "success":
        words.append({"failure": "runs only if a pipeline has failed", "always": "runs even if pipelines fail"}[pipeline.on])
    boxes = tuple(_box(step) for step in pipeline.steps)
    return Group(shown(pipeline.name), tuple(map(shown, words)), boxes, tuple(_edges(pipeline.steps)), 0)


def _idle(pipeline: PlannedPipeline) -> Group:
    words = ("does not run: " + "; ".join(pipeline.verdict.reasons),)
    return Group(shown(pipeline.name), tuple(map(shown, words)), (), (), None)


def _edges(steps: Sequence[PlannedStep]) -> Iterator[tuple[int, int]]:
    """What waits for what; a name stands for the first step that has it, as for Drone."""
    numbers: dict[str, int] = {}
    for number, step in enumerate(steps):
        if step.order is not None:
            numbers.setdefault(step.name, number)
    for number, step in enumerate(steps):
        for name in dict.fromkeys(step.after):
            start = numbers.get(name)
            if start is not None and step.order is not None and (steps[start].order or 0) < step.order:
                yield start, number


def _box(step: PlannedStep) -> Box:
    if step.order is None:
        reason = "does not run: " + "; ".join(step.verdict.reasons)
        return Box(shown(step.name), shown(step.image), (shown(reason),), column=None)
    given = [one for one in step.secrets if one.given != NO]
    words = [*map(_privilege, step.privileges), *_secrets(step), *_states(step)]
    return Box(
        shown(step.name), shown(step.image), tuple(map(shown, words)), bool(step.privileges), bool(given), step.detached, step.order - 1
    )


def _privilege(one: Privilege) -> str:
    return {"explicit": "privileged", "automatic": "privileged by the runner"}.get(one.kind, f"root on the host: {one.detail}")


def _secrets(step: PlannedStep) -> Iterator[str]:
    for label, chosen in (("secret", "yes"), ("maybe the secret", MAYBE), ("withheld secret", NO)):
        names = [one.name for one in step.secrets if one.given == chosen]
        if names:
            yield f"{label}{'s' if len(names) > 1 else ''}: {', '.join(names)}"


def _states(step: PlannedStep) -> Iterable[str]:
    if step.kind == "service":
        yield "service"
    elif step.detached:
        yield "detached"
    if step.on != "success":
        yield {"failure": "on failure only", "always": "also after a failure"}[step.on]
    if step.failure_ignored:
        yield "its failure is ignored"
    if step.verdict.runs == MAYBE:
        yield "maybe: " + "; ".join(step.verdict.reasons)
