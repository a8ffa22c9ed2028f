"""Files that a pipeline makes before they are used."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from drone_lint.api import Pipeline, Step, Surroundings
from drone_lint_rules.docker.runs import Run, runs

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_BRINGING = frozenset(
    (
        "tar",
        "bsdtar",
        "unzip",
        "7z",
        "cpio",
        "rsync",
        "scp",
        "sftp",
        "svn",
        "hg",
        "aws",
        "gsutil",
        "gcloud",
        "mc",
        "rclone",
        "oras",
        "degit",
    )
)
_GIT = ("clone", "checkout", "submodule", "pull", "fetch", "switch", "worktree", "lfs", "restore", "reset", "apply", "am")
_USERS = frozenset(
    ("docker", "docker-compose", "podman", "buildah", "nerdctl", "make", "gmake", "cd", "pushd", "test", "[", "[[", "ls", "cat")
)
"""Programs that name files without making them; those that take part of a path for something else."""
_PLUGINS = ("cache", "download", "artifact", "git", "s3", "rsync", "restore")


def may_be_made(path: str, step: Step, needing: Run | None, around: Surroundings) -> bool:
    """Whether something in the pipeline may make a file before a command of a step needs it.

    Args:
        path: relative to the repository's root.
        step: the step that needs it.
        needing: the command of the step; None for a plugin.
        around: the files around the configuration.
    """
    if _is_ignored(path, around):
        return True
    names = {path.rpartition("/")[2], _first_missing(path, around)}
    if _makers(step.pipeline, around).before(step, names):
        return True
    return needing is not None and _trace(step, around).makes(names, needing)


def may_be_changed(path: str, step: Step, needing: Run, around: Surroundings) -> bool:
    """Whether a command before another one names a file that is there, other than to use it: it may write something else into it."""
    name = path.rpartition("/")[2]
    return _makers(step.pipeline, around).names_above(step, name) or _trace(step, around).names(name, needing)


_IDLE = frozenset(
    [
        "docker",
        "docker-compose",
        "podman",
        "buildah",
        "nerdctl",
        "echo",
        "printf",
        "cd",
        "pushd",
        "popd",
        "export",
        "set",
        "unset",
        "test",
        "[",
        "[[",
        "true",
        "false",
        ":",
        "sleep",
        "ls",
        "cat",
        "pwd",
        "env",
        "whoami",
        "id",
        "date",
        "apk",
        "apt",
        "apt-get",
        "dnf",
        "yum",
        "microdnf",
        "wait",
        "exit",
        "docker-credential-ecr-login",
        "jq",
        "grep",
        "head",
        "tail",
        "wc",
        "which",
        "command",
        "type",
        "until",
        "while",
    ]
)
"""Programs that make no files of a build; package managers put theirs outside of the clone."""
_SPEAKERS = (
    "slack",
    "email",
    "telegram",
    "matrix",
    "webhook",
    "discord",
    "mattermost",
    "plugins/docker",
    "plugins/ecr",
    "plugins/gcr",
    "plugins/acr",
)
"""Plugins that make no files."""


def nothing_is_made(step: Step, needing: Run | None, around: Surroundings) -> bool:
    """Whether surely no command or plugin before another command makes files in the clone."""
    made = _makers(step.pipeline, around)
    return not made.writes_before(step) and not _trace(step, around).writes(needing)


def _has_graph(pipeline: Pipeline) -> bool:
    return any(one.get("depends_on") is not None for one in pipeline.steps)


def _writes(command: SimpleCommand) -> bool:
    if any(">" in one.operator and not one.target.text.startswith(("/dev/", "&")) for one in command.all_redirections):
        return True
    return command.program in ("docker", "docker-compose", "podman") and any(
        word.text in ("run", "cp", "exec", "save", "-o", "--output") for word in command.arguments
    )


class _Trace:
    """What the commands of a step may make, asked for all of them or for those before one: read once, however often it is asked."""

    def __init__(self, step: Step, around: Surroundings) -> None:
        words: list[str] = []
        if not step.commands:
            words += [scalar.text for value in step.settings.values() for scalar in value.scalars()]
        length = sum(len(word) + 1 for word in words)
        found = runs(step, around)
        self._numbers = {id(run): number for number, run in enumerate(found)}
        self._ends: list[int] = []
        """How long the text is before each command."""
        for run in found:
            self._ends.append(length)
            touched = _touched(run.command)
            length += sum(len(word) + 1 for word in touched)
            words += touched
        self.text = "\n".join(words)
        fetches = not step.commands and bool(step.settings) and any(part in step.reference.repository for part in _PLUGINS)
        self._brings = -1 if fetches else _first(_brings_anything(run.command) for run in found)
        """Number of the first command that brings files that nobody can foresee; -1: the plugin does."""
        self._idle = bool(step.commands) or any(part in step.reference.repository for part in _SPEAKERS)
        self._writes = _first(run.command.program not in _IDLE or _writes(run.command) for run in found)
        self._found: dict[str, int] = {}

    @property
    def anything(self) -> bool:
        """Whether it brings files that nobody can foresee."""
        return self._brings < len(self._numbers)

    @property
    def makes_files(self) -> bool:
        """Whether it is not sure that none of it makes files in the clone."""
        return not self._idle or self._writes < len(self._numbers)

    def writes(self, needing: Run | None) -> bool:
        """Whether a command before another one may make files."""
        return self._writes < self._number(needing)

    def makes(self, names: AbstractSet[str], needing: Run | None = None) -> bool:
        """Whether something before a command brings any files, or names one of these."""
        return self._brings < self._number(needing) or any(self.names(name, needing) for name in names)

    def names(self, name: str, needing: Run | None = None) -> bool:
        """Whether something before a command names a file."""
        at = self._found.get(name)
        if at is None:
            at = self._found[name] = self.text.find(name)
        number = self._number(needing)
        end = max(self._ends[number] - 1, 0) if number < len(self._ends) else len(self.text)
        return at >= 0 and at + len(name) <= end

    def _number(self, needing: Run | None) -> int:
        return self._numbers.get(id(needing), len(self._numbers))


def _first(answers: Iterable[bool]) -> int:
    """Number of the first that is true; how many there are, where none is."""
    number = 0
    for answer in answers:
        if answer:
            break
        number += 1
    return number


def _trace(step: Step, around: Surroundings) -> _Trace:
    if "trace" not in step.memo:
        step.memo["trace"] = _Trace(step, around)
    found: _Trace = step.memo["trace"]
    return found


def _makers(pipeline: Pipeline, around: Surroundings) -> _Makers:
    memo = pipeline.document.memo
    if "makers" not in memo:
        memo["makers"] = _Makers(pipeline, around)
    found: _Makers = memo["makers"]
    return found


class _Makers:
    """What the steps of a pipeline may make."""

    def __init__(self, pipeline: Pipeline, around: Surroundings) -> None:
        self._graph = _has_graph(pipeline)
        self._steps = pipeline.steps
        self._traces = [_trace(one, around) for one in pipeline.steps]
        self._anything = [number for number, one in enumerate(self._traces) if one.anything][:2]
        self._writing = [number for number, one in enumerate(self._traces) if one.makes_files][:2]
        self._all = "\0".join([one.text for one in self._traces])
        self._naming: dict[str, int | None] = {}

    def before(self, step: Step, names: AbstractSet[str]) -> bool:
        """Whether a step that can run before another may make one of these: one above it, or any where one has `depends_on`."""
        if any(self._counts(number, step) for number in self._anything):
            return True
        if not any(name in self._all for name in names):
            return False
        return any(self._counts(number, step) and one.makes(names) for number, one in enumerate(self._traces))

    def writes_before(self, step: Step) -> bool:
        """Whether a step that can run before another may make files in the clone."""
        return any(self._counts(number, step) for number in self._writing)

    def names_above(self, step: Step, name: str) -> bool:
        """Whether a step above another one names a file."""
        if name not in self._naming:
            self._naming[name] = next((one.index for one, trace in zip(self._steps, self._traces, strict=True) if trace.names(name)), None)
        first = self._naming[name]
        return first is not None and first < step.index

    def _counts(self, number: int, step: Step) -> bool:
        other = self._steps[number].index
        return other != step.index if self._graph else other < step.index


def _brings_anything(command: SimpleCommand) -> bool:
    words = [word.text for word in command.arguments]
    if command.program in _BRINGING or (command.program == "git" and any(word in _GIT for word in words)):
        return True
    if any("generat" in word or "templat" in word for word in [command.program, *words]):
        return True
    if command.program not in ("docker", "podman", "docker-compose") or {"build", "up"} & set(words[:2]):
        return False
    return any(word in ("-v", "--volume", "--mount") or word.startswith(("-v", "--volume=")) for word in words)


def _touched(command: SimpleCommand) -> list[str]:
    """The words of a command that may be files that it makes."""
    made = [one.target.text for one in command.all_redirections if ">" in one.operator]
    words = [word.text for word in command.arguments]
    if command.program in _USERS and "cp" not in words[:2]:
        return made
    return [*made, command.program, *words]


def _first_missing(path: str, around: Surroundings) -> str:
    parts = path.split("/")
    for number in range(1, len(parts) + 1):
        if not around.exists("/".join(parts[:number])):
            return parts[number - 1]
    return parts[-1]


def _is_ignored(path: str, around: Surroundings) -> bool:
    """Whether git is told to ignore a file, so that it is one that is made; by the plain patterns of `.gitignore` in each folder above it."""
    parts = path.split("/")
    return any(_is_ignored_in("/".join(parts[:number]), parts[number:], around) for number in range(len(parts)))


def _is_ignored_in(folder: str, parts: list[str], around: Surroundings) -> bool:
    source = around.read(f"{folder}/.gitignore" if folder else ".gitignore")
    if source is None:
        return False
    for line in source.text.splitlines():
        pattern = line.strip().rstrip("/")
        if not pattern or pattern.startswith(("#", "!")):
            continue
        anchored = "/" in pattern
        pattern = pattern.lstrip("/").removeprefix("**/")
        heads = ["/".join(parts[:number]) for number in range(1, len(parts) + 1)]
        if any(fnmatchcase(one, pattern) for one in (heads if anchored else parts)):
            return True
    return False
