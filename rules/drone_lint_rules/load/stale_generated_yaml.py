"""Generated YAML that is out of date."""

from __future__ import annotations

from drone_lint.api import (
    CWE,
    OWASP,
    Fix,
    Jsonnet,
    Note,
    Severity,
    TextPlace,
)
from drone_lint_rules.noted import Noted


class StaleGeneratedYaml(Noted):
    """The `.drone.yml` beside a `.drone.jsonnet` is not what the program gives.

    Which of the two Drone reads is a setting of the repository. If it is the YAML, a change of the Jsonnet alone changes nothing: Drone goes on running the
    old pipeline, and reviewers read another. Decoded documents are compared, not texts; signatures are left out. Linting the YAML alone compares it as well,
    if the program evaluates.

    Generate it again: `drone-lint --fix`, or `drone jsonnet --stream --format`. `--fix` leaves a file with a signature alone, which only Drone can
    write, and one whose program gives different builds different pipelines. If the two have nothing to do with each other, ignore this rule.
    """

    name = "stale-generated-yaml"
    fixable = "safe"
    on_legacy = True
    severity = Severity.ERROR
    why = "what reviewers read is not what Drone runs"
    help = "generate it again: `drone jsonnet --stream --format`"
    references = (OWASP.CICD_SEC_1, CWE(353))

    good = (
        Jsonnet(
            """
            [{ kind: 'pipeline', type: 'docker', name: 'a', clone: { depth: 5 }, steps: [{ name: 'b', image: 'alpine:3.20' }] }]
            """,
            files=(
                (
                    ".drone.yml",
                    "---\nkind: pipeline\nname: a\ntype: docker\nclone: {depth: 5}\nsteps:\n- image: alpine:3.20\n  name: b\n---\nkind: signature\nhmac: 0\n",
                ),
            ),
        ),
    )

    def fix(self, note: Note) -> Fix | None:
        if not isinstance(note.place, TextPlace):
            return None
        return Fix("generate it again", (), regenerates=note.place.source.path)
