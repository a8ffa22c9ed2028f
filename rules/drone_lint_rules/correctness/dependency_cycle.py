"""Circular dependencies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drone_lint.api import ConfigFile, Finding, Jsonnet, Pipeline, Rule, Severity, Trigger
from drone_lint_rules.dependencies import Wrong, of_pipelines, of_steps


class DependencyCycle(Rule):
    """Pipelines, or steps, depend on each other in a cycle, or on themselves.

    None of them could ever start, so Drone refuses the file. For cycles of several items, Drone's error does not mention a cycle: it says that the
    dependency on an item further down in the file is unknown.
    """

    name = "dependency-cycle"
    severity = Severity.ERROR
    why = "none of them could ever start, so Drone refuses the file"
    help = "remove one of the dependencies"
    trigger = Trigger(keys=("depends_on",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: one
        depends_on: [one]  # <- dependency-cycle
        steps:
        - name: a
          image: golang:1.22.1
          depends_on: [b]  # <- dependency-cycle
        - name: b
          image: golang:1.22.1
          depends_on: [c]
        - name: c
          image: golang:1.22.1
          depends_on: [a]
        ---
        kind: pipeline
        type: docker
        name: two
        depends_on: [three]  # <- dependency-cycle
        ---
        kind: pipeline
        type: docker
        name: three
        depends_on: [two]
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'one', image: 'alpine:3.20', depends_on: ['one'] },  // <- dependency-cycle
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: one
        steps:
        - name: a
          image: golang:1.22.1
        - name: b
          image: golang:1.22.1
          depends_on: [a]
        - name: c
          image: golang:1.22.1
          depends_on: [a, b, d]
        """,
    )
    view = "runner"

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        yield from self._findings(of_pipelines(file))

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        yield from self._findings(of_steps(pipeline))

    def _findings(self, wrongs: Iterable[Wrong]) -> Iterator[Finding]:
        cycles: dict[object, list[Wrong]] = {}
        for wrong in wrongs:
            if wrong.edge.cycle and not wrong.is_null:
                cycles.setdefault((wrong.edge.value.document.index, frozenset(wrong.edge.cycle)), []).append(wrong)
        for found in cycles.values():
            yield self._finding(found)

    def _finding(self, found: list[Wrong]) -> Finding:
        edge = found[0].edge
        drone = [refusal for wrong in found for refusal in wrong.drone]
        if len(edge.cycle) == 1:
            return self.finding(edge.value.place, f"{found[0].kind} `{edge.item.name}` depends on itself", drone=drone)
        cycle = " → ".join(f"`{name}`" for name in (*edge.cycle, edge.cycle[0]))
        return self.finding(edge.value.place, f"these {found[0].kind}s depend on each other: {cycle}", drone=drone)
