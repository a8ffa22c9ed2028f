"""Merge keys that override what stands before them."""

from __future__ import annotations

from drone_lint.api import Severity
from drone_lint_rules.noted import Noted


class OverridingMerge(Noted):
    """A merge key (`<<`) overrides a key that is written before it.

    By YAML's rules a map's own keys win over merged ones. Drone applies the merge where it stands: keys *after* it override it, but
    keys *before* it are overridden. `privileged: false` followed by `<<: *base` with `privileged: true` runs privileged.

    Write `<<` first.
    """

    name = "overriding-merge"
    severity = Severity.WARNING
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
