"""Published ports that a step looks for at its own address."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import AnyPlace, Confidence, ConfigFile, Example, Finding, Jsonnet, Rule, Severity, Trigger
from drone_lint_rules.docker.runs import may_run_docker, steps_of
from drone_lint_rules.drone import MAY_RUN_DOCKER


class UnreachablePublishedPort(Rule):
    """A step looks at `localhost` for a port that a container publishes on the host.

    Containers that a step starts through the host's socket are on the host, beside the step's own container, and publish their ports on the host. `localhost` of the step is
    the step's container, where nobody listens: the connection is refused. Looked at are the step's `environment`, its commands (also behind make and scripts), and, as
    guesses, addresses in the text of the tests that it runs.

    Put the step and the containers into one network and use their names; or run a `docker:dind` service and use its name; or, on a host of your own, `network_mode: host`.
    """

    name = "unreachable-published-port"
    trigger = Trigger(commands=MAY_RUN_DOCKER)
    confidence = Confidence.MEDIUM
    why = "the connection is refused: the port is published on the host, and `localhost` is the step's own container"
    help = "run the client in the containers' network (`docker compose run`), or use a `docker:dind` service and its name; `network_mode: host` works, and opens the host's network"

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: docker:27.3.1
              environment:
                API: http://localhost:9001/v1  # <- unreachable-published-port
              commands:
              - docker compose -f test.yml up -d
              - docker run -d -p 6379:6379 redis:7.2.4
              - curl -f http://127.0.0.1:8080/health  # <- unreachable-published-port
              - redis-cli -u redis://localhost:6379 ping  # <- unreachable-published-port
              volumes: [{name: socket, path: /var/run/docker.sock}]
            volumes: [{name: socket, host: {path: /var/run/docker.sock}}]
            """,
            files=(("test.yml", "services:\n  a: {image: 'a:1', ports: ['8080:80', '9000-9002:9000-9002']}\n"),),
        ),
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'docker:27.3.1', volumes: [{ name: 's', path: '/var/run/docker.sock' }], commands: [
            'docker run -d -p 80:80 nginx:1.27.1',
            'wget -q http://localhost:80/',  // <- unreachable-published-port
          ] },
        ], volumes: [{ name: 's', host: { path: '/var/run/docker.sock' } }] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: host
          image: docker:27.3.1
          network_mode: host
          commands: [docker run -d -p 80:80 nginx:1.27.1, curl http://localhost:80/]
          volumes: [{name: socket, path: /var/run/docker.sock}]
        - name: inside
          image: docker:27.3.1
          commands: [docker run -d -p 80:80 --name web nginx:1.27.1, docker exec web curl http://localhost:80/, curl http://localhost:8080/, echo http://localhost:80]
          volumes: [{name: socket, path: /var/run/docker.sock}]
        - name: nothing published
          image: docker:27.3.1
          commands: [docker run -d nginx:1.27.1, curl http://localhost:80/]
          volumes: [{name: socket, path: /var/run/docker.sock}]
        volumes: [{name: socket, host: {path: /var/run/docker.sock}}]
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        from drone_lint_rules.docker.ports import host_network

        seen: set[AnyPlace] = set()
        for step, pipeline in steps_of(file):
            if pipeline.type != "docker" or step.get("network_mode") is not None or not may_run_docker(step):
                continue
            found = host_network(step, file)
            for address, port in found.reached if found.verdict == "missing" else ():
                if address.place in seen:
                    continue
                seen.add(address.place)
                related: list[tuple[str, AnyPlace]] = [("published here", port.place)]
                if address.run is not None and address.run.place != address.place:
                    related.append(("run by this step", address.run.place))
                yield self.finding(
                    address.place,
                    f"{step.title} looks for {port.container.title} at `{address.shown}`, which is not the host",
                    severity=Severity.NOTICE if address.guess else self.severity,
                    related=related,
                )
