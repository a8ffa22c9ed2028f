"""What `drone-lint serve` costs beside a bare uvicorn application: `python tests/bench/bench_serve.py [SECONDS]`.

Both answer the same requests in the same run, in turns, so that the ratio means something on a busy machine.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from serve.client import SECRET, ask, get

SMALL = "kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: build\n  image: golang:1.22.1\n  commands: [go build]\n"
LARGE = "kind: pipeline\ntype: docker\nname: default\nsteps:\n" + "".join(
    f"- name: s{number}\n  image: golang:1.22.1\n  commands:\n  - go build ./cmd/{number}\n  - go test ./pkg/{number}/...\n  environment: {{A: b}}\n"
    for number in range(260)
)
BARE = """
import sys, uvicorn
async def app(scope, receive, send):
    more = scope["type"] == "http"
    while more:
        more = (await receive()).get("more_body", False)
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 204, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": b""})
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", lifespan="off", http="h11")
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def started(command: list[str], port: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command, env={**os.environ, "DRONE_SECRET": SECRET.decode()}, stderr=subprocess.DEVNULL)
    for _ in range(400):
        try:
            get(port, "/healthz")
            return process
        except OSError:
            time.sleep(0.05)
    raise SystemExit("a server does not start")


def at_rate(send: Callable[[], float], rate: float, seconds: float) -> list[float]:
    """Times of requests that are sent at a steady rate, whether or not earlier ones are answered."""
    times: list[float] = []
    threads = []
    for number in range(int(rate * seconds)):
        thread = threading.Thread(target=lambda: times.append(send()))
        threads.append((number / rate, thread))
    began = time.monotonic()
    for when, thread in threads:
        time.sleep(max(0.0, began + when - time.monotonic()))
        thread.start()
    for _, thread in threads:
        thread.join()
    return sorted(times)


def row(name: str, times: list[float]) -> str:
    def at(share: float) -> float:
        return times[min(len(times) - 1, int(len(times) * share))] * 1000

    return f"| {name} | {len(times)} | {at(0.5):.1f} | {at(0.95):.1f} | {at(0.99):.1f} |"


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    ours, bare = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        lint = [sys.executable, "-m", "drone_lint", "serve", "--bind", f"127.0.0.1:{ours}", "--workers", "2"]
        processes = [started(lint, ours), started([sys.executable, "-c", BARE, str(bare)], bare)]
        try:
            for port in (ours, bare):  # warm
                for _ in range(10):
                    ask(port, LARGE)
            print("| | requests | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|")
            print(row("bare uvicorn, small, 50/s", at_rate(lambda: ask(bare, SMALL).seconds, 50, seconds)))
            print(row("serve, small, 50/s", at_rate(lambda: ask(ours, SMALL).seconds, 50, seconds)))
            print(row("bare uvicorn, 33 KB, 5/s", at_rate(lambda: ask(bare, LARGE).seconds, 5, seconds)))
            print(row(f"serve, {len(LARGE) >> 10} KB, 5/s", at_rate(lambda: ask(ours, LARGE).seconds, 5, seconds)))
        finally:
            for process in processes:
                process.kill()
                process.wait()


if __name__ == "__main__":
    main()
