"""YAML that Drone cannot parse."""

from __future__ import annotations

from drone_lint.api import Rule, Severity


class InvalidYaml(Rule):
    """The file, or one of its documents, is not valid YAML.

    The server fails the build with `yaml: line N: ...`, where the line is counted from the beginning of *one document*; drone-lint
    gives the line in the file. The other documents of the file are still checked.

    Frequent causes are a tab in the indentation, an alias of an anchor in another document, a value that begins with `@`, `%` or a
    backtick, and `: ` in the middle of an unquoted string.
    """

    name = "invalid-yaml"
    severity = Severity.ERROR
    why = "the server fails every build"

    bad = (
        """
        kind: pipeline
        steps:
        - name: a
          image: @alpine  # <- invalid-yaml
        """,
        """
        kind: pipeline
        name: one
        x: &x {}
        ---
        kind: pipeline
        name: two
        steps: *x  # <- invalid-yaml
        """,
        """
        kind: pipeline
        steps:
        - name: a
          command: echo a: b  # <- invalid-yaml
        """,
    )
    good = ("kind: pipeline\nname: default\n",)
