"""Keys that are written twice."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Finding, RepeatedKey, Rule, Severity, Trigger


class DuplicateKey(Rule):
    """A key is written twice in one map.

    YAML forbids this, but Drone reads both. For scalars and lists, the last value wins; maps are merged, key by key: two `environment` blocks
    become one, and the conditions of two `when` blocks must all hold. A reader may notice only one of them.

    Write the key once.
    """

    name = "duplicate-key"
    severity = Severity.ERROR
    trigger = Trigger(fact="RepeatedKey")
    why = "Drone uses only the last value, or merges both if they are maps"
    help = "write the key once"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          image: golang:1.21.1  # <- duplicate-key
          environment: {A: a}
          environment: {B: b}  # <- duplicate-key
        """,
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          environment: &shared {A: a}
        - name: again
          image: golang:1.22.1
          environment: {<<: *shared, B: b}
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for repeated in file.facts(RepeatedKey):
            message = f"key `{repeated.key}` appears twice in this map"
            yield self.finding(repeated.place, message, related=[("it first appears here", repeated.first)])
