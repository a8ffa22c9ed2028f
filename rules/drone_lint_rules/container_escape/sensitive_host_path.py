"""Host directories that give control of the host."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CIS_DOCKER, CWE, OWASP, ConfigFile, Example, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.drone import MAY_RUN_DOCKER
from drone_lint_rules.host import PathOptions, allowed_path, is_sensitive, mounts_of_host, socket_of, untrusted


class SensitiveHostPath(Rule):
    """A step mounts a host directory that gives control of the host.

    A step that can write below the host's `/etc`, `/root`, `/usr/bin`, `/proc`, `/sys`, `/dev` or `/var/lib/docker` can become root
    there; reading them exposes keys and the data of other builds. The list contains Drone's own restricted paths, directories that
    contain one of them (`/usr`, `/var/lib`), and keys in home directories (`~/.ssh`, `~/.kube`).

    Drone refuses all host volumes in untrusted repositories, and accepts every path in trusted ones.

    Use a `temp` volume, or a directory that exists for this purpose only.
    """

    name = "sensitive-host-path"
    severity = Severity.ERROR
    why = "reading or writing this directory is enough to take over the runner's host"
    help = "use a `temp` volume, or a directory that exists for this purpose only"
    references = (
        OWASP.CICD_SEC_7,
        CWE(668),
        CWE(732),
        CIS_DOCKER("Ensure sensitive host system directories are not mounted on containers"),
    )
    options = PathOptions
    trigger = (Trigger(keys=("volumes",)), Trigger(commands=MAY_RUN_DOCKER))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: golang:1.22.1
          volumes:
          - name: etc  # <- sensitive-host-path
            path: /host/etc
          - {name: mixed, path: /x}  # <- sensitive-host-path
          - {name: keys, path: /y}  # <- sensitive-host-path
          - {name: detour, path: /z}  # <- sensitive-host-path
          - {name: parent, path: /p}  # <- sensitive-host-path
          - {name: user, path: /u}  # <- sensitive-host-path
        volumes:
        - name: etc
          host: {path: /etc/}
        - {name: mixed, host: {path: /Usr/Bin/env}}
        - {name: keys, host: {path: /root/.ssh}}
        - {name: detour, host: {path: "/srv/${X}../proc/1"}}
        - {name: parent, host: {path: /var/lib}}
        - {name: user, host: {path: /home/ci/.ssh}}
        """,
        Jsonnet("""
        {
          kind: 'pipeline',
          type: 'docker',
          name: 'default',
          services: [{ name: 'db', image: 'postgres:16.2', volumes: [
            { name: 'data', path: '/x' },  // <- sensitive-host-path
          ] }],
          volumes: [{ name: 'data', host: { path: '/var/lib/docker/volumes' } }],
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
                    "services:\n  a:\n    image: b\n    volumes:\n    - /etc:/host/etc:ro\n    - {type: bind, source: /root/.ssh, target: /x}\n    - etc:/etc\n    - ./etc:/etc\n    - /srv/data:/etc\n",
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
          image: golang:1.22.1
          volumes:
          - {name: cache, path: /etc}
          - {name: ssl, path: /b}
          - {name: home, path: /c}
          - {name: sock, path: /d}
          - {name: likely, path: /e}
        volumes:
        - {name: cache, host: {path: /srv/cache}}
        - {name: ssl, host: {path: /etc/ssl/certs}}
        - {name: home, host: {path: /home/drone/cache}}
        - {name: sock, host: {path: /var/run/docker.sock}}
        - {name: likely, host: {path: /rooted}}
        - {name: unused, host: {path: /etc}}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        for mount, value, path in mounts_of_host(step, self.settings):
            if socket_of(path) or not is_sensitive(path) or allowed_path(step, path, self.option.allow):
                continue
            yield self.finding(
                mount.value.place,
                f"{step.title} mounts `{value.text}` of the host",
                label=f"mounted here, at {mount.path}" if mount.path else "mounted here",
                related=[("the host path is given here", value.place)],
                note=untrusted("mount host volumes"),
            )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        """The services of compose files that steps use."""
        from drone_lint_rules.docker.compose import compose_services, host_paths

        for service in compose_services(file):
            for value, path in host_paths(service):
                if socket_of(path) or not is_sensitive(path) or service.allowed(self.option.allow, path):
                    continue
                yield self.finding(
                    value.place,
                    f"{service.title} mounts `{path}` of the host",
                    severity=service.severity(self.severity),
                    related=[("started by this", service.use.place)],
                )
