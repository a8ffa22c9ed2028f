"""Drone 0.8 files."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Example, Finding, LegacyFile, Rule, Severity, Trigger


class LegacySyntax(Rule):
    """The file is written for Drone 0.8: it has a `pipeline:` map.

    The server rewrites such a file before it reads it, and what it makes of it is hard to foresee; the runner gets the rewritten text.
    Nothing else is checked on it. One unindented line `pipeline:` anywhere, even in a script, makes Drone take a file for an old one.

    `drone convert` of the 1.x command line rewrites the file; a pipeline of today begins with `kind: pipeline` and has a list of `steps`.
    """

    name = "legacy-syntax"
    severity = Severity.ERROR
    trigger = Trigger(fact="LegacyFile")
    on_legacy = True
    why = "Drone rewrites the file before it reads it; nothing else was checked"
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
            yield self.finding(legacy.place, "a configuration for Drone 0.8", drone=legacy.refusals)
