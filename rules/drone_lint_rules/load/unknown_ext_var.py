"""External variables that the server does not supply."""

from __future__ import annotations

from drone_lint.api import Jsonnet, Rule, Severity


class UnknownExtVar(Rule):
    """The program reads an external variable that the server does not supply.

    The server sets `build.event`, `build.branch`, `build.ref` and others of the build, `repo.name`, `repo.trusted` and others of the repository, and
    `build.param.NAME` for each parameter that a build was started with. There is no default: reading any other, or a parameter that
    this build does not have, fails the build. All values are texts: `std.extVar('repo.trusted') == 'true'`.

    Variables that another tool supplies can be given with `--ext-str NAME=VALUE`, or in the configuration under `jsonnet: {ext-str: ...}`.
    """

    name = "unknown-ext-var"
    severity = Severity.ERROR
    why = "the server fails every build"

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
    )
    good = (
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: std.extVar('build.branch') + std.extVar('build.param.TARGET') }
        """),
    )
