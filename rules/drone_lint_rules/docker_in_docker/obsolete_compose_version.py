"""`version` in compose files, which Compose ignores."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import AnyPlace, ConfigFile, Example, Finding, Jsonnet, Rule, Severity, Trigger
from drone_lint_rules.docker.compose import compose_uses, project_of
from drone_lint_rules.drone import MAY_RUN_DOCKER


class ObsoleteComposeVersion(Rule):
    """A compose file has a `version`, which Compose ignores.

    `docker compose` reads every file by the newest specification and warns about `version` each time; it switches nothing on or off. Only the program
    `docker-compose` of 2021 and before chose its format by it, so files that a step gives to that program, or to `docker stack`, are left alone.
    """

    name = "obsolete-compose-version"
    trigger = Trigger(commands=MAY_RUN_DOCKER)
    severity = Severity.NOTICE
    profile = "pedantic"
    why = "Compose ignores it and warns each time"
    help = "remove the line"

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: test, image: "docker:27.3.1", commands: [docker compose -f test.yml up -d]}
            """,
            files=(("test.yml", "services:\n  app: {image: 'app:1'}\nversion: '3.8'\n"),),
            lines=(3,),
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'docker:27.3.1', commands: ['cd ci; docker compose up'] },
            ] }
            """,
            files=(("ci/compose.yaml", "version: '2'\nservices: {a: {image: 'a:1'}}\n"),),
            lines=(1,),
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
              - docker-compose -f test.yml up -d
              - docker stack deploy -c test.yml app
              - docker compose -f new.yml up -d
            """,
            files=(
                ("test.yml", "version: '3.8'\nservices: {app: {image: 'app:1', labels: {version: '3'}}}\n"),
                ("new.yml", "services: {app: {image: 'app:1', labels: {version: '3'}}}\n"),
            ),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        uses = compose_uses(file)
        old = {path for use in uses if use.legacy or use.stack for path, _ in use.files}
        seen: set[AnyPlace] = set()
        for use in uses:
            for path, content in project_of(use, file).files:
                for document in content.documents:
                    version = document.value.get("version")
                    if version is not None and path not in old and version.key not in seen:
                        seen.add(version.key)
                        yield self.finding(version.key, "`version` is ignored", related=[("used here", use.place)])
