"""A client that speaks exactly as Drone's own: the recorded requests are its model."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any, NamedTuple

VECTORS = Path(__file__).parent / "vectors"
SECRET = b"0123456789abcdef0123456789abcdef"
SIGNED = ("accept", "accept-encoding", "content-type", "date", "digest")


class Response(NamedTuple):
    status: int
    body: bytes
    seconds: float


def vector(name: str) -> bytes:
    """A recorded request; git may not change its line ends (`-text`)."""
    return (VECTORS / name).read_bytes()


def vector_parts(name: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    head, _, body = vector(name).replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = head.split(b"\n")[1:]
    return [(key.strip().lower(), value.strip()) for key, _, value in (line.partition(b":") for line in lines)], body


def body_of(config: str, *, slug: str = "octo/hello", trusted: bool = False, **build: Any) -> bytes:
    build = {"event": "push", "target": "main", "ref": "refs/heads/main", "after": "abc", **build}
    data = {"build": build, "config": {"data": config, "kind": ""}, "repo": {"slug": slug, "trusted": trusted, "config_path": ".drone.yml"}}
    return json.dumps(data | {"token": {}}).encode("utf-8")


def headers_of(body: bytes, secret: bytes = SECRET, at: float | None = None) -> dict[str, str]:
    found = {
        "Accept": "application/vnd.drone.validate.v1+json",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
        "Date": formatdate(time.time() if at is None else at, usegmt=True),
        "Digest": "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode(),
    }
    lower = {name.lower(): value for name, value in found.items()}
    text = "\n".join(f"{name}: {lower[name]}" for name in SIGNED).encode()
    mac = base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()
    found["Signature"] = f'keyId="hmac-key",algorithm="hmac-sha256",signature="{mac}",headers="{" ".join(SIGNED)}"'
    return found


def request_of(body: bytes, headers: dict[str, str], *, path: str = "/") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: drone-lint", "User-Agent: Go-http-client/1.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def exchange(port: int, raw: bytes, *, timeout: float = 30.0) -> Response:
    """Send bytes, and read the answer to its end: every answer closes its connection."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.sendall(raw)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    return Response(int(head.split(b" ", 2)[1]) if head else 0, body, time.monotonic() - began)


def ask(port: int, config: str, *, secret: bytes = SECRET, **more: Any) -> Response:
    body = body_of(config, **more)
    return exchange(port, request_of(body, headers_of(body, secret)))


def get(port: int, path: str) -> Response:
    return exchange(port, f"GET {path} HTTP/1.1\r\nHost: drone-lint\r\n\r\n".encode())
