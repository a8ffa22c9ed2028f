"""The checklist that `drone-lint dind` fills in: what works, what is missing, and what it costs. Findings are the rules' own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from drone_lint.api import (
    AnyPlace,
    Checklist,
    ConfigFile,
    Finding,
    Pipeline,
    Place,
    Row,
    Rule,
    Settings,
    Severity,
    Step,
    StepChecklist,
    Surroundings,
    Value,
    automatic_plugin,
    step_events,
)
from drone_lint_rules.container_escape.docker_socket_mount import DockerSocketMount
from drone_lint_rules.container_escape.host_network import HostNetwork
from drone_lint_rules.container_escape.privileged_on_pull_request import PrivilegedOnPullRequest
from drone_lint_rules.container_escape.privileged_step import PrivilegedStep
from drone_lint_rules.container_escape.sensitive_host_path import SensitiveHostPath
from drone_lint_rules.correctness.ambiguous_volume import AmbiguousVolume
from drone_lint_rules.correctness.undefined_volume import UndefinedVolume
from drone_lint_rules.correctness.unknown_key import UnknownKey
from drone_lint_rules.docker.access import Access, access, docker_host
from drone_lint_rules.docker.client import CLIENT, PLUGIN, has_known_image, in_image, users
from drone_lint_rules.docker.compose import ComposeUse, compose_uses, host_paths, is_true, services_of
from drone_lint_rules.docker.compose_project import ComposedService
from drone_lint_rules.docker.compose_verdict import REFUSED, compose_faults
from drone_lint_rules.docker.daemons import daemons, shared_volumes
from drone_lint_rules.docker.named import environment_files, named_files
from drone_lint_rules.docker.runs import docker_runs, runs, steps_of, surroundings, unread
from drone_lint_rules.docker.uses import TESTCONTAINERS, is_daemon_of, uses
from drone_lint_rules.docker_in_docker.compose_client_missing import ComposeClientMissing
from drone_lint_rules.docker_in_docker.dind_insecure_tcp import DindInsecureTcp
from drone_lint_rules.docker_in_docker.dind_lost_privilege import DindLostPrivilege
from drone_lint_rules.docker_in_docker.dind_no_daemon import DindNoDaemon
from drone_lint_rules.docker_in_docker.dind_no_wait import DindNoWait
from drone_lint_rules.docker_in_docker.dind_not_privileged import DindNotPrivileged
from drone_lint_rules.docker_in_docker.dind_socket_not_shared import DindSocketNotShared
from drone_lint_rules.docker_in_docker.docker_client_missing import DockerClientMissing
from drone_lint_rules.docker_in_docker.invalid_compose_file import InvalidComposeFile
from drone_lint_rules.docker_in_docker.missing_build_file import MissingBuildFile
from drone_lint_rules.docker_in_docker.redundant_host_network import RedundantHostNetwork
from drone_lint_rules.docker_in_docker.redundant_privilege import RedundantPrivilege
from drone_lint_rules.drone import CONTAINERS
from drone_lint_rules.host import host_mounts, is_sensitive, socket_of


def checklist(file: ConfigFile, settings: Settings) -> Checklist:
    """The answers for every step of a file that uses Docker; steps that several builds share are answered once."""
    around = surroundings(file)
    keys = tuple(UnknownKey(settings).check_file(file))
    found: dict[tuple[object, ...], StepChecklist] = {}
    for step, pipeline in steps_of(file):
        used = uses(step, pipeline, around)
        if used:
            asked = _Asked(step, pipeline, around, settings, file, used, keys)
            checks = _CHECKS if pipeline.type in CONTAINERS else (_machine, _files)
            rows = tuple(row for check in checks for row in check(asked))
            made = StepChecklist(pipeline.name or "default", step.name, step.kind, used, step.value.place, rows)
            found.setdefault((made.pipeline, made.step, made.kind, tuple(row[:3] for row in rows)), made)
    return Checklist(file.source.path, tuple(found.values()))


class _Asked(NamedTuple):
    """One step, and all that is needed to answer for it."""

    step: Step
    pipeline: Pipeline
    around: Surroundings
    settings: Settings
    file: ConfigFile
    uses: tuple[str, ...]
    unknown_keys: tuple[Finding, ...]
    """Of the whole file."""

    @property
    def is_daemon(self) -> bool:
        return is_daemon_of(self.step, self.pipeline)

    @property
    def plugin(self) -> str | None:
        """The plugin with a daemon of its own that the step is."""
        return None if self.step.commands else automatic_plugin(self.step.reference, self.settings.images.privileged)

    @property
    def access(self) -> Access | None:
        return access(self.step, self.pipeline)

    @property
    def compose(self) -> list[ComposeUse]:
        """The compose files that the step uses."""
        return [use for use in compose_uses(self.file) if use.step is self.step]

    @property
    def where(self) -> AnyPlace:
        """The step itself."""
        return self.step.value.place

    def row(self, check: str, status: str, sentence: str, place: AnyPlace | None = None, kind: type[Rule] | None = None) -> Row:
        """An answer of ours; of a rule where one is concerned."""
        severity = kind.severity if kind is not None and status in ("missing", "cost") else None
        return Row(check, status, sentence, place or self.where, kind.name if kind is not None else "", severity)

    def found(self, check: str, status: str, findings: Iterable[Finding]) -> Iterator[Row]:
        """Answers that are findings."""
        for one in findings:
            sentence = one.message.removeprefix(f"{self.step.title} ")
            yield Row(check, status, sentence, one.place, one.rule, one.severity)


def _concerns(finding: Finding, value: Value) -> bool:
    """Whether a finding is about a value or something in it."""
    place = finding.place
    return isinstance(place, Place) and place.document.index == value.document.index and place.path[: len(value.path)] == value.path


# -- the questions


def _socket(asked: _Asked) -> Iterator[Row]:
    step, pipeline = asked.step, asked.pipeline
    lacking = [
        *DindNoDaemon(asked.settings).of_step(step, pipeline, asked.around),
        *DindSocketNotShared(asked.settings).check_step(step, pipeline),
    ]
    if lacking:
        yield from asked.found("socket", "missing", lacking)
        return
    yield _reached(asked)
    waits = (one for one in DindNoWait(asked.settings).check_pipeline(pipeline) if _concerns(one, step.value))
    yield from asked.found("socket", "unknown", waits)


def _machine(asked: _Asked) -> Iterator[Row]:
    """Runners without containers: whatever Docker is there is the machine's."""
    yield asked.row("socket", "unknown", f"runs on a machine of the {asked.pipeline.type} runner, and needs Docker there")


