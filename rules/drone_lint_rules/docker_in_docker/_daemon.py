"""Answers about the daemon that a step reaches, and about its privilege."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import AnyPlace, Finding, Mount, Place, Row
from drone_lint_rules.correctness.ambiguous_volume import AmbiguousVolume
from drone_lint_rules.correctness.undefined_volume import UndefinedVolume
from drone_lint_rules.docker.access import access, docker_host
from drone_lint_rules.docker.clients import by_environment, reaches
from drone_lint_rules.docker.connection import Connection
from drone_lint_rules.docker.daemons import shared_volumes, starts_daemon
from drone_lint_rules.docker.listeners import listening
from drone_lint_rules.docker.needs import driver_runs, libraries
from drone_lint_rules.docker.uses import TESTCONTAINERS
from drone_lint_rules.docker.words import cause, reached, remedy
from drone_lint_rules.docker_in_docker._answers import Asked, concerns
from drone_lint_rules.docker_in_docker.dind_lost_privilege import DindLostPrivilege
from drone_lint_rules.docker_in_docker.dind_no_wait import DindNoWait
from drone_lint_rules.docker_in_docker.dind_not_privileged import DindNotPrivileged
from drone_lint_rules.docker_in_docker.redundant_privilege import RedundantPrivilege
from drone_lint_rules.host import socket_of

_RULES = {
    **dict.fromkeys(("no-daemon", "self", "unknown-host", "no-socket"), "dind-no-daemon"),
    **dict.fromkeys(("not-shared", "memory", "rootless-socket"), "dind-socket-not-shared"),
}
"""The rule that reports a fault, where it is not `unreachable-daemon`."""


def daemon(asked: Asked) -> Iterator[Row]:
    """Which daemon the step reaches."""
    if asked.is_daemon:
        yield asked.row("daemon", "ok", _listens(asked))
        return
    connections = [(reach.connection, reach.run) for reach in reaches(asked.step, asked.around)]
    if asked.plugin is not None and not connections:
        yield asked.row("daemon", "ok", f"`{asked.plugin}` starts a daemon of its own")
        return
    if connections:
        for connection, run in connections:
            yield _of_connection(asked, connection, run.place if run is not None else None)
    else:
        yield from _without_commands(asked)
    yield from _volumes(asked)
    yield from asked.found("daemon", "unknown", _waits(asked))
    yield from _user(asked)


def _listens(asked: Asked) -> str:
    made = listening(asked.pipeline).get(asked.step.name)
    if made is None or not made.known:
        return "is a daemon; its image or command decides where it listens"
    ports = " and ".join(dict.fromkeys(f"port {one.port} {'with TLS' if one.tls else 'without TLS'}" for one in made.listeners))
    return f"is a daemon; it listens on {ports}" if ports else "is a daemon; it listens on its socket only"


def _of_connection(asked: Asked, connection: Connection, at: AnyPlace | None) -> Row:
    where = connection.client.place or (connection.mount.value.place if connection.mount is not None else None)
    if connection.status == "ok":
        return asked.row("daemon", "ok", reached(connection), where)
    rule = _RULES.get(connection.fault, "unreachable-daemon") if connection.status == "missing" else ""
    if connection.fault == "network":
        where = asked.step["network_mode"].key
    elif rule in ("dind-no-daemon",) or where is None:
        where = at or where
    ask = "docker info" if connection.status == "unknown" else ""
    return asked.row("daemon", connection.status, cause(connection), where, rule=rule, remedy=remedy(connection), ask=ask)


def _without_commands(asked: Asked) -> Iterator[Row]:
    """A step of which no command is Docker's: libraries, programs, or what is not known."""
    used = [one.name for one in libraries(asked.step, asked.around)] + [
        f"{one.driver.name}" for one in driver_runs(asked.step, asked.around)
    ]
    connection = by_environment(asked.step)
    if connection.status == "ok" or docker_host(asked.step, asked.pipeline) is not None:
        yield _of_connection(asked, connection, None)
    elif used or TESTCONTAINERS in asked.uses:
        what = f"`{used[0]}`" if used else "the tests' dependency on testcontainers"
        yield asked.row(
            "daemon",
            "missing" if used else "unknown",
            f"{what} needs a Docker daemon, and the step reaches none",
            remedy=remedy(connection),
        )
    elif starts_daemon(asked.step) or access(asked.step, asked.pipeline) is not None:
        yield asked.row("daemon", "unknown", "its commands see to a daemon themselves")
    else:
        yield asked.row("daemon", "unknown", "no command is known to need a daemon, and the step reaches none")


