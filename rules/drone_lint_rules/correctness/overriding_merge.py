"""Merge keys that override earlier keys."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Finding, OverriddenKey, Rule, Severity, Trigger


class OverridingMerge(Rule):
    """A merge key (`<<`) overrides a key that is written before it.

    By YAML's rules, a map's own keys take precedence over merged ones. Drone applies the merge at its position: keys *after* it override the
    merged values, but the merge overrides keys *before* it. `privileged: false` followed by `<<: *base` with `privileged: true` runs privileged.

    Write `<<` first.
    """

    name = "overriding-merge"
    severity = Severity.WARNING
    trigger = Trigger(fact="OverriddenKey")
    why = "Drone uses the merged value instead of the map's own"
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
            yield self.finding(merge.place, message, related=[("this value is overridden", merge.lost)])
