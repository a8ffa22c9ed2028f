"""Secrets that commands write into files of the workspace, and images that take such a file into a layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from drone_lint.api import AnyPlace, ConfigFile, Step, Surroundings
from drone_lint_rules.docker.builds import Build, Copy, builds, copies
from drone_lint_rules.docker.folders import join, written_path
from drone_lint_rules.docker.runs import Run, runs, surroundings
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand, Word


class WrittenSecret(NamedTuple):
    """A secret in a file of the workspace."""

    variable: str
    path: str
    """Relative to the repository's root."""
    step: Step
    run: Run
    place: AnyPlace
    """The redirection's command."""


class CopiedSecret(NamedTuple):
    """A file with a secret that a Dockerfile copies."""

    written: WrittenSecret
    copied: Copy
    build: Build


def secret_variables(step: Step) -> frozenset[str]:
    """The variables of a step that hold secrets."""
    return frozenset(name for name, value in step.environment.items() if value.get("from_secret") is not None)


def written_secrets(step: Step, around: Surroundings) -> tuple[WrittenSecret, ...]:
    """The files of the workspace that hold secrets after a step."""
    if "written secrets" not in step.memo:
        names = secret_variables(step)
        script = script_of(step)
        wanted = names and (script.mentions(">", "tee") or script.calls_files or script.mentions("make"))
        step.memo["written secrets"] = tuple(_written(step, names, around)) if wanted else ()
    found: tuple[WrittenSecret, ...] = step.memo["written secrets"]
    return found


def _written(step: Step, names: frozenset[str], around: Surroundings) -> Iterator[WrittenSecret]:
    seen: set[tuple[str, str]] = set()
    for run in runs(step, around):
        if run.guess:
            continue
        variables = [name for name in _variables(run.command) if name in names]
        if not variables:
            continue
        for target in _targets(run.command):
            path = written_path(target, run.folder, run.root)
            inside = join(run.folder, path, run.root) if path else None
            if inside and (variables[-1], inside) not in seen:
                seen.add((variables[-1], inside))
                yield WrittenSecret(_telling(variables), inside, step, run, run.at(run.command.start, run.command.end, step))


def _telling(variables: list[str]) -> str:
    """The variable that is most likely the secret one: not the user's name."""
    return next((name for name in variables if "USER" not in name.upper() and "LOGIN" not in name.upper()), variables[0])


def _variables(command: SimpleCommand) -> Iterator[str]:
    """The variables in what a command prints: its arguments, here-documents, and what is piped into it."""
    words: list[Word] = []
    if command.program in ("echo", "printf", "cat", "tee", "envsubst", "base64"):
        words += command.arguments
        words += [body for one in command.redirections for body in one.body]
    if command.program in ("tee", "cat", "base64"):
        for stage in command.stage.earlier:
            for other in stage.commands:
                words += other.arguments
    for word in words:
        for part in word.variables():
            yield part.name


def _targets(command: SimpleCommand) -> Iterator[Word]:
    for one in command.all_redirections:
        if ">" in one.operator and "&" not in one.operator and one.descriptor in ("", "1"):
            yield one.target
    if command.program == "tee":
        yield from (word for word in command.arguments if not word.text.startswith("-"))


def copied_secrets(file: ConfigFile, steps: tuple[Step, ...]) -> Iterator[CopiedSecret]:
    """The files with secrets that images of a pipeline take in, by the steps that may build after the file is written."""
    around = surroundings(file)
    written = [one for step in steps for one in written_secrets(step, around)]
    if not written:
        return
    for step in steps:
        for build in builds(step, file):
            for copied in copies(build.dockerfile):
                for one in written:
                    if build.context is not None and _holds(copied.source, _relative(one.path, build.context), build.context, around):
                        yield CopiedSecret(one, copied, build)


def _relative(path: str, context: str) -> str | None:
    if not context:
        return path
    return path[len(context) + 1 :] if path.startswith(context + "/") else None


def _holds(source: str, path: str | None, context: str, around: Surroundings) -> bool:
    """Whether what is copied is the file, or a folder with it; of a folder only where no `.dockerignore` may leave it out."""
    if path is None:
        return False
    if source == path:
        return True
    ignores = around.exists(f"{context}/.dockerignore" if context else ".dockerignore")
    return not ignores and (source == "" or path.startswith(source + "/"))