def _volumes(asked: Asked) -> Iterator[Row]:
    """What is odd about the volumes in which the socket is."""
    findings = [
        *UndefinedVolume(asked.settings).check_step(asked.step, asked.pipeline),
        *asked.of_pipeline(AmbiguousVolume),
        *asked.unknown_keys,
    ]
    for mount in asked.step.mounts:
        if not _concerns_docker(mount, asked):
            continue
        values = [mount.value, *([mount.volume.value] if mount.volume is not None else [])]
        for one in findings:
            if any(concerns(one, value) for value in values):
                yield from _volume_row(asked, mount, one)


def _concerns_docker(mount: Mount, asked: Asked) -> bool:
    path = mount.volume.host_path if mount.volume is not None else None
    return mount.volume is None or (path is not None and socket_of(path.text) is not None) or mount.name in shared_volumes(asked.pipeline)


def _volume_row(asked: Asked, mount: Mount, one: Finding) -> Iterator[Row]:
    key = str(one.place.path[-1]) if isinstance(one.place, Place) and one.place.path else ""
    if one.rule == "unknown-key" and key != "temp" and key.startswith("t") and mount.volume is not None and mount.volume.host is not None:
        sentence = f"Drone ignores `{key}` in the volume `{mount.name}`; renamed to `temp` it would replace the socket with an empty folder"
        yield asked.row("daemon", "risk", sentence, one.place, rule=one.rule, remedy=f"remove `{key}`")
    else:
        status = "missing" if one.rule == "undefined-volume" else "unknown"
        yield from asked.found("daemon", status, [one])


def _waits(asked: Asked) -> Iterator[Finding]:
    for one in asked.of_pipeline(DindNoWait):
        if concerns(one, asked.step.value):
            yield one


def _user(asked: Asked) -> Iterator[Row]:
    """A user who is not root opens the host's socket only as a member of its group."""
    user = asked.step.get("user")
    mounted = any(reach.connection.whose == "host" and reach.connection.mount is not None for reach in reaches(asked.step, asked.around))
    if user is not None and user.text not in ("", "root", "0", "0:0", "root:root") and mounted:
        sentence = f"`user: {user.text}` opens the host's socket only as a member of the socket's group"
        yield asked.row(
            "daemon",
            "unknown",
            sentence,
            user.place,
            ask="id && ls -ln /var/run/docker.sock",
            remedy="remove `user`, or give the number of the socket's group",
        )


def machine(asked: Asked) -> Iterator[Row]:
    """Runners without containers: whatever Docker is there is the machine's."""
    yield asked.row(
        "daemon", "unknown", f"runs on a machine of the {asked.pipeline.type} runner, and needs Docker there", ask="docker info"
    )


def privilege(asked: Asked) -> Iterator[Row]:
    """Whether the step has the privilege that it needs, and no more."""
    step, pipeline = asked.step, asked.pipeline
    lacking = [
        *DindNotPrivileged(asked.settings).check_step(step, pipeline),
        *DindLostPrivilege(asked.settings).check_step(step, pipeline),
    ]
    redundant = list(RedundantPrivilege(asked.settings).check_step(step, pipeline))
    if lacking:
        yield from asked.found("privilege", "missing", lacking)
    elif redundant:
        sentence = "`privileged: true` is redundant: the mounted socket is enough, talking to the host's daemon needs no privilege"
        yield from (row._replace(sentence=sentence) for row in asked.found("privilege", "risk", redundant))
    elif step.privileged:
        needed = "is needed by a daemon, and is there" if asked.is_daemon or starts_daemon(step) else "is there"
        yield asked.row("privilege", "ok", f"`privileged: true` {needed}", step["privileged"].key)
    elif asked.plugin is not None:
        yield asked.row("privilege", "ok", f"the runner privileges `{asked.plugin}` by itself", step["image"].place)
    else:
        yield asked.row("privilege", "ok", "none, and talking to a daemon needs none")
