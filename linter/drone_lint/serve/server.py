"""Running the application under uvicorn: two addresses, time limits, and an end that loses no request."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from drone_lint.serve.app import App, Options, Receive, Scope, Send, json_line
from drone_lint.serve.metrics import Metrics
from drone_lint.serve.workers import Limits, Workers

HEADER_SECONDS = 10.0
"""How long the head of a request may take to arrive."""
GRACE_SECONDS = 10
"""How long requests in flight may take after SIGTERM."""


class Address(NamedTuple):
    """Where to listen."""

    host: str
    port: int


class Listening(NamedTuple):
    """Addresses, and files for TLS."""

    bind: Address
    metrics: Address | None = None
    tls_cert: str | None = None
    tls_key: str | None = None


class _Protocol(H11Protocol):
    """Closes a connection whose request does not begin in time; uvicorn itself waits forever for the first."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.loop.call_later(HEADER_SECONDS, self._close_if_silent)

    def _close_if_silent(self) -> None:
        if self.cycle is None and self.transport is not None and not self.transport.is_closing():
            self.transport.close()


class _Server(uvicorn.Server):
    """A server that leaves signals to us: there may be two in one process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Metrics:
    """What the second address answers."""

    def __init__(self, app: App, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (scope["method"], scope["path"]) == ("GET", "/metrics"):
            body = self._metrics.text().encode("utf-8")
            kind = (b"content-type", b"text/plain; version=0.0.4; charset=utf-8")
            length = (b"content-length", str(len(body)).encode("ascii"))
            await send({"type": "http.response.start", "status": 200, "headers": [kind, length, (b"connection", b"close")]})
            await send({"type": "http.response.body", "body": body})
        elif scope["type"] == "http" and scope["method"] == "GET":
            await self._app(scope, receive, send)


def run(
    listening: Listening,
    options: Options,
    limits: Limits,
    write: Callable[[str], None],
    *,
    rules: str = "[]",
    clock: Callable[[], float] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        listening: where.
        options: secrets, settings, policy.
        limits: what workers may take.
        write: where log lines go.
        rules: the answer to `/rules`.
        clock: seconds since 1970; the machine's when None.

    Raises:
        OSError: an address cannot be bound.
    """
    asyncio.run(_serve(listening, options, limits, write, rules, clock))


async def _serve(
    listening: Listening, options: Options, limits: Limits, write: Callable[[str], None], rules: str, clock: Callable[[], float] | None
) -> None:
    metrics = Metrics()
    workers = Workers(limits, metrics.restart)

    def log(entry: Mapping[str, Any]) -> None:
        write(json_line(entry))

    await workers.start()
    app = App(options, workers, metrics, log, rules=rules, **({"clock": clock} if clock is not None else {}))
    servers = [_server(app, listening.bind, listening)]
    if listening.metrics is not None:
        servers.append(_server(_Metrics(app, metrics), listening.metrics, None))
    _stop_on_signals(servers)
    log({"time": None, "started": f"{listening.bind.host}:{listening.bind.port}"})
    try:
        await asyncio.gather(*(server.serve() for server in servers))
    finally:
        await workers.stop()


def _server(app: Any, address: Address, listening: Listening | None) -> _Server:
    config = uvicorn.Config(
        app,
        host=address.host,
        port=address.port,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=GRACE_SECONDS,
        h11_max_incomplete_event_size=64 << 10,
        ssl_certfile=listening.tls_cert if listening is not None else None,
        ssl_keyfile=listening.tls_key if listening is not None else None,
    )
    return _Server(config)


def _stop_on_signals(servers: list[_Server]) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
