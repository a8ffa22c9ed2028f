"""The ASGI application: one route for Drone, one for health, one that lists the rules."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic, time
from typing import Any, NamedTuple

from drone_lint.config.operator import Operator
from drone_lint.serve.examine import Task
from drone_lint.serve.metrics import Metrics
from drone_lint.serve.request import MalformedError, ValidationRequest, parse_request
from drone_lint.serve.signature import Refused, verify
from drone_lint.serve.verdict import Policy, Verdict, judge, of_fork, unchecked
from drone_lint.serve.workers import WorkerError, Workers
from drone_lint.settings import Settings

LARGEST = 10 << 20
"""Bytes of a request's body."""
BODY_SECONDS = 10.0
"""How long a body may take to arrive."""

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Options(NamedTuple):
    """What the server is told at its start."""

    secrets: tuple[bytes, ...]
    operator: Operator
    policy: Policy
    whole_file: bool = False
    """Whether findings in pipelines that do not run in the build count as well."""
    debug: bool = False
    """Whether the log has what a verdict rested on, too."""


class Answer(NamedTuple):
    """An HTTP answer."""

    status: int
    text: str = ""
    kind: str = "text/plain; charset=utf-8"


class Rejected(Exception):  # noqa: N818 - an answer, not a failure
    """A request that is answered before anything is linted."""

    def __init__(self, answer: Answer, why: str) -> None:
        self.answer = answer
        super().__init__(why)


class App:
    """Answers requests."""

    def __init__(
        self,
        options: Options,
        workers: Workers,
        metrics: Metrics,
        log: Callable[[Mapping[str, Any]], None],
        *,
        clock: Callable[[], float] = time,
        rules: str = "[]",
    ) -> None:
        self._options = options
        self._workers = workers
        self._metrics = metrics
        self._log = log
        self._clock = clock
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        route = (scope["method"], scope["path"])
        if route == ("GET", "/healthz"):
            answer = await self.health()
        elif route == ("GET", "/rules"):
            answer = Answer(200, self._rules, "application/json")
        elif scope["method"] == "POST":
            answer = await self._validated(scope, receive)
        else:
            answer = Answer(405, "drone-lint answers POST requests of Drone's validation extension\n")
        await _send(send, answer)

    async def health(self) -> Answer:
        """Whether a worker lints a small configuration within a second."""
        try:
            task = Task(b"kind: pipeline\ntype: docker\nname: a\nsteps: []\n", Settings(), None)
            await asyncio.wait_for(self._workers.ask(task, "healthz"), 1.0)
        except (WorkerError, asyncio.TimeoutError):
            return Answer(503, "no worker answers\n")
        return Answer(200, "ok\n")

    async def _validated(self, scope: Scope, receive: Receive) -> Answer:
        began, outcome = monotonic(), "refused"
        request: ValidationRequest | None = None
        verdict: Verdict | None = None
        try:
            body = await _body(scope["headers"], receive)
            request = self._authentic(scope["headers"], body)
            verdict = await self._verdict(request)
            answer = self._answer(verdict)
            outcome = verdict.action
        except Rejected as rejected:
            answer = rejected.answer
            self._tell({"outcome": "refused", "why": str(rejected), "client": _client(scope)})
        seconds = monotonic() - began
        self._metrics.request("unchecked" if verdict is not None and verdict.reason == "unchecked" else outcome, seconds)
        if request is not None and verdict is not None:
            entry = _logged(request, verdict, answer.status, seconds)
            self._tell(entry | _details(request) if self._options.debug else entry)
        return answer

    def _tell(self, entry: Mapping[str, Any]) -> None:
        self._log({"time": round(self._clock(), 3), **entry})

    def _authentic(self, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> ValidationRequest:
        try:
            verify(headers, body, self._options.secrets, self._clock())
        except Refused as refused:
            raise Rejected(Answer(401, "invalid signature\n"), str(refused)) from refused
        try:
            return parse_request(body)
        except MalformedError as error:
            raise Rejected(Answer(400, f"drone-lint could not read this request: {error}\n"), str(error)) from error

    async def _verdict(self, request: ValidationRequest) -> Verdict:
        options = self._options
        if options.operator.skips(request.slug):
            return Verdict("pass", reason="skipped")
        if options.policy.block_forks and request.from_fork:
            return of_fork()
        settings = options.operator.settings_of(request.slug, trusted=request.trusted)
        task = Task(
            request.config.encode("utf-8", "replace"),
            settings,
            None if options.whole_file else request.build,
            options.operator.allowed_ignores,
        )
        try:
            return judge(await self._workers.ask(task, request.slug), options.policy, settings.fail_on)
        except WorkerError as error:
            return unchecked(str(error), options.policy)

    def _answer(self, verdict: Verdict) -> Answer:
        status = verdict.status(self._options.policy)
        return Answer(status, "" if status == 204 else verdict.text)


def _logged(request: ValidationRequest, verdict: Verdict, status: int, seconds: float) -> dict[str, Any]:
    """One line a request: no bodies, no people."""
    return {
        "repo": request.slug,
        "event": request.event,
        "commit": request.after,
        "outcome": verdict.action,
        "status": status,
        "reason": verdict.reason,
        "rules": list(verdict.rules),
        "text": verdict.text,
        "ms": round(seconds * 1000, 1),
    }


def _details(request: ValidationRequest) -> dict[str, Any]:
    """What a verdict rested on, for finding out why it is as it is."""
    return {
        "trusted": request.trusted,
        "path": request.config_path,
        "bytes": len(request.config.encode("utf-8", "replace")),
        "branch": request.branch,
        "ref": request.ref,
        "fork": request.fork,
    }


def _client(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


async def _body(headers: Sequence[tuple[bytes, bytes]], receive: Receive) -> bytes:
    """The whole body: of a length that was announced, not too large, and in time."""
    lengths = [value for name, value in headers if name.lower() == b"content-length"]
    if len(lengths) != 1 or not lengths[0].isdigit():
        raise Rejected(Answer(411, "a request needs a Content-Length\n"), "no length")
    if len(lengths[0]) > 12 or int(lengths[0]) > LARGEST:
        raise Rejected(Answer(413, f"a request is at most {LARGEST >> 20} MiB\n"), "too large")
    try:
        return await asyncio.wait_for(_received(receive), BODY_SECONDS)
    except asyncio.TimeoutError as error:
        raise Rejected(Answer(408, "the request took too long\n"), "slow body") from error


async def _received(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Rejected(Answer(400, ""), "disconnected")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST:
            raise Rejected(Answer(413, ""), "too large")
        more = message.get("more_body", False)
    return b"".join(parts)


async def _send(send: Send, answer: Answer) -> None:
    body = answer.text.encode("utf-8", "replace")
    headers = [(b"content-type", answer.kind.encode("ascii"))] if body else []
    headers += [(b"connection", b"close")]
    headers += [(b"content-length", str(len(body)).encode("ascii"))] if answer.status != 204 else []
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def json_line(entry: Mapping[str, Any]) -> str:
    """A log entry as one line in which nothing drives a terminal."""
    return json.dumps(entry, ensure_ascii=True)
