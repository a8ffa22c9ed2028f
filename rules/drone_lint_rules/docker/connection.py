"""Whether a Docker client of a step reaches a daemon: address, TLS, certificates, network, socket.

The client's side is docker/cli (`cli/flags/options.go`): TLS is on where `DOCKER_TLS_VERIFY` is not empty, whatever it says, or with
`DOCKER_TLS`, `--tls`, `--tlsverify`; `DOCKER_CERT_PATH` alone switches nothing on; certificates are looked for there, otherwise in `~/.docker`.
The daemon's side is in `listeners`. In a step with `commands` the image's entrypoint does not run, so nothing sets `DOCKER_HOST`.
"""

from __future__ import annotations

import posixpath
from typing import Literal, NamedTuple

from drone_lint.api import AnyPlace, Mount, Pipeline, Step, Value, socket_of
from drone_lint_rules.docker.listeners import SOCKET, Daemon, Listener, listening, own_daemon, usual
from drone_lint_rules.docker.volumes import is_host, is_memory

Fault = Literal[
    "",
    "no-daemon",
    "self",
    "unknown-host",
    "no-socket",
    "not-shared",
    "memory",
    "rootless-socket",
    "network",
    "service-network",
    "not-a-daemon",
    "socket-only",
    "port",
    "needs-tls",
    "plain",
    "no-certificates",
    "memory-certificates",
    "name",
    "unknown-daemon",
    "unknown-address",
    "elsewhere",
]
"""Why a client does not reach a daemon, or why that is not known."""
_UNSURE: tuple[Fault, ...] = ("unknown-daemon", "unknown-address", "elsewhere")
_NO_NETWORK = ("host", "bridge", "none")
"""Values of `network_mode` that keep a container out of the pipeline's network."""
_LOCAL = ("localhost", "127.0.0.1", "::1", "[::1]")
HOSTS_OWN = ("172.17.0.1", "host.docker.internal", "gateway.docker.internal", "host-gateway", "172.18.0.1")
"""Addresses at which containers find the machine that they run on."""


class Client(NamedTuple):
    """How one client is told to find its daemon."""

    host: str = ""
    """`tcp://docker:2376`, `unix:///s.sock`; empty: where clients look by themselves."""
    verify: bool = False
    tls: bool = False
    """Whether it speaks TLS, verifying or not."""
    certificates: str = ""
    """The folder of its certificates; empty: `~/.docker`."""
    known: bool = True
    """Whether no variable or secret decides any of it."""
    place: AnyPlace | None = None
    """Where the address is given; None where it is not."""
    copies: bool = False
    """Whether commands put certificates somewhere."""


class Connection(NamedTuple):
    """What becomes of one client."""

    status: Literal["ok", "missing", "unknown"]
    fault: Fault
    client: Client
    whose: Literal["", "host", "service", "own", "elsewhere", "user"] = ""
    """Whose daemon it is: the host's, that of a service or detached step, one that the step starts itself, one on another machine,
    a rootless one of a user of the host."""
    daemon: Daemon | None = None
    mount: Mount | None = None
    """The mount of the socket, where there is one."""
    detail: str = ""
    """The host, the port, or the path that is wrong."""


def connect(client: Client, step: Step, pipeline: Pipeline) -> Connection:
    """Follow a client's address to a daemon."""
    scheme, _, rest = (
        client.host.partition("://") if "://" in client.host else ("unix" if client.host.startswith("/") else "tcp", "", client.host)
    )
    if not client.known:
        return Connection("unknown", "unknown-address", client)
    if not client.host or scheme == "unix":
        return _by_socket(client, usual(rest) if client.host else "", step, pipeline)
    if scheme in ("tcp", "http", "https"):
        return _by_network(client, rest, step, pipeline)
    return Connection("unknown", "elsewhere", client, "elsewhere", detail=rest)


# -- sockets


def _by_socket(client: Client, path: str, step: Step, pipeline: Pipeline) -> Connection:
    wanted = path or SOCKET
    mount = _mount_of(wanted, step)
    own = own_daemon(step)
    if mount is None:
        if own is not None:
            return Connection("ok" if own.known else "unknown", "" if own.known else "unknown-daemon", client, "own", own)
        return _without_mount(client, path, pipeline)
    if mount.volume is None:
        return _without_mount(client, path, pipeline)
    if is_host(mount.volume):
        return _of_host(client, mount, wanted)
    return _of_service(client, mount, wanted, pipeline, own)


def _mount_of(path: str, step: Step) -> Mount | None:
    """The mount that holds a path: the deepest of those that cover it."""
    covering = [mount for mount in step.mounts if mount.path and _below(path, usual(mount.path)) is not None]
    return max(covering, key=lambda mount: len(usual(mount.path)), default=None)


