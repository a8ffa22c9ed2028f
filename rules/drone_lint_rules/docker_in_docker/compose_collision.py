"""Services of compose files that want the same port of the host, or the same name."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import AnyPlace, ConfigFile, Example, Finding, Jsonnet, Rule, Severity, Trigger
from drone_lint_rules.docker.compose import compose_uses
from drone_lint_rules.docker.compose_verdict import compose_faults
from drone_lint_rules.drone import MAY_RUN_DOCKER


class ComposeCollision(Rule):
    """Two services of a compose file want the same port of the host, or the same container name.

    A port of an address belongs to one container, and so does a name: Docker starts the first service and refuses the second, so `up` fails half way, and what it
    started goes on running. All files of the command count, merged as Compose merges them; services that only different profiles start may share.

    Publish one of them at another port (`"8081:80"`), or at none: services of one file reach each other by name without any published port.
    """

    name = "compose-collision"
    trigger = Trigger(commands=MAY_RUN_DOCKER)
    severity = Severity.ERROR
    why = "Docker refuses to start the second container, and the first goes on running"
    help = "publish it at another port of the host"

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: test, image: "docker:27.3.1", commands: [docker compose -f ci/test.yml up -d]}
            """,
            files=(
                (
                    "ci/test.yml",
                    """services:
  app:
    image: app:1
    ports: ['8080:80', '127.0.0.1:9000-9002:9000-9002']
  web:
    image: web:1
    ports:
    - '0.0.0.0:8080:8080'
    - {target: 90, published: 9001}
    - '8080:80/udp'
    container_name: web
  other:
    image: a:1
    container_name: web
""",
                ),
            ),
            lines=(8, 9, 14),
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'docker:27.3.1', commands: ['docker compose -f a.yml -f b.yml up -d'] },
            ] }
            """,
            files=(
                ("a.yml", "services:\n  a: {image: 'a:1', ports: ['80:80']}\n"),
                ("b.yml", "services:\n  b:\n    image: b:1\n    ports: ['80:8080']\n"),
            ),
            lines=(4,),
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
              - docker compose -f a.yml up -d
              - docker compose -f a.yml -f override.yml up -d
              - docker compose -f twice.yml up -d one
              - docker compose -f twice.yml config
              - docker compose -f $MORE -f twice.yml up -d
            """,
            files=(
                (
                    "a.yml",
                    """services:
  a: {image: 'a:1', ports: ['127.0.0.1:80:80', '80', '81:81', '${PORT}:82'], profiles: [a]}
  b: {image: 'b:1', ports: ['127.0.0.2:80:80', '80', '81:81/udp', '${PORT}:82', '0:5']}
  c: {image: 'c:1', ports: ['81:81'], profiles: [c]}
""",
                ),
                ("override.yml", "services:\n  a: {ports: ['81:81']}\n  b: {ports: !override ['90:90']}\n  c: {ports: !reset []}\n"),
                ("twice.yml", "services:\n  one: {image: 'a:1', ports: ['80:80']}\n  two: {image: 'b:1', ports: ['80:80']}\n"),
            ),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        seen: set[AnyPlace] = set()
        for use in compose_uses(file):
            for fault in compose_faults(use, file):
                if fault.kind == "taken" and fault.place not in seen:
                    seen.add(fault.place)
                    yield self.finding(fault.place, fault.message, related=[*fault.related, ("used here", use.place)], help=fault.help)
