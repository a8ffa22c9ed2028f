"""Pipelines, steps and services without a name."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import RUNNERS, Finding, Jsonnet, Pipeline, Rule, Severity, Step
from drone_lint_rules.drone import parse_refusal


class Unnamed(Rule):
    """A pipeline, step or service has no name.

    Runners refuse steps without a name. Drone shows a pipeline without a name as `default`, but other pipelines cannot depend on it by that
    name, and two of them collide. Other steps cannot reach a service without a name.
    """

    name = "unnamed"
    severity = Severity.WARNING
    why = "other pipelines cannot depend on it, and a second pipeline without a name is refused"
    help = "add a `name`"

    bad = (
        """
        kind: pipeline  # <- unnamed
        type: docker
        steps:
        - image: golang:1.22.1  # <- unnamed
        - name: ""  # <- unnamed
          image: golang:1.22.1
        services:
        - image: postgres:16.2  # <- unnamed
        """,
        Jsonnet("""
        {
          kind: 'pipeline',  // <- unnamed
          type: 'exec',
          steps: [
            { commands: ['make'] },  // <- unnamed
          ],
        }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: 1
          image: golang:1.22.1
        """,
    )
    view = "runner"

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if not pipeline.name:
            place = (pipeline.value.get("name") or pipeline.value.get("kind") or pipeline.value).key
            yield self.finding(place, "the pipeline has no name")

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if step.name:
            return
        place = (step.get("name") or step.value).place
        if step.is_service:
            yield self.finding(
                place, "the service has no name", why="a service's name is its host name: other steps cannot reach it without one"
            )
        else:
            drone = parse_refusal(pipeline, "invalid or missing step name", RUNNERS)
            yield self.finding(place, "the step has no name", drone=drone, severity=Severity.ERROR, why="the runner refuses the file")
