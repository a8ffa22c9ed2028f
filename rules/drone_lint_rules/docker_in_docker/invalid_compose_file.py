"""Compose files that Compose cannot use."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import AnyPlace, ConfigFile, Example, Finding, Jsonnet, Rule, Severity, Trigger
from drone_lint_rules.docker.compose import compose_uses
from drone_lint_rules.docker.compose_verdict import REFUSED, compose_faults
from drone_lint_rules.drone import MAY_RUN_DOCKER


class InvalidComposeFile(Rule):
    """A compose file that a step uses is not valid: Compose refuses it.

    The step fails before a container starts. Files are found by `-f`, `COMPOSE_FILE` and Compose's default names (with the `override` file beside them), also behind
    make targets and shell scripts of the repository. They are read as Compose reads them: `-f` files merged in their order, `include`, `extends`, `!reset`, `!override`.

    What is checked: YAML with no key twice; each value against a schema of the Compose specification; that networks, volumes, secrets, configs and services which
    others name are there; that services do not wait for each other in a circle; ports, mounts, and keys that exclude each other. Values with `${VARIABLES}` are not judged, nor is
    a file that an earlier command may have changed. What privileged services, sockets and host paths cost, the rules of `container_escape` say.

    `docker compose -f FILE config` says the same on your machine.
    """

    name = "invalid-compose-file"
    trigger = Trigger(commands=MAY_RUN_DOCKER)
    severity = Severity.ERROR
    why = "Compose refuses the file before a container starts"
    help = "`docker compose -f FILE config` says what Compose expects"

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: test, image: "docker:27.3.1", commands: [docker compose -f ci/test.yml up -d]}
            """,
            files=(("ci/test.yml", "# tests\nservices:\n  app:\n    ports: ['8080:8080']\n  db:\n    image: postgres:16.2\n  none:\n"),),
            lines=(3, 7),
        ),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: test, image: "docker:27.3.1", commands: [cd ci && docker-compose up -d]}
            """,
            files=(("ci/docker-compose.yml", "services:\n  app:\n   image: a\n  - b\n"),),
            lines=(4,),
        ),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            environment: {COMPOSE_FILE: a.yml}
            steps:
            - {name: test, image: "docker:27.3.1", commands: [docker compose up]}
            - {name: list, image: "docker:27.3.1", commands: [docker compose -f b.yml up]}
            - {name: empty, image: "docker:27.3.1", commands: [docker compose -f c.yml up]}
            """,
            files=(
                ("a.yml", "version: '3'\n\nservises:\n  app: {image: a}\n"),
                ("b.yml", "\n- services\n"),
                ("c.yml", "# nothing\nservices: []\n"),
            ),
            lines=(2, 2, 3),
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'docker:27.3.1', commands: ['make up'] },
            ] }
            """,
            files=(("Makefile", "up:\n\tdocker-compose -f test.yml up -d\n"), ("test.yml", "services:\n  a: {image: b}\n  b: word\n")),
            lines=(3,),
        ),
    )
    good = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: docker:27.3.1
              commands:
              - docker compose -f base.yml -f override.yml up -d
              - docker compose -f override.yml -f $OTHER up -d
              - docker-compose -f old.yml up
              - docker compose -f included.yml up
              - docker compose -f none.yml up
              - cat invalid.yml
            """,
            files=(
                (
                    "base.yml",
                    "x-all: &all {restart: always}\nservices:\n  app: {<<: *all, image: a}\n  b: {build: .}\n  c: {extends: {service: b}}\n",
                ),
                ("override.yml", "services:\n  app:\n    ports: ['80:80']\n    command: [a, http://b?c]\n"),
                ("old.yml", "app:\n  image: a\n"),
                ("included.yml", "include: [base.yml]\n"),
                ("invalid.yml", "services: {a: b}\n"),
            ),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        seen: set[AnyPlace] = set()
        for use in compose_uses(file):
            for fault in compose_faults(use, file):
                if fault.kind in REFUSED and fault.place not in seen:
                    seen.add(fault.place)
                    related = [*fault.related, ("used here", use.place)]
                    yield self.finding(fault.place, fault.message, related=related, help=fault.help)
