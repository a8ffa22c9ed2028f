"""Keys that a runner refuses."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Scalar, Severity, parse_size
from drone_lint_rules.drone import refused


class ForbiddenKey(Rule):
    """A step or pipeline has a key that its runner refuses.

    An exec pipeline has no containers, so its runner refuses `image`; ssh and digitalocean pipelines cannot detach steps; on kubernetes
    `resources.limits` belongs to steps, not to the whole pipeline, while `resources.requests` belongs to the pipeline.
    """

    name = "forbidden-key"
    severity = Severity.ERROR
    why = "the runner refuses the pipeline"

    bad = (
        """
        kind: pipeline
        type: exec
        name: one
        steps:
        - name: test
          image: golang:1.22.1  # <- forbidden-key
        ---
        kind: pipeline
        type: ssh
        name: two
        server: {host: a, user: b, password: {from_secret: c}}
        steps:
        - name: test
          detach: true  # <- forbidden-key
        ---
        kind: pipeline
        type: kubernetes
        name: three
        resources:
          limits:
            cpu: 100  # <- forbidden-key
            memory: 1GiB  # <- forbidden-key
        steps: []
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'digitalocean', name: 'a', token: { from_secret: 'token' }, steps: [
          { name: 'a', detach: true },  // <- forbidden-key
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: kubernetes
        name: three
        resources: {limits: {cpu: 0.5, memory: 0b}, requests: {cpu: 100}}
        steps:
        - name: test
          image: golang:1.22.1
          detach: true
          resources: {limits: {cpu: 100}}
        ---
        kind: pipeline
        type: ssh
        name: two
        server: {host: a, user: b, password: {from_secret: c}}
        steps:
        - name: test
          detach: false
        """,
    )
    view = "runner"

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type == "kubernetes":
            yield from self._limits(pipeline)
        for step in pipeline.steps:
            image, detach = step.image, step.get("detach")
            if pipeline.type == "exec" and image is not None and image.text:
                drone = refused(pipeline, "Linter: cannot define images for an exec pipeline", ("exec",))
                yield self.finding(image.key, f"{step.title} has an image, but an exec pipeline runs on the host itself", drone=drone)
            if pipeline.type in ("ssh", "digitalocean") and detach is not None and detach.true:
                drone = refused(pipeline, "Linter: detached steps are not allowed", ("ssh", "digitalocean"))
                yield self.finding(detach.key, f"{step.title} is detached, which the `{pipeline.type}` runner refuses", drone=drone)

    def _limits(self, pipeline: Pipeline) -> Iterator[Finding]:
        for key in ("cpu", "memory"):
            value = pipeline.value.at("resources", "limits", key)
            if value is not None and isinstance(value.node, Scalar) and parse_size(value.node):
                drone = refused(pipeline, f"linter: {key} limit cannot be applied at stage level", ("kubernetes",))
                yield self.finding(value.key, f"the pipeline has a {key} limit, but limits belong to steps", drone=drone)
