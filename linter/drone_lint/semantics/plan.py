"""What runs for one build, in which order, with which privileges and secrets (drone-semantics 4.10, 5.1, 5.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from drone_lint.model.condition import Conditions
from drone_lint.model.document import Document
from drone_lint.model.pipeline import Pipeline
from drone_lint.model.step import Step
from drone_lint.model.value import Value
from drone_lint.semantics.build import MAYBE, NO, RUNS, Build, Verdict, judge
from drone_lint.semantics.conditions import takes
from drone_lint.semantics.host_path import host_mounts, socket_of
from drone_lint.semantics.privilege import automatic_for
from drone_lint.settings import Settings

_CLONE_IMAGE = "drone/git"
"""What runners clone with, unless they are told otherwise (`DRONE_RUNNER_CLONE_IMAGE`)."""


@dataclass(frozen=True)
class PlanFacts:
    """What the settings say of the server and its runners."""

    ignore_pull_requests: bool = False
    privileged_images: tuple[str, ...] = ()
    plugin_volumes: bool = False
    allowed_secrets: tuple[str, ...] = ()
    """Secrets that pull requests may see."""


def facts_from(settings: Settings) -> PlanFacts:
    """What settings say of the server and its runners."""
    return PlanFacts(
        ignore_pull_requests=settings.server.ignore_pull_requests,
        privileged_images=settings.images.privileged,
        plugin_volumes=settings.server.plugin_volumes,
        allowed_secrets=settings.secrets.allowed_on_pull_requests,
    )


class Privilege(NamedTuple):
    """What makes a step root on the host."""

    kind: str
    """`explicit`; `automatic`: by the runner, for its image; `socket`: a container engine's, mounted from the host."""
    detail: str = ""
    """The image, or the host's path."""


class SecretUse(NamedTuple):
    """A secret that a step asks for."""

    name: str
    given: str
    """`yes`, `maybe` or `no`."""
    why: str = ""


@dataclass(frozen=True)
class PlannedStep:
    """A step, service or the clone step of a pipeline that runs."""

    name: str
    kind: str
    """`clone`, `service` or `step`."""
    image: str
    verdict: Verdict
    order: int | None
    """Steps with one number start together; None for what does not run."""
    after: tuple[str, ...] = ()
    """What it waits for."""
    on: str = "success"
    """`success`, `failure` or `always`: for which status so far it runs."""
    detached: bool = False
    failure_ignored: bool = False
    privileges: tuple[Privilege, ...] = ()
    secrets: tuple[SecretUse, ...] = ()


@dataclass(frozen=True)
class PlannedPipeline:
    """A pipeline of the file."""

    name: str
    type: str
    verdict: Verdict
    order: int | None
    """Pipelines with one number start together; None for what does not run."""
    after: tuple[str, ...] = ()
    """What it waits for: of dependencies that do not run, what these wait for."""
    dropped: tuple[str, ...] = ()
    """Dependencies that do not run for this build, which Drone drops."""
    on: str = "success"
    graph: bool = False
    """Whether some step says `depends_on`, so that all others start at once."""
    steps: tuple[PlannedStep, ...] = ()
    pull_secrets: tuple[SecretUse, ...] = ()
    """Secrets that images are pulled with (`image_pull_secrets`)."""


@dataclass(frozen=True)
class BuildPlan:
    """All pipelines of a file for one build."""

    build: Build
    pipelines: tuple[PlannedPipeline, ...]


def plan_build(documents: Iterable[Document], build: Build, facts: PlanFacts) -> BuildPlan:
    """The plan for a build.

    Args:
        documents: as the server sees them.
        build: what is known of it.
        facts: what the settings say of the server and its runners.
    """
    documents = tuple(documents)
    pipelines = [document.pipeline for document in documents if document.pipeline is not None]
    verdicts = {pipeline: _runs(pipeline, build, facts) for pipeline in pipelines}
    by_name: dict[str, Pipeline] = {}
    for pipeline in pipelines:
        by_name.setdefault(pipeline.name, pipeline)
    secrets = _Secrets(documents, build, facts)
    orders: dict[str, int] = {}
    planned = []
    for pipeline in pipelines:
        after, dropped = _waits_for(pipeline, by_name, verdicts)
        order = None if verdicts[pipeline].runs == NO else 1 + max((orders.get(name, 0) for name in after), default=0)
        if order is not None:
            orders.setdefault(pipeline.name, order)
        planned.append(_pipeline(pipeline, verdicts[pipeline], order, after, dropped, secrets))
    return BuildPlan(build, tuple(planned))


def _runs(pipeline: Pipeline, build: Build, facts: PlanFacts) -> Verdict:
    if build.event == "pull_request" and facts.ignore_pull_requests:
        return Verdict(NO, ("the server ignores pull requests of this repository",))
    return judge(pipeline.trigger, build)


