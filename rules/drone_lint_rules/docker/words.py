"""What is said of connections: the same words in findings and in the report of `drone-lint dind`."""

from __future__ import annotations

from drone_lint_rules.docker.connection import Client, Connection
from drone_lint_rules.docker.listeners import Daemon


def cause(connection: Connection) -> str:
    """Why a client does not reach its daemon, one clause."""
    name = f"`{connection.daemon.name}`" if connection.daemon is not None else f"`{connection.detail}`"
    made: dict[str, str] = {
        "no-daemon": "no socket is mounted, and `DOCKER_HOST` is not set",
        "self": f"`{connection.client.host}` is the step's own container, which runs none",
        "unknown-host": f"the pipeline has no container named `{connection.detail}`",
        "no-socket": f"nothing is mounted at `{connection.detail or _default(connection.client)}`",
        "not-shared": "the step does not mount the volume in which the daemon puts its socket at the same place",
        "memory": f"the volume of the socket is a tmpfs (`medium: memory`), of which {name} and the step have one each",
        "rootless-socket": f"{name} is rootless and puts its socket at `/run/user/1000/docker.sock`, where no client looks by itself",
        "network": f"with `network_mode: {connection.detail}` the step is outside of the pipeline's network, where {name} is",
        "service-network": f"{name} has `network_mode: {connection.detail}` and is outside of the pipeline's network",
        "not-a-daemon": f"`{connection.detail}` is a container that runs no Docker daemon",
        "socket-only": f"{name} listens on its socket only: its command replaces the options of the image",
        "port": f"{name} listens on port {_ports(connection.daemon)}, not on {connection.detail}",
        "needs-tls": f"{name} takes TLS only on port {connection.detail}, and `DOCKER_TLS_VERIFY` is not set",
        "plain": f"{name} listens without TLS on port {connection.detail}, and the client insists on TLS",
        "no-certificates": _certificates(connection),
        "memory-certificates": f"the volume of the certificates is a tmpfs (`medium: memory`), of which {name} and the step have one each",
        "name": f"the certificate of {name} names {_names(connection.daemon)}, not {name}",
        "unknown-daemon": f"the image or the command of {name} decides where the daemon listens",
        "unknown-address": "a variable, a secret or a branch of the script decides which daemon it is",
        "elsewhere": f"the daemon at `{connection.detail}` is none of this pipeline's",
    }
    return made.get(connection.fault, "")


def reached(connection: Connection) -> str:
    """How a client reaches its daemon, one clause."""
    name = f"`{connection.daemon.name}`" if connection.daemon is not None else ""
    if connection.whose == "own":
        return "the step starts a daemon itself"
    if connection.whose == "user":
        return f"the socket of a rootless daemon of the host is mounted (`{connection.detail}`)"
    if connection.whose == "host":
        return f"the host's socket is mounted (`{connection.detail}`)"
    if connection.mount is not None:
        return f"the socket of {name} is shared through the volume `{connection.mount.name}`"
    how = "with TLS and the certificates of the daemon" if connection.client.tls else "without TLS"
    return f"{name} listens on port {connection.detail}, {how}"


def remedy(connection: Connection) -> str:
    """What to write instead, with the lines."""
    daemon = connection.daemon
    name = daemon.name if daemon is not None else "docker"
    folder = (daemon.certificates if daemon is not None else "") or "/certs"
    tls = f'`DOCKER_HOST: tcp://{name}:2376`, `DOCKER_TLS_VERIFY: "1"`, `DOCKER_CERT_PATH: {folder}/client`, and one `temp` volume mounted at `{folder}` in both'
    off = f'`DOCKER_TLS_CERTDIR: ""` in the environment of `{name}`'
    socket = "a `temp` volume at `/var/run` in both"
    made: dict[str, str] = {
        "port": f"write {tls}; or, without TLS, {off} with `DOCKER_HOST: tcp://{name}:2375`"
        if _has_tls(daemon)
        else f"write `DOCKER_HOST: tcp://{name}:{_ports(daemon)}`",
        "needs-tls": f"write {tls}",
        "plain": "remove `DOCKER_TLS_VERIFY` from the step, or have the daemon use TLS: remove its `DOCKER_TLS_CERTDIR` and use port 2376",
        "no-certificates": f"mount one `temp` volume at `{folder}` in both, with `DOCKER_CERT_PATH: {folder}/client` in the step",
        "memory-certificates": "remove `medium: memory` from the volume",
        "memory": "remove `medium: memory` from the volume",
        "name": f"name the service `docker`, or add `DOCKER_TLS_SAN: DNS:{name}` to its environment",
        "network": "remove `network_mode` from the step",
        "service-network": f"remove `network_mode` from `{name}`",
        "socket-only": f"remove the command of `{name}`, or share its socket: {socket}",
        "not-a-daemon": "name the service whose image is `docker:dind`",
        "rootless-socket": f"mount the volume at `/run/user/1000` in both and write `DOCKER_HOST: unix:///run/user/1000/docker.sock`; or use TCP: {tls}",
        "not-shared": f"mount {socket}",
    }
    return made.get(connection.fault, "")


def _default(client: Client) -> str:
    return client.host or "/var/run/docker.sock"


def _ports(daemon: Daemon | None) -> str:
    ports = dict.fromkeys(str(one.port) for one in daemon.listeners) if daemon is not None else {}
    return " and ".join(ports) + (" with TLS only" if _has_tls(daemon) else "") if ports else "none"


def _has_tls(daemon: Daemon | None) -> bool:
    return daemon is not None and any(one.tls for one in daemon.listeners)


def _names(daemon: Daemon | None) -> str:
    return " and ".join(f"`{name}`" for name in daemon.names) if daemon is not None else ""


def _certificates(connection: Connection) -> str:
    folder = connection.daemon.certificates if connection.daemon is not None else ""
    given = connection.client.certificates
    if not given:
        return "`DOCKER_CERT_PATH` is not set, so that the client has no certificates"
    return f"the certificates in `{folder}/client` of the daemon are not at `{given}`, where `DOCKER_CERT_PATH` looks"
