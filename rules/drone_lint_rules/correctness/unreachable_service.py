"""Services that a step looks for in the wrong place, or that never start."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drone_lint.api import Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger, Value, data_lines

_LOCAL = re.compile(r"(?:localhost|127\.0\.0\.1|\[?::1\]?)")


class UnreachableService(Rule):
    """A step looks for a service at `localhost`, or a service's own program is replaced by commands.

    On docker every container has its own network address, and a service is reached by its *name*: `localhost` is the step itself. (On kubernetes the pod's containers share `localhost`.)

    `commands` on a service replace the image's entrypoint, which starts the database: commands for an initialised database belong into a step.

    The rule knows the images and ports of widely used databases and brokers.
    """

    name = "unreachable-service"
    confidence = Confidence.MEDIUM
    trigger = Trigger(keys=("services",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: node:20.11.0
          environment:
            POSTGRES_HOST: localhost  # <- unreachable-service
            DATABASE_URL: postgres://postgres@127.0.0.1:5432/test  # <- unreachable-service
          commands:
          - psql postgres://app@localhost:5432/app -c 'select 1'  # <- unreachable-service
          - nc -z 127.0.0.1 5432  # <- unreachable-service
        services:
        - name: database
          image: postgres:16.1
        - name: message queue  # <- unreachable-service
          image: rabbitmq:3.13
        - name: cache
          image: redis:7
          commands:  # <- unreachable-service
          - redis-cli ping
        """,
        Jsonnet("""
        local test(host) = { name: 'a', image: 'node:20', environment: { REDIS_URL: 'redis://' + host + ':6379' }, commands: ['npm test'] };
        { kind: 'pipeline', type: 'docker', name: 'a', services: [{ name: 'cache', image: 'redis:7' }], steps: [
          test('localhost'),  // <- unreachable-service
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: node:20.11.0
          environment: {POSTGRES_HOST: database, APP_URL: "http://localhost:3000", SERVER_HOST: localhost, MYSQL_HOST: localhost}
          commands: [npm test, "psql postgres://app@database:5432/app", "nc -z localhost 54321"]
        - {name: tunnel, image: "node:20.11.0", commands: ["socat tcp-listen:5432,fork tcp:database:5432 &", "psql postgres://app@localhost:5432/app"]}
        services:
        - {name: database, image: "postgres:16.1"}
        - {name: own, image: "postgres:16.1", commands: [docker-entrypoint.sh postgres -c fsync=off]}
        ---
        kind: pipeline
        type: kubernetes
        name: pod
        steps: [{name: a, image: "node:20", environment: {POSTGRES_HOST: localhost}, commands: [npm test]}]
        services: [{name: database, image: "postgres:16.1"}]
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type != "docker":
            return
        for service in pipeline.services:
            yield from self._nameless(service)
        servers = [(service, kind) for service in pipeline.services if (kind := _kind(service)) is not None]
        for service, kind in servers:
            yield from self._replaced(service, kind)
        environment = pipeline.get("environment")
        values = [
            *(environment.items() if environment is not None else ()),
            *(pair for step in pipeline.steps for pair in step.environment.items()),
        ]
        for name, value in values if servers else ():
            yield from self._at_home(name, value, servers)
        for step in pipeline.steps if servers else ():
            yield from self._in_commands(step, servers)

    def _in_commands(self, step: Step, servers: list[tuple[Step, list[str]]]) -> Iterator[Finding]:
        """`localhost:5432` in commands, unless the step may have a server or a tunnel of its own."""
        text = "\n".join(value.text for value in step.commands)
        for service, (_, port, _, programs, *_) in servers:
            starts = rf"(?m)(?:^|[;&|(\"'])\s*(?:exec |sudo )?(?:{'|'.join(map(re.escape, programs.split(',')))})\b(?!:)"
            if any(word in text for word in _OWN_SERVERS) or re.search(starts, text):
                continue
            for value in step.commands:
                found = re.search(rf"(?<![\w.-])(localhost|127\.0\.0\.1)(?::|\s+){port}\b", value.text)
                if found is not None:
                    yield self.finding(
                        value.range(found.start(1), found.end(1)),
                        f"this command looks for the service `{service.name}` in the step itself: on docker a service is reached by its name",
                        why="every container has its own `localhost`: the connection is refused",
                        help=f"write `{service.name}` for the host",
                        related=((f"the service `{service.name}`", service.value.place),),
                    )

    def _at_home(self, name: str, value: Value, servers: list[tuple[Step, list[str]]]) -> Iterator[Finding]:
        found = _LOCAL.search(value.text)
        for service, kind in servers if found is not None else ():
            _, port, words, *_ = kind
            is_address = f"{found[0]}:{port}" in value.text if found else False
            is_host = (
                _LOCAL.fullmatch(value.text) is not None
                and any(word in name.lower() for word in words.split(","))
                and "host" in name.lower()
            )
            if is_address or is_host:
                meant = value.text.replace(found[0] if found else "", service.name, 1)
                yield self.finding(
                    value.place,
                    f"`{name}` looks for the service `{service.name}` in the step itself: on docker a service is reached by its name",
                    why="every container has its own `localhost`: the connection is refused",
                    help=f"write `{service.name}` for the host" + ("" if "@" in value.text else f": `{name}: {meant}`"),
                    related=((f"the service `{service.name}`", service.value.place),),
                )
                return

    def _nameless(self, service: Step) -> Iterator[Finding]:
        name = service.value.get("name")
        if name is not None and name.text and "$" not in name.text and not re.fullmatch(r"[\w.-]+", name.text, re.ASCII):
            slug = re.sub(r"[^a-z0-9.]+", "-", name.text.lower()).strip("-.")
            yield self.finding(
                name.place,
                f"the service `{name.text}` cannot be reached: its name is no host name",
                why="on docker a service is reached by its name, and no program looks up a host with such characters",
                help=f"write `name: {slug}`" if slug else "use letters, digits and `-`",
                severity=Severity.NOTICE,
            )

    def _replaced(self, service: Step, kind: list[str]) -> Iterator[Finding]:
        text = "\n".join(value.text for value in service.commands)
        if service.commands and not any(word in text for word in (*kind[3].split(","), "entrypoint", "exec ", "/run", ".sh")):
            yield self.finding(
                service.value["commands"].key,
                f"`commands` replace the entrypoint of `{service.reference.text}`: the server is not started",
                why="the runner makes the commands the container's entrypoint, instead of the image's own, which starts the server",
                help="move the commands to a step that waits for the service, and remove `commands` here",
                severity=Severity.WARNING,
            )


_OWN_SERVERS = ("docker", "podman", "socat", "ssh ", "port-forward", "service ", "systemctl", "sed ", " &", "/etc/hosts", "EXPOSE")
"""Words of commands that may start a server or lead `localhost` elsewhere."""


def _kind(service: Step) -> list[str] | None:
    """Image, port, words for names of variables, and programs that start the server."""
    name = service.reference.familiar
    return next((words for line in data_lines(__file__, "service_images.txt") if (words := line.split())[0] == name), None)
