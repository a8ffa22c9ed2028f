"""Docker commands without a daemon to talk to."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Confidence, ConfigFile, Example, Finding, Jsonnet, Pipeline, Rule, Step, Surroundings, Trigger
from drone_lint_rules.docker.access import access, docker_host, unknown_host
from drone_lint_rules.docker.daemons import daemons, shared_volumes
from drone_lint_rules.docker.runs import Run, docker_runs, may_run_docker, steps_of, surroundings
from drone_lint_rules.drone import CONTAINERS, MAY_RUN_DOCKER
from drone_lint_rules.host import host_mounts, socket_of


class DindNoDaemon(Rule):
    """A step runs `docker`, but nothing connects it to a Docker daemon.

    The client is in the image, the daemon is not: without the host's socket, a daemon of the pipeline or `DOCKER_HOST` the command fails with "Cannot connect to the
    Docker daemon at unix:///var/run/docker.sock". A service runs beside the step under its own name: the step needs `DOCKER_HOST: tcp://NAME:2376` with its
    certificates, or a `temp` volume at `/var/run` in both.

    Build images with a plugin, kaniko or buildah, or give the pipeline a daemon. Runners can mount the socket into every step (`DRONE_RUNNER_VOLUMES`): then ignore this.
    """

    name = "dind-no-daemon"
    trigger = Trigger(commands=MAY_RUN_DOCKER)
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
        - name: wrapped
          image: docker:27.3.1
          commands: ['sudo -E env A=b time /usr/bin/docker -l debug build .']  # <- dind-no-daemon
        - name: unix
          image: docker:27.3.1
          environment: {DOCKER_HOST: "unix:///var/run/docker.sock"}
          commands: [docker build .]  # <- dind-no-daemon
        - name: local
          image: docker:27.3.1
          environment: {DOCKER_HOST: "tcp://localhost:2375"}
          commands: [docker build .]  # <- dind-no-daemon
        - name: misplaced
          image: docker:27.3.1
          volumes: [{name: socket, path: /tmp/docker.sock}]
          commands: [docker -H unix:///var/run/docker.sock build .]  # <- dind-no-daemon
        volumes:
        - {name: cache, temp: {}}
        - {name: socket, host: {path: /var/run/docker.sock}}
        ---
        kind: pipeline
        type: docker
        name: misnamed
        steps:
        - name: build
          image: docker:27.3.1
          environment: {DOCKER_HOST: "tcp://docker:2376"}
          commands: [docker build .]  # <- dind-no-daemon
        - name: daemon
          image: docker:27.3.1-dind
          privileged: true
          detach: true
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'docker:27.3.1', commands: [
            'docker info',  // <- dind-no-daemon
          ] },
        ], services: [{ name: 'docker', image: 'docker:27.3.1-dind', privileged: true }] }
        """),
        Example(
            """
            kind: pipeline
            type: kubernetes
            name: default
            steps:
            - {name: test, image: "docker:27.3.1", commands: [make -C ci test]}  # <- dind-no-daemon
            """,
            files=(("ci/Makefile", "test: up\n\techo done\nup:\n\t@docker compose up -d\n"),),
        ),
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
        - {name: prefixed, image: "docker:27.3.1", commands: ['DOCKER_HOST=ssh://host docker build .']}
        - {name: remote, image: "docker:27.3.1", commands: ['docker -H tcp://a:2376 build .', docker --context b build ., docker-compose -H=tcp://a:2376 up]}
        - {name: context, image: "docker:27.3.1", environment: {DOCKER_CONTEXT: builder}, commands: [docker build .]}
        - {name: secret, image: "docker:27.3.1", environment: {DOCKER_HOST: {from_secret: host}}, commands: [docker build .]}
        - {name: elsewhere, image: "alpine:3.20", commands: ['ssh host docker build .', 'kubectl exec pod -- sh -c "docker ps"', podman build .]}
        - {name: buildx, image: "docker:27.3.1", commands: [docker buildx create --driver kubernetes --use, docker buildx build .]}
        - {name: own, image: "docker:27.3.1-dind", privileged: true, commands: [dockerd-entrypoint.sh &, docker build .]}
        - name: at
          image: docker:27.3.1
          environment: {DOCKER_HOST: "unix:///docker/docker.sock"}
          volumes: [{name: run, path: /docker}]
          commands: [docker build .]
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

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        around = surroundings(file)
        for step, pipeline in steps_of(file):
            if pipeline.type in CONTAINERS and step.image is not None and may_run_docker(step):
                yield from self.of_step(step, pipeline, around)

    def of_step(self, step: Step, pipeline: Pipeline, around: Surroundings) -> Iterator[Finding]:
        """Whether one step is without a daemon."""
        host = unknown_host(step, pipeline)
        reached = access(step, pipeline)
        if (reached is not None and host is None) or (shared_volumes(pipeline) and docker_host(step, pipeline) is None):
            return
        needed = next((run for run, one in docker_runs(step, around) if one.needs_daemon and not run.guess and not _sets_host(run)), None)
        if needed is None:
            return
        via = f" (`{needed.via}`)" if needed.via else ""
        hint = _hint(step, pipeline, host)
        yield self.finding(
            needed.place, f"{step.title} runs `{needed.command.program}`{via} without a Docker daemon{hint}", related=needed.related
        )


def _sets_host(run: Run) -> bool:
    return any(one.name in ("DOCKER_HOST", "DOCKER_CONTEXT") for one in run.command.assignments)


def _hint(step: Step, pipeline: Pipeline, host: str | None) -> str:
    """What is there, and not quite right."""
    beside = daemons(pipeline)
    if host is not None:
        return f": `DOCKER_HOST` names `{host}`, and the daemon is called `{beside[0].name}`"
    variable = docker_host(step, pipeline)
    if variable is not None and variable.text.startswith("unix://"):
        return f": nothing is mounted at `{variable.text}`, where `DOCKER_HOST` looks"
    if variable is not None:
        return f": `{variable.text}` is the step's own container"
    for mount, path in host_mounts(step):
        if socket_of(path.text) is not None:
            return f": the socket is mounted at `{mount.path}`, where no client looks"
    return f": {beside[0].kind} `{beside[0].name}` is one, but the step has no `DOCKER_HOST`" if beside else ""
