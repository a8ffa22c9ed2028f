"""Dependencies on pipelines that never run for the same event."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Confidence, ConfigFile, Finding, Jsonnet, Pipeline, Rule, Severity, Trigger, listed, pipeline_events
from drone_lint_rules.drone import server_views


class SkippedDependency(Rule):
    """A pipeline depends on one that never runs for the same build.

    Drone silently drops a dependency whose trigger does not match, and the pipeline waits only for the dependencies of the skipped pipeline.
    If the two have no event in common, the dependency has no effect.

    Remove it, or correct a trigger.
    """

    name = "skipped-dependency"
    severity = Severity.NOTICE
    confidence = Confidence.MEDIUM
    profile = "pedantic"
    why = "Drone silently drops the dependency"
    help = "remove it, or correct one of the triggers"
    trigger = Trigger(keys=("depends_on",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: test
        trigger: {event: [push, pull_request]}
        ---
        kind: pipeline
        type: docker
        name: release
        trigger: {event: tag}
        depends_on:
        - test  # <- skipped-dependency
        """,
        Jsonnet("""
        local pipeline(name, event, needs) = { kind: 'pipeline', type: 'docker', name: name, trigger: { event: event }, depends_on: needs };
        [pipeline('a', 'push', []), pipeline('b', 'cron', ['a'])]  // <- skipped-dependency
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: test
        trigger: {event: [push, tag]}
        ---
        kind: pipeline
        type: docker
        name: release
        trigger: {event: tag}
        depends_on: [test, unknown]
        ---
        kind: pipeline
        type: docker
        name: never
        trigger: {event: nothing}
        depends_on: [test]
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for documents in server_views(file):
            pipelines = [document.pipeline for document in documents if document.pipeline is not None]
            by_name = {pipeline.name: pipeline for pipeline in pipelines}
            for pipeline in pipelines:
                yield from self._of(pipeline, by_name)

    def _of(self, pipeline: Pipeline, by_name: dict[str, Pipeline]) -> Iterator[Finding]:
        if not pipeline.depends_on:
            return
        events = pipeline_events(pipeline)
        for value in pipeline.depends_on:
            other = by_name.get(value.text)
            theirs = pipeline_events(other) if other is not None else frozenset[str]()
            if other is not None and other is not pipeline and events and theirs and not events & theirs:
                message = f"{pipeline.title} runs on {listed(events)}, but depends on `{value.text}`, which never runs for the same event: it runs on {listed(theirs)}"
                yield self.finding(value.place, message)
