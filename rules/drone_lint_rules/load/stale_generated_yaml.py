"""Generated YAML that is out of date."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, ConfigFile, Finding, Fix, Jsonnet, Rule, Severity, StaleYaml, Starlark, Trigger

_TITLES = {False: "generate it again", True: "generate it again, without the comments that it has"}


class StaleGeneratedYaml(Rule):
    """The YAML beside a program (Jsonnet or Starlark) differs from the program's output.

    A setting of the repository decides which of the two Drone reads. If it is the YAML, changing only the program has no effect: Drone keeps running the
    old pipeline, while reviewers read the new one. A `.drone.yml` belongs to the `.drone.jsonnet` or `drone.jsonnet` beside it, a `drone.yml` to the
    `drone.jsonnet`, and YAML in `.drone` to the program of the same name there. What Drone decodes is compared: an absent `platform` and its default, `push` and
    `[push]`, `0` and `'0'` in a text are the same. Signatures are not compared, nor is YAML that no program made: files of Drone 0.8, and files that have
    little in common with what the program gives. The files are also compared when only the YAML is linted, if the program evaluates.

    Generate it again: `drone-lint --fix --unsafe-fixes`, or `drone jsonnet --stream --format`, `drone starlark --format`; comments in the YAML are lost. A file that has a
    signature, which only Drone can write, or whose program produces different pipelines for different builds, is not rewritten.
    """

    name = "stale-generated-yaml"
    fixable = "unsafe"
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
            fix = Fix(_TITLES[stale.has_comments], (), safe=False, regenerates=generated)
            yield self.finding(stale.place, message, help=advice, fix=fix)
