"""Backslashes that runners remove."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    AnyPlace,
    Confidence,
    ConfigFile,
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    RemovedBackslashes,
    Rule,
    Severity,
    TextPlace,
    Trigger,
)


class CollapsedBackslash(Rule):
    r"""The runner removes a backslash that the value needs.

    The runner's substitution drops a `\` before `/` or `\` everywhere in the file, not only inside `${}`. In YAML `sed 's/\//_/g'`
    becomes `sed 's///_/g'`. In Jsonnet the effect is worse: the server writes the program's output as JSON, where every backslash is `\\`, and
    each of them collapses. `\d` in a pattern is then an invalid escape and fails the file, `\n` (two characters) becomes a line break,
    `C:\Users` cannot be parsed, and a backslash at the end of a string escapes its closing quote. The server accepts such a file.

    Write the backslash twice (in Jsonnet: two more backslashes than the value needs), or avoid it: `[0-9]` for `\d`, `sed 's|/|_|g'`.
    """

    name = "collapsed-backslash"
    severity = Severity.ERROR
    trigger = Trigger(fact="RemovedBackslashes")
    why = "the runner's substitution removes the backslash, so the runner reads a different text"
    help = "double the backslash, or rewrite the text without one"
    fixable = "unsafe"

    bad = (
        r"""
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          commands:
          - sed 's/\//_/g' file  # <- collapsed-backslash
          - 'echo C:\\x'  # <- collapsed-backslash
        """,
        Jsonnet(r"""
        { kind: 'pipeline', type: 'docker', name: 'default', steps: [
          { name: 'a', image: 'alpine:3.20', commands: [
            'grep "[0-9]" file',
            'grep -P \'\\d+\' file',  // <- collapsed-backslash
          ] },
        ] }
        """),
        Jsonnet(r"""
        { kind: 'pipeline', type: 'docker', name: 'default', steps: [
          { name: 'a', image: 'alpine:3.20', commands: [
            'printf "a\\nb"',  // <- collapsed-backslash
          ] },
        ] }
        """),
        Jsonnet(r"""
        { kind: 'pipeline', type: 'docker', name: 'default', steps: [
          { name: 'a', image: 'alpine:3.20', commands: [
            'grep -E "\\d+\\s\\d"',  // <- collapsed-backslash
            'echo "a"',
            'type C:\\Users\\x',  // <- collapsed-backslash
            'ends with \\',  // <- collapsed-backslash
          ] },
        ] }
        """),
        Jsonnet(
            r"""
            { kind: 'pipeline', type: 'docker', name: 'default', steps: [
              { name: 'a', image: 'alpine:3.20', commands: [
                "grep -E '\\d+\\s'",  // <- collapsed-backslash
                @'dir C:\Users',  // <- collapsed-backslash
              ] },
            ] }
            """,
            fixed=r"""
            { kind: 'pipeline', type: 'docker', name: 'default', steps: [
              { name: 'a', image: 'alpine:3.20', commands: [
                "grep -E '\\\\d+\\\\s'",
                @'dir C:\\Users',
              ] },
            ] }
            """,
        ),
        Example(
            r"""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22.1
              commands:
              - sed 's/\//_/g;s/\/x/y/' file  # <- collapsed-backslash
              - "grep a\\b"  # <- collapsed-backslash
            """,
            fixed=r"""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22.1
              commands:
              - sed 's/\\//_/g;s/\\/x/y/' file
              - "grep a\\\\b"
            """,
        ),
        Jsonnet(
            r"""
            { kind: 'pipeline', type: 'docker', name: 'default', steps: [
              { name: 'a', image: 'alpine:3.20', commands: ["sed 's/a\\nb\\tc//' f"] },  // <- collapsed-backslash
            ] }
            """,
            fixed=r"""
            { kind: 'pipeline', type: 'docker', name: 'default', steps: [
              { name: 'a', image: 'alpine:3.20', commands: ["sed 's/a\\\\nb\\\\tc//' f"] },
            ] }
            """,
        ),
    )
    good = (
        r"""
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          commands:
          - grep '\d' file
          - "echo \"quoted\"\n"
        # a comment: \/
        """,
        Jsonnet(r"""
        { kind: 'pipeline', type: 'docker', name: 'default', steps: [
          { name: 'a', image: 'alpine:3.20', commands: ['echo "a"\necho b', "echo it's\tfine"] },
        ] }
        """),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for removed in file.facts(RemovedBackslashes):
            if removed.doubled:
                message = "the runner turns `\\\\` into a single backslash, which is correct only if it was doubled for that reason"
                yield self.finding(removed.place, message, severity=Severity.NOTICE, confidence=Confidence.MEDIUM, group="deliberate")
            else:
                yield self.finding(removed.place, _message(removed), drone=removed.refusals, fix=_fix(removed))


def _message(removed: RemovedBackslashes) -> str:
    if removed.error:
        return f"the runner removes this backslash, and then cannot read the file ({removed.error})"
    return "the runner removes this backslash before it parses the file: it turns `\\/` into `/` and `\\\\` into `\\`"


def _fix(removed: RemovedBackslashes) -> Fix | None:
    edits = [_doubled(place) for place in removed.parts]
    found = tuple(edit for edit in edits if edit is not None)
    return Fix("double the backslashes", found, safe=False, changes_value=True) if len(found) == len(edits) else None


def _doubled(place: AnyPlace) -> Edit | None:
    """Backslashes inserted before those that the runner removes: in YAML as many as there are, in a value of Jsonnet one more."""
    if isinstance(place, TextPlace):
        written = place.source.text[place.start : place.end]
        return Edit(place._replace(end=place.start), "\\" * written.count("\\"))
    return Edit(place._replace(range=(place.range[0], place.range[0])), "\\") if place.range is not None else None
