"""The parent's side of the evaluator processes: two engines, one verdict, limits.

`rjsonnet` is the fast path and `jsonnet` the arbiter: every error of the fast path is evaluated again by the arbiter, and the
static check that the fast path lacks is made up for: what `jsonnet_scope` does not know to be sound, the arbiter reads inside a
function that is never called.
"""

from __future__ import annotations

import atexit
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from drone_lint.source.jsonnet.engine.differences import agreed
from drone_lint.source.jsonnet.engine.worker import Worker, has_fast_engine
from drone_lint.source.jsonnet.syntax import dollar as jsonnet_roots
from drone_lint.source.jsonnet.syntax.dollar import root_name, with_roots
from drone_lint.source.jsonnet.syntax.static_check import is_sound

MAX_STACK = 500
"""Frames, as the server sets it (drone-semantics 1.1)."""
_VARIABLE = "drone-lint: variable "
"""Begins the names of imports that stand for external variables."""


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
    answers: Mapping[str, str] = {}
    """What importing a name that stands for no file gives: Jsonnet. Which were imported is in the outcome."""
    watched: bool = False
    """Whether the outcome has to tell which external variables were read."""
    max_stack: int = MAX_STACK

    def code(self, outcome: Outcome) -> Iterator[str]:
        """Every text that took part in an outcome as a program."""
        yield from (self.source, *self.ext_code.values(), *self.tla_code.values(), *outcome.code)

    def request(self) -> dict[str, Any]:
        """The message that has an engine evaluate this."""
        message: dict[str, Any] = {
            "filename": self.filename,
            "source": self.source,
            "roots": list(self.roots),
            "jpath": list(self.jpath),
            "ext_str": dict(self.ext_str),
            "ext_code": dict(self.ext_code),
            "tla_str": dict(self.tla_str),
            "tla_code": dict(self.tla_code),
            "texts": dict(self.texts),
            "answers": dict(self.answers),
            "max_stack": self.max_stack,
        }
        if self.watched:  # engines ask for an import when they come to it, and so tell that a variable is read
            names = {name: _VARIABLE + name for name in self.ext_str}
            message["answers"] |= {names[name]: json.dumps(value, ensure_ascii=False) for name, value in self.ext_str.items()}
            message["ext_code"] |= {name: f"import {json.dumps(imported)}" for name, imported in names.items()}
            message["ext_str"] = {}
        return message


class Opened(NamedTuple):
    """A file that an evaluation imported."""

    path: str
    how: str
    """`root`, `own`, `relative`, `jpath` or `absolute`: where it was found."""
    name: str
    """The path as the import has it."""
    text: str
    base: str
    """The importing file's folder."""


class Outcome(NamedTuple):
    """What an evaluation gave: a value as JSON text, an error, or the limit that it hit."""

    value: str | None = None
    error: str | None = None
    limit: str | None = None
    opened: tuple[Opened, ...] = ()
    asked: tuple[str, ...] = ()
    """Names of the job's `answers` that were imported, in order."""
    variables: tuple[str, ...] = ()
    """External variables that were read, in order, if the job is watched."""

    @property
    def code(self) -> list[str]:
        """The imported programs; other files are imported as text."""
        return [item.text for item in self.opened if item.path.endswith((".jsonnet", ".libsonnet"))]

    @property
    def slow(self) -> bool:
        """Whether it ran out of time, or is too large, which it would be for another engine as well."""
        return self.limit is not None and not self.limit.startswith("needed")


