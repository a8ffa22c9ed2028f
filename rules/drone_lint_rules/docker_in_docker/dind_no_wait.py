"""Steps that use a daemon which may not be there yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import (
    Confidence,
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Pipeline,
    Rule,
    Severity,
    Step,
    Trigger,
)
from drone_lint_rules.docker.access import access
from drone_lint_rules.docker.clients import by_environment
from drone_lint_rules.docker.commands import docker_commands
from drone_lint_rules.docker.daemons import daemons, is_dind
from drone_lint_rules.drone import CONTAINERS
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import Scope

_WAITS = (
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
_QUESTIONS = ("docker", "docker-compose", "curl", "wget", "test", "[", "[[", "ls", "stat", "ping", "telnet")
"""Programs that a loop asks until the daemon answers."""


class DindNoWait(Rule):
    """The first Docker command runs while the daemon beside it may still be starting.

    Drone starts services and goes on: a daemon needs some seconds until it answers, so the first `docker` command fails now and then.

    Wait for it: `until docker info >/dev/null 2>&1; do sleep 1; done`, with a limit.
    """

    name = "dind-no-wait"
    fixable = "unsafe"
    trigger = Trigger(words=("docker", "dind"))
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
        """
        kind: pipeline
        type: docker
        name: sleeping
        steps:
        - name: build
          image: docker:27.3.1
          volumes: [{name: run, path: /var/run}]
          commands:
          - sleep 20
          - docker build .  # <- dind-no-wait
        services:
        - {name: daemon, image: "docker:27.3.1-dind", privileged: true, volumes: [{name: run, path: /var/run}]}
        volumes:
        - {name: run, temp: {}}
        """,
        """
        kind: pipeline
        type: docker
        name: no loop
        steps:
        - name: build
          image: docker:27.3.1
          environment: {DOCKER_HOST: "tcp://daemon:2376"}
          commands:
          - if [ -n "$X" ]; then echo wait; fi
          - for i in a b; do echo $i; done
          - time docker build .  # <- dind-no-wait
        - name: daemon
          image: docker:27.3.1-dind
          privileged: true
          detach: true
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'docker:27.3.1', environment: { DOCKER_HOST: 'tcp://d:2376' }, commands: [
            'docker compose up -d',  // <- dind-no-wait
          ] },
        ], services: [{ name: 'd', image: 'docker:27.3.1-dind', privileged: true }] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: build
              image: docker:27.3.1
              environment: {DOCKER_HOST: "tcp://d:2375"}
              commands:
              - make
              - docker build .  # <- dind-no-wait
            services:
            - {name: d, image: "docker:27.3.1-dind", privileged: true}
            ---
            kind: pipeline
            type: docker
            name: other
            steps:
            - name: build
              image: docker:27.3.1
              environment: {DOCKER_HOST: "tcp://d:2375"}
              commands: [docker build .]  # <- dind-no-wait
            services:
            - {name: d, image: "docker:27.3.1-dind", privileged: true}
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: build
              image: docker:27.3.1
              environment: {DOCKER_HOST: "tcp://d:2375"}
              commands:
              - make
              - until docker info; do sleep 1; done
              - docker build .
            services:
            - {name: d, image: "docker:27.3.1-dind", privileged: true}
            ---
            kind: pipeline
            type: docker
            name: other
            steps:
            - name: build
              image: docker:27.3.1
              environment: {DOCKER_HOST: "tcp://d:2375"}
              commands: ['until docker info; do sleep 1; done', docker build .]
            services:
            - {name: d, image: "docker:27.3.1-dind", privileged: true}
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'docker:27.3.1', environment: { DOCKER_HOST: 'tcp://d:2376' }, commands: [
                'docker compose up -d',  // <- dind-no-wait
              ] },
            ], services: [{ name: 'd', image: 'docker:27.3.1-dind', privileged: true }] }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'docker:27.3.1', environment: { DOCKER_HOST: 'tcp://d:2376' }, commands: [
                'until docker info; do sleep 1; done',
                'docker compose up -d',
              ] },
            ], services: [{ name: 'd', image: 'docker:27.3.1-dind', privileged: true }] }
            """,
        ),
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
        name: loop
        steps:
        - name: build
          image: docker:27.3.1
          environment: {DOCKER_HOST: "tcp://daemon:2376"}
          commands: [apk add make, 'while ! docker info; do echo .; done', docker build .]
        services:
        - {name: daemon, image: "docker:27.3.1-dind", privileged: true}
        ---
        kind: pipeline
        type: docker
        name: script
        steps:
        - name: build
          image: docker:27.3.1
          environment: {DOCKER_HOST: "tcp://daemon:2376"}
          commands: [./ci/wait-for-docker.sh, docker build .]
        services:
        - {name: daemon, image: "docker:27.3.1-dind", privileged: true}
        ---
        kind: pipeline
        type: docker
        name: elsewhere
        steps:
        - {name: build, image: "docker:27.3.1", environment: {DOCKER_HOST: "tcp://build.example.com:2376"}, commands: [docker build .]}
        services:
        - {name: daemon, image: "docker:27.3.1-dind", privileged: true}
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
            if is_dind(step) or found is None or found.how == "socket" or by_environment(step).whose in ("elsewhere", "host"):
                if _waits(step, None):
                    return
                continue
            first = next((one for one in docker_commands(step) if one.needs_daemon), None)
            if first is None:
                if _waits(step, None):
                    return
                continue
            if not _waits(step, first.command.start):
                script = script_of(step)
                edit = Edit(script.item(first.command.start).place, "until docker info; do sleep 1; done", action="before")
                place = script.place(first.command.start, first.command.end)
                slept = any(command.program == "sleep" and command.start < first.command.start for command in script.commands)
                how = "after a fixed time, which is no question to it" if slept else "at once, without waiting for it"
                message = f"{step.title} uses the daemon {how}"
                yield self.finding(place, message, fix=Fix("wait for it", (edit,), safe=False))
            return


def _waits(step: Step, before: int | None) -> bool:
    """Whether a step waits for something before an offset of its script."""
    script = script_of(step)
    for command in script.commands:
        if before is not None and command.start > before:
            return False
        if command.program in _WAITS or (command.program not in ("echo", "printf") and "wait" in script.text[command.start : command.end]):
            return True
        if command.program in _QUESTIONS and any(scope.kind == "loop" or _is_of_loop(scope) for scope in command.scopes):
            return True
    return False


def _is_of_loop(scope: Scope) -> bool:
    """Whether a scope is the condition of `while` or `until`, not of `if`."""
    if scope.kind != "condition" or scope.outer is None:
        return False
    return any(other.kind == "loop" and other.outer is scope.outer for command in scope.outer.commands for other in command.scopes)
