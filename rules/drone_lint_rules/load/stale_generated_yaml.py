"""Generated YAML that is out of date."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, ConfigFile, Finding, Fix, Jsonnet, Rule, Severity, StaleYaml, Starlark, Trigger


class StaleGeneratedYaml(Rule):
    """The `.drone.yml` beside a `.drone.jsonnet` or `.drone.star` differs from the program's output.

    A setting of the repository decides which of the two Drone reads. If it is the YAML, changing only the program has no effect: Drone keeps running the
    old pipeline, while reviewers read the new one. The decoded documents are compared, not the text; signatures are not compared. The files are also
    compared when only the YAML is linted, if the program evaluates.

    Generate it again: `drone-lint --fix`, or `drone jsonnet --stream --format`, `drone starlark --format`. `--fix` does not rewrite a file that has a
    signature, which only Drone can write, or whose program produces different pipelines for different builds. If the two files are unrelated, ignore this rule.
    """

    name = "stale-generated-yaml"
    fixable = "safe"
    on_legacy = True
    severity = Severity.ERROR
    trigger = Trigger(fact="StaleYaml")
    why = "Drone runs the old pipeline, while reviewers read the new one"
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
        Starlark(
            """
            def main(ctx):
                return [{"kind": "pipeline", "type": "docker", "name": "a", "steps": [{"name": "b", "image": "alpine:3.20"}]}]
            """,
            files=((".drone.yml", "kind: pipeline\nname: a\ntype: docker\nsteps:\n- image: alpine:3.20\n  name: b\n"),),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        if self.settings.profile == "drone":  # Drone does not refuse this
            return
        for stale in file.facts(StaleYaml):
            generated = stale.place.source.path
            message = f"`{generated}` differs from the output of `{stale.program}`, first at this place"
            advice = self.help if stale.program.endswith("jsonnet") else "generate it again: `drone starlark --format`"
            yield self.finding(stale.place, message, help=advice, fix=Fix("generate it again", (), regenerates=generated))