class Session:
    """The evaluator processes of a run."""

    def __init__(self, memory: int) -> None:
        self._arbiter = Worker("jsonnet", memory)
        self._workers = {"jsonnet": self._arbiter, "rjsonnet": Worker("rjsonnet", memory)}
        self._reading = _Reading(self._arbiter)
        self.evaluations = 0
        """How many programs were run; reading them is not counted."""

    def start(self, choice: str) -> None:
        """Start the processes that a choice of engine needs, so that they are ready when asked."""
        for name in _engines(choice):
            self._workers[name].start()

    def foresee(self, texts: Sequence[str], choice: str) -> None:
        """Have the arbiter read programs that will be evaluated, many at a time, while this process does something else."""
        if choice == "auto" and has_fast_engine() and len(texts) >= _MANY:
            self._reading.expect(text for text in texts if len(text) <= _CHARACTERS)

    def evaluate(self, job: Job, choice: str, seconds: float) -> Outcome:
        """The arbiter's verdict and value, by the shortest way there (`auto`), or one engine's alone."""
        if choice != "auto" or not has_fast_engine():
            return self._by("rjsonnet" if choice == "rjsonnet" else "jsonnet", job, seconds)
        if "import" not in job.source:
            self._reading.expect_unless_sound(job.source)
        fast = self._by("rjsonnet", job, seconds)
        if fast.value is None:
            return fast if fast.slow else self._by("jsonnet", job, seconds)
        if agreed(job.code(fast), fast.value) and self._reading.sound([job.source, *fast.code], seconds):
            return fast
        return self._by("jsonnet", job, seconds)

    def fastest(self, job: Job, choice: str, seconds: float, *, compared: bool = False) -> Outcome:
        """A value from whichever engine gives one: for programs whose plain form was judged before.

        Args:
            job: the program.
            choice: the engine, or `auto`.
            seconds: how long it may take.
            compared: whether the caller compares the value with that of the plain form, so that what the engines do otherwise is no matter.
        """
        if choice == "jsonnet" or not has_fast_engine():
            return self._by("jsonnet", job, seconds)
        outcome = self._by("rjsonnet", job, seconds)
        if choice == "rjsonnet" or (outcome.value is not None and (compared or agreed(job.code(outcome), outcome.value))):
            return outcome
        return self._by("jsonnet", job, seconds)

    def _by(self, engine: str, job: Job, seconds: float) -> Outcome:
        outcome = self._once(engine, job, seconds)
        return outcome if jsonnet_roots.ERROR not in (outcome.error or "") else self._with_roots(job, outcome, seconds)

    def _with_roots(self, job: Job, first: Outcome, seconds: float) -> Outcome:
        """What the arbiter says when each `$` is written out, in the program and in what it imports; its first word where that does not help."""
        outcome, originals = first, {job.filename: job.source}
        written: dict[str, str] = {}
        while jsonnet_roots.ERROR in (outcome.error or ""):
            originals.update((item.path, item.text) for item in outcome.opened if item.path not in originals)
            new = {path: changed for path, text in originals.items() if path not in written and (changed := with_roots(text)) != text}
            if not new:
                return first
            written |= new
            again = job._replace(source=written.get(job.filename, job.source), texts={**job.texts, **written})
            outcome = self._once("jsonnet", again, seconds)
        if any(root_name(text) in (outcome.error or "") for text in originals.values()):
            return first
        return outcome._replace(opened=tuple(item._replace(text=originals.get(item.path, item.text)) for item in outcome.opened))

    def _once(self, engine: str, job: Job, seconds: float) -> Outcome:
        self.evaluations += 1
        if engine == "jsonnet":
            self._reading.settle(seconds)
        answer = self._workers[engine].call(job.request(), seconds)
        if "limit" in answer:
            return Outcome(limit=answer["limit"])
        opened = tuple(
            Opened(path, how, name, job.texts.get(path, "") if text is None else text, base)
            for path, how, name, text, base in answer["opened"]
        )
        asked = answer["asked"]
        read = tuple(name.removeprefix(_VARIABLE) for name in asked if name.startswith(_VARIABLE))
        return Outcome(answer.get("value"), answer.get("error"), None, opened, tuple(asked), read)

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers.values():
            worker.close()


_MANY = 6
"""Programs for which asking the arbiter costs less than reading them here, one by one."""
_CHARACTERS = 1_000_000
"""How long the programs are, at most, that the arbiter is asked about together."""


class _Reading:
    """What the arbiter says to programs without running them: it refuses code that is never run as well, which the fast engine does not.

    Many programs share one evaluation, so that its fixed cost, parsing the standard library, is paid once.
    """

    def __init__(self, arbiter: Worker) -> None:
        self._arbiter = arbiter
        self._known: dict[str, bool] = {}
        self._waiting: dict[str, None] = {}
        self._sent: list[str] = []

    def expect(self, texts: Iterable[str]) -> None:
        """These will be asked for."""
        self._waiting.update(dict.fromkeys(text for text in texts if not self._foreseen(text)))
        self._send()

    def expect_unless_sound(self, text: str) -> None:
        """This will be asked for, if it is not plain enough to be known without the arbiter."""
        if not self._foreseen(text) and not is_sound(text):
            self.expect([text])

    def _foreseen(self, text: str) -> bool:
        return text in self._known or text in self._waiting or text in self._sent

    def sound(self, texts: Iterable[str], seconds: float) -> bool:
        """Whether the arbiter accepts all of the programs."""
        for text in texts:
            if not self._foreseen(text) and is_sound(text):
                continue
            self.expect([text])
            while text not in self._known:
                self._receive(seconds)
                self._send()
            if not self._known[text]:
                return False
        return True

    def settle(self, seconds: float) -> None:
        """Leave the arbiter idle."""
        if self._sent:
            self._receive(seconds)

    def _send(self) -> None:
        if self._sent or not self._waiting:
            return
        size = 0
        for text in self._waiting:
            size += len(text)
            if self._sent and size > _CHARACTERS:
                break
            self._sent.append(text)
        for text in self._sent:
            del self._waiting[text]
        self._arbiter.send(Job("/reading", uncalled(map(with_roots, self._sent))).request())

    def _receive(self, seconds: float) -> None:
        texts, self._sent = self._sent, []
        self._note(texts, self._arbiter.receive(seconds), seconds)

    def _note(self, texts: list[str], answer: dict[str, Any], seconds: float) -> None:
        if answer.get("value") is not None:
            self._known.update(dict.fromkeys(texts, True))
        elif len(texts) == 1:
            self._known[texts[0]] = False
        else:  # one of them is to blame
            for half in (texts[: len(texts) // 2], texts[len(texts) // 2 :]):
                self._note(half, self._arbiter.call(Job("/reading", uncalled(map(with_roots, half))).request(), seconds), seconds)


def uncalled(programs: Iterable[str]) -> str:
    """A program that contains others without running them; it is refused exactly when one of them is, statically.

    In a list, none of them sees a name that the others, or this, define.
    """
    return "std.type([" + ", ".join(f"function() (\n{text}\n)" for text in programs) + "])"


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
