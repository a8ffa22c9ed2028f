"""Commands that are not strings."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    ConfigFile,
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Rule,
    Severity,
)
from drone_lint_rules.correctness._faults import Refused, refused_values


class CommandNotString(Rule):
    """A command is a map or a list instead of a string.

    In YAML `- echo foo: bar` is a map, because it contains `: `. Drone cannot decode it and fails the build with
    `cannot unmarshal !!map into string`. In Jsonnet, the cause is an object or a list that should have been added or joined.

    Quote the command, or write it as a block (`- |`).
    """

    name = "command-not-string"
    severity = Severity.ERROR
    why = "Drone cannot decode the file"
    fixable = "safe"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          commands:
          - go test ./...
          - 'curl -H "X: y" example.com'
          - curl -H Accept: text/html example.com  # <- command-not-string
          - [make, test]  # <- command-not-string
        """,
        Jsonnet("""
        local setup = ['apk add make'];
        { kind: 'pipeline', type: 'docker', name: 'default', steps: [
          {
            name: 'a',
            image: 'alpine:3.20',
            commands: [
              setup,  // <- command-not-string
              'make',
            ],
          },
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22.1
              commands:
              - curl -H Accept: text/html example.com  # <- command-not-string
              - it's: true
              - say: # a map
                  more: 1
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22.1
              commands:
              - 'curl -H Accept: text/html example.com'
              - "it's: true"
              - say: # a map
                  more: 1
            """,
            lines=(9, 10),
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          commands:
          - echo a:b
          - true
          - 1
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for refused in refused_values(file):
            path = refused.fault.path
            if len(path) == 4 and path[0] in ("steps", "services") and path[2] == "commands":
                yield self._finding(refused)

    def _finding(self, refused: Refused) -> Finding:
        value, place, refusals = refused.value, refused.place, refused.refusals
        if value.is_list:
            return self.finding(
                place, "a command must be a string, not a list", drone=refusals, help="write each command as a separate item"
            )
        keys = [key for key, _ in value.items()]
        if len(keys) == 1:
            message = f"a command must be a string, but the `: ` after `{keys[0]}` makes it a map"
            fix = Fix("quote the command", (Edit(value.place, action="quote"),))
            return self.finding(place, message, drone=refusals, help="quote the command", fix=fix)
        return self.finding(place, "a command must be a string, not a map", drone=refusals, help="quote the command")
