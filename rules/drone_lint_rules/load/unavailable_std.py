"""Members of the standard library that the server lacks."""

from __future__ import annotations

from drone_lint.api import Jsonnet, Rule, ServerSettings, Settings, Severity


class UnavailableStd(Rule):
    """The program uses a member of `std` that the server's Jsonnet engine does not have.

    Drone 2.25 evaluates with go-jsonnet 0.20, and earlier servers with 0.17. Functions that were added later (`std.trim`, `std.contains`,
    `std.minArray` ...) work on the command line and fail every build with `RUNTIME ERROR: Field does not exist`.

    Declare your server's version with `server: {version: ...}`. If your repository commits the generated YAML, declare
    `jsonnet: {server-evaluates: false}`.
    """

    name = "unavailable-std"
    severity = Severity.ERROR
    why = "the server fails every build"

    bad = (
        Jsonnet("""
        {
          kind: 'pipeline',
          type: 'docker',
          name: std.trim(' default '),  // <- unavailable-std
        }
        """),
        Jsonnet(
            """
            local lib = std;
            { kind: 'pipeline', type: 'docker', name: 'a', steps: if lib['isEmpty']('') then [] }  // <- unavailable-std
            """,
            settings=Settings(server=ServerSettings(version="2.20")),
        ),
    )
    good = (
        Jsonnet("""
        local trim(text) = std.stripChars(text, ' ');
        local unused = std.trim('');
        { kind: 'pipeline', type: 'docker', name: trim(' default '), steps: if std.isEmpty('') then [] }
        """),
    )
