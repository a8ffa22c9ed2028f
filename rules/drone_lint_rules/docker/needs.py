"""What a step needs to drive Docker, and whether all of its commands were followed to their end."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from drone_lint.api import Step, Surroundings, TextPlace, data_lines
from drone_lint_rules.docker.following import script_word
from drone_lint_rules.docker.runs import Run, runs
from drone_lint_rules.docker.test_programs import Program, program_of
from drone_lint_rules.shell.programs import SHELLS

_FOLLOWED = ("make", "gmake", "npm", "yarn", "pnpm", "bun")
_GO_WITHOUT = ("build", "clean", "env", "fmt", "get", "install", "list", "mod", "tool", "version", "vet", "work", "doc", "generate")


class Driver(NamedTuple):
    """A program that drives Docker by itself."""

    name: str
    client: bool
    """Whether it calls the program `docker`."""
    mounts: bool
    """Whether it bind-mounts the source folder."""
    does: str


class DriverRun(NamedTuple):
    """A command that runs one."""

    driver: Driver
    run: Run


class LibraryUse(NamedTuple):
    """A library in a program that the step runs, which drives a daemon."""

    name: str
    client: bool
    program: str
    run: Run
    place: TextPlace


class Unfollowed(NamedTuple):
    """A command whose own doing is not known."""

    run: Run
    why: str


@lru_cache(maxsize=1)
def known_drivers() -> dict[str, Driver]:
    """The programs that drive Docker, by name."""
    found = {}
    for line in data_lines(__file__, "drivers.txt"):
        name, needs, mounts, does = line.split(None, 3)
        found[name] = Driver(name, needs == "client", mounts == "mounts", does)
    return found


@lru_cache(maxsize=1)
def _plain() -> frozenset[str]:
    return frozenset(name for line in data_lines(__file__, "plain_programs.txt") for name in line.split())


def driver_runs(step: Step, around: Surroundings) -> tuple[DriverRun, ...]:
    """The commands of a step that run programs which drive Docker."""
    if "drivers" not in step.memo:
        drivers = known_drivers()
        found = [
            DriverRun(drivers[run.command.program], run) for run in runs(step, around) if run.command.program in drivers and _drives(run)
        ]
        step.memo["drivers"] = tuple(found)
    made: tuple[DriverRun, ...] = step.memo["drivers"]
    return made


def _drives(run: Run) -> bool:
    """Whether the command does more than ask for help or a version."""
    words = [word.text for word in run.command.arguments]
    return bool(words) and not any(
        word in ("--version", "version", "--help", "help", "-h", "completion", "lint", "check") for word in words[:2]
    )


def programs(step: Step, around: Surroundings) -> Iterator[tuple[Run, Program]]:
    """The programs of a step whose source was read."""
    for run in runs(step, around):
        if not run.guess:
            found = program_of(run.command, run.folder, run.root, around)
            if found is not None:
                yield run, found


def libraries(step: Step, around: Surroundings) -> tuple[LibraryUse, ...]:
    """The libraries that drive a daemon in the programs of a step, each once."""
    found: dict[tuple[str, str], LibraryUse] = {}
    for run, program in programs(step, around):
        for one in program.libraries:
            found.setdefault((one.name, program.name), LibraryUse(one.name, one.needs_client, program.name, run, one.place))
    return tuple(found.values())


def unfollowed(step: Step, around: Surroundings) -> Unfollowed | None:
    """The first command whose own doing is not known, so that it may use Docker; None where every command was followed to its end."""
    found = runs(step, around)
    reached = {run.place for run in found if run.inner is not None}
    calls = {place for run in found for place in run.chain}
    for run in found:
        if run.guess:
            continue
        why = _why(run, run.place in reached if run.inner is None else run.inner in calls, around)
        if why:
            return Unfollowed(run, why)
    return None


def _why(run: Run, entered: bool, around: Surroundings) -> str:
    command = run.command
    program = command.program
    if not command.words or run.docker is not None or program in _plain() or program in known_drivers():
        return ""
    if program in _FOLLOWED:
        return "" if entered or _is_plain_package_command(run) else f"`{run.shown}` could not be followed"
    source = program_of(command, run.folder, run.root, around)
    if source is not None:
        return "" if source.complete else f"the source of `{source.name}` was not read to its end"
    if program == "go":
        words = [word.text for word in command.arguments]
        return "" if words and words[0] in _GO_WITHOUT else f"`{run.shown}` could not be followed"
    if program in SHELLS or script_word(command) is not None:
        return "" if entered or _has_script(run) else f"`{run.shown}` could not be followed"
    if any(
        scope.kind == "function" and scope.name == program for other in command.scopes for one in other.commands for scope in one.scopes
    ):
        return ""
    return f"`{program}` is a program of which nothing is known here"


def _is_plain_package_command(run: Run) -> bool:
    words = [word.text for word in run.command.arguments if not word.text.startswith("-")]
    return bool(words) and words[0] in (
        "ci",
        "install",
        "i",
        "audit",
        "publish",
        "pack",
        "config",
        "cache",
        "login",
        "version",
        "add",
        "set",
    )


def _has_script(run: Run) -> bool:
    """Whether a shell runs a text that stands in the command itself: `sh -c '...'`."""
    return any(word.text.startswith("-") and "c" in word.text for word in run.command.arguments)
