"""The checklist that `drone-lint dind` fills in: the facts of `docker/` and the findings of the rules, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from drone_lint.api import Checklist, ConfigFile, Probe, Row, Settings, StepChecklist
from drone_lint_rules.correctness.unknown_key import UnknownKey
from drone_lint_rules.docker.binds import unshared_binds
from drone_lint_rules.docker.builds import builds
from drone_lint_rules.docker.built_images import has_client
from drone_lint_rules.docker.client import CLIENT, COMPOSE, PLUGIN, has_known_image, presence, users
from drone_lint_rules.docker.compose import compose_uses
from drone_lint_rules.docker.compose_verdict import REFUSED, compose_faults
from drone_lint_rules.docker.containers import containers
from drone_lint_rules.docker.folders import join, written_path
from drone_lint_rules.docker.named import environment_files, named_files
from drone_lint_rules.docker.needs import driver_runs, libraries, unfollowed
from drone_lint_rules.docker.runs import Run, docker_runs, runs, steps_of, surroundings
from drone_lint_rules.docker.uses import uses
from drone_lint_rules.docker_in_docker._answers import Asked
from drone_lint_rules.docker_in_docker._costs import network, safety
from drone_lint_rules.docker_in_docker._daemon import daemon, machine, privilege
from drone_lint_rules.docker_in_docker.compose_client_missing import ComposeClientMissing
from drone_lint_rules.docker_in_docker.docker_client_missing import DockerClientMissing
from drone_lint_rules.docker_in_docker.missing_build_file import MissingBuildFile
from drone_lint_rules.docker_in_docker.socket_without_permission import SocketWithoutPermission
from drone_lint_rules.drone import CONTAINERS

_SHOWN = {CLIENT: "the Docker client", PLUGIN: "the Compose plugin (`docker compose`)", COMPOSE: "the program `docker-compose`"}
_ASKED = {CLIENT: "docker {image} --version", PLUGIN: "docker {image} compose version", COMPOSE: "docker-compose {image} --version"}


def checklist(file: ConfigFile, settings: Settings) -> Checklist:
    """The answers for every step of a file that uses Docker; steps that several builds share are answered once."""
    around = surroundings(file)
    keys = tuple(UnknownKey(settings).check_file(file))
    found: dict[tuple[object, ...], StepChecklist] = {}
    probes: dict[Probe, None] = {}
    names: set[tuple[str, str, str]] = set()
    for step, pipeline in steps_of(file):
        names.add((pipeline.name, step.kind, step.name))
        used = uses(step, pipeline, around)
        if used:
            asked = Asked(step, pipeline, around, settings, file, used, keys)
            checks = _CHECKS if pipeline.type in CONTAINERS else (machine, _files)
            rows = tuple(dict.fromkeys(row for check in checks for row in check(asked)))
            made = StepChecklist(pipeline.name or "default", step.name, step.kind, used, step.value.place, rows)
            found.setdefault((made.pipeline, made.step, made.kind, tuple((row.check, row.status, row.sentence) for row in rows)), made)
            probes.update(dict.fromkeys(_probes(asked)))
    return Checklist(file.source.path, tuple(found.values()), len(names), tuple(probes))


# -- the user


def _user(asked: Asked) -> Iterator[Row]:
    """Whether the step's user may open the host's socket."""
    rule = SocketWithoutPermission(asked.settings)
    yield from asked.found("daemon", "missing", rule.of_step(asked.step, asked.pipeline, asked.file))


# -- the client and Compose


def _client(asked: Asked) -> Iterator[Row]:
    yield from _program(asked, "client", (CLIENT, PLUGIN), (CLIENT,))
    for one in driver_runs(asked.step, asked.around):
        if one.driver.client:
            yield asked.row(
                "client",
                "unknown",
                f"`{one.driver.name}` calls the Docker client: it {one.driver.does}",
                one.run.place,
                related=one.run.related,
            )


def _compose(asked: Asked) -> Iterator[Row]:
    yield from _program(asked, "compose", (PLUGIN, COMPOSE), (PLUGIN, COMPOSE))


def _program(asked: Asked, check: str, needing: tuple[str, ...], asking: tuple[str, ...]) -> Iterator[Row]:
    """Whether what commands need is there; each thing that is needed once."""
    seen: set[str] = set()
    for run, need, earlier in users(asked.step, asked.around):
        what = CLIENT if check == "client" else need
        if need not in needing or what not in asking or what in seen:
            continue
        seen.add(what)
        known = has_client(asked.step, what, asked.settings.images, asked.around) if has_known_image(asked.step) else None
        there = presence(run, what, asked.step, earlier, known)
        yield asked.program(check, _SHOWN[what], there, run, _ASKED[what], DockerClientMissing if what == CLIENT else ComposeClientMissing)
    if not seen:
        yield from _unneeded(asked, check)


def _unneeded(asked: Asked, check: str) -> Iterator[Row]:
    what = "the Docker client" if check == "client" else "Compose"
    if asked.is_daemon or asked.plugin is not None:
        yield asked.row(check, "ok", f"the image brings {what}" if check == "client" else f"no command needs {what}")
        return
    left = unfollowed(asked.step, asked.around)
    if left is None:
        yield asked.row(check, "ok", f"no command needs {what}: every one was followed to its end")
    else:
        yield asked.row(check, "unknown", f"{left.why}: whether it needs {what} is not known", left.run.place, related=left.run.related)


# -- files


def _files(asked: Asked) -> Iterator[Row]:
    rows = [*_lacking(asked), *_faulty(asked)]
    yield from rows
    names = dict.fromkeys(_existing(asked))
    if names and not any(row.status == "missing" for row in rows):
        shown = [f"`{name}`" for name in list(names)[:3]]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield asked.row("files", "ok", f"{', '.join(shown)}{more}: {'it is' if len(names) == 1 else 'they are'} in the repository")
    elif not rows:
        yield from _no_files(asked)


def _lacking(asked: Asked) -> Iterator[Row]:
    yield from asked.found("files", "missing", MissingBuildFile(asked.settings).of_step(asked.step, asked.around))
    for run in runs(asked.step, asked.around):
        path = _read_by_make(run)
        if path is not None and asked.around.exists(path) is False and run.inner is not None:
            sentence = (
                f"`{run.shown}` of the Makefile finds no file in the folder in which `{run.via}` runs: harmless, the variable is empty"
            )
            yield asked.row("files", "risk", sentence, run.inner, related=[("called by this", run.place)])


def _read_by_make(run: Run) -> str | None:
    """The file that `$(shell cat FILE)` of a Makefile reads, relative to the repository's root."""
    if run.inner is None or run.command.program != "cat" or len(run.command.arguments) != 1:
        return None
    if "shell" not in run.inner.source.text[run.inner.start : run.inner.end]:
        return None
    path = written_path(run.command.arguments[0], run.folder, run.root)
    return join(run.folder, path, run.root) if path is not None else None


