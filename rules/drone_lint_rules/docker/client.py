"""Whether a step has the Docker client, and Compose: by its image, or because it installs them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from drone_lint.api import ImageReference, ImageSettings, Step, Surroundings, data_lines
from drone_lint_rules.docker.runs import Run, may_run_docker, runs

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

CLIENT, PLUGIN, COMPOSE = "docker", "compose", "docker-compose"
"""The client, `docker compose`, and the program `docker-compose`."""

_INSTALLERS = frozenset(
    (
        "apk",
        "apt",
        "apt-get",
        "aptitude",
        "dnf",
        "yum",
        "microdnf",
        "tdnf",
        "zypper",
        "pacman",
        "brew",
        "pip",
        "pip3",
        "pipx",
        "uv",
        "conda",
        "choco",
        "snap",
        "nix-env",
        "nix",
        "python",
        "python3",
        "eopkg",
        "emerge",
        "xbps-install",
        "asdf",
        "mise",
        "go",
        "opkg",
        "installpkg",
    )
)
_PACKAGES = {
    CLIENT: r"(?:docker|docker-cli|docker\.io|docker-ce|docker-ce-cli|docker-engine|docker-client|moby-cli|moby-engine|podman-docker|docker-slim)",
    PLUGIN: r"(?:docker-compose-plugin|docker-cli-compose|docker-compose-v2|moby-compose)",
    COMPOSE: r"(?:docker-compose|docker-cli-compose|podman-compose)",
}
_VERSION = r"(?:[=@~<>][^\s]*)?(?:-\d[^\s]*)?"
_FETCHED = {
    CLIENT: ("get.docker.com", "download.docker.com", "test.docker.com", "docker-install"),
    PLUGIN: ("get.docker.com", "test.docker.com", "docker/compose/releases", "cli-plugins"),
    COMPOSE: ("docker/compose/releases",),
}
_BINARIES = {
    CLIENT: ("/docker", "/docker.exe"),
    PLUGIN: ("cli-plugins", "cli-plugins/docker-compose", "cli-plugins/docker-compose.exe"),
    COMPOSE: ("/docker-compose", "/docker-compose.exe"),
}
_GIVES_UP = ("true", ":", "exit", "echo", "sleep", "printf", "return", "false")


def in_image(reference: ImageReference, what: str, settings: ImageSettings) -> bool | None:
    """Whether an image carries the client or a form of Compose; None where that is not known."""
    names = (reference.text, reference.familiar, f"{reference.familiar}:{reference.tag}", reference.canonical)
    if any(fnmatchcase(name, pattern) for pattern in settings.docker_client for name in names):
        return True
    for line in data_lines(__file__, "client_images.txt"):
        pattern, *parts = line.split()
        if fnmatchcase(reference.familiar, pattern):
            return what == CLIENT or (what in parts and not _is_before_compose(reference))
    if "dind" in reference.tag or "dind" in reference.repository:
        return what == CLIENT or None
    return False if reference.familiar in data_lines(__file__, "images_without_client.txt") else None


def _is_before_compose(reference: ImageReference) -> bool:
    """Whether a tag of Docker's own image is from before Compose came into it, with 20.10.15 (docker-library/docker, May 2022)."""
    if reference.repository.rpartition("/")[2] != "docker":
        return False
    if reference.tag.startswith(("stable", "edge", "test")):
        return True
    found = re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", reference.tag)
    if found is None:
        return False
    major, minor, patch = (int(part) if part is not None else 99 for part in found.groups())
    return (major, minor, patch) < (20, 10, 15)


def has_known_image(step: Step) -> bool:
    """Whether the step's image is written out, without a variable."""
    return step.image is not None and "$" not in step.image.text


Presence = Literal["image", "brought", "asked", "lacking", "unknown"]
"""Whether a step has the client: its image does; the step brings it; it asks first whether it is there; the image lacks it; not known."""


def has(run: Run, what: str, step: Step, earlier: list[Run]) -> bool:
    """Whether the step sees to the client itself: it installs it, brings it along, mounts it, or asks first whether it is there."""
    return _brought(run, what, step, earlier) or any(_asks(other.command, what) for other in earlier) or _falls_back(run.command)


