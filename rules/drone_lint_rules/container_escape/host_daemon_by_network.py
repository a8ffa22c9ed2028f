"""The host's Docker daemon, commanded over the network."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, AnyPlace, ConfigFile, Example, Finding, Jsonnet, Rule, Severity, Step, Surroundings, Trigger
from drone_lint_rules.docker.clients import by_environment, reaches
from drone_lint_rules.docker.connection import HOSTS_OWN, Connection, is_machine
from drone_lint_rules.docker.runs import steps_of, surroundings
from drone_lint_rules.drone import CONTAINERS, MAY_RUN_DOCKER


class HostDaemonByNetwork(Rule):
    """A step commands a Docker daemon of a machine outside of the pipeline, by `DOCKER_HOST`, `docker -H` or a context.

    At Docker's gateway (`tcp://172.17.0.1:2375`, `tcp://host.docker.internal:2375`) the daemon is the host's own; `ssh://build@machine` and other addresses are of another
    machine. Whoever commands a daemon can start a container that mounts its root directory. No volume is mounted, so that Drone's check of trusted repositories
    sees nothing of it.

    Build images with kaniko or buildah, or give the pipeline its own daemon: a `docker:dind` service. Services of the pipeline, and addresses from secrets, are not concerned.
    """

    name = "host-daemon-by-network"
    trigger = (Trigger(keys=("DOCKER_HOST",)), Trigger(commands=MAY_RUN_DOCKER))
    severity = Severity.ERROR
    why = "any code in the step can become root on the daemon's machine, whether Drone trusts the repository or not"
    help = "run a `docker:dind` service in the pipeline, or build images with kaniko or buildah"
    references = (OWASP.CICD_SEC_7, CWE(250))

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: gateway
              image: docker:27.3.1
              environment:
                DOCKER_HOST: tcp://172.17.0.1:2375  # <- host-daemon-by-network
              commands: [docker info, docker build .]
            - name: option
              image: docker:27.3.1
              commands:
              - docker -H tcp://host.docker.internal:2375 ps  # <- host-daemon-by-network
            - name: ssh
              image: docker:27.3.1
              commands:
              - export DOCKER_HOST=ssh://build@builder.example.com  # <- host-daemon-by-network
              - docker ps
            - name: library
              image: golang:1.22.1
              environment:
                DOCKER_HOST: tcp://10.0.0.5:2376  # <- host-daemon-by-network
              commands: [go test ./...]
            """,
        ),
        Jsonnet("""
        local docker(name) = {
          name: name,
          image: 'docker:27.3.1',
          environment: { DOCKER_HOST: 'tcp://172.17.0.1:2375' },  // <- host-daemon-by-network
          commands: ['docker info'],
        };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [docker('a'), docker('b')] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: service, image: "docker:27.3.1", environment: {DOCKER_HOST: "tcp://daemon:2375"}, commands: [docker info]}
        - {name: secret, image: "docker:27.3.1", environment: {DOCKER_HOST: {from_secret: daemon}}, commands: [docker info]}
        - {name: variable, image: "docker:27.3.1", commands: ['docker -H "$ADDRESS" info']}
        - {name: usual, image: "docker:27.3.1", commands: [docker info]}
        - {name: unset, image: "docker:27.3.1", environment: {DOCKER_HOST: ""}, commands: [docker info]}
        - {name: bare name, image: "docker:27.3.1", environment: {DOCKER_HOST: "tcp://elsewhere:2375"}, commands: [docker info]}
        - {name: not a client, image: "alpine:3.20.3", commands: ["echo tcp://172.17.0.1:2375"]}
        services:
        - {name: daemon, image: "docker:27.3.1-dind", privileged: true, environment: {DOCKER_TLS_CERTDIR: ""}}
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'docker:27.3.1', environment: { DOCKER_HOST: 'tcp://docker:2375' }, commands: ['docker info'] },
        ], services: [{ name: 'docker', image: 'docker:27.3.1-dind', privileged: true, environment: { DOCKER_TLS_CERTDIR: '' } }] }
        """),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        around = surroundings(file)
        seen: set[AnyPlace] = set()
        for step, pipeline in steps_of(file):
            for one in _elsewhere(step, around) if pipeline.type in CONTAINERS else ():
                place = one.client.place
                if place is None or place in seen:
                    continue
                seen.add(place)
                host = one.whose == "host" or one.detail in HOSTS_OWN
                whose = "the host's Docker daemon" if host else "the Docker daemon of another machine"
                severity = Severity.ERROR if host else Severity.WARNING
                yield self.finding(place, f"{step.title} commands {whose}, at `{one.client.host}`", severity=severity)


def _elsewhere(step: Step, around: Surroundings) -> Iterator[Connection]:
    """The daemons outside of the pipeline whose address is written out."""
    connections = [reach.connection for reach in reaches(step, around)]
    variable = step.environment.get("DOCKER_HOST")
    if variable is not None and variable.text:
        connections.append(by_environment(step))
    for one in connections:
        if one.fault == "elsewhere" and is_machine(one):
            yield one