def _below(path: str, folder: str) -> str | None:
    """A path relative to a folder that holds it; empty for the folder itself; None where it does not."""
    if path == folder:
        return ""
    return path[len(folder.rstrip("/")) + 1 :] if path.startswith(folder.rstrip("/") + "/") else None


def _of_host(client: Client, mount: Mount, wanted: str) -> Connection:
    given = mount.volume.host_path if mount.volume is not None else None
    text = given.text if given is not None else ""
    on_host = posixpath.join(usual(text), _below(wanted, usual(mount.path)) or "").rstrip("/")
    if on_host.startswith("/run/user/"):
        return Connection("ok", "", client, "user", mount=mount, detail=on_host)
    if "$" in text or socket_of(text) is not None or on_host.endswith(".sock"):
        return Connection("ok", "", client, "host", mount=mount, detail=on_host)
    return Connection("unknown", "unknown-address", client, "host", mount=mount, detail=on_host)


def _of_service(client: Client, mount: Mount, wanted: str, pipeline: Pipeline, own: Daemon | None) -> Connection:
    """A volume of the pipeline at the place of the socket: whether a daemon puts one there."""
    rest = _below(wanted, usual(mount.path)) or ""
    unsure = None
    for daemon in listening(pipeline).values():
        shared = next((one for one in daemon.step.mounts if one.name == mount.name), None)
        if shared is None:
            continue
        if is_memory(mount.volume) and pipeline.type == "docker":
            return Connection("missing", "memory", client, "service", daemon, mount)
        inside = [_below(socket, usual(shared.path)) for socket in daemon.sockets or (SOCKET,)]
        if rest in inside:
            return Connection("ok", "", client, "service", daemon, mount)
        if "user/1000/docker.sock" in inside:
            return Connection("missing", "rootless-socket", client, "service", daemon, mount)
        unsure = unsure or (daemon if not daemon.known else None)
    if unsure is not None:
        return Connection("unknown", "unknown-daemon", client, "service", unsure, mount)
    if own is not None:
        return Connection("ok", "", client, "own", own)
    return Connection("missing", "not-shared" if listening(pipeline) else "no-socket", client, mount=mount, detail=wanted)


def _without_mount(client: Client, path: str, pipeline: Pipeline) -> Connection:
    if pipeline.type == "kubernetes" and not path and not listening(pipeline):
        return Connection("missing", "no-daemon", client)
    if path:
        return Connection("missing", "no-socket", client, detail=path)
    shared = any(one.name for daemon in listening(pipeline).values() for one in daemon.step.mounts if _holds(daemon, one))
    return Connection("missing", "not-shared" if shared else "no-daemon", client)


def _holds(daemon: Daemon, mount: Mount) -> bool:
    return not is_host(mount.volume) and any(_below(socket, usual(mount.path)) is not None for socket in daemon.sockets or (SOCKET,))


# -- TCP


def split_address(rest: str, *, tls: bool) -> tuple[str, int]:
    """Host and port of what stands after `tcp://`; without one it is the client's own default."""
    rest = rest.partition("/")[0]
    if rest.startswith("["):
        host, _, tail = rest[1:].partition("]")
        port = tail.removeprefix(":")
    else:
        host, _, port = rest.partition(":")
    return host, int(port) if port.isdigit() and len(port) < 6 else 2376 if tls else 2375


def _by_network(client: Client, rest: str, step: Step, pipeline: Pipeline) -> Connection:
    host, port = split_address(rest, tls=client.tls)
    found = listening(pipeline)
    mode = _mode(step)
    if pipeline.type == "kubernetes":
        return _in_pod(client, host, port, step, pipeline)
    if host in _LOCAL:
        return _local(client, port, mode, step, pipeline)
    names = {one.name for one in pipeline.containers}
    if host in names and step.get("extra_hosts") is None:
        if mode in _NO_NETWORK:
            return Connection("missing", "network", client, "service", found.get(host), detail=mode)
        daemon = found.get(host)
        if daemon is None:
            return _not_a_daemon(client, host, pipeline)
        if _mode(daemon.step) in _NO_NETWORK:
            return Connection("missing", "service-network", client, "service", daemon, detail=_mode(daemon.step))
        return _at(client, daemon, port, host, step, pipeline)
    if "." in host or ":" in host or step.get("extra_hosts") is not None:
        return Connection("unknown", "elsewhere", client, "host" if host in HOSTS_OWN else "elsewhere", detail=host)
    return (
        Connection("missing", "unknown-host", client, detail=host)
        if found
        else Connection("unknown", "elsewhere", client, "elsewhere", detail=host)
    )


