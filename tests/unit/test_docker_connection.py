"""Whether a client reaches the daemon beside it: one row a combination, each verdict from what the images document and do.

docker-library/docker: `dockerd-entrypoint.sh` and the notes on TLS of its page; docker/cli: `cli/flags/options.go` (both read 2026-11).
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from drone_lint.api import Document, Pipeline, SourceFile, Step, Surroundings
from drone_lint.model.node import from_data
from drone_lint_rules.docker.clients import reaches
from drone_lint_rules.docker.connection import Connection


class Row(NamedTuple):
    """A daemon, a client, and what becomes of it."""

    title: str
    verdict: str
    image: str = "docker:27.3.1-dind"
    certdir: str | None = None
    """`DOCKER_TLS_CERTDIR` of the service; None: not given."""
    host: str | None = "tcp://docker:2376"
    """`DOCKER_HOST` of the step; None: not given."""
    verify: str | None = None
    folder: str | None = None
    """`DOCKER_CERT_PATH` of the step."""
    volume: tuple[str, str] | None = None
    """Where the service and the step mount the one volume."""
    name: str = "docker"
    network: str = ""
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    run: tuple[str, ...] = ("docker info",)
    more: dict[str, str] | None = None
    """More of the service's environment."""
    medium: str = ""
    type: str = "docker"
    breaks: str = ""
    """For a row that works: the verdict once `broken_by` is put in."""
    broken_by: tuple[str, object] = ("", None)


CERTS = ("/certs", "/certs")
OK = "ok"
_TLS = {"verify": "1", "folder": "/certs/client", "volume": CERTS}

