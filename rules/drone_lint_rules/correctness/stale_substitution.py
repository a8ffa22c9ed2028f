"""`${}` of variables whose values are not known yet."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    ConfigFile,
    Example,
    Finding,
    Jsonnet,
    PlacedExpansion,
    Rule,
    Severity,
    Trigger,
)
from drone_lint_rules.escape import escape, single_quoted

_STALE = {
    "DRONE_BUILD_STATUS": "always `success`",
    "DRONE_STAGE_STATUS": "always `success`",
    "DRONE_BUILD_FINISHED": "not the time at which the build ends",
    "DRONE_STAGE_FINISHED": "not the time at which the stage ends",
    "DRONE_STEP_NAME": "empty",
    "DRONE_STEP_NUMBER": "empty",
    "DRONE_FAILED_STEPS": "always empty",
    "DRONE_FAILED_STAGES": "always empty",
    "CI_BUILD_STATUS": "always `success`",
    "CI_BUILD_FINISHED": "not the time at which the build ends",
}


class StaleSubstitution(Rule):
    """A `${}` uses a value that is not known until later.

    The runner replaces `${...}` once, when the stage starts. At that time the status of the build is `success`, nothing has failed, and there is no current step
    with a name or number. A message with `${DRONE_BUILD_STATUS}` always says `success`.

    In commands write `$DRONE_BUILD_STATUS`, which the shell reads when the step runs. Plugins have their own placeholders, such as
    `{{build.status}}`.
    """

    name = "stale-substitution"
    severity = Severity.WARNING
    why = "Drone substitutes the variable when the stage starts, before the value is known"
    fixable = "safe"
    trigger = Trigger(expansions=True)

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: notify
          image: alpine:3.20
          commands:
          - ./notify.sh "build ${DRONE_BUILD_NUMBER}: ${DRONE_BUILD_STATUS}"  # <- stale-substitution
          - ./notify.sh "${CI_BUILD_STATUS^^}" "${DRONE_FAILED_STEPS:-none}"  # <- stale-substitution, stale-substitution
          when: {status: [success, failure]}
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'plugins/slack:1.4', settings: {
            template: 'failed: ${DRONE_FAILED_STEPS}',  // <- stale-substitution
          } },
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: notify
              image: alpine:3.20
              commands:
              - ./notify.sh "${DRONE_BUILD_STATUS}"  # <- stale-substitution
              - echo '${DRONE_STEP_NAME}'  # <- stale-substitution
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: notify
              image: alpine:3.20
              commands:
              - ./notify.sh "$${DRONE_BUILD_STATUS}"
              - echo '${DRONE_STEP_NAME}'
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'alpine:3.20', commands: ["./notify ${DRONE_BUILD_STATUS}"] },  // <- stale-substitution
            ] }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'alpine:3.20', commands: ["./notify $${DRONE_BUILD_STATUS}"] },
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
        - name: notify
          image: alpine:3.20
          commands:
          - ./notify.sh "build ${DRONE_BUILD_NUMBER}: $DRONE_BUILD_STATUS $${DRONE_STEP_NAME} ${DRONE_STAGE_NAME}"
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for expansion in file.expansions:
            if expansion.in_value and expansion.name in _STALE:
                yield self._finding(expansion)

    def _finding(self, expansion: PlacedExpansion) -> Finding:
        message = f"`{expansion.text}` is {_STALE[expansion.name]}: Drone replaces it when the stage starts"
        fix = escape(expansion.place) if expansion.for_shell and not single_quoted(expansion.place) else None
        return self.finding(
            expansion.place, message, help=f"in commands, write `${expansion.name}`, which the shell expands when the step runs", fix=fix
        )
