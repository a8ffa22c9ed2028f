"""Files that a pipeline makes before they are used."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from drone_lint.api import Step, Surroundings
from drone_lint_rules.docker_in_docker._inner import Run, runs

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
    if any(_brings(other, names, None, around) for other in _earlier(step)):
        return True
    return needing is not None and _brings(step, names, needing, around)


def _earlier(step: Step) -> Iterator[Step]:
    """The steps that can run before another: those above, or all where the pipeline is a graph."""
    graph = any(one.get("depends_on") is not None for one in step.pipeline.steps)
    for other in step.pipeline.steps:
        if other.index == step.index and not step.is_service:
            if not graph:
                return
        else:
            yield other


def _brings(step: Step, names: set[str], needing: Run | None, around: Surroundings) -> bool:
    if not step.commands and step.settings:
        texts = [scalar.text for value in step.settings.values() for scalar in value.scalars()]
        return any(part in step.reference.repository for part in _PLUGINS) or _speaks(texts, names)
    for run in runs(step, around):
        if run is needing:
            return False
        command = run.command
        if _makes(command, names) or _speaks([one.target.text for one in command.all_redirections if ">" in one.operator], names):
            return True
        if command.program not in _USERS and _speaks([command.program, *(word.text for word in command.arguments)], names):
            return True
    return False


def _speaks(texts: list[str], names: set[str]) -> bool:
    return any(name in text for text in texts for name in names)


def _makes(command: SimpleCommand, names: set[str]) -> bool:
    """Whether a command brings files that nobody can foresee, or makes one of these."""
    words = [word.text for word in command.arguments]
    if command.program in _BRINGING or (command.program == "git" and any(word in _GIT for word in words)):
        return True
    if any("generat" in word or "templat" in word for word in [command.program, *words]):
        return True
    if command.program in ("docker", "podman", "docker-compose"):
        shares = any(
            word in ("-v", "--volume", "--mount", "cp", "-o", "--output") or word.startswith(("-v", "--volume=")) for word in words
        )
        return (shares and not {"build", "up"} & set(words[:2])) or (
            "cp" in words and any(name in word for word in words for name in names)
        )
    return False


def _first_missing(path: str, around: Surroundings) -> str:
    parts = path.split("/")
    for number in range(1, len(parts) + 1):
        if not around.exists("/".join(parts[:number])):
            return parts[number - 1]
    return parts[-1]


def _is_ignored(path: str, around: Surroundings) -> bool:
    """Whether git is told to ignore a file, so that it is one that is made; by the plain patterns of the root's `.gitignore`."""
    source = around.read(".gitignore")
    if source is None:
        return False
    parts = path.split("/")
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
