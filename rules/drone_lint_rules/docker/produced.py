"""Files that a pipeline makes before they are used."""

from __future__ import annotations

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
    memo = step.pipeline.document.memo
    made: _Makers | None = memo.get("makers")
    if made is None:
        made = memo["makers"] = _Makers(step.pipeline, around)
    if made.before(step, names):
        return True
    return needing is not None and _Trace(step, needing, around).makes(names)


def may_be_changed(path: str, step: Step, needing: Run, around: Surroundings) -> bool:
    """Whether a command before another one names a file that is there, other than to use it: it may write something else into it."""
    name = path.rpartition("/")[2]
    earlier = [_Trace(one, None, around) for one in step.pipeline.steps if one.index < step.index]
    return any(name in trace.text for trace in (*earlier, _Trace(step, needing, around)))


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
    makers = [one for one in step.pipeline.steps if one.index != step.index and (one.index < step.index or _has_graph(step.pipeline))]
    for one in makers:
        if not one.commands and not any(part in one.reference.repository for part in _SPEAKERS):
            return False
    commands = [run.command for one in makers for run in runs(one, around)]
    for run in runs(step, around):
        if run is needing:
            break
        commands.append(run.command)
    return all(command.program in _IDLE and not _writes(command) for command in commands)


def _has_graph(pipeline: Pipeline) -> bool:
    return any(one.get("depends_on") is not None for one in pipeline.steps)


def _writes(command: SimpleCommand) -> bool:
    if any(">" in one.operator and not one.target.text.startswith(("/dev/", "&")) for one in command.all_redirections):
        return True
    return command.program in ("docker", "docker-compose", "podman") and any(
        word.text in ("run", "cp", "exec", "save", "-o", "--output") for word in command.arguments
    )


class _Trace:
    """What a step, up to some command of it, may make."""

    def __init__(self, step: Step, needing: Run | None, around: Surroundings) -> None:
        self.anything = False
        """Whether it brings files that nobody can foresee."""
        words: list[str] = []
        if not step.commands:
            self.anything = bool(step.settings) and any(part in step.reference.repository for part in _PLUGINS)
            words += [scalar.text for value in step.settings.values() for scalar in value.scalars()]
        for run in runs(step, around):
            if run is needing:
                break
            self.anything = self.anything or _brings_anything(run.command)
            words += _touched(run.command)
        self.text = "\n".join(words)

    def makes(self, names: AbstractSet[str]) -> bool:
        return self.anything or any(name in self.text for name in names)


class _Makers:
    """What the steps of a pipeline may make."""

    def __init__(self, pipeline: Pipeline, around: Surroundings) -> None:
        self._graph = any(one.get("depends_on") is not None for one in pipeline.steps)
        self._traces = [_Trace(one, None, around) for one in pipeline.steps]
        self._anything = [number for number, one in enumerate(self._traces) if one.anything][:2]
        self._all = "\0".join([one.text for one in self._traces])

    def before(self, step: Step, names: AbstractSet[str]) -> bool:
        """Whether a step that can run before another may make one of these: one above it, or any where one has `depends_on`."""
        if any(self._counts(number, step) for number in self._anything):
            return True
        if not any(name in self._all for name in names):
            return False
        return any(self._counts(number, step) and one.makes(names) for number, one in enumerate(self._traces))

    def _counts(self, number: int, step: Step) -> bool:
        other = step.pipeline.steps[number].index
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