def _reached(asked: _Asked) -> Row:
    found = asked.access
    if asked.is_daemon:
        return asked.row("socket", "ok", "is a daemon itself")
    if asked.plugin is not None and (found is None or found.how != "socket"):
        return asked.row("socket", "ok", "starts a daemon of its own")
    if found is None and TESTCONTAINERS in asked.uses:
        return asked.row("socket", "missing", "starts containers from tests, without a Docker daemon", kind=DindNoDaemon)
    if found is None:
        return asked.row("socket", "unknown", "nothing that it runs is known to need a daemon, and it reaches none")
    place = found.value.place if found.value is not None else None
    if found.how == "socket":
        return asked.row("socket", "ok", "the host's socket is mounted", place)
    if found.how == "shared":
        names = ", ".join(f"`{one.name}`" for one in daemons(asked.pipeline))
        return asked.row("socket", "ok", f"the socket of {names} is shared through a volume", place)
    if found.how == "variable" and found.value is not None:
        shown = f" is `{found.value.text}`" if found.value.text else " is a secret"
        return asked.row("socket", "ok", f"`{found.value.path[-1]}`{shown}", place)
    return asked.row("socket", "unknown", "sees to a daemon itself, by its commands")


def _volume(asked: _Asked) -> Iterator[Row]:
    step, pipeline = asked.step, asked.pipeline
    mounts = [
        mount
        for mount in step.mounts
        if mount.volume is None or socket_of(_host_path(mount.volume.host_path)) or mount.name in shared_volumes(pipeline)
    ]
    if not mounts:
        needs = docker_host(step, pipeline) is None and not asked.is_daemon and asked.plugin is None
        yield asked.row("volume", "ok", "mounts nothing for Docker" if needs else "needs none")
        return
    for mount in mounts:
        volume = mount.volume
        of = [mount.value, *([volume.value] if volume is not None else [])]
        if volume is not None and volume.sources:
            yield asked.row("volume", "ok", f"`{mount.name}` is defined, with `{volume.sources[0].path[-1]}`", volume.value.place)
        findings = (one for one in _volume_findings(asked) if any(_concerns(one, value) for value in of))
        yield from asked.found("volume", "unknown" if volume is not None and volume.sources else "missing", findings)


def _host_path(value: Value | None) -> str:
    return value.text if value is not None else ""


def _volume_findings(asked: _Asked) -> Iterator[Finding]:
    yield from UndefinedVolume(asked.settings).check_step(asked.step, asked.pipeline)
    yield from AmbiguousVolume(asked.settings).check_pipeline(asked.pipeline)
    yield from asked.unknown_keys


