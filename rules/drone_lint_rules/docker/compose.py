"""The compose files that steps use, and their services."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from drone_lint.api import AnyPlace, ConfigFile, OtherYaml, Pipeline, Severity, Step, Value
from drone_lint_rules.docker.access import access
from drone_lint_rules.docker.named import environment_files, named_files
from drone_lint_rules.docker.runs import Run, may_run_docker, runs, steps_of, surroundings
from drone_lint_rules.drone import clones
from drone_lint_rules.host import allowed, allowed_path

_LOOKS = (
    "config",
    "convert",
    "pull",
    "push",
    "build",
    "down",
    "stop",
    "rm",
    "logs",
    "ps",
    "images",
    "kill",
    "ls",
    "top",
    "port",
    "version",
)
"""Verbs of Compose that start nothing."""


class ComposeUse(NamedTuple):
    """A command that uses compose files."""

    step: Step
    pipeline: Pipeline
    place: AnyPlace
    """Where the command, or what leads to it, stands in the configuration."""
    files: tuple[tuple[str, OtherYaml], ...]
    """Paths relative to the repository's root, and contents; those that exist, in the order in which Compose merges them."""
    complete: bool
    """Whether all files that the command names could be read."""
    legacy: bool
    """Whether it is the old program, which reads files of version 1."""
    starts: bool
    """Whether the command starts containers."""


class ComposeService(NamedTuple):
    """A service of a compose file."""

    name: str
    value: Value
    use: ComposeUse

    @property
    def title(self) -> str:
        """For messages."""
        return f"compose service `{self.name}`"

    @property
    def on_host(self) -> bool:
        """Whether the host's daemon starts it, as far as is known, and not one of the pipeline."""
        found = access(self.use.step, self.use.pipeline)
        return found is None or found.how == "socket"

    def severity(self, severity: Severity) -> Severity:
        """How bad something is in this service: no more than a notice where only a daemon of the pipeline is concerned."""
        return severity if self.on_host else Severity.NOTICE

    def allowed(self, patterns: tuple[str, ...], path: str = "") -> bool:
        """Whether the option `allow` names the service, the step that starts it, or the path that it mounts."""
        if any("/" not in pattern and fnmatchcase(self.name, pattern) for pattern in patterns):
            return True
        return allowed_path(self.use.step, path, patterns) if path else allowed(self.use.step, patterns)


def compose_uses(file: ConfigFile) -> tuple[ComposeUse, ...]:
    """The compose files that the commands of a configuration use; the same objects each time."""
    memo = surroundings(file).memo
    if "compose" not in memo:
        memo["compose"] = tuple(_all_uses(file))
    found: tuple[ComposeUse, ...] = memo["compose"]
    return found


def _all_uses(file: ConfigFile) -> Iterator[ComposeUse]:
    around = surroundings(file)
    read: dict[str, OtherYaml | None] = {}
    for step, pipeline in steps_of(file):
        if not clones(pipeline) or not may_run_docker(step):
            continue
        for run in runs(step, around):
            paths, complete = _paths(run, step, file)
            if not paths:
                continue
            for path in paths:
                if path not in read:
                    read[path] = around.read_yaml(path)
            found = tuple((path, content) for path in paths if (content := read[path]) is not None)
            legacy = run.command.program != "docker"
            docker = run.docker
            starts = docker is None or docker.verb not in _LOOKS
            yield ComposeUse(step, pipeline, run.place, found, complete and len(found) == len(paths), legacy, starts)


def _paths(run: Run, step: Step, file: ConfigFile) -> tuple[list[str], bool]:
    """The compose files of a command; whether that is all of them."""
    around = surroundings(file)
    named = [one for one in named_files(run.command, run.folder, run.root) if one.kind == "compose file"]
    variable = list(environment_files(run, step))
    explicit = [one.paths[0] for one in (*named, *variable) if one.explicit]
    if explicit:
        words = [word.text for word in run.command.arguments]
        asked = sum(word in ("-f", "--file", "-c", "--compose-file") or word.startswith(("--file=", "--compose-file=")) for word in words)
        return explicit, bool(variable) or len(explicit) >= asked
    found = [path for one in named if (path := around.first(one.paths)) is not None]
    return found, True


def services_of(use: ComposeUse) -> Iterator[ComposeService]:
    """The services of the files of one command, as far as they can be read."""
    for _, content in use.files:
        for document in content.documents:
            for name, value in services_in(document.value, legacy=use.legacy):
                yield ComposeService(name, value, use)


def services_in(root: Value, *, legacy: bool) -> Iterator[tuple[str, Value]]:
    """The services of a compose file's root: those of version 1 stand at its top."""
    found = root.get("services")
    if found is not None:
        yield from found.items()
    elif legacy and root.get("version") is None:
        yield from ((name, value) for name, value in root.items() if value.is_map and not name.startswith("x-"))


def compose_services(file: ConfigFile) -> Iterator[ComposeService]:
    """Every service of every compose file that the commands of a configuration use, once."""
    seen: set[tuple[str, tuple[str | int, ...], bool]] = set()
    for use in sorted(compose_uses(file), key=lambda one: not one.starts):
        for service in services_of(use):
            key = (service.value.document.source.path, service.value.path, service.on_host)
            if key not in seen:
                seen.add(key)
                yield service


def host_paths(service: ComposeService) -> Iterator[tuple[Value, str]]:
    """What a service mounts of the machine on which the daemon runs: the value, and the absolute path."""
    volumes = service.value.get("volumes")
    for item in volumes or ():
        if item.is_map:
            kind, source = item.get("type"), item.get("source")
            if source is not None and (kind is None or kind.text in ("bind", "npipe")) and source.text.startswith(("/", "\\\\")):
                yield source, source.text
        elif item.text.startswith("/"):
            yield item, item.text.partition(":")[0]


def is_true(value: Value | None) -> bool:
    """Whether a flag is set; Compose takes the word in quotes, too."""
    return value is not None and (value.true or value.text.lower() == "true")
