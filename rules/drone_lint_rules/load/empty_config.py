"""Configurations without a pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Finding, Jsonnet, Rule, Severity
from drone_lint_rules.drone import DECODED_APART


class EmptyConfig(Rule):
    """The configuration has no documents, or none of its documents is a pipeline.

    For a file that contains only comments, the server fails with `yaml: missing kind attribute`; for an empty file it does not start a
    build at all. If a Jsonnet program evaluates to an empty list (for example, because a filter removes every pipeline), the server
    parses the Jsonnet source itself as YAML. All of these are errors, because there was nothing to check.

    A file that contains only secrets, signatures or a template is valid, but does not run anything by itself; it is reported as an info.
    """

    name = "empty-config"
    severity = Severity.ERROR
    why = "no build will run"

    bad = (
        "# only a comment  # <- empty-config\n",
        "---\n".replace("\n", "  # <- empty-config\n"),
        Jsonnet("""
        local pipelines = [];  // <- empty-config
        [one for one in pipelines if one.enabled]
        """),
        """
        kind: secret  # <- empty-config
        name: token
        get: {path: secret/data/token, name: value}
        """,
        """
        kind: signature  # <- empty-config
        hmac: 0000
        """,
    )
    good = (
        "kind: pipeline\nname: default\n",
        """
        kind: secret
        name: token
        ---
        kind: pipeline
        name: default
        """,
        "kind: pipline\nname: default\n",
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for evaluation in file.evaluations:
            kinds = {document.kind for document in evaluation.server}
            if kinds and kinds <= {*DECODED_APART, "template"}:
                found = " and ".join(f"`{kind}`" for kind in sorted(kinds))
                place = (evaluation.server[0].value.get("kind") or evaluation.server[0].value).key
                yield self.finding(place, f"this file has no pipeline, only {found}", severity=Severity.INFO)
