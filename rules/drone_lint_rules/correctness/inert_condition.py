"""Conditions that Drone never evaluates."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Confidence, Example, Finding, Jsonnet, Pipeline, Rule, ServerSettings, Settings, Severity, Step, Trigger, Value


class InertCondition(Rule):
    """Drone reads a condition but never evaluates it.

    `paths` seems to limit a step to changes of certain files. Drone itself never evaluates it: this needs a conversion extension that fetches the
    list of changed files. Without one, the step runs for every change. Drone does not evaluate `matrix`, or `instance` in a `trigger`, either.

    If your server has such an extension, declare it: `server: {paths-extension: true}`.
    """

    name = "inert-condition"
    severity = Severity.WARNING
    why = "the condition has no effect: it does not limit when the step or pipeline runs"
    help = "remove the condition, or use one that Drone evaluates, such as `branch` or `event`"
    trigger = Trigger(keys=("trigger", "when"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger:
          instance: ci.example.com  # <- inert-condition
          paths: [docs/**]  # <- inert-condition
        steps:
        - name: deploy
          image: alpine:3.20
          when:
            paths:  # <- inert-condition
              include: [docs/**]
            matrix: {A: b}  # <- inert-condition
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'alpine:3.20', when: {
            paths: ['docs/**'],  // <- inert-condition
          } },
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger: {paths: [], instance: ~}
        steps:
        - name: deploy
          image: alpine:3.20
          when: {instance: ci.example.com}
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            trigger: {paths: [docs/**]}
            """,
            settings=Settings(server=ServerSettings(paths_extension=True)),
        ),
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        trigger = pipeline.get("trigger")
        if trigger is not None:
            yield from self._check(trigger, ("paths", "matrix", "instance"))

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        when = step.get("when")
        if when is not None:
            yield from self._check(when, ("paths", "matrix"))

    def _check(self, conditions: Value, names: tuple[str, ...]) -> Iterator[Finding]:
        for name in names:
            value = conditions.get(name)
            if (
                value is None
                or not (value.text if value.is_scalar else value.data)
                or (name == "paths" and self.settings.server.paths_extension)
            ):
                continue
            confidence = Confidence.MEDIUM if name == "paths" else Confidence.HIGH
            message = f"Drone never evaluates the condition `{name}`" + (
                ", unless the server has an extension for it" if name == "paths" else " here"
            )
            yield self.finding(value.key, message, confidence=confidence)
