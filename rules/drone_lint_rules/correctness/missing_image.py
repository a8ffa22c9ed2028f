"""Containers without an image."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Step

_TYPES = ("docker", "kubernetes")


class MissingImage(Rule):
    """A step or service has no image.

    The docker and kubernetes runners refuse the whole stage: "linter: invalid or missing image". An image that consists only of a
    `${}` variable is missing as well if the variable is empty, because the runner substitutes before it checks.

    The vm runner runs a step without an image on the machine itself, and exec, ssh, digitalocean and macstadium pipelines do not use images.
    """

    name = "missing-image"
    severity = Severity.ERROR
    view = "runner"
    why = "the runner refuses the whole stage"
    help = "add an `image`"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: absent  # <- missing-image
          commands: [make]
        - name: empty
          image: ""  # <- missing-image
        - name: nothing
          image:  # <- missing-image
        services:
        - name: db  # <- missing-image
        ---
        kind: pipeline
        type: kubernetes
        name: kube
        steps:
        - name: absent  # <- missing-image
        """,
        Jsonnet("""
        {
          kind: 'pipeline',
          type: 'docker',
          name: 'default',
          steps: [{
            name: 'a',
            image: std.extVar('build.source_repo') + '',  // <- missing-image
          }],
        }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: number
          image: 1.10
        ---
        kind: pipeline
        type: exec
        name: exec
        steps:
        - name: build
          commands: [make]
        ---
        kind: pipeline
        type: vm
        name: vm
        pool: {use: ubuntu}
        steps:
        - name: build
          commands: [make]
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in _TYPES or (step.image is not None and (step.image.text or not step.image.is_scalar)):
            return
        place = step.image.key if step.image is not None else step.value.place
        yield self.finding(place, f"{step.title} has no image", drone=[(f"runner:{pipeline.type}", "linter: invalid or missing image")])
