"""Names that are too long."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Step
from drone_lint_rules.drone import parse_refusal

_CHECK = ("docker", "kubernetes", "vm", "macstadium")
_LONGEST = 100


class LongName(Rule):
    """A step's name is longer than 100 bytes.

    The runners for docker, kubernetes, vm and macstadium refuse the file. The length is counted in bytes of UTF-8, so a name with
    letters outside ASCII may have fewer than 100 characters.
    """

    name = "long-name"
    severity = Severity.ERROR
    why = "the runner refuses the file"
    help = "shorten the name to at most 100 bytes"

    bad = (
        f"""
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: {"ü" * 51}  # <- long-name
          image: golang:1.22.1
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: std.join('', ['0123456789' for i in std.range(0, 10)]), image: 'alpine:3.20' },  // <- long-name
        ] }
        """),
    )
    good = (
        f"""
        kind: pipeline
        type: docker
        name: {"a" * 200}
        steps:
        - name: {"a" * 100}
          image: golang:1.22.1
        services:
        - name: {"a" * 101}
          image: golang:1.22.1
        """,
    )
    view = "runner"

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        length = len(step.name.encode("utf-8", "surrogatepass"))
        if length > _LONGEST and not step.is_service and pipeline.type in _CHECK:
            drone = parse_refusal(pipeline, "step name cannot exceed 100 characters", _CHECK)
            yield self.finding(step["name"].place, f"the step's name is {length} bytes long; Drone accepts at most {_LONGEST}", drone=drone)
