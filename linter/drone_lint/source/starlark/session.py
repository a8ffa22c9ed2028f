"""The linter's side of the process that runs Starlark."""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from drone_lint.source.process.worker import Worker
from drone_lint.source.starlark.engine.context import FLOAT

Context = Mapping[str, Mapping[str, Any]]
"""The fields of `ctx`, by group: `repo`, `build`, `input`."""


class Compared(NamedTuple):
    """A part of a field of `ctx` that a program compared with a text."""

    field: str
    """`build.branch`."""
    start: int
    """Which bytes of the field's value."""
    length: int
    text: str


class Site(NamedTuple):
    """Where an error happened: what the server names, and the expression, as offsets."""

    at: int
    start: int
    end: int


class Outcome(NamedTuple):
    """What a program gives for one build: documents, an error in the server's words, or the limit that it hit."""

    documents: tuple[str, ...] | None = None
    """The text of each, on one line."""
    listed: bool = True
    """Whether `main` gave a list: the server writes `---` before each document of one."""
    places: tuple[str, ...] = ()
    """Where each document comes from (see `engine/places.py`)."""
    fields: tuple[str, ...] = ()
    """Fields of `ctx` that strings come from: -1 in `places` is the first."""
    sources: str = ""
    """Offsets of the literals and names that strings come from: `start-end`, with commas."""
    error: str | None = None
    static: int | None = None
    """Offset of what the server refuses without running it."""
    sites: tuple[Site, ...] = ()
    """Innermost first."""
    functions: tuple[str, ...] = ()
    limit: str | None = None
    cancelled: bool = False
    """Whether the configured number of steps was too small."""
    read: tuple[str, ...] = ()
    compared: tuple[Compared, ...] = ()
    printed: tuple[str, ...] = ()
    steps: int = 0

    @property
    def text(self) -> str:
        """What the server hands to its parser, and to runners."""
        documents = self.documents or ()
        return "".join(f"---\n{one}\n" for one in documents) if self.listed else "".join(documents)


class Request(NamedTuple):
    """A program, and the builds to run it for."""

    source: str
    contexts: tuple[Context, ...]
    step_limit: int = 0
    """How many steps `main` may take; 0: any number."""
    size_limit: int = 1_000_000
    """Bytes of output that the server takes."""
    every: bool = True
    """False: the first build is enough where the program reads nothing of the build."""


class Session:
    """The process of a run."""

    def __init__(self, memory: int) -> None:
        script = os.path.join(os.path.dirname(__file__), "engine", "child.py")
        self._worker = Worker(script, [], memory, engine="Starlark")

    def start(self) -> None:
        """Start the process, so that it is ready when asked."""
        self._worker.start()

    def evaluate(self, request: Request, seconds: float) -> list[Outcome]:
        """What a program gives for each build; for the first alone where that says it all, or hits a limit."""
        message = {
            "source": request.source,
            "contexts": [
                {group: {key: _message(value) for key, value in fields.items()} for group, fields in one.items()}
                for one in request.contexts
            ],
            "step_limit": request.step_limit,
            "size_limit": request.size_limit,
            "every": request.every,
        }
        answer = self._worker.call(message, seconds)
        if "limit" in answer:
            return [Outcome(limit=answer["limit"])]
        outcomes: list[Outcome] = []
        for one in answer["answers"]:
            told = [outcome for outcome in outcomes if outcome.documents is not None]
            distinct = list({id(outcome.documents): outcome for outcome in told}.values())
            outcomes.append(_outcome(one, distinct))
        return outcomes

    def close(self) -> None:
        """End the process."""
        self._worker.close()


def _message(value: Any) -> Any:
    """A value for a message, which has no floats."""
    if isinstance(value, float):
        return {FLOAT: repr(value)}
    if isinstance(value, list):
        return [_message(item) for item in value]
    return {str(key): _message(item) for key, item in value.items()} if isinstance(value, dict) else value


def _outcome(answer: Mapping[str, Any], told: Sequence[Outcome]) -> Outcome:
    """An answer, of which the documents may be those of one that was told before."""
    common = {
        "read": tuple(answer.get("read", ())),
        "compared": tuple(Compared(*one) for one in answer.get("compared", ())),
        "printed": tuple(answer.get("printed", ())),
        "steps": answer.get("steps", 0),
    }
    if "same" in answer:
        known: Outcome = told[answer["same"]]
        return known._replace(**common)
    if "documents" in answer:
        documents, places, fields = (tuple(answer[name]) for name in ("documents", "places", "fields"))
        return Outcome(documents, answer["listed"], places, fields, answer["sources"], **common)
    return Outcome(
        error=answer.get("error"),
        static=answer.get("static"),
        sites=tuple(Site(*one) for one in answer.get("sites", ())),
        functions=tuple(answer.get("functions", ())),
        limit=answer.get("limit"),
        cancelled=answer.get("cancelled", False),
        **common,
    )


_sessions: dict[int, Session] = {}


def session(memory: int) -> Session:
    """This process's session for a memory limit, made when first asked for and closed at exit."""
    if memory not in _sessions:
        if not _sessions:
            atexit.register(close_all)
        _sessions[memory] = Session(memory)
    return _sessions[memory]


def close_all() -> None:
    """End every process."""
    for one in _sessions.values():
        one.close()
    _sessions.clear()
