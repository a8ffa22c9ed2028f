"""Variables that a compose file demands and nobody sets."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import AnyPlace, Confidence, ConfigFile, Example, Finding, Jsonnet, Rule, Severity, Trigger
from drone_lint_rules.docker.compose import compose_uses
from drone_lint_rules.docker.compose_verdict import compose_faults
from drone_lint_rules.drone import MAY_RUN_DOCKER


class ComposeVariableUnset(Rule):
    """A compose file demands a variable, by `${NAME:?}`, that has no value in the step.

    Compose refuses the file then. It takes values from the step's environment, and from `.env` in the folder of the first file (or from `--env-file`). A step's environment is its
    `environment`, the pipeline's, Drone's own variables, and what its commands export; on your machine more may be set.

    Silent: variables that the step's commands, or the script or Makefile that runs Compose, name anywhere; a `.env` that an earlier command may make.
    """

    name = "compose-variable-unset"
    trigger = Trigger(commands=MAY_RUN_DOCKER)
    severity = Severity.ERROR
    confidence = Confidence.MEDIUM
    why = "Compose refuses the file before a container starts"
    help = "set it in the step's `environment`, or in `.env` beside the file"

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: docker:27.3.1
              environment: {TAG: "1"}
              commands: [docker compose -f ci/test.yml up -d]
            """,
            files=(
                (
                    "ci/test.yml",
                    "services:\n  app:\n    image: app:${TAG:?}\n    environment:\n      A: ${TOKEN:?set the token}\n      B: ${OTHER?}\n      C: ${HERE:?}\n",
                ),
                ("ci/.env", "HERE=1\n"),
            ),
            lines=(5, 6),
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'docker:27.3.1', commands: ['docker compose -f a.yml --env-file ci.env up -d'] },
            ] }
            """,
            files=(("a.yml", "services:\n  a:\n    image: 'a:${A:?}-${B:?}'\n"), ("ci.env", "A=1\n"), (".env", "B=1\n")),
            lines=(3,),
        ),
    )
    good = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            environment: {PIPELINE: a}
            steps:
            - name: test
              image: docker:27.3.1
              environment: {STEP: {from_secret: a}}
              commands:
              - export SHELL_MADE=$(date)
              - docker compose -f a.yml up -d
              - cp .env.example sub/.env
              - INLINE=1 docker compose -f sub/b.yml up -d
              - docker compose -f c.yml --env-file $FILE up -d
            """,
            files=(
                (
                    "a.yml",
                    "services:\n  a:\n    image: 'a:${PIPELINE:?}${STEP:?}${SHELL_MADE:?}${DRONE_COMMIT:?}${NONE}${NONE:-x}$${ESCAPED:?}'\nx-a: '${A:?}'\n",
                ),
                ("sub/b.yml", "services: {a: {image: '${INLINE:?}${FROM_ENV:?}'}}\n"),
                ("c.yml", "services: {a: {image: '${A:?}'}}\n"),
                (".env.example", "FROM_ENV=1\n"),
            ),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        seen: set[AnyPlace] = set()
        for use in compose_uses(file):
            for fault in compose_faults(use, file):
                if fault.kind == "variable" and fault.place not in seen:
                    seen.add(fault.place)
                    yield self.finding(fault.place, fault.message, related=[("used here", use.place)], help=fault.help)
