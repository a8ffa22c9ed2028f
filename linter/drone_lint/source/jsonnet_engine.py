"""The parent's side of the evaluator processes: two engines, one verdict, limits.

`rjsonnet` is the fast path and `jsonnet` the arbiter: every error of the fast path is evaluated again by the arbiter, and the
static check that the fast path lacks is made up for: what `jsonnet_scope` does not know to be sound, the arbiter reads inside a
function that is never called.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from drone_lint.source.evaluator import read, write
from drone_lint.source.jsonnet_scope import is_sound

MAX_STACK = 500
"""Frames, as the server sets it (drone-semantics 1.1)."""
_OVERHEAD = 192 << 20
"""Address space that an interpreter with an engine takes before it evaluates anything."""


class Job(NamedTuple):
    """A program to evaluate."""

    filename: str
    """Absolute path; imports of the main file are looked up around it."""
    source: str
    roots: tuple[str, ...] = ()
    """Folders that imports may come from; the first is the repository's root."""
    jpath: tuple[str, ...] = ()
    ext_str: Mapping[str, str] = {}
    ext_code: Mapping[str, str] = {}
    tla_str: Mapping[str, str] = {}
    tla_code: Mapping[str, str] = {}
    texts: Mapping[str, str] = {}
    """What to read instead of the file of a path."""
    max_stack: int = MAX_STACK

    def request(self, engine: str) -> dict[str, Any]:
        """The message that has an engine evaluate this."""
        return {
            "engine": engine,
            "filename": self.filename,
            "source": self.source,
            "roots": list(self.roots),
            "jpath": list(self.jpath),
            "ext_str": dict(self.ext_str),
            "ext_code": dict(self.ext_code),
            "tla_str": dict(self.tla_str),
            "tla_code": dict(self.tla_code),
            "texts": dict(self.texts),
            "max_stack": self.max_stack,
        }


class Opened(NamedTuple):
    """A file that an evaluation imported."""

    path: str
    how: str
    """`root`, `own`, `relative` or `jpath`: where it was found."""
    name: str
    """The path as the import has it."""
    text: str


class Outcome(NamedTuple):
    """What an evaluation gave: a value as JSON text, an error, or the limit that it hit."""

    value: str | None = None
    error: str | None = None
    limit: str | None = None
    opened: tuple[Opened, ...] = ()

    @property
    def slow(self) -> bool:
        """Whether it ran out of time, which another engine would as well."""
        return self.limit is not None and self.limit.startswith("took")


