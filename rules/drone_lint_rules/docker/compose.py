"""The compose files that steps use, and their services."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from drone_lint.api import AnyPlace, ConfigFile, OtherYaml, Pipeline, Severity, Step, Value
from drone_lint_rules.docker.access import access
from drone_lint_rules.docker.compose_line import ComposeLine, compose_line
from drone_lint_rules.docker.compose_project import ComposedService, Project, composed
from drone_lint_rules.docker.compose_values import mount_of
from drone_lint_rules.docker.folders import join, written_path
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
    run: Run
    """The command itself."""
    line: ComposeLine
    """What it says besides its files."""
    folder: str | None
    """The project's folder, relative to the repository's root; None when unknown."""

    @property
    def stack(self) -> bool:
        """Whether it is `docker stack`, which reads the same files with other eyes."""
        docker = self.run.docker
        return docker is not None and not docker.compose


class ComposeService(NamedTuple):
    """A service that a command of Compose starts."""

    name: str
    composed: ComposedService
    use: ComposeUse
    project: Project

    @property
    def value(self) -> Value:
        """What the last of its files says of it."""
        return self.composed.parts[-1].value

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
            line = compose_line(run.command)
            whole = complete and len(found) == len(paths)
            yield ComposeUse(step, pipeline, run.place, found, whole, legacy, starts, run, line, _folder(run, line, paths))


def _folder(run: Run, line: ComposeLine, paths: list[str]) -> str | None:
    """The project's folder: `--project-directory`, or that of the first file."""
    if line.project_directory is not None:
        path = written_path(line.project_directory, run.folder, run.root)
        return join(run.folder, path, run.root) if path else None
    return paths[0].rpartition("/")[0]


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
    if found:  # beside a default file, the one that overrides it is read without being named
        stem, _, ending = found[0].rpartition(".")
        override = around.first((f"{stem}.override.{ending}", f"{stem}.override.{'yaml' if ending == 'yml' else 'yml'}"))
        found += [override] if override is not None else []
    return found, True


def project_of(use: ComposeUse, file: ConfigFile) -> Project:
    """The files of a command, put together; the same object each time."""
    around = surroundings(file)
    key = ("project", tuple(path for path, _ in use.files), use.folder, use.complete, use.legacy)
    if key not in around.memo:
        around.memo[key] = composed(use.files, use.folder, around, complete=use.complete, legacy=use.legacy)
    found: Project = around.memo[key]
    return found


def services_of(use: ComposeUse, file: ConfigFile) -> Iterator[ComposeService]:
    """The services of the files of one command, as far as they can be read."""
    project = project_of(use, file)
    for service in project.services.values():
        yield ComposeService(service.name, service, use, project)


def compose_services(file: ConfigFile) -> Iterator[ComposeService]:
    """Every service of every compose file that the commands of a configuration use, once; those first that are started."""
    seen: set[tuple[tuple[tuple[str, tuple[str | int, ...]], ...], bool]] = set()
    for use in sorted(compose_uses(file), key=lambda one: not one.starts):
        for service in services_of(use, file):
            key = (tuple((part.value.document.source.path, part.value.path) for part in service.composed.parts), service.on_host)
            if key not in seen:
                seen.add(key)
                yield service


def host_paths(service: ComposeService) -> Iterator[tuple[Value, str]]:
    """What a service mounts of the machine on which the daemon runs: the value, and the absolute path."""
    for _, value in service.composed.layers("volumes"):
        for item in value:
            mount = mount_of(item)
            if mount is None:
                continue
            if mount.kind in ("bind", "npipe") and mount.source.startswith(("/", "\\\\")):
                yield mount.value, mount.source
            elif mount.kind == "volume" and (device := _device_of(mount.source, service.project)) is not None:
                yield device, device.text


def _device_of(name: str, project: Project) -> Value | None:
    """The folder that a named volume stands for: `driver_opts: {o: bind, device: /srv}`."""
    volume = project.resources["volumes"].get(name)
    options = volume.get("driver_opts") if volume is not None else None
    device, how = (options.get("device"), options.get("o")) if options is not None else (None, None)
    return device if device is not None and device.text.startswith("/") and how is not None and "bind" in how.text else None


def is_true(value: Value | None) -> bool:
    """Whether a flag is set; Compose takes the word in quotes, too."""
    return value is not None and (value.true or value.text.lower() in ("true", "yes", "on", "y"))
