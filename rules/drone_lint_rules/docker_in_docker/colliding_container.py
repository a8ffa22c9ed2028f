"""Containers with fixed names and ports on a daemon that other builds use, too."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import AnyPlace, Confidence, ConfigFile, Example, Finding, Jsonnet, Rule, Severity, Trigger
from drone_lint_rules.docker.containers import Container
from drone_lint_rules.docker.left_behind import shared_names, taken_down
from drone_lint_rules.docker.runs import steps_of, surroundings
from drone_lint_rules.drone import CONTAINERS, MAY_RUN_DOCKER
from drone_lint_rules.host import Options, allowed


class CollidingContainer(Rule):
    """A container on the host's daemon has a fixed name or host port, or is restarted forever.

    Containers that a step starts through the host's socket are the host's, not the build's. A second build that runs at the same time cannot take the same
    `container_name` or host port and fails; a build that fails before its `docker compose down` leaves its containers running, and `restart: always` starts them
    again whenever the host starts.

    Let Docker choose names and ports (`docker compose -p "ci-$DRONE_BUILD_NUMBER"`, `ports: ["50050"]` with `docker compose port`), and take the containers down in a
    step with `when: {status: [success, failure]}`. Containers of a `docker:dind` service go with the build.
    """

    name = "colliding-container"
    severity = Severity.NOTICE
    confidence = Confidence.MEDIUM
    options = Options
    why = "the daemon is the host's: two builds at once break each other, and a build that fails leaves its containers running"
    help = 'let Docker choose names and ports, set a project name for each build (`-p "ci-$DRONE_BUILD_NUMBER"`), and take them down in a step that also runs on failure'
    trigger = Trigger(keys=("volumes",), commands=MAY_RUN_DOCKER)

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: docker:27.3.1
          volumes: [{name: sock, path: /var/run/docker.sock}]
          commands:
          - docker run -d --name db -p 5432:5432 postgres:16.3  # <- colliding-container
          - docker run -d -p 127.0.0.1:8080:80 --rm nginx:1.27.0  # <- colliding-container
        volumes:
        - {name: sock, host: {path: /var/run/docker.sock}}
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'docker:27.3.1', volumes: [{ name: 's', path: '/var/run/docker.sock' }], commands: [
            'docker run --detach --name=db postgres:16.3',  // <- colliding-container
          ] },
        ], volumes: [{ name: 's', host: { path: '/var/run/docker.sock' } }] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: docker:27.3.1
              volumes: [{name: sock, path: /var/run/docker.sock}]
              commands: [docker compose -f compose.yml up -d]  # the names stand in the compose file
            volumes:
            - {name: sock, host: {path: /var/run/docker.sock}}
            """,
            files=(
                (
                    "compose.yml",
                    'services:\n  db:\n    image: postgres:16.3\n    container_name: db\n    restart: always\n    ports: ["5432:5432"]\n  web:\n    image: acme/web:1.0\n    ports: ["80"]\n',
                ),
            ),
            lines=(2,),
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: docker:27.3.1
          volumes: [{name: sock, path: /var/run/docker.sock}]
          commands:
          - docker run --rm -p 80 acme/web:1.0
          - docker run -d --name "db-$DRONE_BUILD_NUMBER" postgres:16.3
          - docker run --rm -P acme/web:1.0
        volumes:
        - {name: sock, host: {path: /var/run/docker.sock}}
        ---
        kind: pipeline
        type: docker
        name: service
        steps:
        - name: test
          image: docker:27.3.1
          volumes: [{name: run, path: /var/run}]
          commands: [docker run -d --name db -p 5432:5432 postgres:16.3]
        services:
        - {name: d, image: "docker:27.3.1-dind", privileged: true, volumes: [{name: run, path: /var/run}]}
        volumes:
        - {name: run, temp: {}}
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        seen: set[AnyPlace] = set()
        for step, pipeline in steps_of(file):
            if pipeline.type not in CONTAINERS or allowed(step, self.option.allow):
                continue
            for container, names in shared_names(step, file):
                place = container.name_place if container.service is None and container.name_place is not None else container.place
                if place not in seen:
                    seen.add(place)
                    yield self._finding(container, names, place, left=not taken_down(container, step, surroundings(file)))

    def _finding(self, container: Container, names: list[str], place: AnyPlace, *, left: bool) -> Finding:
        related = [("started by this", container.run.place)] if container.service is not None else container.run.related
        tail = ", and no command of the step takes it down" if left else ""
        return self.finding(place, f"{container.title} has {_listed(names)} on the host's Docker daemon{tail}", related=related)


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
