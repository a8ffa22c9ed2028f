"""Clients whose address, network or certificates do not fit the daemon beside them."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import AnyPlace, ConfigFile, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Surroundings, Trigger
from drone_lint_rules.docker.clients import Reach, reaches
from drone_lint_rules.docker.connection import Connection
from drone_lint_rules.docker.listeners import listening
from drone_lint_rules.docker.runs import steps_of, surroundings
from drone_lint_rules.docker.words import cause, remedy
from drone_lint_rules.drone import CONTAINERS

FAULTS = (
    "port",
    "needs-tls",
    "plain",
    "no-certificates",
    "memory-certificates",
    "name",
    "network",
    "service-network",
    "socket-only",
    "not-a-daemon",
)
"""What this rule reports; that there is no daemon at all is `dind-no-daemon`, a socket that is not shared `dind-socket-not-shared`."""


class UnreachableDaemon(Rule):
    """A step's Docker client does not reach the daemon service beside it: the port, TLS, certificates or the network do not fit.

    Since 19.03 the image `docker:dind` sets `DOCKER_TLS_CERTDIR=/certs`: the daemon makes certificates and listens with TLS on port 2376 and on no other port.
    With `DOCKER_TLS_CERTDIR: ""` in the service it listens without TLS on 2375. In a step with `commands` the image's entrypoint does not run, so the client
    knows only what the step says: `DOCKER_HOST` with the right port and, for 2376, `DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH` and the volume with the certificates.

    The certificate covers `docker`, `localhost` and the names in `DOCKER_TLS_SAN`, so a service with another name has to be named there. A step with
    `network_mode: host` is not in the pipeline's network and cannot resolve a service's name.

    The whole of it, for a service named `docker`:

        steps:
        - name: build
          environment:
            DOCKER_HOST: tcp://docker:2376
            DOCKER_TLS_VERIFY: "1"
            DOCKER_CERT_PATH: /certs/client
          volumes: [{name: certs, path: /certs}]
        services:
        - name: docker
          image: docker:27-dind
          privileged: true
          volumes: [{name: certs, path: /certs}]
        volumes:
        - {name: certs, temp: {}}
    """

    name = "unreachable-daemon"
    trigger = Trigger(words=("docker", "dind"))
    severity = Severity.ERROR
    why = "every Docker command of the step fails"
    help = "write the port that the daemon listens on, and share its certificates for 2376"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: port
          image: docker:27.3.1
          environment:
            DOCKER_HOST: tcp://docker:2375  # <- unreachable-daemon
          commands: [docker build .]
        - name: tls
          image: docker:27.3.1
          environment:
            DOCKER_HOST: tcp://docker:2376  # <- unreachable-daemon
            DOCKER_CERT_PATH: /certs/client
          volumes: [{name: certs, path: /certs}]
          commands: [docker build .]
        - name: certificates
          image: docker:27.3.1
          environment:
            DOCKER_HOST: tcp://docker:2376  # <- unreachable-daemon
            DOCKER_TLS_VERIFY: "1"
            DOCKER_CERT_PATH: /certs/client
          commands: [docker build .]
        - name: network
          image: docker:27.3.1
          network_mode: host  # <- unreachable-daemon
          environment: {DOCKER_HOST: "tcp://docker:2376", DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: /certs/client}
          volumes: [{name: certs, path: /certs}]
          commands: [docker build .]
        - name: exported
          image: docker:27.3.1
          commands:
          - export DOCKER_HOST=tcp://docker:2375  # <- unreachable-daemon
          - docker build .
        services:
        - {name: docker, image: "docker:27.3.1-dind", privileged: true, volumes: [{name: certs, path: /certs}]}
        volumes:
        - {name: certs, temp: {}}
        """,
        """
        kind: pipeline
        type: docker
        name: others
        environment:
          DOCKER_HOST: tcp://daemon:2376  # <- unreachable-daemon
          DOCKER_TLS_VERIFY: "1"
          DOCKER_CERT_PATH: /certs/client
        steps:
        - {name: name, image: "docker:27.3.1", volumes: [{name: certs, path: /certs}], commands: [docker info]}
        services:
        - {name: daemon, image: "docker:27.3.1-dind", privileged: true, volumes: [{name: certs, path: /certs}]}
        volumes:
        - {name: certs, temp: {}}
        """,
        Jsonnet("""
        local client(host) = { image: 'docker:27.3.1', environment: { DOCKER_HOST: host }, commands: ['docker info'] };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          client('tcp://d:2375') + { name: 'a' },  // <- unreachable-daemon
        ], services: [{ name: 'd', image: 'docker:dind', privileged: true, command: ['dockerd'] }] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: tls
          image: docker:27.3.1
          environment: {DOCKER_HOST: "tcp://docker:2376", DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: /certs/client}
          volumes: [{name: certs, path: /certs}]
          commands: [docker build .]
        - name: elsewhere
          image: docker:27.3.1
          environment: {DOCKER_HOST: "tcp://build.example.com:2376"}
          commands: [docker build .]
        - name: secret
          image: docker:27.3.1
          environment: {DOCKER_HOST: {from_secret: host}}
          commands: [docker build .]
        services:
        - {name: docker, image: "docker:27.3.1-dind", privileged: true, volumes: [{name: certs, path: /certs}]}
        volumes:
        - {name: certs, temp: {}}
        ---
        kind: pipeline
        type: docker
        name: plain
        steps:
        - {name: build, image: "docker:27.3.1", environment: {DOCKER_HOST: "tcp://d:2375"}, commands: [docker build .]}
        services:
        - {name: d, image: "registry.example.com/dind:1", privileged: true}
        ---
        kind: pipeline
        type: docker
        name: old
        steps:
        - {name: build, image: "docker:18.09", environment: {DOCKER_HOST: "tcp://d:2375"}, commands: [docker build .]}
        services:
        - {name: d, image: "docker:18.09-dind", privileged: true}
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        around = surroundings(file)
        for step, pipeline in steps_of(file):
            if pipeline.type in CONTAINERS and step.image is not None and listening(pipeline):
                yield from self._of_step(step, pipeline, around)

    def _of_step(self, step: Step, pipeline: Pipeline, around: Surroundings) -> Iterator[Finding]:
        for reach in reaches(step, around):
            connection = reach.connection
            if connection.status == "missing" and connection.fault in FAULTS:
                place = _place(reach, step)
                message = f"{step.title} does not reach the Docker daemon: {cause(connection)}"
                yield self.finding(place, message, related=_related(connection, place), help=remedy(connection))


def _place(reach: Reach, step: Step) -> AnyPlace:
    mode = step.get("network_mode")
    if reach.connection.fault == "network" and mode is not None:
        return mode.key
    if reach.connection.client.place is not None:
        return reach.connection.client.place
    return reach.run.place if reach.run is not None else step.value.place


def _related(connection: Connection, place: AnyPlace) -> list[tuple[str, AnyPlace]]:
    daemon = connection.daemon
    if daemon is None or daemon.decided_by is None or daemon.decided_by.place == place:
        return []
    return [("this decides where the daemon listens", daemon.decided_by.place)]
