"""Commands that use Docker: which of its verbs they run, and whether that needs a daemon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from drone_lint.api import Step
from drone_lint_rules.docker.folders import runs_elsewhere
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_WITHOUT_DAEMON = frozenset(
    ("login", "logout", "--version", "-v", "manifest", "context", "help", "--help", "completion", "trust", "plugin")
)
_COMPOSE_WITHOUT = frozenset(("config", "convert", "version", "--version", "-v", "help", "--help"))
_BUILDX_WITHOUT = frozenset(("version", "imagetools", "--help", "help", "rm", "ls", "use", "install", "uninstall"))
DOCKER_VALUES = frozenset(("-H", "--host", "-c", "--context", "--config", "-l", "--log-level", "--tlscacert", "--tlscert", "--tlskey"))
COMPOSE_VALUES = frozenset(
    (
        "-f",
        "--file",
        "-p",
        "--project-name",
        "--profile",
        "--env-file",
        "--project-directory",
        "-H",
        "--host",
        "-c",
        "--context",
        "--ansi",
        "--parallel",
        "--progress",
        "--log-level",
        "--tlscacert",
        "--tlscert",
        "--tlskey",
    )
)


class DockerCommand(NamedTuple):
    """A command that uses Docker."""

    command: SimpleCommand
    compose: bool
    verb: str
    """`build`, `up`, `buildx`; an option when there is no verb."""
    needs_daemon: bool

    @property
    def shown(self) -> str:
        """For messages: `docker build`, `docker-compose up`, `docker compose up`."""
        name = "docker compose" if self.compose and self.command.program.startswith("docker") and "-" not in self.command.program else ""
        return f"{name or self.command.program} {self.verb}".strip()


def docker_commands(step: Step) -> Iterator[DockerCommand]:
    """The step's commands that run `docker` or `docker-compose` in its own container."""
    script = script_of(step)
    if not script.mentions("docker"):
        return
    for command in script.commands:
        found = read(command)
        if found is not None and not runs_elsewhere(command):
            yield found


def read(command: SimpleCommand) -> DockerCommand | None:
    """A command as one of Docker's; None when it is another program."""
    words = [word.text for word in command.arguments]
    if command.program in ("docker-compose", "docker-compose-v1"):
        return _compose(command, words)
    if command.program not in ("docker", "docker.exe"):
        return None
    at = first_operand(words, DOCKER_VALUES)
    verb = words[at] if at < len(words) else (words[0] if words else "")
    rest = words[at + 1 :]
    remote = _is_remote(words[:at])
    if verb == "compose":
        found = _compose(command, rest)
        return found._replace(needs_daemon=found.needs_daemon and not remote)
    if verb == "buildx":
        return DockerCommand(command, False, verb, bool(rest) and rest[0] not in _BUILDX_WITHOUT and "--print" not in rest)
    return DockerCommand(command, False, verb, verb not in _WITHOUT_DAEMON and verb != "" and not remote and "--help" not in rest)


def _compose(command: SimpleCommand, words: list[str]) -> DockerCommand:
    at = first_operand(words, COMPOSE_VALUES)
    verb = words[at] if at < len(words) else (words[0] if words else "")
    return DockerCommand(command, True, verb, verb not in _COMPOSE_WITHOUT and not _is_remote(words[:at]) and "--help" not in words[at:])


def _is_remote(options: list[str]) -> bool:
    """Whether options name a daemon that is reached otherwise than through a socket of this container."""
    for at, word in enumerate(options):
        name, equals, value = word.partition("=")
        if word.startswith("-H") and len(word) > 2:
            name, value, equals = "-H", word[2:].removeprefix("="), "="
        if name in ("-H", "--host", "-c", "--context"):
            value = value if equals else "".join(options[at + 1 : at + 2])
            return not value.startswith(("unix:", "fd:")) and value != "default"
    return False


def first_operand(words: list[str], valued: frozenset[str]) -> int:
    """The index of the first word that is neither an option nor an option's value."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in valued else 1
    return at
