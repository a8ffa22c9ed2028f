"""Which steps use Docker, and by what."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Pipeline, Step, Surroundings, automatic_plugin
from drone_lint_rules.docker.access import docker_host
from drone_lint_rules.docker.daemons import daemon_set, is_dind
from drone_lint_rules.docker.runs import docker_runs, runs
from drone_lint_rules.host import host_mounts, socket_of
from drone_lint_rules.shell import script_of

_TESTS = ("go", "gotestsum", "mvn", "mvnw", "gradle", "gradlew", "npm", "yarn", "pnpm", "pytest", "tox", "cargo", "dotnet", "sbt", "mix")
_DEPENDENCIES = (
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "package.json",
    "requirements.txt",
    "requirements-dev.txt",
    "pyproject.toml",
    "Cargo.toml",
    "build.sbt",
)
TESTCONTAINERS = "testcontainers"


def uses(step: Step, pipeline: Pipeline, around: Surroundings) -> tuple[str, ...]:
    """What a step uses of Docker, in a few words each; nothing when it uses none."""
    return tuple(dict.fromkeys(_uses(step, pipeline, around)))


def _uses(step: Step, pipeline: Pipeline, around: Surroundings) -> Iterator[str]:
    if is_daemon_of(step, pipeline):
        yield "a Docker daemon"
    plugin = automatic_plugin(step.reference)
    if plugin is not None and not step.commands:
        yield f"`{plugin}`"
    for run, one in docker_runs(step, around):
        yield f"`{one.shown}`" + (f" in `{run.via}`" if run.via else "")
    if uses_testcontainers(step, around):
        yield TESTCONTAINERS
    if step.environment.get("DOCKER_HOST") is not None or (docker_host(step, pipeline) is not None and step.commands):
        yield "`DOCKER_HOST`"
    if any(socket_of(path.text) is not None for _, path in host_mounts(step)):
        yield "the host's socket"


def is_daemon_of(step: Step, pipeline: Pipeline) -> bool:
    """Whether a service or step is a daemon."""
    return step in daemon_set(pipeline) or (is_dind(step) and not step.commands)


def uses_testcontainers(step: Step, around: Surroundings) -> bool:
    """Whether a step's tests start containers: its settings say so, or the repository depends on it and the step runs tests."""
    texts = [*step.environment, *(value.text for value in step.environment.values())]
    if any(TESTCONTAINERS in text.lower() for text in texts) or TESTCONTAINERS in script_of(step).text.lower():
        return True
    if not any(run.command.program in _TESTS and _tests(run.command.arguments) for run in runs(step, around)):
        return False
    return any((source := around.read(name)) is not None and TESTCONTAINERS in source.text for name in _DEPENDENCIES)


def _tests(arguments: object) -> bool:
    words = [word.text for word in arguments]  # type: ignore[attr-defined]
    return not words or any("test" in word or word in ("verify", "integration", "check", "install") for word in words)
