"""Files that Drone does not read to the end."""

from __future__ import annotations

from drone_lint.api import Example, Jsonnet, Severity
from drone_lint_rules.noted import Noted

_LONG = "x" * 65_600


class TruncatedConfig(Noted):
    """Drone stops reading before the end: at a line of more than 65,535 bytes, one that starts with `...`, or where it considers a document complete.

    Drone reads a configuration line by line with a reader that stops at a line of 64 KiB, and Drone ignores the reader's error: that line
    and everything after it are lost. Pipelines below it silently do not run. In Jsonnet each string is one line of the JSON that
    the server generates, so one long `importstr` is enough.

    A line that starts with `...` ends a YAML stream: everything after it is ignored as well, and a signature does not cover it.

    Within each document, Drone parses only the first YAML value: where a line is less indented than the first one, or an extra `}`
    closes the map, Drone silently ignores the rest of the document.

    Put long scripts into files in the repository and call them.
    """

    name = "truncated-config"
    severity = Severity.ERROR
    why = "Drone silently ignores everything after this place"
    help = "move a long text into a separate file; remove a line that starts with `...`"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        ...  # <- truncated-config
        ---
        kind: pipeline
        type: docker
        name: lost
        """,
        """
          kind: pipeline
        type: docker  # <- truncated-config
        name: lost
        ---
        kind: pipeline
        type: docker
        name: default
        """,
        '{"kind": "pipeline", "name": "default"}}  # <- truncated-config\n',
        Example("kind: pipeline\ntype: docker\nname: default\n---\n# <- truncated-config\n".replace("# <-", f"# {_LONG} # <-")),
        Jsonnet(f"""
        {{ kind: 'pipeline', type: 'docker', name: 'default', steps: [
          {{ name: 'a', image: 'alpine:3.20', commands: [
            '{_LONG}',  // <- truncated-config
          ] }},
        ] }}
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: a
          image: alpine:3.20
          commands:
          - |
            echo
            ...
        # a comment
          # and another, after the document's last value

        """,
    )
