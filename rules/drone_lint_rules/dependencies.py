"""Invalid dependencies of pipelines and steps, with Drone's errors: shared by `unknown-dependency` and `dependency-cycle`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.api import ConfigFile, Pipeline, remembered
from drone_lint_rules.drone import NAMESPACE, clones, refused, server_pipelines, server_views
from drone_lint_rules.graph import Edge, Item, wrong_edges


class Wrong(NamedTuple):
    """An invalid dependency, and the refusals of it."""

    edge: Edge
    kind: str
    """`pipeline`, `step` or `service`."""
    drone: tuple[tuple[str, str], ...]
    known: tuple[str, ...]
    """Names that exist, for suggestions."""

    @property
    def is_null(self) -> bool:
        """Whether the name is null, which `null-entry` reports."""
        return self.edge.value.is_null


def of_pipelines(file: ConfigFile) -> Iterator[Wrong]:
    """Invalid dependencies between pipelines, which the server checks."""
    for documents in server_views(file):
        pipelines = list(server_pipelines(documents))
        items = [Item(document.name, tuple(document.value.get("depends_on") or ())) for document in pipelines]
        names = tuple(item.name for item in items if item.name)
        for edge in wrong_edges(items):
            own = edge.cycle == (edge.item.name,)
            message = "linter: pipeline cannot have a dependency on itself" if own else "linter: invalid or unknown pipeline dependency"
            yield Wrong(edge, "pipeline", (("server", message),), names)


@remembered
def of_steps(pipeline: Pipeline) -> tuple[Wrong, ...]:
    """Invalid dependencies between a pipeline's steps and services; the runner reads services before steps."""
    return tuple(_of_steps(pipeline))


def _of_steps(pipeline: Pipeline) -> Iterator[Wrong]:
    steps = pipeline.containers if pipeline.type in NAMESPACE else pipeline.steps
    items = [Item(step.name, tuple(step.get("depends_on") or ()), step.kind) for step in steps]
    known = ("clone",) if clones(pipeline) else ()
    names = (*known, *(item.name for item in items if item.name))
    for edge in wrong_edges(items, known):
        name = edge.value.text
        message = f"linter: unknown step dependency detected: {edge.item.name} references {name}"
        if edge.cycle == (edge.item.name,):
            message = f"linter: cyclical step dependency detected: {name}"
        yield Wrong(edge, edge.item.kind, tuple(refused(pipeline, message, NAMESPACE)), names)
