"""`${}` that Drone cannot substitute."""

from __future__ import annotations

from drone_lint.api import (
    Example,
    Fix,
    Jsonnet,
    Note,
    Severity,
)
from drone_lint_rules.correctness._escape import escape
from drone_lint_rules.noted import Noted


class BadSubstitution(Noted):
    """A `${...}` is no form that Drone can substitute, or what it becomes breaks the file.

    Before it parses the file, the runner replaces every `${...}` in its text, comments and other pipelines included, by the rules of
    a small shell language of its own. Forms of real shells that it does not know (`${V-x}`, `${V@Q}`, `${!V}`, `${A[0]}`) fail
    the whole file; a negative length (`${V:0:-1}`) crashes the runner. The server, which does not substitute, accepts the file.

    For the shell, escape it: `$${V-x}`.
    """

    name = "bad-substitution"
    severity = Severity.ERROR
    why = "every stage of the file fails on the runner"
    help = "write `$${...}` where the shell is to expand it"
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
          - echo ${HOME-none}  # <- bad-substitution
          - echo ${DRONE_TAG} ${A[0]} ${B@Q}  # <- bad-substitution, bad-substitution
          - echo ${OPEN  # <- bad-substitution
        """,
        """
        kind: pipeline
        type: docker
        name: default
        # a comment is text, too: ${@}  # <- bad-substitution
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'default', steps: [
          { name: 'a', image: 'alpine:3.20', commands: [
            'echo ${!NAME}',  // <- bad-substitution
          ] },
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            # a comment: ${@}  # <- bad-substitution
            steps:
            - name: test
              image: golang:1.22.1
              commands:
              - echo ${HOME-none}  # <- bad-substitution
              - echo "${A[0]}"  # <- bad-substitution
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            # a comment: $${@}
            steps:
            - name: test
              image: golang:1.22.1
              commands:
              - echo $${HOME-none}
              - echo "$${A[0]}"
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'default', steps: [
              { name: 'a', image: 'alpine:3.20', commands: ['echo ${!NAME}'] },  // <- bad-substitution
            ] }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'default', steps: [
              { name: 'a', image: 'alpine:3.20', commands: ['echo $${!NAME}'] },
            ] }
            """,
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
          - echo $${HOME-none} ${DRONE_TAG:-none} ${DRONE_TAG##v} $HOME $(date)
        """,
    )

    def fix(self, note: Note) -> Fix | None:
        return escape(note.place) if note.for_shell else None
