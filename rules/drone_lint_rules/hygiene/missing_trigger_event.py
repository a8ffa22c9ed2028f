"""Pipelines that run for every event."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity


class MissingTriggerEvent(Rule):
    """A pipeline does not restrict the events for which it runs.

    Without `trigger.event` the pipeline runs for every event: pushes, pull requests, tags, cron jobs and promotions. A step that is meant for pushes then also runs when a user
    promotes a build.

    List the events: `trigger: {event: [push, pull_request]}`.
    """

    name = "missing-trigger-event"
    severity = Severity.INFO
    profile = "pedantic"
    why = "the pipeline runs for pushes, pull requests, tags, cron jobs and promotions"
    help = "list the events, for example `trigger: {event: [push, pull_request]}`"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default  # <- missing-trigger-event
        steps: []
        ---
        kind: pipeline
        type: docker
        name: other
        trigger:  # <- missing-trigger-event
          branch: [main]
        """,
        Jsonnet("""
        {
          kind: 'pipeline',
          type: 'docker',
          name: 'default',  // <- missing-trigger-event
          steps: [],
        }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger: {event: push}
        ---
        kind: pipeline
        type: docker
        name: other
        trigger: {event: {exclude: [pull_request]}}
        ---
        kind: pipeline
        type: docker
        name: by-ref
        trigger: {ref: ["refs/tags/**"]}
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.trigger["event"] or pipeline.trigger["ref"] or pipeline.trigger["cron"] or pipeline.trigger["target"]:
            return
        place = pipeline.get("trigger") or pipeline.get("name") or pipeline.get("kind") or pipeline.value
        yield self.finding(place.key if place.path == ("trigger",) else place.place, f"{pipeline.title} has no `trigger.event`")
