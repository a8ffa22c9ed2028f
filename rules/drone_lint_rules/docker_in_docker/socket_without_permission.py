"""Users that may not open the Docker socket."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import AnyPlace, Confidence, ConfigFile, Example, Finding, Jsonnet, Pipeline, Rule, Step, Surroundings, Trigger, Value
from drone_lint_rules.docker.built_images import user_of
from drone_lint_rules.docker.runs import docker_runs, steps_of, surroundings
from drone_lint_rules.drone import CONTAINERS
from drone_lint_rules.host import clean, host_mounts
from drone_lint_rules.shell import script_of

_OF_ROOT = ("/var/run/docker.sock", "/run/docker.sock", "/var/run", "/run")


class SocketWithoutPermission(Rule):
    """A step mounts the host's Docker socket and does not run as root.

    `/var/run/docker.sock` belongs to root and to the host's group `docker`, whose number differs from host to host; anyone else gets "permission denied", also in a privileged
    container. A step runs as its `user`, otherwise as its image's: that is read from the Dockerfile of this repository that builds the image, or known of some images.

    Silent: a `user` with a group of its own (`1000:999`), `sudo`, commands that change the socket's mode, and images of which the user is not known.
    """

    name = "socket-without-permission"
    trigger = Trigger(words=("docker.sock", "/var/run", "/run"))
    confidence = Confidence.MEDIUM
    why = "the client gets `permission denied`: the socket belongs to root and to the host's group `docker`"
    help = "write `user: root`, or give the number of the host's group `docker`: `user: 1000:GID`"

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: number
              image: docker:27.3.1
              user: "1000"  # <- socket-without-permission
              commands: [docker info]
              volumes: [{name: socket, path: /var/run/docker.sock}]
            - name: image
              image: cimg/go:1.22.1  # <- socket-without-permission
              commands: [docker info]
              volumes: [{name: socket, path: /var/run/docker.sock}]
            - {name: make, image: "docker:27.3.1", commands: [docker build -t acme/ci ci]}
            - name: built
              image: acme/ci:1  # <- socket-without-permission
              commands: [make -C ci info]
              volumes: [{name: socket, path: /var/run/docker.sock}]
            volumes: [{name: socket, host: {path: /var/run/docker.sock}}]
            """,
            files=(
                ("ci/Dockerfile", "FROM docker:27.3.1 AS base\nUSER root\nUSER builder\nFROM base\nRUN true\n"),
                ("ci/Makefile", "info:\n\tdocker info\n"),
            ),
        ),
        Jsonnet("""
        local docker(name) = { name: name, image: 'docker:27.3.1', commands: ['docker ps'], volumes: [{ name: 's', path: '/var/run/docker.sock' }] };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          docker('a') { user: 'node' },  // <- socket-without-permission
          docker('b'),
        ], volumes: [{ name: 's', host: { path: '/var/run/docker.sock' } }] }
        """),
    )
    good = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: root, image: "cimg/go:1.22.1", user: root, commands: [docker info], volumes: [{name: socket, path: /var/run/docker.sock}]}
            - {name: group, image: "docker:27.3.1", user: "1000:998", commands: [docker info], volumes: [{name: socket, path: /var/run/docker.sock}]}
            - {name: sudo, image: "cimg/go:1.22.1", commands: [sudo docker info], volumes: [{name: socket, path: /var/run/docker.sock}]}
            - {name: unknown, image: "acme/unknown:1", commands: [docker info], volumes: [{name: socket, path: /var/run/docker.sock}]}
            - {name: variable, image: "docker:27.3.1", user: "${ID}", commands: [docker info], volumes: [{name: socket, path: /var/run/docker.sock}]}
            - {name: client only, image: "cimg/go:1.22.1", commands: [docker --version], volumes: [{name: socket, path: /var/run/docker.sock}]}
            - {name: rootless, image: "cimg/go:1.22.1", commands: [docker info], volumes: [{name: own, path: /var/run/docker.sock}]}
            volumes:
            - {name: socket, host: {path: /var/run/docker.sock}}
            - {name: own, host: {path: /run/user/1000/docker.sock}}
            """,
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for step, pipeline in steps_of(file):
            yield from self.of_step(step, pipeline, file)

    def of_step(self, step: Step, pipeline: Pipeline, file: ConfigFile) -> Iterator[Finding]:
        """What is to say about one step."""
        socket = _socket(step) if pipeline.type in CONTAINERS else None
        if socket is None or script_of(step).mentions("sudo", "chmod", "chown", "usermod", "su -", "gosu", "setfacl"):
            return
        user = user_of(step, file)
        if user is None or user.is_root or user.may_have_group or not _needs_daemon(step, surroundings(file)):
            return
        own = user.place if step.get("user") is not None else None
        place = own or (step.image.place if step.image is not None else step.value.place)
        related: list[tuple[str, AnyPlace]] = [("the socket is mounted here", socket.place)]
        if user.place is not None and user.place != place:
            related.insert(0, ("the user is set here", user.place))
        who = f"user `{user.name}`" if user.place == place else user.reason
        yield self.finding(place, f"{step.title} runs as {who}, who may not open the host's Docker socket", related=related)


def _socket(step: Step) -> Value | None:
    """The mount of a socket that belongs to root."""
    return next((mount.value for mount, path in host_mounts(step) if clean(path.text) in _OF_ROOT), None)


def _needs_daemon(step: Step, around: Surroundings) -> bool:
    return any(one.needs_daemon for _, one in docker_runs(step, around))
