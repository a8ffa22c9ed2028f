"""What a configuration lets each of its steps do in a build, as facts that can be compared, each with its place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from drone_lint.model.condition import Condition, Conditions, decode_condition
from drone_lint.model.document import Document
from drone_lint.model.node import plain
from drone_lint.model.pipeline import Pipeline
from drone_lint.model.step import Step
from drone_lint.model.value import Place, Value
from drone_lint.semantics.build import NO, Build
from drone_lint.semantics.host_path import host_mounts, socket_of
from drone_lint.semantics.plan import PlanFacts, PlannedStep, Privilege, plan_build

_WORK = ("commands", "command", "entrypoint", "args", "settings", "shell")
"""Keys that say what a step does."""


class Grant(NamedTuple):
    """One thing that a step may do."""

    kind: str
    """`privilege`, `secret` or `mount`."""
    what: str
    """Words with a verb first: ``gets the secret `x```."""


class Limits(NamedTuple):
    """A condition of a `trigger` or `when`, with its place."""

    name: str
    condition: Condition
    place: Place


class Holder(NamedTuple):
    """A step or service with what it may do in a build, or the trigger of a pipeline (without step)."""

    name: str
    place: Place
    runs: str
    """`yes`, `maybe` or `no`."""
    limits: tuple[Limits, ...]
    grants: tuple[tuple[Grant, Place], ...] = ()
    image: str = ""
    image_place: Place | None = None
    work: tuple[tuple[str, Place], ...] = ()
    """What it does: every command and setting that is no secret, as text."""
    content: str = ""
    """Everything but the name and what it waits for: by this a renamed step is known again."""


class Held(NamedTuple):
    """A pipeline with its steps."""

    trigger: Holder
    steps: tuple[Holder, ...]


def held_in(documents: Iterable[Document], build: Build, facts: PlanFacts) -> tuple[Held, ...]:
    """What every pipeline and step may do in a build, in the order of the file."""
    documents = tuple(documents)
    pipelines = [document.pipeline for document in documents if document.pipeline is not None]
    planned = plan_build(documents, build, facts).pipelines
    found = []
    for pipeline, plan in zip(pipelines, planned, strict=True):
        steps = [step for step in plan.steps if step.kind != "clone"]
        by_step = zip(pipeline.containers, steps, strict=True) if steps else ()
        place = pipeline.document.value.get("name") or pipeline.document.value
        trigger = Holder(plan.name, place.place, plan.verdict.runs, _limits(pipeline.trigger), content=_content(pipeline.document.value))
        found.append(Held(trigger, tuple(_holder(step, one, pipeline) for step, one in by_step)))
    return tuple(found)


def _holder(step: Step, planned: PlannedStep, pipeline: Pipeline) -> Holder:
    name = step.value.get("name") or step.value
    runs = planned.verdict.runs
    grants = tuple(dict(_grants(step, planned, pipeline)).items()) if runs != NO else ()
    image = step.image.text if step.image is not None else ""
    image_place = step.image.place if step.image is not None else None
    return Holder(planned.name, name.place, runs, _limits(step.when), grants, image, image_place, tuple(_work(step)), _content(step.value))


def _limits(conditions: Conditions) -> tuple[Limits, ...]:
    found = (Limits(name, decode_condition(value), value.place) for name, value in conditions.items())
    return tuple(one for one in found if one.condition)


def _grants(step: Step, planned: PlannedStep, pipeline: Pipeline) -> Iterator[tuple[Grant, Place]]:
    for privilege in planned.privileges:
        yield Grant("privilege", _power(privilege)), _giver(step, privilege)
    if pipeline.type == "exec":
        yield Grant("privilege", "runs on the runner's host itself"), step.value.place
    names = dict(reversed(step.secrets))
    for secret in planned.secrets:
        if secret.given != NO:
            yield Grant("secret", f"gets the secret `{secret.name}`"), names[secret.name].place
    for _, path in host_mounts(step):
        if socket_of(path.text) is None:
            yield Grant("mount", f"mounts `{path.text}` of the host"), path.place
    for device in step.get("devices") or ():
        yield Grant("mount", f"gets the device `{_text(device)}`"), device.place
    network = step.get("network_mode")
    if network is not None and network.text:
        yield Grant("mount", f"uses the network `{network.text}`"), network.place


def _text(value: Value) -> str:
    named = value.get("name")
    return named.text if named is not None else value.text


def _power(privilege: Privilege) -> str:
    words = {"explicit": "is privileged", "automatic": f"is privileged by the runner as `{privilege.detail}`"}
    return words.get(privilege.kind, f"is root on the host by `{privilege.detail}`")


def _giver(step: Step, privilege: Privilege) -> Place:
    """The value that makes a step privileged."""
    if privilege.kind == "socket":
        return next((path.place for _, path in host_mounts(step) if path.text == privilege.detail), step.value.place)
    found = step.get("privileged") if privilege.kind == "explicit" else step.image
    return found.place if found is not None else step.value.place


def _work(step: Step) -> Iterator[tuple[str, Place]]:
    for key in _WORK:
        value = step.get(key)
        if value is None:
            continue
        items: Sequence[tuple[str, Value]] = [*value.items()] or [("", item) for item in value] or [("", value)]
        for name, item in items:
            if item.get("from_secret") is None:
                yield f"{key} {name} {_json(plain(item.node))}", item.place


def _content(value: Value) -> str:
    data = {key: plain(item.node) for key, item in value.items() if key not in ("name", "depends_on")}
    return _json(data)


def _json(data: Any) -> str:
    return json.dumps(data, sort_keys=True, default=str)
