"""What a step leaves on a daemon that other builds use, and what collides there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.api import AnyPlace, ConfigFile, Pipeline, Step, Surroundings
from drone_lint_rules.docker.clients import reach_of
from drone_lint_rules.docker.containers import Container, containers
from drone_lint_rules.docker.runs import Run, docker_runs

_DOWN = ("down", "rm", "kill", "stop")


def shared_names(step: Step, file: ConfigFile) -> Iterator[tuple[Container, list[str]]]:
    """The containers of a step on a daemon of the host that have a fixed name or port, or that are restarted; with what they have."""
    for container in containers(step, file):
        if not container.is_of_host:
            continue
        found = [f"the fixed name `{container.name}`"] if container.name and (container.detached or container.ports) else []
        ports = list(dict.fromkeys(port for port, _ in container.ports))
        if ports:
            found.append(f"the fixed host {'port' if len(ports) == 1 else 'ports'} {', '.join(ports)}")
        if container.restart:
            found.append(f"`restart: {container.restart}`")
        if found:
            yield container, found


def taken_down(container: Container, step: Step, around: Surroundings) -> bool:
    """Whether a command of the step, or of another of its pipeline, removes what was started."""
    if container.removed and not container.detached:
        return True
    return (container.service is not None) in _downs(step.pipeline, around)


def _downs(pipeline: Pipeline, around: Surroundings) -> frozenset[bool]:
    """Whether commands of a pipeline take down what Compose started (True) and other containers (False); worked out once a pipeline."""
    memo, key = pipeline.document.memo, "docker: taken down"
    if key not in memo:
        commands = (docker for step in pipeline.steps for _, docker in docker_runs(step, around))
        memo[key] = frozenset(docker.compose for docker in commands if docker.verb in _DOWN)
    found: frozenset[bool] = memo[key]
    return found


class Cleanup(NamedTuple):
    """A command that removes more than the build's own."""

    run: Run
    place: AnyPlace
    what: str


def cleanups(step: Step, around: Surroundings) -> Iterator[Cleanup]:
    """The commands that remove or stop what other builds have on the same daemon."""
    for run, docker in docker_runs(step, around):
        connection = reach_of(run, step, around)
        if (
            run.guess
            or docker.compose
            or connection is None
            or connection.whose not in ("host", "user", "elsewhere")
            or connection.status == "missing"
        ):
            continue
        words = [word.text for word in run.command.arguments]
        what = _pruned(words) or _all_of(words)
        if what:
            yield Cleanup(run, run.at(run.command.start, run.command.end, step), what)


def _pruned(words: list[str]) -> str:
    if "prune" not in words or any(word.startswith("--filter") for word in words):
        return ""
    what = words[words.index("prune") - 1] if words.index("prune") else ""
    everything = any(word in ("-a", "--all", "-af", "-fa") for word in words)
    if what == "system":
        return "every stopped container, unused network and " + ("unused image" if everything else "dangling image")
    if what == "volume":
        return "every unused volume"
    return {"container": "every stopped container", "network": "every unused network"}.get(
        what, "every unused image" if what == "image" and everything else ""
    )


def _all_of(words: list[str]) -> str:
    """`docker rm -f $(docker ps -aq)` and the like."""
    if not words or not any(
        "docker ps -" in word or "docker container ls -" in word for word in words if "--filter" not in word and "-f " not in word
    ):
        return ""
    verb = next((word for word in words if word in ("rm", "stop", "kill")), "")
    return "every container" if verb else ""
