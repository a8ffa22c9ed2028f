"""`${}` of variables that Drone does not have."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    Confidence,
    ConfigFile,
    Example,
    Finding,
    Jsonnet,
    PlacedExpansion,
    Rule,
    Settings,
    Severity,
    SubstitutionSettings,
    Trigger,
    did_you_mean,
    drone_variables,
)
from drone_lint_rules.correctness._escape import escape


class ErasedVariable(Rule):
    """A `${VARIABLE}` is not a Drone variable, so Drone replaces it with an empty string.

    The runner replaces every `${...}` in the whole file before anything else happens, and knows only its own variables (`DRONE_*`, `CI_*`)
    and the build's parameters. Shell variables, the step's `environment` and secrets are not among them: `${HOME}` and `${VERSION}`
    silently become empty before the shell sees them.

    In a command, which the shell should expand, this is an error. Elsewhere it is a warning, because every build may be started with such a parameter.

    For a shell variable, write `$VERSION` or `$${VERSION}`. Declare build parameters, and variables that the runner adds (`DRONE_RUNNER_ENVIRON`), in the
    configuration: `substitution: {variables: [RELEASE_CHANNEL]}`.
    """

    name = "erased-variable"
    severity = Severity.ERROR
    why = "Drone substitutes the variable before the shell sees it"
    fixable = "safe"
    trigger = Trigger(expansions=True)

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          environment: {VERSION: 1.2.3}
          commands:
          - echo ${VERSION} ${DRONE_TAG}  # <- erased-variable
          - echo "${HOME:-/root}"  # <- erased-variable
          - echo ${DRONE_COMMIT_SHAA}  # <- erased-variable
        """,
        Jsonnet("""
        local greet(name) = 'echo hello ${%s}' % name;
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'alpine:3.20', commands: [
            'echo ${WHO}',  // <- erased-variable
          ] },
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: plugins/slack:1.4
              settings: {text: "${WHO}"}  # <- erased-variable
            - name: "other"
              image: golang:1.22.1
              commands:
              - echo ${VERSION} ${DRONE_TAG} '${X}'  # <- erased-variable, erased-variable
              - |
                echo "${HOME:-/root}"  # <- erased-variable
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: plugins/slack:1.4
              settings: {text: "${WHO}"}
            - name: "other"
              image: golang:1.22.1
              commands:
              - echo $${VERSION} ${DRONE_TAG} '$${X}'
              - |
                echo "$${HOME:-/root}"
            """,
        ),
        Jsonnet(
            r"""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: name, image: 'alpine:3.20', commands: ['echo \'${WHO}\''] }  // <- erased-variable
              for name in ['a', 'b']
            ] }
            """,
            fixed=r"""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: name, image: 'alpine:3.20', commands: ['echo \'$${WHO}\''] }
              for name in ['a', 'b']
            ] }
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        # a comment may say ${ANYTHING}
        steps:
        - name: test
          image: golang:1.22.1
          commands:
          - echo $VERSION $${VERSION} ${DRONE_TAG##v} ${DRONE_COMMIT_SHA:0:8} ${CI_BUILD_NUMBER} $(date)
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: ${CHANNEL}
            """,
            settings=Settings(substitution=SubstitutionSettings(variables=("CHANNEL",))),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        known = drone_variables(self.settings)
        for expansion in file.expansions:
            if expansion.in_value and expansion.name not in known:
                yield self._finding(expansion, known)

    def _finding(self, expansion: PlacedExpansion, known: frozenset[str]) -> Finding:
        name = expansion.name
        fix = escape(expansion.place) if expansion.for_shell else None
        if name.startswith(("DRONE_", "CI_")):
            message = f"Drone has no variable `{name}` and replaces it with an empty string{did_you_mean(name, known, 0.85)}"
            return self.finding(
                expansion.place,
                message,
                help="correct the name, or declare it in the configuration under `substitution: {variables: [...]}`",
            )
        message = f"Drone replaces `{expansion.text}` with {_replacement(expansion)}: `{name}` is not a Drone variable"
        if expansion.for_shell:
            return self.finding(expansion.place, message, help=f"write `${name}` or `${expansion.text}` for the shell", fix=fix)
        return self.finding(
            expansion.place,
            f"{message}, unless it is a parameter of the build",
            severity=Severity.WARNING,
            confidence=Confidence.MEDIUM,
            help="declare variables that builds or runners add in the configuration under `substitution: {variables: [...]}`",
        )


def _replacement(expansion: PlacedExpansion) -> str:
    return "its default" if expansion.form in ("=", ":=", ":-", ":?", ":+") else "an empty string"
