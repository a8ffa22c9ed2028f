"""Names that are used twice."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import RUNNERS, ConfigFile, Document, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Value
from drone_lint_rules.drone import NAMESPACE, clones, parse_refusal, refused, server_pipelines, server_views


class DuplicateName(Rule):
    """Two pipelines, or two steps or services of one pipeline, have the same name.

    Steps and services share one namespace, in which `clone` is reserved for the step that Drone adds (unless `clone: {disable: true}`).
    Pipelines share another namespace; pipelines without a name have the empty name, so two of them collide. Drone refuses the file, and its error
    does not name the duplicate.
    """

    name = "duplicate-name"
    severity = Severity.ERROR
    why = "Drone refuses the file, and its error does not name the duplicate"
    help = "give each a unique name"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
        - name: test  # <- duplicate-name
          image: golang:1.22.1
        - name: clone  # <- duplicate-name
          image: golang:1.22.1
        - name: db  # <- duplicate-name
          image: golang:1.22.1
        services:
        - name: db
          image: postgres:16.2
        ---
        kind: pipeline
        type: exec
        name: default  # <- duplicate-name
        steps:
        - name: clone
        - name: a
        - name: a  # <- duplicate-name
        """,
        """
        kind: pipeline
        type: docker
        steps: []
        ---
        kind: pipeline  # <- duplicate-name
        type: docker
        services:
        - image: redis:7.2
        - image: redis:7.4  # <- duplicate-name
        """,
        Jsonnet("""
        local step(name) = { name: name, image: 'alpine:3.20' };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          step('one'),
          step('one'),  // <- duplicate-name
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        clone: {disable: true}
        steps:
        - name: clone
          image: golang:1.22.1
        - name: Clone
          image: golang:1.22.1
        ---
        kind: pipeline
        type: docker
        name: other
        steps:
        - name: clone2
          image: golang:1.22.1
        ---
        kind: secret
        name: other
        """,
    )
    view = "runner"

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for documents in server_views(file):
            seen: dict[str, Document] = {}
            for document in server_pipelines(documents):
                first = seen.setdefault(document.name, document)
                if first is not document:
                    yield self._pipeline(document, first)

    def _pipeline(self, document: Document, first: Document) -> Finding:
        what = f"a second pipeline named `{document.name}`" if document.name else "a second pipeline without a name"
        related = [("the first one", _name(first.value).place)]
        return self.finding(_name(document.value).place, what, related=related, drone=[("server", "linter: duplicate pipeline names")])

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in NAMESPACE:
            yield from self._check(pipeline, pipeline.steps, None)
        else:
            yield from self._check(pipeline, pipeline.containers, "clone" if clones(pipeline) else None)

    def _check(self, pipeline: Pipeline, steps: tuple[Step, ...], reserved: str | None) -> Iterator[Finding]:
        seen: dict[str, Step] = {}
        parsed: set[str] = set()
        for step in steps:
            first = seen.setdefault(step.name, step)
            twice = not step.is_service and step.name in parsed
            if not step.is_service:
                parsed.add(step.name)
            if step.name == reserved:
                message = "`clone` is reserved for the step that Drone adds to clone the repository"
                drone = _refusals(pipeline, twice)
                yield self.finding(
                    _name(step.value).place, message, drone=drone, help="choose another name, or write `clone: {disable: true}`"
                )
            elif first is not step and (step.name or step.is_service):
                yield self._step(step, first, _refusals(pipeline, twice))

    def _step(self, step: Step, first: Step, drone: list[tuple[str, str]]) -> Finding:
        what = f"a second {step.kind} named `{step.name}`" if step.name else "a second service without a name"
        if first.section != step.section:
            what = f"{step.kind} `{step.name}` has the same name as a {first.kind}"
        related = [("the first one", _name(first.value).place)]
        return self.finding(_name(step.value).place, what, related=related, drone=drone)


def _refusals(pipeline: Pipeline, twice: bool) -> list[tuple[str, str]]:
    """The refusals of a step's name: by the runner's linter, and before it by the parser if an earlier step has the name."""
    parsed = parse_refusal(pipeline, "duplicate step name", RUNNERS) if twice else ()
    return [*parsed, *refused(pipeline, "linter: duplicate step names", NAMESPACE)]


def _name(value: Value) -> Value:
    return value.get("name") or value
