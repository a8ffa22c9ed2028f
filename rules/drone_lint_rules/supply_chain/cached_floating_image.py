"""Mutable tags that are pulled only once."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    CWE,
    Confidence,
    ConfigFile,
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Rule,
    Severity,
    Trigger,
)
from drone_lint_rules.supply_chain._images import moving_tag, uses


class CachedFloatingImage(Rule):
    """An image has a mutable tag, and the step does not pull it again.

    With `pull: if-not-exists` or `never` each runner keeps the image that the tag referred to when it was first pulled: two runners may run different code, and fixes to the image never
    arrive. With `never` the runner uses any local image with that name.

    Use a fixed version, or write `pull: always`.
    """

    name = "cached-floating-image"
    severity = Severity.NOTICE
    confidence = Confidence.MEDIUM
    why = "each runner keeps the image that the tag referred to when it was first pulled"
    help = "use a fixed version, or write `pull: always`"
    references = (CWE(494),)
    fixable = "safe"
    trigger = Trigger(keys=("pull",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: a
          image: golang
          pull: if-not-exists  # <- cached-floating-image
        - name: b
          image: acme/tool:latest
          pull: Never  # <- cached-floating-image
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'golang', pull: 'never' },  // <- cached-floating-image
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: a
              image: golang
              pull: if-not-exists  # <- cached-floating-image
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: a
              image: golang
              pull: always
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'golang', pull: 'never' },  // <- cached-floating-image
            ] }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'golang', pull: 'always' },
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
        - {name: a, image: golang, pull: always}
        - {name: b, image: golang}
        - {name: c, image: "golang:1.23.4", pull: if-not-exists}
        - {name: d, image: golang, pull: IF-NOT-EXISTS-EVER}
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for use in uses(file):
            pull = use.step.get("pull")
            if pull is None or pull.text.lower() not in ("if-not-exists", "never"):
                continue
            if moving_tag(use, self.settings, pedantic=self.pedantic) is None:
                continue
            message = f"image `{use.value.text}` has a mutable tag, but {use.step.title} does not pull it again (`pull: {pull.text}`)"
            yield self.finding(pull.key, message, fix=Fix("write `pull: always`", (Edit(pull.place, "always"),)))
