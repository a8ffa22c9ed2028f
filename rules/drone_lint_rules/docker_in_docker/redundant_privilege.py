"""Privilege beside the host's Docker socket."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from drone_lint.api import (
    CIS_DOCKER,
    CWE,
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Pipeline,
    Rule,
    Severity,
    Step,
    Trigger,
)
from drone_lint_rules.docker.daemons import is_dind
from drone_lint_rules.host import Options, allowed, clean, host_mounts, socket_of
from drone_lint_rules.shell import script_of

_NEEDING = (
    "mount",
    "umount",
    "losetup",
    "modprobe",
    "sysctl",
    "iptables",
    "nft",
    "nsenter",
    "unshare",
    "chroot",
    "mkfs",
    "debootstrap",
    "qemu-nbd",
    "dockerd",
    "podman",
    "buildah",
    "dmsetup",
    "cryptsetup",
    "mknod",
    "kpartx",
    "setcap",
    "update-binfmts",
)
"""Programs that take privilege."""


class RedundantPrivilege(Rule):
    """A step mounts the host's Docker socket and is privileged as well.

    A client that talks to the host's daemon through its socket needs no privilege: the containers that it starts are started by the daemon, on the host. Privilege
    is for a daemon *inside* the step. So `privileged: true` gives the step the host's devices and capabilities for nothing. What a mounted socket costs is
    `docker-socket-mount`.

    Remove `privileged: true`. If the step does need it for something else, say so in an ignore comment.
    """

    name = "redundant-privilege"
    severity = Severity.WARNING
    why = "talking to the host's daemon needs the socket and no privilege"
    help = "remove `privileged: true`"
    references = (CWE(250), CIS_DOCKER("Ensure that privileged containers are not used"))
    options = Options
    fixable = "unsafe"
    trigger = Trigger(keys=("privileged",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: docker:27.3.1
          privileged: true  # <- redundant-privilege
          volumes:
          - {name: socket, path: /var/run/docker.sock}
          commands: [docker run --rm -v /data:/mount app, echo mount]
        volumes:
        - {name: socket, host: {path: /var/run/docker.sock}}
        """,
        Jsonnet("""
        local mount = { name: 'socket', path: '/var/run' };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          {
            name: 'test',
            image: 'docker:27.3.1',
            privileged: true,  // <- redundant-privilege
            volumes: [mount],
          },
        ], volumes: [{ name: 'socket', host: { path: '/var/run' } }] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: docker:27.3.1
              privileged: true  # <- redundant-privilege
              volumes:
              - {name: socket, path: /var/run/docker.sock}
            volumes:
            - {name: socket, host: {path: /var/run/docker.sock}}
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: docker:27.3.1
              volumes:
              - {name: socket, path: /var/run/docker.sock}
            volumes:
            - {name: socket, host: {path: /var/run/docker.sock}}
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'test', image: 'docker:27.3.1', privileged: true, volumes: [{ name: 'socket', path: '/s' }] },  // <- redundant-privilege
            ], volumes: [{ name: 'socket', host: { path: '/var/run/docker.sock' } }] }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'test', image: 'docker:27.3.1', volumes: [{ name: 'socket', path: '/s' }] },
            ], volumes: [{ name: 'socket', host: { path: '/var/run/docker.sock' } }] }
            """,
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
          volumes: [{name: socket, path: /var/run/docker.sock}]
        - name: other
          image: docker:27.3.1
          privileged: true
          volumes: [{name: cache, path: /cache}]
        - name: image
          image: debian:12
          privileged: true
          commands: [losetup -f disk.img, mount /dev/loop0 /mnt]
          volumes: [{name: socket, path: /var/run/docker.sock}]
        - name: whole
          image: debian:12
          privileged: true
          commands: [nsenter -t 1 -m ls, ls /host]
          volumes: [{name: root, path: /host}]
        services:
        - name: daemon
          image: docker:27.3.1-dind
          privileged: true
          volumes: [{name: run, path: /var/run}]
        volumes:
        - {name: socket, host: {path: /var/run/docker.sock}}
        - {name: cache, host: {path: /srv/cache}}
        - {name: run, temp: {}}
        - {name: root, host: {path: /}}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if not step.privileged or is_dind(step) or allowed(step, self.option.allow) or _needs_it(step):
            return
        for mount, path in host_mounts(step):
            if _is_socket(path.text):
                related = [("the socket is mounted here", mount.value.place)]
                fix = Fix("remove `privileged`", (Edit(step["privileged"].key, action="remove"),), safe=False)
                message = f"{step.title} is privileged, though it talks to the host's daemon"
                yield self.finding(step["privileged"].key, message, related=related, fix=fix)
                return


def _is_socket(path: str) -> bool:
    """Whether a host path is the socket or its folder; who mounts more of the host is after something else."""
    socket = socket_of(path)
    return socket is not None and clean(path) in (socket, posixpath.dirname(socket), "/var/run", "/run")


def _needs_it(step: Step) -> bool:
    """Whether the step does something else that takes privilege."""
    script = script_of(step)
    return script.mentions(*_NEEDING) and any(one.program in _NEEDING for one in script.commands)
