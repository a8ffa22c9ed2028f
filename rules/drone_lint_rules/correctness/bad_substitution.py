"""`${}` that Drone cannot substitute."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Example, FailedSubstitution, Finding, Jsonnet, Rule, Severity, Trigger
from drone_lint_rules.escape import escape


class BadSubstitution(Rule):
    """A `${...}` is not a form that Drone can substitute, or its value breaks the file.

    Before the runner parses the file, it replaces every `${...}` in its text, including comments and other pipelines, by the rules of
    its own small subset of shell syntax. Forms of real shells that it does not support (`${V-x}`, `${V@Q}`, `${!V}`, `${A[0]}`) fail
    the whole file; a negative length (`${V:0:-1}`) crashes the runner. The server, which does not substitute, accepts the file.

    To pass the expression to the shell, escape it: `$${V-x}`.
    """

    name = "bad-substitution"
    severity = Severity.ERROR
    trigger = Trigger(fact="FailedSubstitution")
    why = "the runner fails every stage of the file"
    help = "write `$${...}` if the shell should expand it"
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

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for failed in file.facts(FailedSubstitution):
            fix = escape(failed.place) if failed.for_shell else None
            advice = None if failed.for_shell else _NO_SHELL
            yield self.finding(failed.place, _message(failed), drone=failed.refusals, fix=fix, help=advice)


_NO_SHELL = "write the value itself: no shell reads it here"


def _message(failed: FailedSubstitution) -> str:
    if failed.cause == "too deep":
        return f"this `${{}}` is {failed.error}, so the file was not checked as runners see it"
    if failed.cause == "breaks the file":
        return f"after `${{}}` substitution the runner cannot read the file ({failed.error})"
    return f"`{failed.text}` is not a form that Drone can substitute ({failed.error})"