def _mode(step: Step) -> str:
    found = step.get("network_mode")
    return found.text if found is not None else ""


def _local(client: Client, port: int, mode: str, step: Step, pipeline: Pipeline) -> Connection:
    own = own_daemon(step)
    if own is not None:
        return _at(client, own, port, "localhost", step, pipeline)._replace(whose="own")
    if mode != "host":
        return Connection("missing", "self", client, detail=client.host)
    for daemon in listening(pipeline).values():
        if _mode(daemon.step) == "host":
            return _at(client, daemon, port, "localhost", step, pipeline)
    return Connection("unknown", "elsewhere", client, "host", detail="localhost")


def _in_pod(client: Client, host: str, port: int, step: Step, pipeline: Pipeline) -> Connection:
    """Containers of a pod share a network: a daemon is at `localhost`, and at its name."""
    found = listening(pipeline)
    own = own_daemon(step)
    beside = [found[host]] if host in found else [*([own] if own is not None else []), *found.values()] if host in _LOCAL else []
    tried = [_at(client, daemon, port, host, step, pipeline) for daemon in beside]
    working = next((one for one in tried if one.status != "missing"), None)
    if working is not None or tried:
        return working or tried[0]
    if host in _LOCAL:
        return Connection("missing", "self", client, detail=client.host)
    if found and "." not in host and ":" not in host:
        return Connection("missing", "unknown-host", client, detail=host)
    return Connection("unknown", "elsewhere", client, "elsewhere", detail=host)


def _not_a_daemon(client: Client, host: str, pipeline: Pipeline) -> Connection:
    """A container of that name which is not known to be a daemon."""
    container = next(one for one in pipeline.containers if one.name == host)
    runs_else = container.commands or (not container.is_service and container.get("detach") is None)
    if listening(pipeline) or runs_else:
        return Connection("missing", "not-a-daemon", client, detail=host)
    return Connection("unknown", "unknown-daemon", client, "service", detail=host)


def _at(client: Client, daemon: Daemon, port: int, host: str, step: Step, pipeline: Pipeline) -> Connection:
    """Whether a daemon answers at a port, in the way that the client speaks."""
    made = Connection("ok", "", client, "service", daemon, detail=str(port))
    if not daemon.known:
        return made._replace(status="unknown", fault="unknown-daemon")
    listener = next((one for one in daemon.listeners if one.port == port), None)
    if listener is None:
        return made._replace(status="missing", fault="port" if daemon.listeners else "socket-only")
    fault = _handshake(client, daemon, listener, host, step, pipeline)
    return made._replace(status="ok" if not fault else "unknown" if fault in _UNSURE else "missing", fault=fault)


def _handshake(client: Client, daemon: Daemon, listener: Listener, host: str, step: Step, pipeline: Pipeline) -> Fault:
    if listener.tls is None:
        return "unknown-daemon"
    if listener.tls != client.tls:
        return "needs-tls" if listener.tls else "plain"
    if not listener.tls:
        return ""
    missing = _certificates(client, daemon, step, pipeline)
    if missing:
        return missing
    if client.verify and daemon.names and "*" not in daemon.names and host not in daemon.names:
        return "name"
    return ""


def _certificates(client: Client, daemon: Daemon, step: Step, pipeline: Pipeline) -> Fault:
    """Whether the client has the certificates that the daemon made for clients."""
    if daemon.step is step:
        return "" if client.certificates or client.copies else "no-certificates"
    if client.copies or not daemon.certificates:
        return "unknown-daemon"
    if not client.certificates:
        return "no-certificates"
    wanted = usual(client.certificates)
    mount = _mount_of(wanted, step)
    made = posixpath.join(usual(daemon.certificates), "client")
    if mount is None or mount.volume is None:
        return "no-certificates"
    shared = next((one for one in daemon.step.mounts if one.name == mount.name and _below(made, usual(one.path)) is not None), None)
    if shared is None:
        return "no-certificates" if not is_host(mount.volume) else "unknown-daemon"
    if is_memory(mount.volume) and pipeline.type == "docker":
        return "memory-certificates"
    return "" if _below(made, usual(shared.path)) == _below(wanted, usual(mount.path)) else "no-certificates"


def value_of(place: AnyPlace | None, otherwise: Value | None) -> AnyPlace | None:
    """A place, or that of a value."""
    return place if place is not None else otherwise.place if otherwise is not None else None


def is_machine(one: Connection) -> bool:
    """Whether an address elsewhere is written out and that of a machine; a bare name may be a container of the runner's network."""
    if not one.client.known or "$" in one.client.host:
        return False
    return one.whose == "host" or one.client.host.startswith("ssh://") or "." in one.detail or ":" in one.detail
