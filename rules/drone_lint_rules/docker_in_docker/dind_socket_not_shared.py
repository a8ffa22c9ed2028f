"""A daemon's socket that the step which needs it does not see."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.docker.access import access
from drone_lint_rules.docker.commands import docker_commands
from drone_lint_rules.docker.daemons import is_dind, shared_volumes, socket_folder
from drone_lint_rules.drone import CONTAINERS
from drone_lint_rules.shell import script_of


class DindSocketNotShared(Rule):
    """The pipeline's Docker daemon puts its socket into a volume that a step using Docker does not mount at the same place.

    The daemon listens on `/var/run/docker.sock` of its own container. A `temp` volume at `/var/run` in both containers shares it; without that mount, or with it at
    another path, the step finds no daemon.

    Mount the volume at `/var/run` in the step, too.
    """

    name = "dind-socket-not-shared"
    trigger = Trigger(keys=("volumes",), words=("docker", "dind"))
    severity = Severity.ERROR
    why = "the step finds no daemon"
    help = "mount the daemon's volume at `/var/run` in the step, too"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: none
          image: docker:27.3.1
          commands:
          - docker build .  # <- dind-socket-not-shared
        - name: other
          image: docker:27.3.1
          commands: [docker build .]
          volumes:
          - name: run  # <- dind-socket-not-shared
            path: /docker
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
          { name: 'a', image: 'docker:27.3.1', commands: [
            'docker info',  // <- dind-socket-not-shared
          ] },
        ], services: [{ name: 'd', image: 'docker:27.3.1-dind', privileged: true, volumes: [{ name: 'run', path: '/var/run/' }] }],
          volumes: [{ name: 'run', temp: {} }] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: shared, image: "docker:27.3.1", commands: [docker build .], volumes: [{name: run, path: /run}]}
        - {name: variable, image: "docker:27.3.1", commands: [docker build .], environment: {DOCKER_HOST: "tcp://daemon:2376"}}
        - {name: other, image: "golang:1.22.1", commands: [go test ./...]}
        services:
        - {name: daemon, image: "docker:27.3.1-dind", privileged: true, volumes: [{name: run, path: /var/run}]}
        volumes:
        - {name: run, temp: {}}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in CONTAINERS or is_dind(step):
            return
        shared = shared_volumes(pipeline)
        if not shared or access(step, pipeline) is not None:
            return
        needed = next((one for one in docker_commands(step) if one.needs_daemon), None)
        if needed is None:
            return
        for mount in step.mounts:
            if mount.name in shared and not socket_folder(mount.path):
                daemon = shared[mount.name]
                yield self.finding(
                    mount.value.place, f"{step.title} mounts the socket of `{daemon.name}` at `{mount.path}`, where no client looks"
                )
                return
        name, daemon = next(iter(shared.items()))
        place = script_of(step).place(needed.command.start, needed.command.end)
        yield self.finding(place, f"{step.title} does not mount `{name}`, which holds the socket of `{daemon.name}`")