def _waits_for(
    pipeline: Pipeline, by_name: Mapping[str, Pipeline], verdicts: Mapping[Pipeline, Verdict]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of what a pipeline waits for, and of what it does not because that is skipped (harness/drone trigger/dag/dag.go)."""
    if not pipeline.name:  # the server looks its dependencies up under another name, and finds none
        return (), ()
    after: dict[str, None] = {}
    dropped: dict[str, None] = {}
    seen = {pipeline}
    left = [value.text for value in reversed(pipeline.depends_on)]
    while left:
        name = left.pop()
        other = by_name.get(name)
        if other is None or other in seen:
            continue
        seen.add(other)
        if verdicts[other].runs == NO:
            dropped[name] = None
            left += [value.text for value in reversed(other.depends_on)]
        else:
            after[name] = None
    return tuple(after), tuple(dropped)


def _pipeline(
    pipeline: Pipeline, verdict: Verdict, order: int | None, after: tuple[str, ...], dropped: tuple[str, ...], secrets: _Secrets
) -> PlannedPipeline:
    graph = any(_depends_on(step) for step in pipeline.containers)
    return PlannedPipeline(
        name=pipeline.name or "default",
        type=pipeline.type,
        verdict=verdict,
        order=order,
        after=after,
        dropped=dropped,
        on=_status(pipeline.trigger),
        graph=graph,
        steps=tuple(_steps(pipeline, secrets, graph=graph)) if order is not None else (),
        pull_secrets=tuple(secrets.use(name) for name in _texts(pipeline.get("image_pull_secrets"))) if order is not None else (),
    )


def _steps(pipeline: Pipeline, secrets: _Secrets, *, graph: bool) -> list[PlannedStep]:
    """Clone, services and steps. A step that is skipped counts as done for those that wait for it."""
    found = []
    clones = not _is_true(pipeline.value.at("clone", "disable"))
    if clones:
        image = _CLONE_IMAGE if pipeline.type in ("docker", "kubernetes") else ""
        found.append(PlannedStep("clone", "clone", image, RUNS, 1))
    orders = {"clone": 1} if clones else {}
    for step in pipeline.containers:
        verdict = judge(step.when, secrets.build, within=pipeline.trigger)
        after = _step_after(step, [one.name for one in found if one.order is not None], clones=clones, graph=graph)
        begins = max((orders.get(name, 0) for name in after), default=0)
        order = begins + 1 if verdict.runs != NO else None
        if step.name not in orders:
            orders[step.name] = begins if order is None else order
        found.append(_step(step, verdict, order, after, secrets))
    return found


def _step_after(step: Step, running: Sequence[str], *, clones: bool, graph: bool) -> tuple[str, ...]:
    if not graph:
        return tuple(running[-1:])
    named = _depends_on(step)
    if named:
        return tuple(name for name in named if clones or name != "clone")
    return ("clone",) if clones else ()


def _step(step: Step, verdict: Verdict, order: int | None, after: tuple[str, ...], secrets: _Secrets) -> PlannedStep:
    return PlannedStep(
        name=step.name or step.title,
        kind=step.kind,
        image=step.image.text if step.image is not None else "",
        verdict=verdict,
        order=order,
        after=after if order is not None else (),
        on=_status(step.when),
        detached=step.is_service or _is_true(step.get("detach")),
        failure_ignored=_text(step.get("failure")) == "ignore",
        privileges=tuple(_privileges(step, secrets.facts)) if order is not None else (),
        secrets=tuple(secrets.of(step)) if order is not None else (),
    )


def _privileges(step: Step, facts: PlanFacts) -> list[Privilege]:
    found = [Privilege("explicit")] if step.privileged else []
    plugin = automatic_for(step, facts.privileged_images, plugin_volumes=facts.plugin_volumes)
    if plugin is not None:
        found.append(Privilege("automatic", plugin))
    found += [Privilege("socket", path.text) for _, path in host_mounts(step) if socket_of(path.text) is not None]
    return found


class _Secrets:
    """Which secrets a build's steps get (drone-semantics 5.1)."""

    def __init__(self, documents: Iterable[Document], build: Build, facts: PlanFacts) -> None:
        self.build = build
        self.facts = facts
        self._in_file = {document.name: document for document in documents if document.kind == "secret"}

    def of(self, step: Step) -> list[SecretUse]:
        """A use for each secret, once."""
        return [self.use(name) for name in dict.fromkeys(name for name, _ in step.secrets)]

    def use(self, name: str) -> SecretUse:
        """What a build gets of a secret."""
        if self.build.event != "pull_request":
            return SecretUse(name, "yes")
        if name in self.facts.allowed_secrets:
            return SecretUse(name, "yes", "allowed on pull requests")
        document = self._in_file.get(name)
        if document is not None and document.value.get("get") is not None:
            return SecretUse(name, MAYBE, "depends on its extension")
        if document is not None:
            return SecretUse(name, MAYBE, "encrypted in the file: available if the repository is private, also to forks")
        return SecretUse(name, NO, "withheld unless the secret allows pull requests")


def _status(conditions: Conditions) -> str:
    """`success` (also where nothing is said), `failure` or `always` (runner engine/compiler/util.go, harness/drone trigger)."""
    status = conditions["status"]
    if not status or not takes(status, "failure"):
        return "success"
    return "always" if takes(status, "success") else "failure"


def _depends_on(step: Step) -> tuple[str, ...]:
    return _texts(step.get("depends_on"))


def _texts(found: Value | None) -> tuple[str, ...]:
    return tuple(item.text for item in found) if found is not None else ()


def _is_true(value: Value | None) -> bool:
    return value is not None and value.true


def _text(value: Value | None) -> str:
    return value.text if value is not None else ""
