"""A container engine's socket mounted from the host."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CIS_DOCKER, CWE, OWASP, ConfigFile, Example, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.drone import MAY_RUN_DOCKER
from drone_lint_rules.host import PathOptions, allowed_path, clean, mounts_of_host, socket_of, untrusted


class DockerSocketMount(Rule):
    """A step mounts the host's Docker socket, or a directory that contains it.

    A process that can write to the socket of Docker, containerd, podman or CRI-O can start a container that mounts the host's root
    directory: the step is root on the machine that runs the builds. A parent directory (`/var/run`, `/run`, `/var`, `/`) gives access
    to the same socket. A `temp` volume at `/var/run` that is shared with a `docker:dind` service does not.

    Drone refuses host volumes in untrusted repositories; in a trusted one, anyone who can push a branch can use the socket.

    Build images with kaniko or buildah, or give the pipeline its own daemon: a `docker:dind` service.
    """

    name = "docker-socket-mount"
    severity = Severity.ERROR
    why = "any code in the step can become root on the runner's host"
    help = "build images with kaniko or buildah, or run a `docker:dind` service in the pipeline"
    references = (OWASP.CICD_SEC_7, CWE(250), CIS_DOCKER("Ensure that the Docker socket is not mounted inside any containers"))
    options = PathOptions
    trigger = (Trigger(keys=("volumes",)), Trigger(commands=MAY_RUN_DOCKER))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: docker:27.3.1
          volumes:
          - name: sock  # <- docker-socket-mount
            path: /var/run/docker.sock
        - name: parent
          image: docker:27.3.1
          volumes:
          - path: /host/run  # <- docker-socket-mount
            name: run
        volumes:
        - name: sock
          host:
            path: /var/run/docker.sock
        - name: run
          host:
            path: /var/run
        """,
        """
        kind: pipeline
        type: docker
        name: disguised
        steps:
        - name: a
          image: docker:27.3.1
          volumes:
          - {name: run, path: /host}  # <- docker-socket-mount
          - {name: detour, path: /x}  # <- docker-socket-mount
          - {name: containerd, path: /y}  # <- docker-socket-mount
          - {name: variable, path: /v}  # <- docker-socket-mount
          - {name: twice, path: /w}  # <- docker-socket-mount
        services:
        - name: b
          image: docker:27.3.1
          volumes:
          - {name: pipe, path: /z}  # <- docker-socket-mount
        volumes:
        - {name: run, host: {path: /run/}}
        - {name: detour, host: {path: //var/lib/../run//docker.sock}}
        - {name: containerd, host: {path: /run/containerd/containerd.sock}}
        - {name: pipe, host: {path: '\\\\\\\\.\\\\pipe\\\\docker_engine'}}
        - {name: variable, host: {path: "/run/${NOTHING}docker.sock"}}
        - {name: twice, host: {path: "${ROOT:-/VAR/RUN}"}}
        - {name: twice, temp: {}}
        """,
        Jsonnet("""
        {
          kind: 'pipeline',
          type: 'docker',
          name: 'windows',
          steps: [{ name: 'a', image: 'docker:27.3.1', volumes: [
            { name: 'pipe', path: '//./pipe/docker_engine' },  // <- docker-socket-mount
          ] }],
          volumes: [{ name: 'pipe', host: { path: '\\\\\\\\.\\\\pipe\\\\docker_engine' } }],
        }
        """),
        Jsonnet("""
        local mount() = {
          name: 'dockersock',  // <- docker-socket-mount
          path: '/var/run/docker.sock',
        };
        local step(name) = { name: name, image: 'golang:1.22.1', volumes: [mount()] };
        {
          kind: 'pipeline',
          type: 'docker',
          name: 'default',
          steps: [step('a'), step('b')],
          volumes: [{ name: 'dockersock', host: { path: '/var/run/docker.sock' } }],
        }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: test, image: "docker:27.3.1", commands: [docker compose -f ci/test.yml up -d]}
            """,
            files=(
                (
                    "ci/test.yml",
                    "services:\n  a:\n    image: b\n    volumes:\n    - /var/run/docker.sock:/var/run/docker.sock:ro\n    - {type: bind, source: /run, target: /host}\n    - data:/var/run/docker.sock\n    - ./docker.sock:/var/run/docker.sock\n",
                ),
            ),
            lines=(
                5,
                6,
            ),
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: docker:27.3.1
          volumes:
          - name: run
            path: /var/run
          - name: cache
            path: /var/run/docker.sock
          - {name: first, path: /x}
          - {name: empty, path: /y}
          - {name: elsewhere, path: /z}
          - {name: both, path: /b}
        services:
        - name: daemon
          image: docker:27.3.1-dind
          volumes:
          - name: run
            path: /var/run
        volumes:
        - name: run
          temp: {}
        - name: cache
          host:
            path: /srv/docker.sock.d
        - name: not-mounted
          host:
            path: /var/run/docker.sock
        - {name: first, temp: {}}
        - {name: first, host: {path: /var/run/docker.sock}}
        - {name: empty, host: {}}
        - {name: both, host: {path: /var/run/docker.sock}, temp: {}}
        """,
        """
        kind: pipeline
        type: vm
        name: a machine of its own
        pool: {use: small}
        steps:
        - {name: a, image: "docker:27.3.1", volumes: [{name: sock, path: /var/run/docker.sock}]}
        volumes:
        - {name: sock, host: {path: /var/run/docker.sock}}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        for mount, value, path in mounts_of_host(step, self.settings):
            socket = socket_of(path)
            if socket is None or allowed_path(step, path, self.option.allow):
                continue
            yield self.finding(
                mount.value.place,
                f"{step.title} {_controls(socket, path, value.text)}",
                label=f"mounted here, at {mount.path}" if mount.path else "mounted here",
                related=[("the host path is given here", value.place)],
                note=untrusted("mount host volumes"),
            )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        """The services of compose files that steps use."""
        from drone_lint_rules.docker.compose import compose_services, host_paths

        for service in compose_services(file):
            for value, path in host_paths(service):
                socket = socket_of(path)
                if socket is None or service.allowed(self.option.allow, path):
                    continue
                yield self.finding(
                    value.place,
                    f"{service.title} {_controls(socket, path, path)}",
                    severity=service.severity(self.severity),
                    related=[("started by this", service.use.place)],
                )


def _controls(socket: str, path: str, written: str) -> str:
    """Which engine the socket controls, and through which directory where the path is not the socket itself."""
    name = socket.rpartition("/")[2]
    engine = "Docker daemon" if name.startswith("docker") else f"container engine (`{name}`)"
    return f"controls the host's {engine}" + ("" if clean(path) == socket else f" through `{written}`")