def presence(run: Run, what: str, step: Step, earlier: list[Run], known: bool | None) -> Presence:
    """Whether the client, or a form of Compose, is there when a command needs it; `known` is what is known of the image, None for nothing."""
    if known:
        return "image"
    if _brought(run, what, step, earlier):
        return "brought"
    if any(_asks(other.command, what) for other in earlier) or _falls_back(run.command):
        return "asked"
    return "lacking" if known is False else "unknown"


def _brought(run: Run, what: str, step: Step, earlier: list[Run]) -> bool:
    if any(_mounted(mount.path, what) for mount in step.mounts):
        return True
    word = run.command.program_word
    if word is not None and "/" in word.text and not word.text.startswith(("/usr/bin/", "/usr/local/bin/", "/bin/")):
        return True  # a program that lies somewhere else was put there
    if any(scope.kind == "function" and scope.name == run.command.program for other in earlier for scope in other.command.scopes):
        return True
    return any(_brings(other.command, what) for other in earlier)


def is_client_path(path: str, what: str) -> bool:
    """Whether a path is one at which the client, or a form of Compose, lies."""
    return path.rstrip("/").endswith(_BINARIES[what])


def brings(command: SimpleCommand, what: str) -> bool:
    """Whether a command installs or fetches the client, or a form of Compose."""
    return _brings(command, what)


def _mounted(path: str, what: str) -> bool:
    cleaned = path.rstrip("/")
    return cleaned.endswith(("/bin/docker", "/bin/docker-compose", "cli-plugins")) or (
        what == CLIENT and cleaned in ("/usr/bin", "/usr/local/bin")
    )


def _brings(command: SimpleCommand, what: str) -> bool:
    words = [word.text for word in command.words]
    text = " ".join(words)
    if command.program in _INSTALLERS:
        return any(re.fullmatch(_PACKAGES[what] + _VERSION, word.rpartition("/")[2]) for word in words[1:])
    if command.program in ("curl", "wget", "git", "aria2c"):
        targets = [one.target.text for one in command.all_redirections if ">" in one.operator]
        return any(part in text for part in _FETCHED[what]) or any(word.endswith(_BINARIES[what]) for word in (*words, *targets))
    if command.program == "alias":
        return any(word.startswith(f"{CLIENT if what == PLUGIN else what}=") for word in words)
    if command.program in ("docker", "docker-compose", "echo", "printf", "rm", "ls"):
        return False
    if command.program in ("cp", "mv", "ln", "install", "chmod", "tar", "unzip"):
        return any(word.endswith(_BINARIES[what]) for word in words)
    return "docker" in text and ("install" in text or "setup" in text)


def _asks(command: SimpleCommand, what: str) -> bool:
    """`command -v docker`, `which docker-compose`, whose answer decides what is run."""
    words = [word.text for word in command.words]
    program = COMPOSE if what == COMPOSE else CLIENT
    if (
        not words
        or words[0] not in ("command", "which", "type", "hash")
        or not any(word.rpartition("/")[2] == program for word in words[1:])
    ):
        return False
    return any(scope.kind == "condition" for scope in command.scopes) or _decides(command)


def _decides(command: SimpleCommand) -> bool:
    """Whether something follows it by `&&` or `||`."""
    commands = command.stage.pipeline.scope.commands
    return any(one.stage.pipeline.connector in ("&&", "||") and one.start > command.start for one in commands)


def _falls_back(command: SimpleCommand) -> bool:
    """Whether a failure is expected: `docker compose version || ...`."""
    first = command.arguments[0].text if command.arguments else ""
    return first in ("version", "--version", "-v", "info") and any(
        one.stage.pipeline.connector == "||" and one.start > command.start and one.program not in _GIVES_UP
        for one in command.stage.pipeline.scope.commands
    )


def users(step: Step, around: Surroundings) -> Iterator[tuple[Run, str, list[Run]]]:
    """Commands that need the client or Compose, what they need, and the commands before."""
    if not may_run_docker(step):
        return
    found_runs = runs(step, around)
    for number, run in enumerate(found_runs):
        found = run.docker
        if found is not None:
            need = (
                CLIENT
                if not found.compose
                else PLUGIN
                if run.command.program != COMPOSE and "compose-v1" not in run.command.program
                else COMPOSE
            )
            yield run, need, list(found_runs[:number])
