"""Bind mounts of the clone through a daemon that does not have it."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Confidence, ConfigFile, Example, Finding, Jsonnet, Rule, Severity, Trigger
from drone_lint_rules.docker.binds import UnsharedBind, unshared_binds
from drone_lint_rules.docker.runs import steps_of
from drone_lint_rules.drone import CONTAINERS, MAY_RUN_DOCKER
from drone_lint_rules.host import Options, allowed


class UnsharedBindMount(Rule):
    """A container that is started through the host's Docker socket mounts a folder of the clone, which the host does not have.

    The *daemon* resolves the left side of `docker run -v`, of `--mount type=bind` and of a compose file's `./data:/data`, on its own machine. With the host's
    socket mounted that machine is the runner's host: the clone is in a volume of the build and not at `/drone/src` there. The container sees an empty folder,
    which Docker makes as root and leaves behind; the next build at the same path finds what was written into it.

    Instead: copy files with `docker cp`, use a named volume, give the container the step's own volumes (`docker run --volumes-from "$(hostname)"`), or copy
    the files into an image. A `docker:dind` service of the pipeline has the workspace at the same path, so there the mount works.
    """

    name = "unshared-bind-mount"
    severity = Severity.WARNING
    confidence = Confidence.MEDIUM
    options = Options
    why = "the host's daemon resolves the path on the host, where the clone is not: the container sees an empty folder"
    help = (
        "copy the files with `docker cp`, use `--volumes-from` or a named volume, build them into an image, or run a `docker:dind` service"
    )
    trigger = Trigger(keys=("volumes",), commands=MAY_RUN_DOCKER)

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: docker:27.3.1
          volumes: [{name: sock, path: /var/run/docker.sock}]
          commands:
          - docker run --rm -v $PWD:/src acme/lint:1.0  # <- unshared-bind-mount
          - docker run --rm -itv "$(pwd)/app":/app acme/lint:1.0  # <- unshared-bind-mount
          - docker run --rm --mount type=bind,source=$DRONE_WORKSPACE,target=/src acme/lint:1.0  # <- unshared-bind-mount
          - cd app && docker container run -v ../config:/config:ro acme/lint:1.0  # <- unshared-bind-mount
          - docker create --volume=/drone/src/app:/app acme/lint:1.0  # <- unshared-bind-mount
        volumes:
        - {name: sock, host: {path: /var/run/docker.sock}}
        """,
        Jsonnet("""
        local docker(command) = { image: 'docker:27.3.1', volumes: [{ name: 'sock', path: '/var/run' }], commands: [command] };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          docker('docker run -v $${PWD}/src:/src acme/lint:1.0') + { name: 'a' },  // <- unshared-bind-mount
        ], volumes: [{ name: 'sock', host: { path: '/var/run' } }] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: docker:27.3.1
              volumes: [{name: sock, path: /var/run/docker.sock}]
              commands: [docker compose -f ci/compose.yml up -d]  # the mount stands in the compose file
            volumes:
            - {name: sock, host: {path: /var/run/docker.sock}}
            """,
            files=(
                ("ci/compose.yml", "services:\n  db:\n    image: postgres:16.3\n    volumes:\n    - ./init:/init\n"),
                ("ci/init/a.sql", ""),
            ),
            lines=(5,),
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: fine
          image: docker:27.3.1
          volumes: [{name: sock, path: /var/run/docker.sock}, {name: shared, path: /drone/src/cache}]
          commands:
          - docker run --rm -v data:/data acme/lint:1.0
          - docker run --rm -v /etc/ssl:/etc/ssl:ro acme/lint:1.0
          - docker run --rm --volumes-from $(hostname) acme/lint:1.0
          - docker run --rm acme/lint:1.0 -v $PWD:/src
          - docker run --rm -v $OTHER:/src acme/lint:1.0
          - docker build -t app .
          - docker cp . app:/src
        volumes:
        - {name: sock, host: {path: /var/run/docker.sock}}
        - {name: shared, host: {path: /srv/cache}}
        ---
        kind: pipeline
        type: docker
        name: service
        steps:
        - name: test
          image: docker:27.3.1
          volumes: [{name: run, path: /var/run}]
          commands: [docker run --rm -v $PWD:/src acme/lint:1.0]
        services:
        - {name: d, image: "docker:27.3.1-dind", privileged: true, volumes: [{name: run, path: /var/run}]}
        volumes:
        - {name: run, temp: {}}
        ---
        kind: pipeline
        type: docker
        name: same-path
        steps:
        - name: test
          image: docker:27.3.1
          volumes: [{name: sock, path: /var/run/docker.sock}, {name: clone, path: /drone/src}]
          commands: [docker run --rm -v $PWD:/src acme/lint:1.0]
        volumes:
        - {name: sock, host: {path: /var/run/docker.sock}}
        - {name: clone, host: {path: /drone/src}}
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for step, pipeline in steps_of(file):
            if pipeline.type in CONTAINERS and not allowed(step, self.option.allow):
                for bind in unshared_binds(step, file):
                    yield self._finding(bind)

    def _finding(self, one: UnsharedBind) -> Finding:
        made = "" if one.exists else ", where Docker makes an empty folder as root"
        message = f"{one.container.title} mounts `{one.written}` of the {one.machine}, not of the clone{made}"
        related = [*(one.container.run.related if one.container.service is None else []), *one.started_by]
        certain = one.exists and not one.container.run.guess
        return self.finding(one.place, message, related=related, severity=None if certain else Severity.NOTICE)
