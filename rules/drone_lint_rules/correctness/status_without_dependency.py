"""Pipelines that look at the build's status before there is one."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Finding, Jsonnet, Pipeline, Rule, Severity, Trigger, takes
from drone_lint_rules.drone import server_views


class StatusWithoutDependency(Rule):
    """A pipeline's `trigger` asks for failures, and the pipeline waits for nothing.

    Drone looks at `trigger.status` only when a pipeline has waited for others (`depends_on`). One that waits for nothing starts at once, for every build, before anything
    can have failed: a notification about failures is sent with each build, a rollback rolls back each push.

    Write `depends_on` with the pipelines whose outcome it is about. Where it is about steps of the same pipeline, write `when: {status: [failure]}` in a step behind them.

    With `status: [success, failure]` it is a notice, and only beside other pipelines: it runs for every build as it says, only too early.
    """

    name = "status-without-dependency"
    severity = Severity.WARNING
    why = "Drone looks at `trigger.status` only when a pipeline has waited for others"
    help = "write `depends_on` with the names of the pipelines whose outcome it is about"
    trigger = Trigger(keys=("status",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: build
        steps: []
        ---
        kind: pipeline
        type: docker
        name: rollback
        trigger:
          status: [failure]  # <- status-without-dependency
        steps: []
        ---
        kind: pipeline
        type: docker
        name: notify
        depends_on: []
        trigger:
          status: [success, failure]  # <- status-without-dependency
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'rollback', steps: [], trigger: {
          status: ['failure'],  // <- status-without-dependency
        } }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: build
        trigger: {status: success}
        ---
        kind: pipeline
        type: docker
        name: notify
        trigger: {status: [success, failure]}
        depends_on: [build]
        """,
        """
        kind: pipeline
        type: docker
        name: alone
        trigger: {status: [success, failure]}
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for documents in server_views(file):
            pipelines = [document.pipeline for document in documents if document.pipeline is not None]
            for pipeline in pipelines:
                yield from self._of(pipeline, alone=len(pipelines) == 1)

    def _of(self, pipeline: Pipeline, *, alone: bool) -> Iterator[Finding]:
        status = pipeline.trigger["status"]
        if pipeline.trigger.value is None or not status or not takes(status, "failure") or (pipeline.name and pipeline.depends_on):
            return
        always = takes(status, "success")
        if not (always and alone):
            message = f"{pipeline.title} waits for nothing, so it runs at once for every build, whatever its `status`"
            severity = Severity.NOTICE if always else None
            yield self.finding(pipeline.trigger.value["status"].key, message, severity=severity)
