"""Null in lists of volumes."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Trigger, Value
from drone_lint_rules.drone import NAMESPACE, refused

_PANIC = "PANIC: runtime error: invalid memory address or nil pointer dereference"


class NullVolume(Rule):
    """An item of a `volumes` list is null, which crashes the runner.

    The null comes from an empty `-` in YAML, or from an `if` without `else` in Jsonnet. The runner does not check for null before it reads the
    name, and panics: the build ends with an internal error.

    Remove the item; in Jsonnet write `[...] + (if condition then [volume] else [])`.
    """

    name = "null-volume"
    severity = Severity.ERROR
    why = "the runner crashes"
    help = "remove the item; in Jsonnet, write `[...] + (if condition then [volume] else [])`"
    trigger = Trigger(keys=("volumes",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          volumes:
          - ~  # <- null-volume
        volumes:
        - null  # <- null-volume
        """,
        Jsonnet("""
        local cache = false;
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [], volumes: [
          if cache then { name: 'cache', temp: {} },  // <- null-volume
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          volumes:
        volumes: []
        """,
    )
    view = "runner"

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in NAMESPACE:
            return
        yield from self._nulls(pipeline.value.get("volumes"), pipeline)
        for step in pipeline.containers:
            yield from self._nulls(step.get("volumes"), pipeline)

    def _nulls(self, volumes: Value | None, pipeline: Pipeline) -> Iterator[Finding]:
        for item in volumes or ():
            if item.is_null:
                yield self.finding(item.place, "null in `volumes`", drone=refused(pipeline, _PANIC, NAMESPACE))
