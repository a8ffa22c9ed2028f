"""Failure policies that do not exist."""

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
    Step,
    Trigger,
    did_you_mean,
    nearest,
)

_KNOWN = ("ignore", "fast", "fast-fail", "fail-fast")
_ANY_CASE = ("exec", "ssh", "digitalocean")
"""Runners that accept `Ignore`, too (engine/compiler/compiler.go)."""


class InvalidFailurePolicy(Rule):
    """`failure` has a value that Drone does not know, so it has no effect.

    With `ignore` the build continues when the step fails; with `fast` (`fast-fail`, `fail-fast`) Drone stops the steps that run at the same time. Any other value, such as `always`,
    means the default: steps that depend on the failed step do not run.
    """

    name = "invalid-failure-policy"
    why = "Drone uses the default: steps that depend on the failed step do not run"
    fixable = "unsafe"
    trigger = Trigger(keys=("failure",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: a
          image: golang:1.22.1
          failure: always  # <- invalid-failure-policy
        - name: c
          image: golang:1.22.1
          failure: Ignore  # <- invalid-failure-policy
        - name: b
          image: golang:1.22.1
          failure: ignroe  # <- invalid-failure-policy
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'exec', name: 'a', steps: [
          {
            name: 'a',
            failure: true,  // <- invalid-failure-policy
          },
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: a
              image: golang:1.22.1
              failure: ignor  # <- invalid-failure-policy
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: a
              image: golang:1.22.1
              failure: ignore
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'golang:1.22.1', failure: 'ignor' },  // <- invalid-failure-policy
            ] }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'golang:1.22.1', failure: 'ignore' },
            ] }
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: a, image: "golang:1.22.1", failure: ignore}
        - {name: b, image: "golang:1.22.1", failure: fail-fast}
        - {name: c, image: "golang:1.22.1", failure: ""}
        ---
        kind: pipeline
        type: exec
        name: exec
        steps:
        - {name: a, failure: Ignore}
        """,
    )
    view = "runner"

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        value = step.get("failure")
        if value is None or not value.is_scalar or value.text in ("", *_KNOWN):
            return
        if pipeline.type in _ANY_CASE and value.text.lower() == "ignore":
            return
        guess = nearest(value.text, _KNOWN)
        hint = did_you_mean(value.text, _KNOWN) or "; the choices are `ignore` and `fast`"
        fix = Fix(f"write `{guess}`", (Edit(value.place, guess),), safe=False) if guess else None
        yield self.finding(value.place, f"`{value.text}` is not a failure policy{hint}", fix=fix)
