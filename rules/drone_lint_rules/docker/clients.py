"""How each client of a step is told to find its daemon: environment, exports, options and contexts, in the order in which they count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from drone_lint.api import AnyPlace, Step, Surroundings
from drone_lint_rules.docker.commands import COMPOSE_VALUES, DOCKER_VALUES, first_operand
from drone_lint_rules.docker.connection import Client, Connection, connect
from drone_lint_rules.docker.listeners import plain_text, variable
from drone_lint_rules.docker.runs import Run, docker_runs, runs

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_VARIABLES = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_TLS", "DOCKER_CERT_PATH")
_SURE = ("script", "group", "nested", "subshell")
"""Scopes in which what is assigned is assigned, whatever happens."""


class _Setting(NamedTuple):
    """The value of a variable."""

    text: str | None
    """None where it is not known."""
    place: AnyPlace | None = None


class Reach(NamedTuple):
    """A client, and what becomes of it."""

    connection: Connection
    run: Run | None
    """The first command that is this client; None for a client that only the environment describes."""


def reaches(step: Step, around: Surroundings) -> tuple[Reach, ...]:
    """The connections of a step's commands that need a daemon, each distinct one once, the first command with it."""
    return tuple(dict.fromkeys(_all_reaches(step, around).values()))


def reach_of(run: Run, step: Step, around: Surroundings) -> Connection | None:
    """The connection of one command of a step; None for one that needs no daemon."""
    found = _all_reaches(step, around).get(id(run))
    return found.connection if found is not None else None


def _all_reaches(step: Step, around: Surroundings) -> dict[int, Reach]:
    """By the identity of the command, which lives as long as the step's memory."""
    if "reaches" not in step.memo:
        clients: dict[Client, Reach] = {}
        found: dict[int, Reach] = {}
        for run, client in _clients(step, around):
            if client not in clients:
                clients[client] = Reach(connect(client, step, step.pipeline), run)
            found[id(run)] = clients[client]
        step.memo["reaches"] = found
    made: dict[int, Reach] = step.memo["reaches"]
    return made


def by_environment(step: Step) -> Connection:
    """The connection of a client that follows the environment alone: a library in a test, a plugin."""
    return connect(_client(_initial(step), {}, None, copies=False), step, step.pipeline)


def _clients(step: Step, around: Surroundings) -> Iterator[tuple[Run, Client]]:
    users = {id(run): docker for run, docker in docker_runs(step, around) if docker.needs_daemon or _is_remote_call(run.command)}
    if not users:
        return
    settings = _initial(step)
    contexts: dict[str, str] = {}
    copies = False
    for run in runs(step, around):
        _assign(run, step, settings)
        _context(run.command, settings, contexts)
        copies = copies or _copies_certificates(run.command)
        if id(run) in users:
            yield run, _client(_with_prefixes(run, step, settings), contexts, run, copies=copies)


def _is_remote_call(command: SimpleCommand) -> bool:
    """Whether a command names its daemon itself."""
    return bool(_options(command).keys() & {"host", "context"})


def _initial(step: Step) -> dict[str, _Setting]:
    found = {}
    for name in _VARIABLES:
        value = variable(step, name)
        if value is not None:
            found[name] = _Setting(plain_text(value), value.place)
    return found


def _assign(run: Run, step: Step, settings: dict[str, _Setting]) -> None:
    command = run.command
    if command.program == "unset":
        for word in command.arguments:
            settings.pop(word.text, None)
        return
    exported = command.program in ("export", "declare", "typeset")
    if not exported and command.words:
        return
    sure = all(scope.kind in _SURE for scope in command.scopes)
    for one in command.assignments:
        if one.name in _VARIABLES and (exported or one.name in settings):
            settings[one.name] = _Setting(one.value.literal if sure else None, run.at(one.start, one.end, step))


def _with_prefixes(run: Run, step: Step, settings: dict[str, _Setting]) -> dict[str, _Setting]:
    own = {
        one.name: _Setting(one.value.literal, run.at(one.start, one.end, step)) for one in run.command.assignments if one.name in _VARIABLES
    }
    return {**settings, **own} if own else settings


def _context(command: SimpleCommand, settings: dict[str, _Setting], contexts: dict[str, str]) -> None:
    """`docker context create NAME --docker host=...` and `docker context use NAME`."""
    words = [word.text for word in command.arguments]
    if command.program != "docker" or words[:1] != ["context"]:
        return
    if words[1:2] == ["create"]:
        host = next((part.partition("host=")[2].partition(",")[0] for word in words for part in [word] if "host=" in part), "")
        name = next((word for word in words[2:] if not word.startswith("-") and "=" not in word), "")
        contexts[name] = host
    elif words[1:2] == ["use"] and len(words) > 2:
        settings["DOCKER_CONTEXT"] = _Setting(words[2])


def _copies_certificates(command: SimpleCommand) -> bool:
    if command.program not in ("cp", "mv", "ln", "install", "mkdir", "cat", "echo", "printf", "tee", "openssl", "curl", "wget"):
        return False
    targets = [one.target.text for one in command.all_redirections]
    return any(
        part in text for text in (*(word.text for word in command.arguments), *targets) for part in (".docker", "ca.pem", "cert.pem")
    )


def _client(settings: dict[str, _Setting], contexts: dict[str, str], run: Run | None, *, copies: bool) -> Client:
    options = _options(run.command) if run is not None else {}
    host, context = settings.get("DOCKER_HOST"), settings.get("DOCKER_CONTEXT")
    text, place = ("", None) if host is None else (host.text, host.place)
    if "host" in options:
        text, place = options["host"], run.place if run is not None else None
    elif "context" in options or (not text and context is not None):
        name = options.get("context") or (context.text if context is not None else "")
        text = "" if name == "default" else contexts.get(name or "") or None
        place = context.place if context is not None else None
    verify, plain = settings.get("DOCKER_TLS_VERIFY"), settings.get("DOCKER_TLS")
    folder = settings.get("DOCKER_CERT_PATH")
    given = [text, *(one.text for one in (verify, plain, folder) if one is not None)]
    verifies = "verify" in options or (verify is not None and verify.text != "")
    return Client(
        text or "",
        verifies,
        verifies or "tls" in options or (plain is not None and plain.text != ""),
        (folder.text or "" if folder is not None else "") or options.get("certificates", ""),
        None not in given and "$" not in (text or ""),
        place,
        copies,
    )


def _options(command: SimpleCommand) -> dict[str, str]:
    """What the options of a docker command say of its daemon."""
    words = [word.text for word in command.arguments]
    end = first_operand(words, DOCKER_VALUES | COMPOSE_VALUES)
    found: dict[str, str] = {}
    for at, word in enumerate(words[:end]):
        name, equals, value = word.partition("=")
        if word.startswith("-H") and len(word) > 2 and word[2] != "=":
            name, value, equals = "-H", word[2:], "="
        value = value if equals else "".join(words[at + 1 : at + 2])
        if name in ("-H", "--host"):
            found["host"] = value
        elif name in ("-c", "--context"):
            found["context"] = value
        elif name in ("--tls", "--tlsverify") and value != "false":
            found["verify" if name == "--tlsverify" else "tls"] = "1"
        elif name in ("--tlscacert", "--tlscert", "--tlskey"):
            found["certificates"] = value.rpartition("/")[0]
    return found
