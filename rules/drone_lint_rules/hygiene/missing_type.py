"""Pipelines without a type."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Pipeline,
    Rule,
    Severity,
)


class MissingType(Rule):
    """A pipeline does not set its `type`.

    The server treats it as `docker`; `drone lint` skips all security checks of such a pipeline.

    Write `type: docker`. Where there are other runners only (`--runner`), the finding is `unknown-kind-or-type`, an error.
    """

    name = "missing-type"
    fixable = "safe"
    severity = Severity.INFO
    profile = "pedantic"
    why = "the server treats the pipeline as `docker`, and `drone lint` skips its security checks"
    help = "write `type: docker`"

    bad = (
        """
        kind: pipeline  # <- missing-type
        name: default
        steps: []
        """,
        Jsonnet("""
        {
          kind: 'pipeline',  // <- missing-type
          name: 'default',
          steps: [],
        }
        """),
        Example(
            """
            # A comment.
            kind: pipeline  # <- missing-type
            name: default
            steps: []
            ---
            {kind: pipeline, name: other}  # <- missing-type
            """,
            fixed="""
            # A comment.
            kind: pipeline
            type: docker
            name: default
            steps: []
            ---
            {kind: pipeline, type: docker, name: other}
            """,
        ),
        Jsonnet(
            """
            [
              {
                kind: 'pipeline',  // <- missing-type
                name: 'default',
              },
              { kind: 'pipeline', name: 'other' },  // <- missing-type
            ]
            """,
            fixed="""
            [
              {
                kind: 'pipeline',
                type: 'docker',
                name: 'default',
              },
              { kind: 'pipeline', type: 'docker', name: 'other' },
            ]
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        ---
        kind: secret
        name: a
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        found = pipeline.get("type")
        if self.settings.runner != "docker":
            return  # then nothing takes the pipeline, which `unknown-kind-or-type` says
        if found is None or found.is_null or (found.is_scalar and not found.text):
            place = pipeline.get("kind") or pipeline.value
            edit = Edit(place.key, "docker", action="after", key="type") if found is None else Edit(found.place, "docker")
            fix = Fix("write `type: docker`", (edit,))
            yield self.finding(place.key, f"{pipeline.title} has no `type`, so Drone treats it as `docker`", fix=fix)