ROWS = [
    # 19.03 and later: TLS on 2376 only
    Row("the documented way", OK, **_TLS, breaks="no-certificates", broken_by=("volume", None)),
    Row(
        "the documented way, a volume for the client's half",
        OK,
        verify="1",
        folder="/certs/client",
        volume=("/certs/client", "/certs/client"),
        breaks="no-certificates",
        broken_by=("volume", ("/certs/client", "/certs")),
    ),
    Row("nothing but the old port", "port", host="tcp://docker:2375"),
    Row("no port, no TLS: the client takes 2375", "port", host="tcp://docker"),
    Row("no port, TLS: the client takes 2376", OK, **_TLS | {"host": "tcp://docker"}, breaks="port", broken_by=("verify", "")),
    Row("the right port without TLS", "needs-tls"),
    Row("certificates alone do not switch TLS on", "needs-tls", folder="/certs/client", volume=CERTS),
    Row("an empty DOCKER_TLS_VERIFY is none", "needs-tls", verify="", folder="/certs/client", volume=CERTS),
    Row(
        "DOCKER_TLS_VERIFY: 0 is still TLS",
        OK,
        verify="0",
        folder="/certs/client",
        volume=CERTS,
        breaks="needs-tls",
        broken_by=("verify", None),
    ),
    Row("verifying without certificates", "no-certificates", verify="1"),
    Row("verifying without the volume", "no-certificates", verify="1", folder="/certs/client"),
    Row("the volume of the certificates somewhere else", "no-certificates", verify="1", folder="/certs/client", volume=("/certs", "/tls")),
    Row(
        "the volume of the certificates somewhere else, and its path",
        OK,
        verify="1",
        folder="/tls/client",
        volume=("/certs", "/tls"),
        breaks="no-certificates",
        broken_by=("folder", "/tls"),
    ),
    Row(
        "a folder of its own for certificates",
        OK,
        certdir="/tls",
        verify="1",
        folder="/tls/client",
        volume=("/tls", "/tls"),
        breaks="no-certificates",
        broken_by=("certdir", "/certs"),
    ),
    Row("a folder of its own, looked for in the usual one", "no-certificates", certdir="/tls", **_TLS),
    Row("certificates in memory", "memory-certificates", **_TLS, medium="memory"),
    Row(
        "certificates in memory, in one pod",
        OK,
        **_TLS,
        medium="memory",
        type="kubernetes",
        breaks="memory-certificates",
        broken_by=("type", "docker"),
    ),
    Row("the certificate names `docker`", "name", **_TLS | {"host": "tcp://daemon:2376"}, name="daemon"),
    Row(
        "the certificate is told another name",
        OK,
        **_TLS | {"host": "tcp://daemon:2376"},
        name="daemon",
        more={"DOCKER_TLS_SAN": "DNS:daemon"},
        breaks="name",
        broken_by=("more", None),
    ),
    # without TLS
    Row("TLS switched off, port 2375", OK, certdir="", host="tcp://docker:2375", breaks="port", broken_by=("certdir", None)),
    Row("TLS switched off, the TLS port", "port", certdir=""),
    Row("TLS switched off, a client that insists on it", "plain", certdir="", **_TLS | {"host": "tcp://docker:2375"}),
    Row("TLS switched off, the client's own port for TLS", "port", certdir="", verify="1", folder="/certs/client", host="tcp://docker"),
    # older images
    Row(
        "18.09: no TLS by itself",
        OK,
        image="docker:18.09-dind",
        host="tcp://docker:2375",
        breaks="port",
        broken_by=("image", "docker:19.03-dind"),
    ),
    Row(
        "18.09 with TLS: it has to be asked for",
        OK,
        image="docker:18.09.7-dind",
        certdir="/certs",
        **_TLS,
        breaks="port",
        broken_by=("certdir", None),
    ),
    Row("17.12 knows no TLS", "port", image="docker:17.12-dind", certdir="/certs", **_TLS),
    Row(
        "18 is the last of it, 18.09",
        OK,
        image="docker:18-dind",
        host="tcp://docker:2375",
        breaks="port",
        broken_by=("image", "docker:20-dind"),
    ),
    Row("19.03 is the first with TLS", "port", image="docker:19.03.0-dind", host="tcp://docker:2375"),
    Row("`dind` moves, and is new", "port", image="docker:dind", host="tcp://docker:2375"),
    Row("a copy in another registry", "port", image="mirror.example.com/library/docker:24-dind", host="tcp://docker:2375"),
    Row("rootless is no different", "port", image="docker:27.3.1-dind-rootless", host="tcp://docker:2375"),
    Row(
        "rootless with certificates", OK, image="docker:27.3.1-dind-rootless", **_TLS, breaks="no-certificates", broken_by=("folder", None)
    ),
    Row("a variable decides the version", "unknown-daemon", image="docker:${TAG}-dind", host="tcp://docker:2375"),
    Row(
        "a variable decides the version, TLS is off",
        OK,
        image="docker:${TAG}-dind",
        certdir="",
        host="tcp://docker:2375",
        breaks="unknown-daemon",
        broken_by=("certdir", None),
    ),
    Row("dind only by its name", "unknown-daemon", image="registry.example.com/ci/dind:3", host="tcp://docker:2375"),
    # commands of the service
    Row("options are added to the image's own", "port", command=("--mtu=1400",), host="tcp://docker:2375"),
    Row("another port is added, with TLS as the first", "needs-tls", command=("--host=tcp://0.0.0.0:2375",), host="tcp://docker:2375"),
    Row("`--tls=false` beside the image's `--tlsverify`", "port", command=("--tls=false",), host="tcp://docker:2375"),
    Row("`dockerd` replaces the image's options", "socket-only", command=("dockerd",)),
    Row(
        "`dockerd` with an address",
        OK,
        command=("dockerd", "--host=tcp://0.0.0.0:2375"),
        host="tcp://docker:2375",
        breaks="socket-only",
        broken_by=("command", ("dockerd", "--host=unix:///var/run/docker.sock")),
    ),
    Row(
        "`-H` behind `dockerd`",
        OK,
        command=("dockerd", "-H", "0.0.0.0:2375"),
        host="tcp://docker:2375",
        breaks="plain",
        broken_by=("verify", "1"),
    ),
    Row("an entrypoint that drops the image's options", "socket-only", entrypoint=("dockerd",), host="tcp://docker:2375"),
    Row(
        "the image's entrypoint, named",
        OK,
        entrypoint=("dockerd-entrypoint.sh",),
        certdir="",
        host="tcp://docker:2375",
        breaks="port",
        broken_by=("certdir", None),
    ),
    Row("an entrypoint of one's own", "unknown-daemon", entrypoint=("/start.sh",), host="tcp://docker:2375"),
    # networks and hosts
    Row("the host's network does not know the service", "network", **_TLS, network="host"),
    Row("the default bridge does not know the service", "network", certdir="", host="tcp://docker:2375", network="bridge"),
    Row("localhost is the step's own container", "self", host="tcp://localhost:2375", certdir=""),
    Row(
        "localhost is the daemon's, too, in a pod",
        OK,
        host="tcp://localhost:2375",
        certdir="",
        type="kubernetes",
        breaks="self",
        broken_by=("type", "docker"),
    ),
    Row("no container of that name", "unknown-host", host="tcp://dind:2375", certdir=""),
    Row("the host of the containers", "elsewhere", host="tcp://172.17.0.1:2375", certdir=""),
    Row("over ssh", "elsewhere", host="ssh://ci@build.example.com"),
    # no address, and addresses in commands
    Row("no address: nothing in a step sets one", "no-daemon", host=None),
    Row(
        "the socket is shared",
        OK,
        host=None,
        volume=("/var/run", "/var/run"),
        breaks="not-shared",
        broken_by=("volume", ("/var/run", "/docker")),
    ),
    Row(
        "the socket is shared at the link's target",
        OK,
        host=None,
        volume=("/var/run", "/run"),
        breaks="memory",
        broken_by=("medium", "memory"),
    ),
    Row(
        "an address of a socket",
        OK,
        host="unix:///docker/docker.sock",
        volume=("/var/run", "/docker"),
        breaks="no-socket",
        broken_by=("volume", None),
    ),
    Row(
        "the socket of a rootless daemon is elsewhere",
        "rootless-socket",
        image="docker:27.3.1-dind-rootless",
        host=None,
        volume=("/var/run", "/var/run"),
    ),
    Row(
        "exported",
        OK,
        certdir="",
        host=None,
        run=("export DOCKER_HOST=tcp://docker:2375", "docker info"),
        breaks="port",
        broken_by=("certdir", None),
    ),
    Row(
        "before the command",
        OK,
        certdir="",
        host=None,
        run=("DOCKER_HOST=tcp://docker:2375 docker info",),
        breaks="port",
        broken_by=("certdir", None),
    ),
    Row("as an option", OK, certdir="", host=None, run=("docker -H tcp://docker:2375 info",), breaks="port", broken_by=("certdir", None)),
    Row(
        "as an option, with TLS",
        OK,
        host=None,
        volume=CERTS,
        run=("docker --tlsverify --tlscacert=/certs/client/ca.pem -H tcp://docker:2376 info",),
        breaks="no-certificates",
        broken_by=("volume", None),
    ),
    Row(
        "a context",
        OK,
        certdir="",
        host=None,
        run=("docker context create b --docker host=tcp://docker:2375", "docker --context b info"),
        breaks="port",
        broken_by=("certdir", None),
    ),
    Row(
        "exported in one branch only",
        "unknown-address",
        host=None,
        run=("if true; then export DOCKER_HOST=tcp://docker:2375; fi", "docker info"),
    ),
    Row("unset again", "no-daemon", certdir="", host="tcp://docker:2375", run=("unset DOCKER_HOST", "docker info")),
]


