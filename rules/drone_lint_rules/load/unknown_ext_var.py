"""External variables that the server does not supply."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Finding, Jsonnet, NeverEqual, Rule, Severity, Trigger


class UnknownExtVar(Rule):
    """The program reads an external variable that the server does not supply, or compares one with a boolean or number.

    The server sets variables for the build (`build.event`, `build.branch`, `build.ref` and others), for the repository (`repo.name`,
    `repo.trusted` and others), and `build.param.NAME` for each parameter that a build was started with. There is no default: reading any
    other variable, or a parameter that this build does not have, fails the build.

    All values are strings: `std.extVar('repo.trusted') == true` is never true, and Drone does not report it. Write `== 'true'`.

    Variables that another tool supplies can be given with `--ext-str NAME=VALUE`, or in the configuration under `jsonnet: {ext-str: ...}`.
    """

    name = "unknown-ext-var"
    severity = Severity.ERROR
    why = "the server fails every build"
    trigger = Trigger(fact="NeverEqual")

    bad = (
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: std.extVar('build.brnach') }  // <- unknown-ext-var
        """),
        Jsonnet("""
        local unused = std.extVar('build.number');
        {
          kind: 'pipeline',
          type: 'docker',
          name: 'a' + std.extVar('build.cron'),  // <- unknown-ext-var
        }
        """),
        Jsonnet("""
        local trusted = std.extVar('repo.trusted');
        local isTrue(value) = value == true;  // <- unknown-ext-var
        local build = { event: std.extVar('build.event') };
        {
          kind: 'pipeline',
          type: 'docker',
          name: if trusted != !true then 'a' else 'b',  // <- unknown-ext-var
          steps: if isTrue(trusted) || 1 + 1 == build.event then [] else [],  // <- unknown-ext-var
        }
        """),
    )
    good = (
        Jsonnet("""
        local trusted = std.extVar('repo.trusted') == 'true';
        local one(list) = std.length(list) == 1;
        {
          kind: 'pipeline',
          type: 'docker',
          name: if trusted == true && one([]) == false && std.extVar('build.event') == 'push' then 'false' else 'a',
          steps: if 'false' == false then [] else [],
        }
        """),
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: std.extVar('build.branch') + std.extVar('build.param.TARGET') }
        """),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        if self.settings.profile == "drone":  # Drone does not refuse this
            return
        for compared in file.facts(NeverEqual):
            always = "always true" if compared.negated else "never true"
            yield self.finding(
                compared.place,
                f"this comparison of `{compared.variable}` is {always}, because external variables are strings",
                severity=Severity.WARNING,
                why="a string never equals a boolean or a number, and Jsonnet does not report the comparison",
                help="compare with a string, such as `'true'`",
            )
