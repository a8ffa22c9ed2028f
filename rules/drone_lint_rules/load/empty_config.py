"""Configurations without a pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Finding, Jsonnet, Rule, Severity
from drone_lint_rules.drone import DECODED_APART


class EmptyConfig(Rule):
    """The configuration has no document, or none that is a pipeline.

    A file of nothing but comments makes the server fail with `yaml: missing kind attribute`; for an empty file it starts no build
    at all. A Jsonnet program whose result is an empty list (a filter that leaves nothing) makes the server parse the Jsonnet source
    itself as YAML. All of these are errors: nothing was checked.

    A file that holds only secrets, signatures or a template is a valid one that runs nothing by itself; that is said as an info.
    """

    name = "empty-config"
    severity = Severity.ERROR
    why = "nothing will run"

    bad = (
        "# nothing but this  # <- empty-config\n",
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
                yield self.finding(place, f"no pipeline in this file, only {found}", severity=Severity.INFO)
