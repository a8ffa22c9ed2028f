"""Imports that the server does not resolve."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Finding, Jsonnet, JsonnetSettings, Rule, Settings, Severity, Trigger, UnresolvedImport

_MESSAGES = {
    "absolute": "a server that does not resolve imports reads `{name}` from its own disk, not from the repository",
    "no imports": "the server does not resolve imports by default, so it does not find `{name}`",
    "limit": "`{name}` exceeds the server's import limit of {limit}",
    "library path": "`{name}` is found only through a library path, which the server does not have",
    "own folder": "the server resolves `{name}` from the root of the repository, not from this file's folder",
    "absolute here": "only the server resolves the absolute path `{name}` inside the repository; `drone jsonnet` reads it from the disk",
    "uncommitted": "`{name}` is not committed, and the server reads only committed files",
}
_LIB = (("lib/steps.libsonnet", "{ test: { name: 'test', image: 'golang:1.22.1' } }"),)


class ServerImport(Rule):
    """The program imports a file that the Drone server does not resolve.

    The server resolves imports only if its administrator has set `DRONE_JSONNET_IMPORT_LIMIT` (0 by default), which is the maximum number of
    files. They must be in the same repository: imports in the main file are resolved from the repository's root, wherever that file is;
    all others from the importing file's folder. The server has no library path and sees only committed files. `drone jsonnet` on the
    command line has none of these limits.

    If your server resolves imports, declare its limit: `jsonnet: {import-limit: 10}`. If your repository commits the generated YAML, the server
    does not evaluate Jsonnet: declare `jsonnet: {server-evaluates: false}`.
    """

    name = "server-import"
    severity = Severity.ERROR
    trigger = Trigger(fact="UnresolvedImport")
    why = "the server fails every build"
    help = (
        "declare your server's import limit in the configuration (`jsonnet: {import-limit: N}`); "
        "if Drone reads generated YAML, declare `jsonnet: {server-evaluates: false}`"
    )

    bad = (
        Jsonnet(
            """
            local steps = import 'lib/steps.libsonnet';  // <- server-import
            local unused = import 'lib/other.libsonnet';
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [steps.test] }
            """,
            files=_LIB,
        ),
        Jsonnet(
            """
            local steps = import '../lib/steps.libsonnet';  // <- server-import
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [steps.test] }
            """,
            files=_LIB,
            name="ci/.drone.jsonnet",
            settings=Settings(jsonnet=JsonnetSettings(import_limit=5)),
        ),
        Jsonnet(
            """
            local first = import 'lib/a.libsonnet';
            local text = importstr 'lib/text.txt';  // <- server-import
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [first, { name: text, image: 'alpine:3.20' }] }
            """,
            files=(
                ("lib/a.libsonnet", "import 'b.libsonnet'"),
                ("lib/b.libsonnet", "{ name: 'b', image: 'alpine:3.20' }"),
                ("lib/text.txt", "a"),
            ),
            settings=Settings(jsonnet=JsonnetSettings(import_limit=2)),
        ),
        Jsonnet(
            """
            local steps = import '/lib/steps.libsonnet';  // <- server-import
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [steps.test] }
            """,
            files=_LIB,
        ),
    )
    good = (
        Jsonnet(
            """
            local steps = import 'lib/steps.libsonnet';
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [steps.test] }
            """,
            files=_LIB,
            settings=Settings(jsonnet=JsonnetSettings(import_limit=1)),
        ),
        Jsonnet(
            """
            local steps = import 'lib/steps.libsonnet';
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [steps.test] }
            """,
            files=_LIB,
            settings=Settings(jsonnet=JsonnetSettings(server_evaluates=False)),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for found in file.facts(UnresolvedImport):
            message = _MESSAGES[found.cause].format(name=found.name, limit=found.limit)
            severity = None if found.refusals else Severity.WARNING
            yield self.finding(found.place, message, severity=severity, drone=found.refusals)
