"""A server in a process of its own, on a port of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from serve.client import SECRET, get

pytest.importorskip("uvicorn", reason="`drone-lint serve` is an extra")


class Server:
    """A running `drone-lint serve`."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, metrics: int, log: Path) -> None:
        self.process, self.port, self.metrics, self._log = process, port, metrics, log

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._log.read_text("utf-8").splitlines() if line.startswith("{")]

    def log_of(self, repo: str) -> dict[str, Any]:
        """The newest line about a repository; it may come a moment after the answer."""
        for _ in range(50):
            found = [line for line in self.log() if line.get("repo") == repo]
            if found:
                return found[-1]
            time.sleep(0.02)
        raise AssertionError(f"no line about {repo}")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start servers; they are ended with the module."""
    servers: list[Server] = []

    def begin(*options: str, secret: bytes = SECRET, config: str = "", program: str = "") -> Server:
        folder = tmp_path_factory.mktemp("serve")
        (folder / "secret").write_bytes(secret + b"\n")
        (folder / "operator.yaml").write_text(config, "utf-8")
        port, metrics = free_port(), free_port()
        words = ["serve", "--bind", f"127.0.0.1:{port}", "--metrics-bind", f"127.0.0.1:{metrics}", "--secret-file", "secret"]
        words += ["--config", "operator.yaml", "--workers", "2", *options]
        command = [sys.executable, "-c", program, *words] if program else [sys.executable, "-m", "drone_lint", *words]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=folder, stderr=log, env={**os.environ, "DRONE_SECRET": ""})
        server = Server(process, port, metrics, folder / "log")
        servers.append(server)
        for _ in range(300):
            if process.poll() is not None:
                raise AssertionError((folder / "log").read_text("utf-8"))
            try:
                if get(port, "/healthz").status == 200:
                    return server
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server does not answer")

    yield begin
    for server in servers:
        server.process.kill()
        server.process.wait()