class _Worker:
    """One evaluator process with one engine; started when first needed, and again after it died."""

    def __init__(self, engine: str, memory: int) -> None:
        self._engine = engine
        self._memory = memory
        self._process: Any = None

    def start(self) -> None:
        """Start the process, if there is none."""
        if self._process is not None and self._process.poll() is None:
            return
        import subprocess

        script = os.path.join(os.path.dirname(__file__), "evaluator.py")
        command = [sys.executable, "-I", "-S", script, str(self._memory + _OVERHEAD), self._engine, *_engine_folders()]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, close_fds=True
        )

    def call(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Ask, and wait for the answer; `{"limit": ...}` when the process had to be stopped or died."""
        self.send(request)
        return self.receive(seconds)

    def send(self, request: dict[str, Any]) -> None:
        """Ask; `receive` must follow before the next question."""
        self.start()
        try:
            write(self._process.stdin, request)
        except (OSError, ValueError):
            self._process.kill()

    def receive(self, seconds: float) -> dict[str, Any]:
        """Wait for the answer to what was sent."""
        import threading

        process, expired = self._process, threading.Event()

        def stop() -> None:
            expired.set()
            process.kill()

        watch = threading.Timer(seconds, stop)
        watch.daemon = True
        watch.start()
        try:
            answer = read(process.stdout)
        except (OSError, ValueError):
            answer = None
        finally:
            watch.cancel()
        if answer is None or answer.get("memory"):
            self.close()
            if expired.is_set():
                return {"limit": f"took longer than {seconds:g} seconds"}
            if answer is not None:
                return {"limit": "needed more memory than allowed"}
            return {"limit": "needed more memory or nesting than the Jsonnet engine can bear, and crashed it"}
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process is None:
            return
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                stream.close()
        self._process.wait()
        self._process = None


def _engine_folders() -> list[str]:
    """Folders from which the engines are imported: site-packages, which `-S` leaves out."""
    return [folder for folder in sys.path if folder and os.path.basename(folder) in ("site-packages", "dist-packages")]


def has_fast_engine() -> bool:
    """Whether `rjsonnet` is installed."""
    return any(os.path.isdir(os.path.join(folder, "rjsonnet")) for folder in _engine_folders())


class Session:
    """The evaluator processes of a run."""

    def __init__(self, memory: int) -> None:
        self._workers = {name: _Worker(name, memory) for name in ("jsonnet", "rjsonnet")}

    def start(self, choice: str) -> None:
        """Start the processes that a choice of engine needs, so that they are ready when asked."""
        for name in _engines(choice):
            self._workers[name].start()

    def evaluate(self, job: Job, choice: str, seconds: float) -> Outcome:
        """The arbiter's verdict and value, by the shortest way there (`auto`), or one engine's alone."""
        if choice != "auto" or not has_fast_engine():
            return self._by("rjsonnet" if choice == "rjsonnet" else "jsonnet", job, seconds)
        asked = "import" not in job.source and not is_sound(job.source)
        if asked:  # the arbiter reads while the fast engine runs
            self._workers["jsonnet"].send(_check([job.source]))
        fast = self._by("rjsonnet", job, seconds)
        accepted = self._workers["jsonnet"].receive(seconds).get("value") is not None if asked else self._accepts(job, fast, seconds)
        if fast.slow or (fast.value is not None and accepted):
            return fast
        return self._by("jsonnet", job, seconds)

    def fastest(self, job: Job, choice: str, seconds: float) -> Outcome:
        """A value from whichever engine gives one: for programs whose plain form was judged before."""
        if choice == "jsonnet" or not has_fast_engine():
            return self._by("jsonnet", job, seconds)
        outcome = self._by("rjsonnet", job, seconds)
        return outcome if outcome.value is not None or choice == "rjsonnet" else self._by("jsonnet", job, seconds)

    def _by(self, engine: str, job: Job, seconds: float) -> Outcome:
        answer = self._workers[engine].call(job.request(engine), seconds)
        if "limit" in answer:
            return Outcome(limit=answer["limit"])
        opened = tuple(
            Opened(path, how, name, job.texts.get(path, "") if text is None else text) for path, how, name, text in answer["opened"]
        )
        return Outcome(answer.get("value"), answer.get("error"), None, opened)

    def _accepts(self, job: Job, fast: Outcome, seconds: float) -> bool:
        """Whether the arbiter, too, accepts all of the program's text, also what is never run; it is asked only where that is not sure."""
        if fast.value is None:
            return False
        texts = [job.source, *(item.text for item in fast.opened if item.path.endswith((".jsonnet", ".libsonnet")))]
        unsure = [text for text in texts if not is_sound(text)]
        return not unsure or self._workers["jsonnet"].call(_check(unsure), seconds).get("value") is not None

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers.values():
            worker.close()


def _check(programs: Sequence[str]) -> dict[str, Any]:
    return Job("/check", uncalled(programs)).request("jsonnet")


def uncalled(programs: Sequence[str]) -> str:
    """A program that contains others without running them; it is refused exactly when one of them is, statically."""
    binds = ", ".join(f"f{number}() = (\n{text}\n)" for number, text in enumerate(programs))
    return f"local {binds}; null"


def _engines(choice: str) -> tuple[str, ...]:
    if choice == "auto":
        return ("rjsonnet",) if has_fast_engine() else ("jsonnet",)
    return (choice,)


_sessions: dict[int, Session] = {}


def session(memory: int) -> Session:
    """This process's session for a memory limit, made when first asked for and closed at exit."""
    if memory not in _sessions:
        if not _sessions:
            atexit.register(close_all)
        _sessions[memory] = Session(memory)
    return _sessions[memory]


def close_all() -> None:
    """End every evaluator process."""
    for one in _sessions.values():
        one.close()
    _sessions.clear()
