"""Merge keys that override what stands before them."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Finding, OverriddenKey, Rule, Severity, Trigger


class OverridingMerge(Rule):
    """A merge key (`<<`) overrides a key that is written before it.

    By YAML's rules a map's own keys win over merged ones. Drone applies the merge where it stands: keys *after* it override it, but
    keys *before* it are overridden. `privileged: false` followed by `<<: *base` with `privileged: true` runs privileged.

    Write `<<` first.
    """

    name = "overriding-merge"
    severity = Severity.WARNING
    trigger = Trigger(fact="OverriddenKey")
    why = "the value that is written in the map itself is lost"
    help = "write `<<` before the map's own keys"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        x-base: &base {image: "golang:1.22.1", privileged: true}
        steps:
        - name: test
          privileged: false
          <<: *base  # <- overriding-merge
        """,
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        x-base: &base {image: "golang:1.22.1", privileged: true}
        steps:
        - <<: *base
          name: test
          privileged: false
        - name: same
          privileged: true
          <<: *base
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for merge in file.facts(OverriddenKey):
            message = f"this merge overrides `{merge.key}`, which is written before it"
            yield self.finding(merge.place, message, related=[("this value is lost", merge.lost)])
