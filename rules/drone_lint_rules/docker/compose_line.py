"""A command line of Compose: its files, folder, profiles, and the services that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from drone_lint_rules.docker.commands import COMPOSE_VALUES, DOCKER_VALUES, first_operand

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand, Word

_VERB_VALUES = frozenset(
    [
        "--scale",
        "-t",
        "--timeout",
        "--wait-timeout",
        "--exit-code-from",
        "--attach",
        "--no-attach",
        "--pull",
        "--index",
        "-e",
        "--env",
        "-l",
        "--label",
        "--name",
        "-p",
        "--publish",
        "-u",
        "--user",
        "-v",
        "--volume",
        "-w",
        "--workdir",
        "--entrypoint",
        "--cap-add",
        "--cap-drop",
        "--build-arg",
        "-m",
        "--memory",
        "--ssh",
        "--builder",
        "--progress",
        "--policy",
        "--env-from-file",
        "--since",
        "--until",
        "-n",
        "--tail",
        "-o",
        "--output",
        "--format",
        "--hash",
    ]
)
_TAKING = ("up", "create", "start", "build", "pull", "push", "run", "restart")
"""Verbs whose operands are services."""


class ComposeLine(NamedTuple):
    """What a command line of Compose says. Words are None where they are not there."""

    project_directory: Word | None
    env_files: tuple[Word, ...]
    profiles: tuple[str, ...]
    verb: str
    services: tuple[str, ...]
    """Those that it names; none: all of the active profiles."""
    open: bool
    """Whether variables may bring more options or services."""


def compose_line(command: SimpleCommand) -> ComposeLine:
    """Read a command of Compose: `docker compose ...`, `docker-compose ...`."""
    words = command.arguments
    if command.program == "docker":
        words = words[first_operand([word.text for word in words], DOCKER_VALUES) + 1 :]
    directory, env_files, profiles = None, [], []
    at = 0
    while at < len(words) and words[at].text.startswith("-"):
        name, equals, _ = words[at].text.partition("=")
        value = words[at].after(len(name) + 1) if equals else words[at + 1] if at + 1 < len(words) else None
        if value is not None and name == "--project-directory":
            directory = value
        elif value is not None and name == "--env-file":
            env_files.append(value)
        elif value is not None and name == "--profile":
            profiles.append(value.text)
        at += 2 if name in COMPOSE_VALUES and not equals else 1
    verb = words[at].text if at < len(words) else ""
    services = _operands(words[at + 1 :], verb) if verb in _TAKING else ()
    is_open = any(word.literal is None and not word.quoted for word in words)
    return ComposeLine(directory, tuple(env_files), tuple(profiles), verb, services, is_open)


def _operands(words: list[Word], verb: str) -> tuple[str, ...]:
    found = []
    at = 0
    while at < len(words):
        text = words[at].text
        if text.startswith("-"):
            at += 2 if text in _VERB_VALUES else 1
            continue
        found.append(text)
        at += 1
        if verb == "run":
            break
    return tuple(found)
