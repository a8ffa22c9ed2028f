"""Conditions that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    EVENTS,
    Conditions,
    Confidence,
    Finding,
    Jsonnet,
    Pipeline,
    Rule,
    Severity,
    Trigger,
    Value,
    impossible,
    pipeline_events,
    step_events,
)


class NeverRuns(Rule):
    """A pipeline or step can never run: its conditions exclude each other, or those of the pipeline around it.

    All conditions must hold at once. A step `when: {event: tag}` in a pipeline that is triggered by pushes only never runs; nor does what excludes all
    that it includes; nor, on most SCMs, what asks for `event: tag` and a `branch`, because a tag has no branch. Actions and targets exist for
    some events only: `target` for promote and rollback, `cron` for cron.
    """

    name = "never-runs"
    severity = Severity.WARNING
    confidence = Confidence.MEDIUM
    why = "no build can meet all of its conditions"
    help = "take one of the conditions away"
    trigger = Trigger(keys=("trigger", "when"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger:
          event: push
        steps:
        - name: publish
          image: alpine:3.20
          when:
            event: tag  # <- never-runs
        - name: nothing
          image: alpine:3.20
          when:
            branch: {include: [main], exclude: [main]}  # <- never-runs
        ---
        kind: pipeline
        type: docker
        name: tagged
        trigger:
          event: [tag]
          branch: [main]  # <- never-runs
        ---
        kind: pipeline
        type: docker
        name: targeted
        trigger:
          event: [push]
          target: [production]  # <- never-runs
        """,
        Jsonnet(
            """
        local step(name, event) = { name: name, image: 'alpine:3.20', when: { event: [event] } };
        { kind: 'pipeline', type: 'docker', name: 'a', trigger: { event: ['pull_request'] }, steps: [
          step('a', 'pull_request'),
          step('b', 'cron'),  // <- never-runs
        ] }
        """.replace("when: { event: [event] } };", "when: {\n          event: [event],\n        } };")
            .replace("  // <- never-runs", "")
            .replace("event: [event],", "event: [event],  // <- never-runs")
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger:
          event: [push, tag, promote]
          ref: [refs/heads/main, "refs/tags/**"]
        steps:
        - name: publish
          image: alpine:3.20
          when: {event: tag}
        - name: any
          image: alpine:3.20
          when: {branch: {exclude: [main]}}
        - name: deploy
          image: alpine:3.20
          when: {target: production}
        - name: versions
          image: alpine:3.20
          when: {event: tag, branch: [v1.*]}
        """,
        """
        kind: pipeline
        type: docker
        name: misspelt
        trigger: {event: [pull-request]}
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        possible = pipeline_events(pipeline)
        if not possible:
            yield from self._finding(pipeline.trigger, EVENTS, pipeline.title, of_server=True)
            return
        for step in pipeline.steps:
            if step.when.value is not None and not step_events(step):
                within = tuple(event for event in EVENTS if event in possible)
                yield from self._finding(step.when, within, step.title, of_server=False)

    def _finding(self, conditions: Conditions, events: tuple[str, ...], who: str, *, of_server: bool) -> Iterator[Finding]:
        blocked = {event: impossible(conditions, event, of_server=of_server) for event in events}
        reasons = [reason for reason in blocked.values() if reason is not None and reason != "event"] or ["event"]
        value = conditions.value.get(reasons[0]) if conditions.value is not None else None
        if value is None or _unknown_events(conditions):
            return
        yield self.finding(value.key, f"{who} never runs: {_because(reasons[0], conditions, events)}")


def _unknown_events(conditions: Conditions) -> bool:
    """Whether the events are misspelt, which is `invalid-condition`."""
    include = conditions["event"].include
    return bool(include) and not any(event in EVENTS or "*" in event for event in include)


def _because(reason: str, conditions: Conditions, events: tuple[str, ...]) -> str:
    if reason == "event":
        return "its pipeline runs on " + ", ".join(f"`{event}`" for event in events) + " only"
    wanted: Value | None = conditions.value.get("event") if conditions.value is not None else None
    if reason == "branch" and wanted is not None and conditions.events <= {"tag"}:
        return "a tag has no branch"
    if wanted is not None:
        return f"no build of these events can meet its `{reason}`"
    return f"no build can meet its `{reason}`"
