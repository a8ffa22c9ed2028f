"""Files that Drone does not read to the end."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Example, Finding, Jsonnet, Rule, Severity, Trigger, UnreadText

_LONG = "x" * 65_600
_MESSAGES = {
    "long line": "this line is longer than 65,535 bytes: Drone stops reading here, and everything from this line on is lost",
    "long value": "this value makes a line of more than 65,535 bytes: Drone stops reading there, and everything after it is lost",
    "terminator": "Drone stops reading at a line that starts with `...`: everything after it is ignored",
    "document over": "the document ends before this line, so Drone ignores the rest of it",
}


class TruncatedConfig(Rule):
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
    trigger = Trigger(fact="UnreadText")
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

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for unread in file.facts(UnreadText):
            yield self.finding(unread.place, _MESSAGES[unread.cause], drone=unread.refusals)
