"""Drone 0.8 files."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Example, Finding, LegacyFile, Rule, Severity, Trigger


class LegacySyntax(Rule):
    """The file is written for Drone 0.8: it has a `pipeline:` map.

    The server converts such a file before it parses it, with results that are hard to predict; the runner gets the converted text.
    A single unindented line `pipeline:`, even in a script, makes Drone treat a file as a 0.8 file. Where no document has a `kind`, drone-lint does
    not check anything else in the file.

    `drone convert` of the 1.x command line converts the file; a current pipeline begins with `kind: pipeline` and has a list of `steps`.
    """

    name = "legacy-syntax"
    severity = Severity.ERROR
    trigger = Trigger(fact="LegacyFile")
    on_legacy = True
    why = "Drone converts the file before it parses it, with results that are hard to predict"
    help = "write it as `kind: pipeline` with a list of `steps`"

    bad = (
        Example(
            """
        # A file of 2017.
        branches: master
        pipeline:
          build:
            image: golang
            commands: [go build]
        """,
            lines=(3,),
        ),
        Example(
            """
        kind: pipeline
        type: docker
        name: default
        trigger: {event: [push]}
        steps:
        - name: build
          image: golang@sha256:0000000000000000000000000000000000000000000000000000000000000000
          commands: [go build]
        ...
        pipeline:
        """,
            lines=(10,),
        ),
    )
    good = (
        """
        kind: pipeline
        name: default
        x-old:
          pipeline:
            a: b
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for legacy in file.facts(LegacyFile):
            yield self.finding(legacy.place, "the file is written for Drone 0.8", drone=legacy.refusals)
