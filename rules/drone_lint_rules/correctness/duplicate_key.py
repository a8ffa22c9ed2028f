"""Keys that are written twice."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Finding, RepeatedKey, Rule, Severity, Trigger


class DuplicateKey(Rule):
    """A key is written twice in one map.

    YAML forbids it; Drone takes both. Of values and lists the last one wins; maps are merged, key by key: two `environment` blocks
    are one, two `when` blocks must both hold. The reader sees only one of them.

    Write the key once.
    """

    name = "duplicate-key"
    severity = Severity.ERROR
    trigger = Trigger(fact="RepeatedKey")
    why = "one of the two is lost, or both are merged"
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
            message = f"key `{repeated.key}` is written twice: of values and lists the last wins, maps are merged"
            yield self.finding(repeated.place, message, related=[("first written here", repeated.first)])