def connection(row: Row) -> Connection:
    """The connection of the row's client."""
    environment = {
        "DOCKER_HOST": row.host,
        "DOCKER_TLS_VERIFY": row.verify,
        "DOCKER_CERT_PATH": row.folder,
    }
    service: dict[str, object] = {"name": row.name, "image": row.image, "privileged": True}
    step: dict[str, object] = {"name": "build", "image": "docker:27.3.1", "commands": list(row.run)}
    step["environment"] = {name: value for name, value in environment.items() if value is not None}
    service["environment"] = {**({"DOCKER_TLS_CERTDIR": row.certdir} if row.certdir is not None else {}), **(row.more or {})}
    for key, given in (("command", row.command), ("entrypoint", row.entrypoint)):
        if given:
            service[key] = list(given)
    if row.volume is not None:
        service["volumes"], step["volumes"] = ([{"name": "v", "path": path}] for path in row.volume)
    if row.network:
        step["network_mode"] = row.network
    temp = {"medium": row.medium} if row.medium else {}
    data = {"kind": "pipeline", "type": row.type, "name": "a", "steps": [step], "services": [service]}
    pipeline = _pipeline({**data, "volumes": [{"name": "v", "temp": temp}]})
    found: Step = pipeline.steps[0]
    return reaches(found, Surroundings(None, ".drone.yml"))[0].connection


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_a_client_reaches_the_daemon_or_it_is_said_why_not(row: Row) -> None:
    found = connection(row)
    assert (found.fault or found.status) == row.verdict
    assert (found.status == "ok") == (row.verdict == OK)


@pytest.mark.parametrize("row", [row for row in ROWS if row.verdict == OK], ids=lambda row: row.title)
def test_what_works_breaks_when_one_thing_changes(row: Row) -> None:
    assert row.breaks, "each row that works says what would break it"
    key, value = row.broken_by
    assert connection(row._replace(**{key: value})).fault == row.breaks


def test_the_table_is_as_long_as_it_claims() -> None:
    assert len(ROWS) >= 40


def _pipeline(data: dict[str, object]) -> Pipeline:
    document = Document(0, from_data(data), None, SourceFile("x", ""))  # type: ignore[arg-type]
    pipeline = document.pipeline
    assert pipeline is not None
    return pipeline
