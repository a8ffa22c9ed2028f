"""In which folder of the repository each command of a step runs, as far as the script says so."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from drone_lint.api import Step
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import Scope, SimpleCommand, Stage, Word

_PROCESSES = ("script", "subshell", "substitution", "process-in", "process-out", "nested")
_UNSURE = ("condition", "branch", "loop", "case", "function")
_MOVES = ("cd", "pushd", "popd", "chdir")
_ELSEWHERE = frozenset(
    ("docker", "docker-compose", "podman", "nerdctl", "kubectl", "oc", "ssh", "sshpass", "lxc", "vagrant", "multipass", "chroot", "nsenter")
)
"""Programs that run what they are given in another container or on another machine."""


def folders(step: Step) -> Iterator[tuple[SimpleCommand, str | None]]:
    """The commands of a step that run in its own container, with the folder of each.

    The folder is relative to the repository's root (empty: the root); None where it is not known.
    """
    root = workspace(step)
    found = step.get("working_dir")
    start = join(None, found.text, root) if found is not None and found.text else ""
    yield from tracked(script_of(step).commands, start, root)


def tracked(commands: Iterable[SimpleCommand], start: str | None, root: str) -> Iterator[tuple[SimpleCommand, str | None]]:
    """The commands of a script that begins in a folder, as `folders` gives them."""
    listed = list(commands)
    tracker = _Tracker(start, root, moves=any(command.program in _MOVES for command in listed))
    for command in listed:
        if not runs_elsewhere(command):
            yield command, tracker.at(command)


def runs_elsewhere(command: SimpleCommand) -> bool:
    """Whether a command is in the script of `docker exec X sh -c`, `ssh` and the like."""
    for scope in command.scopes:
        if scope.kind == "nested" and scope.outer is not None:
            outer = [one for one in scope.outer.commands if one.stage is scope.outer]
            if any(one.program in _ELSEWHERE for one in outer):
                return True
    return False


def workspace(step: Step) -> str:
    """The absolute path of the clone in a step's container (runner-docker engine/compiler/workspace.go)."""
    found = step.pipeline.value.at("workspace", "path")
    text = found.text if found is not None else ""
    return posixpath.normpath(posixpath.join("/", text)) if text else "/drone/src"


def join(folder: str | None, path: str, root: str) -> str | None:
    """A path, relative to a folder or absolute, as one relative to the repository's root; None when it is not inside.

    Args:
        folder: relative to the root; None when unknown.
        path: as written.
        root: the absolute path of the clone.
    """
    if path.startswith("/"):
        cleaned = posixpath.normpath(path)
        return "" if cleaned == root else cleaned[len(root) + 1 :] if cleaned.startswith(root + "/") else None
    if folder is None or path.startswith("~"):
        return None
    joined = posixpath.normpath(posixpath.join(folder, path))
    if joined == ".." or joined.startswith("../"):
        return None
    return "" if joined == "." else joined


def written_path(word: Word, folder: str | None, root: str) -> str | None:
    """The path that a word names, absolute or relative to `folder`; None when variables or patterns decide it."""
    if word.literal is not None:
        return None if not word.quoted and any(char in word.text for char in "*?[{") else word.text
    first, *rest = word.parts
    if first.kind not in ("variable", "command") or first.operator or any(part.kind != "text" for part in rest):
        return None
    tail = "".join(part.text for part in rest)
    if tail and not tail.startswith("/"):
        return None
    if first.name == "DRONE_WORKSPACE":
        return root + tail
    if (first.name == "PWD" or first.text in ("$(pwd)", "`pwd`")) and folder is not None:
        return posixpath.join(root, folder) + tail
    return None


class _Tracker:
    """Follows `cd`, `pushd` and `popd` through a script; what cannot be followed is unknown from there on."""

    def __init__(self, start: str | None, root: str, *, moves: bool) -> None:
        self._root = root
        self._moves = moves
        """Whether anything in the script goes to another folder: if nothing does, functions run where it began."""
        self._start = start
        self._now: dict[object, str | None] = {}
        self._before: dict[object, list[str | None]] = {}

    def at(self, command: SimpleCommand) -> str | None:
        """The folder in which a command runs; commands are to be asked for in written order."""
        processes, unsure = _processes(command)
        known = next((self._now[one] for one in processes if one in self._now), self._start)
        self._now[processes[0]] = known
        if command.program in _MOVES:
            doubtful = unsure or command.stage.pipeline.connector == "||"
            self._now[processes[0]] = None if doubtful else self._moved(command, known, processes[0])
        return None if unsure == "function" and self._moves else known

    def _moved(self, command: SimpleCommand, now: str | None, process: object) -> str | None:
        stack = self._before.setdefault(process, [])
        if command.program == "popd":
            return stack.pop() if stack else None
        if command.program == "pushd":
            stack.append(now)
        words = [word for word in command.arguments if word.text not in ("--", "-P", "-L", "-e", "-q")]
        if len(words) != 1 or words[0].text == "-":
            return None
        path = written_path(words[0], now, self._root)
        return join(now, path, self._root) if path else None


def _processes(command: SimpleCommand) -> tuple[list[Scope | Stage], str]:
    """The processes in which a command runs, innermost first, and what makes it unsure that it runs there at all."""
    found: list[Scope | Stage] = []
    unsure = ""
    stage: Stage | None = command.stage
    while stage is not None:
        if len(stage.pipeline.stages) > 1:
            found.append(stage)
        scope = stage.pipeline.scope
        if scope.kind in _PROCESSES:
            found.append(scope)
        elif scope.kind in _UNSURE and (not found or scope.kind == "function"):
            unsure = "function" if scope.kind == "function" else unsure or scope.kind
        stage = scope.outer
    return found, unsure