def _privilege(asked: _Asked) -> Iterator[Row]:
    step, pipeline = asked.step, asked.pipeline
    lacking = [
        *DindNotPrivileged(asked.settings).check_step(step, pipeline),
        *DindLostPrivilege(asked.settings).check_step(step, pipeline),
    ]
    redundant = list(RedundantPrivilege(asked.settings).check_step(step, pipeline))
    if lacking:
        yield from asked.found("privilege", "missing", lacking)
    elif redundant:
        sentence = "`privileged: true` is redundant: the socket is mounted, and talking to the host's daemon needs no privilege"
        yield from (one._replace(sentence=sentence) for one in asked.found("privilege", "cost", redundant))
    elif step.privileged:
        needed = "is needed, and is there" if asked.is_daemon or (asked.access or Access("")).how == "own" else "is there"
        yield asked.row("privilege", "ok", f"`privileged: true` {needed}", step["privileged"].key)
    elif asked.plugin is not None:
        yield asked.row("privilege", "ok", f"the runner privileges `{asked.plugin}` by itself", step["image"].place)
    else:
        yield asked.row("privilege", "ok", "none, and talking to a daemon needs none")


def _network(asked: _Asked) -> Iterator[Row]:
    step = asked.step
    on_host = list(HostNetwork(asked.settings).check_step(step, asked.pipeline))
    redundant = list(RedundantHostNetwork(asked.settings).check_step(step, asked.pipeline))
    found = asked.access
    by_socket = found is not None and found.how == "socket"
    if redundant:
        yield from asked.found("network", "cost", redundant)
    elif on_host:
        why = "published ports of containers that it starts are at its `localhost`, and so is everything else of the host"
        yield from (one._replace(sentence=f"`network_mode: host`: {why}") for one in asked.found("network", "cost", on_host))
    elif by_socket and (published := _published(asked)) is not None:
        sentence = f"`{published[0]}` publishes ports on the host, which `localhost` of the step is not"
        yield asked.row("network", "unknown", sentence, published[1])
    elif by_socket:
        yield asked.row("network", "ok", "the pipeline's; containers that it starts are beside it, on the host")
    elif daemons(asked.pipeline) and not asked.is_daemon:
        yield asked.row("network", "ok", f"the pipeline's: the daemon and its ports are at `{daemons(asked.pipeline)[0].name}`")
    else:
        yield asked.row("network", "ok", "the pipeline's")


def _published(asked: _Asked) -> tuple[str, AnyPlace] | None:
    for use in asked.compose:
        for service in services_of(use, asked.file) if use.starts else ():
            ports = service.composed.get("ports")
            if ports is not None and any(True for _ in ports):
                return service.name, ports.key
    return None


def _client(asked: _Asked) -> Iterator[Row]:
    needed = any(need in (CLIENT, PLUGIN) for _, need, _ in users(asked.step, asked.around))
    findings = DockerClientMissing(asked.settings).of_step(asked.step, asked.around) if has_known_image(asked.step) else ()
    yield from _program(asked, "client", needed, list(findings), "the Docker client", DockerClientMissing)


def _compose(asked: _Asked) -> Iterator[Row]:
    needs = [need for _, need, _ in users(asked.step, asked.around) if need != CLIENT]
    findings = ComposeClientMissing(asked.settings).of_step(asked.step, asked.around) if has_known_image(asked.step) else ()
    yield from _program(asked, "compose", bool(needs), list(findings), "Compose", ComposeClientMissing)


def _program(asked: _Asked, check: str, needed: bool, findings: list[Finding], what: str, kind: type[Rule]) -> Iterator[Row]:
    if not needed and _may_lack(asked) and (closed := unread(asked.step, asked.around)) is not None:
        yield asked.row(
            check, "unknown", f"`{closed.shown}` cannot be read from here, and the image is not known to have {what}", closed.place, kind
        )
    elif not needed:
        yield asked.row(check, "ok", f"no command needs {what}")
    elif not has_known_image(asked.step):
        yield asked.row(check, "unknown", f"whether the image has {what} is up to a variable", kind=kind)
    elif findings:
        certain = in_image(asked.step.reference, CLIENT, asked.settings.images) is False
        sentence = f"`{asked.step.reference.text}` is not known to contain {what}"
        for one in asked.found(check, "missing" if certain or "has no" in findings[0].message else "unknown", findings):
            yield one if one.status == "missing" else one._replace(sentence=sentence)
    elif in_image(asked.step.reference, CLIENT, asked.settings.images):
        yield asked.row(check, "ok", f"`{asked.step.reference.text}` has {what}", asked.step["image"].place)
    else:
        yield asked.row(check, "ok", f"the step brings {what} itself")


def _may_lack(asked: _Asked) -> bool:
    """Whether a step reaches a daemon, so that what it calls is likely to use it, with an image of which not all is known."""
    return asked.access is not None and not asked.is_daemon and not in_image(asked.step.reference, CLIENT, asked.settings.images)


