"""Pipelines that are to report failures, and are skipped when something fails."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger, takes


class StatusWithoutTrigger(Rule):
    """Every step of a waiting pipeline asks for failures, but the pipeline itself is skipped when something fails.

    A pipeline with `depends_on` runs only if no pipeline of the build has failed, unless its own `trigger` says otherwise. `when: {status: [failure]}` of its steps
    cannot change that: it looks at steps of the same pipeline only. So the notification never comes for the builds that it was written for.

    Write `trigger: {status: [success, failure]}` in the pipeline, and keep the steps' `when`.

    A step for failures behind other steps of its own pipeline is right as it is, and no finding.
    """

    name = "status-without-trigger"
    severity = Severity.WARNING
    trigger = Trigger(keys=("depends_on",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: build
        steps: [{name: test, image: "golang:1.22.1", commands: [make]}]
        ---
        kind: pipeline
        type: docker
        name: notify
        trigger:  # <- status-without-trigger
          event: [push]
        depends_on: [build]
        steps:
        - name: tell
          image: plugins/slack:1.4
          when: {status: [success, failure]}
        ---
        kind: pipeline
        type: docker
        name: clean
        depends_on: [build]  # <- status-without-trigger
        steps:
        - name: clean
          image: alpine:3.20
          commands: [./clean.sh]
          when: {status: failure}
        """,
        Jsonnet("""
        local tell(status) = { name: status, image: 'plugins/slack:1.4', when: { status: [status] } };
        [
          { kind: 'pipeline', type: 'docker', name: 'build', steps: [{ name: 'test', image: 'golang:1.22.1' }] },
          {
            kind: 'pipeline', type: 'docker', name: 'notify',
            depends_on: ['build'],
            trigger: { event: ['push'] },  // <- status-without-trigger
            steps: [tell('failure')],
          },
        ]
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: build
        steps:
        - {name: tell, image: "plugins/slack:1.4", when: {status: [success, failure]}}
        ---
        kind: pipeline
        type: docker
        name: notify
        trigger: {status: [success, failure]}
        depends_on: [build]
        steps:
        - {name: tell, image: "plugins/slack:1.4", when: {status: [success, failure]}}
        ---
        kind: pipeline
        type: docker
        name: deploy
        depends_on: [build]
        steps:
        - {name: deploy, image: "alpine:3.20", commands: [./deploy.sh]}
        - {name: roll back, image: "alpine:3.20", commands: [./rollback.sh], when: {status: [failure]}}
        ---
        kind: pipeline
        type: docker
        name: successes
        depends_on: [build]
        steps:
        - {name: tell, image: "plugins/slack:1.4", when: {status: success}}
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        status = pipeline.trigger["status"]
        if not pipeline.name or not pipeline.depends_on or (status and takes(status, "failure")):
            return
        steps = [step for step in pipeline.steps if not _is_detached(step)]
        if not steps or not all(_wants_failures(step) for step in steps):
            return
        place = pipeline.get("trigger") or pipeline.value["depends_on"]
        asked = steps[0].when.value
        assert asked is not None
        waits = ", ".join(f"`{name.text}`" for name in pipeline.depends_on[:3])
        yield self.finding(
            place.key,
            f"{pipeline.title} is skipped when a pipeline of the build has failed, though its steps ask for failures",
            related=[("the step's `status` looks at its own pipeline only", asked["status"].key)],
            why=f"it waits for {waits}, and its `trigger` does not ask for failures",
            help="write `trigger: {status: [success, failure]}` in the pipeline, beside the steps' `when`",
        )


def _wants_failures(step: Step) -> bool:
    return bool(step.when["status"]) and takes(step.when["status"], "failure")


def _is_detached(step: Step) -> bool:
    detach = step.get("detach")
    return detach is not None and detach.true
