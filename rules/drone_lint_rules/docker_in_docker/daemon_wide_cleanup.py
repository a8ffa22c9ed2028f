"""Commands that clean up more than the build's own containers."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Confidence, ConfigFile, Finding, Jsonnet, Rule, Severity, Trigger
from drone_lint_rules.docker.left_behind import cleanups
from drone_lint_rules.docker.runs import steps_of, surroundings
from drone_lint_rules.drone import CONTAINERS, MAY_RUN_DOCKER
from drone_lint_rules.host import Options, allowed


class DaemonWideCleanup(Rule):
    """A step removes containers, networks, volumes or images of every build on the host's Docker daemon.

    `docker rm -f $(docker ps -aq)`, `docker system prune` and `docker volume prune` know nothing of builds: through the host's socket they stop and remove what
    other builds, and Drone's own runner, have there. A build beside this one fails with "No such container".

    Remove what the step itself started, by name or label (`docker compose -p "ci-$DRONE_BUILD_NUMBER" down -v`, `--filter label=build=$DRONE_BUILD_NUMBER`), and leave the
    rest to a job of the host (`docker system prune --filter until=24h`).
    """

    name = "daemon-wide-cleanup"
    severity = Severity.WARNING
    confidence = Confidence.MEDIUM
    options = Options
    why = "the daemon is the host's: other builds, and the runner, lose what they are working with"
    help = "remove by name, project or label what the step itself started"
    trigger = Trigger(keys=("volumes",), commands=MAY_RUN_DOCKER)

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: clean
          image: docker:27.3.1
          volumes: [{name: sock, path: /var/run/docker.sock}]
          commands:
          - docker system prune -af  # <- daemon-wide-cleanup
          - docker volume prune --force  # <- daemon-wide-cleanup
          - docker rm -f $(docker ps -aq)  # <- daemon-wide-cleanup
          - docker image prune -a -f  # <- daemon-wide-cleanup
        volumes:
        - {name: sock, host: {path: /var/run/docker.sock}}
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'docker:27.3.1', volumes: [{ name: 's', path: '/var/run' }], commands: [
            'docker stop $(docker ps -q)',  // <- daemon-wide-cleanup
          ] },
        ], volumes: [{ name: 's', host: { path: '/var/run' } }] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: own
          image: docker:27.3.1
          volumes: [{name: sock, path: /var/run/docker.sock}]
          commands:
          - docker image prune -f
          - docker system prune -f --filter until=24h
          - docker rm -f $(docker ps -aq --filter label=build=$DRONE_BUILD_NUMBER)
          - docker compose down -v
          - docker rm -f db
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
          commands: [docker system prune -af]
        services:
        - {name: d, image: "docker:27.3.1-dind", privileged: true, volumes: [{name: run, path: /var/run}]}
        volumes:
        - {name: run, temp: {}}
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        around = surroundings(file)
        for step, pipeline in steps_of(file):
            if pipeline.type in CONTAINERS and not allowed(step, self.option.allow):
                for one in cleanups(step, around):
                    yield self.finding(one.place, f"{step.title} removes {one.what} of the host's Docker daemon", related=one.run.related)
