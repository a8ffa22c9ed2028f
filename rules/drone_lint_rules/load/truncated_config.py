"""Files that Drone does not read to their end."""

from __future__ import annotations

from drone_lint.api import Example, Jsonnet, Severity
from drone_lint_rules.noted import Noted

_LONG = "x" * 65_600


class TruncatedConfig(Noted):
    """Drone stops reading before the end: at a line of more than 65,535 bytes, one that starts with `...`, or where a document seems over.

    Drone reads a configuration line by line with a reader that gives up at a line of 64 KiB, and the error is not looked at: that line
    and everything after it are gone. Pipelines below it do not run, without a word. In Jsonnet each text is one line of the JSON that
    the server makes of it, so one long `importstr` is enough.

    A line that starts with `...` is YAML's end of a stream: everything after it is ignored as well, and not covered by a signature.

    And of each document only the first is parsed that YAML finds in it: where a line is less indented than the first one, or a `}` too many
    closes the map, the document is over for Drone, and the rest of it is ignored without an error.

    Put long scripts into files of the repository and call them.
    """

    name = "truncated-config"
    severity = Severity.ERROR
    why = "what follows does not exist for Drone"
    help = "put the long text into a file of its own; remove the line that starts with `...`"

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
