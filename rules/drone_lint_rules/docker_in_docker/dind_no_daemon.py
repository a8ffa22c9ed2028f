"""Docker commands without a daemon to talk to."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Confidence, Finding, Jsonnet, Pipeline, Rule, Step
from drone_lint_rules.docker_in_docker._docker import access, daemons, docker_commands, shared_volumes
from drone_lint_rules.drone import CONTAINERS
from drone_lint_rules.shell import script_of


class DindNoDaemon(Rule):
    """A step runs `docker`, but nothing connects it to a Docker daemon.

    The client is in the image, the daemon is not: without the host's socket, a daemon of the pipeline or `DOCKER_HOST` the command fails with "Cannot connect to the
    Docker daemon at unix:///var/run/docker.sock". A service runs beside the step under its own name: the step needs `DOCKER_HOST: tcp://NAME:2376` with its
    certificates, or a `temp` volume at `/var/run` in both.

    Build images with a plugin, kaniko or buildah, or give the pipeline a daemon. Runners can mount the socket into every step (`DRONE_RUNNER_VOLUMES`): then ignore this.
    """

    name = "dind-no-daemon"
    confidence = Confidence.MEDIUM
    why = 'the command fails: "Cannot connect to the Docker daemon"'
    help = "give the pipeline a daemon as a service, or build with a plugin, kaniko or buildah"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: docker:27.3.1
          commands:
          - docker login -u ci --password-stdin < /run/pw
          - docker build -t app .  # <- dind-no-daemon
          - docker push app
        - name: compose
          image: docker:27.3.1
          volumes: [{name: cache, path: /cache}]
          commands:
          - cd app && docker-compose up -d  # <- dind-no-daemon
        volumes:
        - {name: cache, temp: {}}
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'docker:27.3.1', commands: [
            'docker info',  // <- dind-no-daemon
          ] },
        ], services: [{ name: 'docker', image: 'docker:27.3.1-dind', privileged: true }] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: socket
          image: docker:27.3.1
          commands: [docker build .]
          volumes: [{name: run, path: /var/run}]
        - name: variable
          image: docker:27.3.1
          environment: {DOCKER_HOST: "tcp://docker:2376"}
          commands: [docker build .]
        - name: exported
          image: docker:27.3.1
          commands: ['export DOCKER_HOST=tcp://x:2376', docker build .]
        - name: login
          image: docker:27.3.1
          commands: [docker --version, docker login -u x --password-stdin, docker manifest inspect x, command -v docker, echo docker build, docker-compose config]
        volumes:
        - {name: run, host: {path: /var/run}}
        ---
        kind: pipeline
        type: exec
        name: exec
        steps:
        - {name: host, commands: [docker build .]}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in CONTAINERS or step.image is None or access(step, pipeline) is not None or shared_volumes(pipeline):
            return
        for one in docker_commands(step):
            if one.needs_daemon:
                beside = daemons(pipeline)
                hint = f": service `{beside[0].name}` is one, but the step has no `DOCKER_HOST`" if beside else ""
                place = script_of(step).place(one.command.start, one.command.end)
                yield self.finding(place, f"{step.title} runs `{one.command.program}` without a Docker daemon{hint}")
                return