def _faulty(asked: Asked) -> Iterator[Row]:
    """Compose files that Compose refuses."""
    for use in compose_uses(asked.file):
        if use.step is asked.step:
            for fault in compose_faults(use, asked.file):
                if fault.kind in REFUSED:
                    yield asked.row(
                        "files", "missing", fault.message, fault.place, rule="invalid-compose-file", related=[("used here", use.place)]
                    )


def _no_files(asked: Asked) -> Iterator[Row]:
    left = unfollowed(asked.step, asked.around)
    if left is not None and any(True for _ in docker_runs(asked.step, asked.around)) is False:
        yield asked.row("files", "unknown", f"{left.why}: which files it needs is not known", left.run.place, related=left.run.related)
    elif not asked.around.is_repository and any(True for _ in docker_runs(asked.step, asked.around)):
        yield asked.row(
            "files", "unknown", "the configuration stands alone: there is no repository around it to look into", rule="missing-build-file"
        )
    else:
        yield asked.row("files", "ok", "its commands name no files")


def _existing(asked: Asked) -> Iterator[str]:
    for run in runs(asked.step, asked.around):
        for named in (*named_files(run.command, run.folder, run.root), *environment_files(run, asked.step)):
            path = asked.around.first(named.paths)
            if path and named.kind not in ("build context", "folder", "Makefile"):
                yield path


# -- what a script can try


def _probes(asked: Asked) -> Iterator[Probe]:
    if asked.is_daemon or asked.plugin is not None or asked.pipeline.type not in CONTAINERS:
        return
    needs = {need for _, need, _ in users(asked.step, asked.around)}
    if needs:
        yield Probe("client")
    if needs or libraries(asked.step, asked.around):
        yield Probe("daemon")
    for need, kind in ((PLUGIN, "plugin"), (COMPOSE, "compose")):
        if need in needs:
            yield Probe("plugin" if kind == "plugin" else "compose")
    if any(
        docker.verb in ("run", "create") or (docker.compose and docker.verb in ("up", "run"))
        for _, docker in docker_runs(asked.step, asked.around)
    ):
        yield Probe("run")
    for use in compose_uses(asked.file):
        if use.step is asked.step:
            for path, _ in use.files:
                yield Probe("compose-file", path, "docker-compose" if use.legacy else "docker compose")
    for build in builds(asked.step, asked.file):
        yield Probe("build")
        yield Probe("dockerfile", build.shown, build.context or ".")
    for container in containers(asked.step, asked.file):
        if container.is_of_host:
            if container.name:
                yield Probe("name", container.name)
            for port, _ in container.ports:
                if port.isdigit():
                    yield Probe("port", port)
    for bind in unshared_binds(asked.step, asked.file):
        yield Probe("bind", bind.path)


_CHECKS: tuple[Callable[[Asked], Iterator[Row]], ...] = (daemon, _user, privilege, network, _client, _compose, _files, safety)
