"""Builds that do not use Acme's cache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.api import Edit, Example, Finding, Fix, Jsonnet, Pipeline, Rule, Severity, Step, Trigger


class Options(NamedTuple):
    """What `rules: {slow-build: ...}` may say."""

    images: tuple[str, ...] = ("golang",)
    """The images whose steps need the cache."""


class SlowBuild(Rule):
    """A step pulls its image each time, although the runners keep it.

    Acme's runners refresh their images every night.

    Write `pull: if-not-exists`.
    """

    name = "slow-build"
    severity = Severity.NOTICE
    why = "the runners have the image"
    fixable = "safe"
    options = Options
    trigger = Trigger(keys=("pull",))

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22
              pull: always  # <- slow-build
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22
              pull: if-not-exists
            """,
        ),
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'test', image: 'golang:1.22', pull: 'always' },  // <- slow-build
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: other
          image: alpine:3.20
          pull: always
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        pull = step.get("pull")
        if pull is not None and pull.text == "always" and step.reference.familiar in self.option.images:
            fix = Fix("write `if-not-exists`", (Edit(pull.place, "if-not-exists"),))
            yield self.finding(pull.place, f"{step.title} pulls `{step.reference.familiar}` each time", fix=fix)
