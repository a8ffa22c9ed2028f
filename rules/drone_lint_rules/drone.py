"""What the server and the runners read and refuse: facts that several families of rules share (drone-semantics 2.3, 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from drone_lint.api import ConfigFile, Document, ImageReference, Pipeline, Value

CONTAINERS = ("docker", "kubernetes")
"""Runners whose every step is a container."""
NAMESPACE = ("docker", "kubernetes", "vm")
"""Runners that check names, dependencies and volumes of steps and services together."""
DECODED_APART = ("cron", "secret", "signature", "registry")
"""Kinds for which the server has separate structures; it treats every other kind as a pipeline."""

MAY_RUN_DOCKER = ("docker", "make", ".sh", "./", "/bin/", "sh ", "podman", "buildah")
"""A command runs Docker, itself or through a make target or script of the repository, only if it contains one of these."""


def by(pipeline: Pipeline) -> str:
    """The runner of a pipeline, as `drone` names it."""
    return f"runner:{pipeline.type}"


def refused(pipeline: Pipeline, message: str, runners: Iterable[str]) -> list[tuple[str, str]]:
    """A refusal by the pipeline's runner, if it is one of those that check this."""
    return [(by(pipeline), message)] if pipeline.type in runners else []


def parse_refusal(pipeline: Pipeline, message: str, runners: Iterable[str]) -> list[tuple[str, str]]:
    """A refusal while parsing, whose first word all but the vm runner write with a capital letter; `message` begins after it."""
    word = "linter" if pipeline.type == "vm" else "Linter"
    return refused(pipeline, f"{word}: {message}", runners)


def is_command(path: Sequence[str | int]) -> bool:
    """Whether an item of a step's `commands` stands at a path of a pipeline."""
    return len(path) == 4 and path[0] in ("steps", "services") and path[2] == "commands"


def server_pipelines(documents: Iterable[Document]) -> Iterator[Document]:
    """The documents that the server treats as pipelines."""
    return (document for document in documents if document.kind and document.kind not in DECODED_APART)


def server_views(file: ConfigFile) -> Iterator[tuple[Document, ...]]:
    """The server's documents of each evaluation."""
    return (evaluation.server for evaluation in file.evaluations)


def clones(pipeline: Pipeline) -> bool:
    """Whether the runner adds a step named `clone`."""
    disable = pipeline.value.at("clone", "disable")
    return disable is None or not disable.true


def reserved_mounts(pipeline: Pipeline) -> tuple[str, ...]:
    """Names of volumes that a step may not mount, because the runner has volumes of its own under them."""
    names = ("workspace", "_workspace", "_docker_socket")
    return (*names, "_status") if pipeline.type == "kubernetes" else names


def filled(value: Value | None) -> bool:
    """Whether a value is present, and neither null nor an empty string."""
    return value is not None and not value.is_null and not (value.is_scalar and not value.text)


def is_plugin(reference: ImageReference) -> bool:
    """Whether an image is a plugin by its name."""
    last = reference.repository.rsplit("/", 1)[-1]
    return reference.familiar.startswith("plugins/") or last.startswith("drone-") or "plugin" in last
