"""Steps that one `depends_on` elsewhere sets loose."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger


class UnorderedStep(Rule):
    """A step stands behind others and starts before them, because one of them has a `depends_on`.

    Without any `depends_on` the steps of a pipeline run one after the other. As soon as one step has it, the order in the file means nothing any more: every step without `depends_on`
    starts right after the clone. So a deployment at the end of the list begins before the tests are done.

    Write `depends_on` in the step, with the names of those that it is to wait for. If it is to start at once, write `depends_on: [clone]`, or move it up in front of the first step
    that waits.

    What a step is for is not known: a step that waits for nothing, that nothing waits for, and that stands behind one of at most two that wait, is most likely meant to come last.
    """

    name = "unordered-step"
    severity = Severity.NOTICE
    confidence = Confidence.MEDIUM
    why = "as soon as one step has `depends_on`, every step without it starts right after the clone"
    trigger = Trigger(keys=("depends_on",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: golang:1.22.1
          commands: [go build ./...]
        - name: test
          image: golang:1.22.1
          commands: [go test ./...]
          depends_on: [build]
        - name: deploy  # <- unordered-step
          image: alpine:3.20
          commands: [./deploy.sh]
        """,
        Jsonnet("""
        local step(name, needs=[]) = { name: name, image: 'golang:1.22.1', commands: ['make ' + name], depends_on: needs };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          step('build'), step('test', ['build']),
          { name: 'publish', image: 'plugins/s3:1.5' },  // <- unordered-step
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: lint, image: "golang:1.22.1", commands: [go vet ./...]}
        - {name: build, image: "golang:1.22.1", commands: [go build ./...]}
        - {name: test, image: "golang:1.22.1", commands: [go test ./...], depends_on: [build]}
        - {name: watch, image: "alpine:3.20", commands: [./watch.sh], detach: true}
        - {name: fetch, image: "alpine:3.20", commands: [./fetch.sh]}
        - {name: loose, image: "alpine:3.20", commands: [./loose.sh]}
        - {name: use, image: "alpine:3.20", commands: [./use.sh], depends_on: [fetch, test]}
        ---
        kind: pipeline
        type: docker
        name: aware
        steps:
        - {name: build, image: "golang:1.22.1", commands: [go build ./...], depends_on: [clone]}
        - {name: test, image: "golang:1.22.1", commands: [go test ./...], depends_on: [build]}
        - {name: docs, image: "alpine:3.20", commands: [./docs.sh]}
        ---
        kind: pipeline
        type: docker
        name: serial
        steps:
        - {name: build, image: "golang:1.22.1", commands: [go build ./...]}
        - {name: deploy, image: "alpine:3.20", commands: [./deploy.sh], depends_on: []}
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        waiting = [step for step in pipeline.steps if _waits_for(step)]
        awaited = {name for step in pipeline.containers for name in _waits_for(step)}
        if not waiting or _knows(waiting, awaited, pipeline):
            return
        for step in pipeline.steps[waiting[0].index + 1 :]:
            detach = step.get("detach")
            if (
                not _waits_for(step)
                and step.get("depends_on") is None
                and step.name not in awaited
                and not (detach is not None and detach.true)
            ):
                before = pipeline.steps[step.index - 1]
                yield self.finding(
                    (step.get("name") or step.value).place,
                    f"{step.title} does not wait for the steps above it: it starts right after the clone",
                    related=[("this makes the order of steps one of `depends_on`", waiting[0].value["depends_on"].key)],
                    help=f"write `depends_on: [{before.name}]` in it, or whatever it is to wait for; `depends_on: [clone]` if it is to start at once",
                )


def _knows(waiting: list[Step], awaited: set[str], pipeline: Pipeline) -> bool:
    """Whether the author evidently writes a graph: steps wait for `clone`, most steps wait, or other chains begin further down."""
    behind = pipeline.steps[waiting[0].index + 1 :]
    begins = any(not _waits_for(step) and step.name in awaited for step in behind)
    return "clone" in awaited or begins or len(waiting) > 2


def _waits_for(step: Step) -> tuple[str, ...]:
    found = step.get("depends_on")
    return tuple(item.text for item in found) if found is not None else ()
