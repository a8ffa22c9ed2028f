"""Steps that use a daemon which may not be there yet."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Step
from drone_lint_rules.docker_in_docker._docker import access, daemons, docker_commands, is_dind
from drone_lint_rules.drone import CONTAINERS
from drone_lint_rules.shell import script_of

_WAITS = (
    "sleep",
    "wait-for-it",
    "wait-for-it.sh",
    "wait-for",
    "wait4ports",
    "dockerize",
    "timeout",
    "nc",
    "wait-for-docker",
    "wait-for-docker.sh",
)


class DindNoWait(Rule):
    """The first Docker command runs while the daemon beside it may still be starting.

    Drone starts services and goes on: a daemon needs some seconds until it answers, so the first `docker` command fails now and then.

    Wait for it: `until docker info >/dev/null 2>&1; do sleep 1; done`, with a limit.
    """

    name = "dind-no-wait"
    severity = Severity.NOTICE
    confidence = Confidence.MEDIUM
    why = "the daemon needs some seconds until it answers"
    help = "wait first: `until docker info; do sleep 1; done`"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: docker:27.3.1
          volumes: [{name: run, path: /var/run}]
          commands:
          - docker login -u ci --password-stdin
          - docker build .  # <- dind-no-wait
        - name: again
          image: docker:27.3.1
          volumes: [{name: run, path: /var/run}]
          commands: [docker push app]
        services:
        - name: daemon
          image: docker:27.3.1-dind
          privileged: true
          volumes: [{name: run, path: /var/run}]
        volumes:
        - {name: run, temp: {}}
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'docker:27.3.1', environment: { DOCKER_HOST: 'tcp://d:2376' }, commands: [
            'docker compose up -d',  // <- dind-no-wait
          ] },
        ], services: [{ name: 'd', image: 'docker:27.3.1-dind', privileged: true }] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: wait
          image: docker:27.3.1
          volumes: [{name: run, path: /var/run}]
          commands: [until docker info; do sleep 1; done, docker build .]
        - name: later
          image: docker:27.3.1
          volumes: [{name: run, path: /var/run}]
          commands: [docker push app]
        services:
        - {name: daemon, image: "docker:27.3.1-dind", privileged: true, volumes: [{name: run, path: /var/run}]}
        volumes:
        - {name: run, temp: {}}
        ---
        kind: pipeline
        type: docker
        name: socket
        steps:
        - name: build
          image: docker:27.3.1
          volumes: [{name: socket, path: /var/run/docker.sock}]
          commands: [docker build .]
        volumes:
        - {name: socket, host: {path: /var/run/docker.sock}}
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in CONTAINERS or not daemons(pipeline):
            return
        for step in pipeline.steps:
            found = access(step, pipeline)
            if is_dind(step) or found is None or found.how == "socket":
                if _waits(step, None):
                    return
                continue
            first = next((one for one in docker_commands(step) if one.needs_daemon), None)
            if first is None:
                if _waits(step, None):
                    return
                continue
            if not _waits(step, first.command.start):
                place = script_of(step).place(first.command.start, first.command.end)
                yield self.finding(place, f"{step.title} uses the daemon at once, without waiting for it")
            return


def _waits(step: Step, before: int | None) -> bool:
    """Whether a step waits for something before an offset of its script."""
    script = script_of(step)
    for command in script.commands:
        if before is not None and command.start > before:
            return False
        if command.program in _WAITS or "wait" in command.program:
            return True
        if any(scope.kind in ("loop", "condition") for scope in command.scopes):
            return True
    return False