def _files(asked: _Asked) -> Iterator[Row]:
    lacking = list(MissingBuildFile(asked.settings).of_step(asked.step, asked.around))
    yield from asked.found("files", "missing", lacking)
    broken = {fault.place: fault.message for use in asked.compose for fault in compose_faults(use, asked.file) if fault.kind in REFUSED}
    for place, message in broken.items():
        yield asked.row("files", "missing", message, place, InvalidComposeFile)
    if lacking or broken:
        return
    names = dict.fromkeys(_existing(asked))
    if names:
        yield asked.row(
            "files",
            "ok",
            " and ".join(f"`{name}`" for name in list(names)[:3])
            + (" and more are there" if len(names) > 3 else " is there" if len(names) == 1 else " are there"),
        )
    elif (closed := unread(asked.step, asked.around)) is not None:
        yield asked.row("files", "unknown", f"`{closed.shown}` cannot be read from here", closed.place, MissingBuildFile)
    elif not asked.around.is_repository and any(True for _ in docker_runs(asked.step, asked.around)):
        yield asked.row("files", "unknown", "the configuration stands alone: no repository around it to look into", kind=MissingBuildFile)
    else:
        yield asked.row("files", "ok", "its commands name none")


def _existing(asked: _Asked) -> Iterator[str]:
    for run in runs(asked.step, asked.around):
        for named in (*named_files(run.command, run.folder, run.root), *environment_files(run, asked.step)):
            path = asked.around.first(named.paths)
            if path and named.kind not in ("build context", "folder"):
                yield path


def _safety(asked: _Asked) -> Iterator[Row]:
    rows = [*_host(asked), *_started(asked), *_daemon_for_all(asked)]
    yield from rows
    root = next((row for row in rows if row.rule in _ROOT and row.severity is not Severity.NOTICE), None)
    if root is not None and "pull_request" in step_events(asked.step) and not asked.settings.server.ignore_pull_requests:
        yield asked.row("safety", "cost", "pull requests can run it, and so take over the host", root.place, PrivilegedOnPullRequest)
    if not rows:
        yield asked.row("safety", "ok", "nothing of the host is within reach")


_ROOT = (DockerSocketMount.name, PrivilegedStep.name, SensitiveHostPath.name)


def _host(asked: _Asked) -> Iterator[Row]:
    """What the step itself has of the host."""
    step = asked.step
    for mount, path in host_mounts(step):
        if socket_of(path.text) is not None:
            yield asked.row(
                "safety", "cost", f"any code in it is root on the host, through `{path.text}`", mount.value.place, DockerSocketMount
            )
        elif is_sensitive(path.text):
            yield asked.row("safety", "cost", f"`{path.text}` of the host decides over the host", mount.value.place, SensitiveHostPath)
    if step.privileged:
        yield asked.row(
            "safety", "cost", "any code in it is root on the host, by `privileged: true`", step["privileged"].key, PrivilegedStep
        )


def _started(asked: _Asked) -> Iterator[Row]:
    """What services of its compose files have of the host."""
    seen: set[AnyPlace] = set()
    for use in asked.compose:
        for service in services_of(use, asked.file) if use.starts else ():
            for value, sentence, kind in _costs(service.composed, list(host_paths(service))):
                place = value.key if kind in (PrivilegedStep, HostNetwork) else value.place
                if place not in seen:
                    seen.add(place)
                    row = asked.row("safety", "cost", f"{service.title} {sentence}", place, kind)
                    yield row._replace(severity=service.severity(kind.severity))


def _costs(service: ComposedService, mounts: list[tuple[Value, str]]) -> Iterator[tuple[Value, str, type[Rule]]]:
    privileged, mode = service.get("privileged"), service.get("network_mode")
    if privileged is not None and is_true(privileged):
        yield privileged, "is privileged", PrivilegedStep
    if mode is not None and mode.text == "host":
        yield mode, "is in the host's network", HostNetwork
    for value, path in mounts:
        if socket_of(path) is not None:
            yield value, f"mounts `{path}`", DockerSocketMount
        elif is_sensitive(path):
            yield value, f"mounts `{path}` of the host", SensitiveHostPath


def _daemon_for_all(asked: _Asked) -> Iterator[Row]:
    """Daemons that anyone in the pipeline's network may command."""
    rule = DindInsecureTcp(asked.settings)
    found = [*rule.check_step(asked.step, asked.pipeline)]
    if asked.is_daemon or docker_host(asked.step, asked.pipeline) is not None:
        found += rule.check_pipeline(asked.pipeline)
    yield from asked.found("safety", "cost", found)


_CHECKS: tuple[Callable[[_Asked], Iterator[Row]], ...] = (
    _socket,
    _volume,
    _privilege,
    _network,
    _client,
    _compose,
    _files,
    _safety,
)
