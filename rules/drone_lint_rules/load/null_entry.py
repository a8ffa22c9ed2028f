"""Null among steps, commands and dependencies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drone_lint.api import (
    ConfigFile,
    Document,
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Pipeline,
    Rule,
    Severity,
    Value,
)
from drone_lint_rules.dependencies import Wrong, of_pipelines, of_steps
from drone_lint_rules.drone import NAMESPACE, parse_refusal, refused, server_pipelines, server_views

_NIL_STEP = ("docker", "kubernetes", "vm", "macstadium")
_PANICS = ("exec", "ssh", "digitalocean")
_PANIC = "PANIC: runtime error: invalid memory address or nil pointer dereference"


class NullEntry(Rule):
    """A list of steps, services, commands, dependencies or documents contains null.

    In Jsonnet `if condition then x` without `else` is null when the condition is false. The runner refuses a null step, or
    crashes; a null document fails the build with `yaml: missing kind attribute`; a null command becomes an empty line, and a null
    dependency becomes the name "", which does not exist.
    Null volumes are reported by `null-volume`.

    Write `[...] + (if condition then [x] else [])`, or remove nulls with `std.prune` or a comprehension.
    """

    name = "null-entry"
    fixable = "unsafe"
    severity = Severity.WARNING
    why = "Drone decodes the null as an empty value"
    help = "write `[...] + (if condition then [x] else [])`"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          commands:
          - make
          -  # <- null-entry
          depends_on: [~]  # <- null-entry
        - null  # <- null-entry
        services: [~, {name: db, image: "redis:7.2"}]  # <- null-entry
        depends_on:
        - null  # <- null-entry
        """,
        Jsonnet("""
        local windows = false;
        [
          { kind: 'pipeline', type: 'docker', name: 'a', steps: [
            { name: 'a', image: 'alpine:3.20', commands: [
              'make',
              if windows then 'make windows',  // <- null-entry
            ] },
            if windows then { name: 'b', image: 'alpine:3.20' },  // <- null-entry
          ] },
          if windows then { kind: 'pipeline', name: 'w' },  // <- null-entry
        ]
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22.1
              commands:
              - make
              -  # <- null-entry
              depends_on: [a, ~]  # <- null-entry
            - null  # <- null-entry
            - name: a
              image: golang:1.22.1
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22.1
              commands:
              - make
              depends_on: [a]
            - name: a
              image: golang:1.22.1
            """,
        ),
        Jsonnet(
            """
            local windows = false;
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'alpine:3.20', commands: ['make', if windows then 'make windows', 'make test'] },  // <- null-entry
              null,  // <- null-entry
            ] }
            """,
            fixed="""
            local windows = false;
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'alpine:3.20', commands: ['make'] + (if windows then ['make windows'] else []) + ['make test'] },
            ] }
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          commands:
          depends_on:
          settings: {a: [~]}
        services:
        """,
    )
    view = "runner"

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        wrong = _of_nulls(of_pipelines(file))
        for documents in server_views(file):
            for document in server_pipelines(documents):
                yield from self._nulls(document.value.get("depends_on"), "depends_on", wrong)
            if file.language != "yaml":
                yield from (self._document(document) for document in documents if document.value.is_null)

    def _document(self, document: Document) -> Finding:
        drone = [("server", "yaml: missing kind attribute")]
        return self.finding(
            document.value.place,
            "a document in the list is null",
            severity=Severity.ERROR,
            drone=drone,
            why="the server fails every build",
            fix=_removal(document.value),
        )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        wrong: dict[object, Wrong] | None = None
        for section in ("steps", "services"):
            for item in pipeline.get(section) or ():
                if item.is_null:
                    yield self._step(item, section, pipeline)
                for key in ("commands", "depends_on"):
                    found = item.get(key)
                    if found is not None and found.has_null:
                        wrong = _of_nulls(of_steps(pipeline)) if wrong is None else wrong
                        yield from self._nulls(found, key, wrong)

    def _step(self, item: Value, section: str, pipeline: Pipeline) -> Finding:
        if section == "services":
            drone = refused(pipeline, "linter: nil step", NAMESPACE)
        else:
            drone = [*parse_refusal(pipeline, "detected nil step", _NIL_STEP), *refused(pipeline, _PANIC, _PANICS)]
        why = "the runner crashes" if pipeline.type in _PANICS else "the runner refuses the file"
        return self.finding(item.place, f"null in `{section}`", severity=Severity.ERROR, drone=drone, why=why, fix=_removal(item))

    def _nulls(self, items: Value | None, key: str, wrong: dict[object, Wrong]) -> Iterator[Finding]:
        for item in items or ():
            if not item.is_null:
                continue
            found = wrong.get((item.document, item.path))
            if found is None:
                yield self.finding(item.place, f"null in `{key}`", fix=_removal(item))
            else:
                why = "Drone reads null as an empty name, does not find it, and refuses the file"
                yield self.finding(item.place, f"null in `{key}`", severity=Severity.ERROR, drone=found.drone, why=why, fix=_removal(item))


def _of_nulls(wrongs: Iterable[Wrong]) -> dict[object, Wrong]:
    """Refused dependencies on null, by place."""
    return {(wrong.edge.value.document, wrong.edge.value.path): wrong for wrong in wrongs if wrong.is_null}


def _removal(item: Value) -> Fix:
    """Removes the null; in Jsonnet, `if c then x` becomes a list that may be empty."""
    return Fix("remove the null", (Edit(item.place, action="remove"),), safe=False)
