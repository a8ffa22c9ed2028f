"""Null among steps, commands and dependencies."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Document, Finding, Jsonnet, Pipeline, Rule, Severity, Value
from drone_lint_rules.drone import NAMESPACE, parse_refusal, refused

_NIL_STEP = ("docker", "kubernetes", "vm", "macstadium")
_PANICS = ("exec", "ssh", "digitalocean")
_PANIC = "PANIC: runtime error: invalid memory address or nil pointer dereference"


class NullEntry(Rule):
    """A list of steps, services, commands or dependencies, or the list of documents, has a null in it.

    In Jsonnet `if condition then x` without `else` is null when the condition is false. A null step is refused, or crashes the runner;
    a null document fails the build with `yaml: missing kind attribute`; a null command is an empty line, a null dependency the name "".
    Null volumes are `null-volume`.

    Write `[...] + (if condition then [x] else [])`, or take nulls out with `std.prune` or a comprehension.
    """

    name = "null-entry"
    severity = Severity.WARNING
    why = "a list has an empty place"
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
        if file.language != "jsonnet":
            return
        for evaluation in file.evaluations:
            for document in evaluation.server:
                if document.value.is_null:
                    yield self._document(document)

    def _document(self, document: Document) -> Finding:
        drone = [("server", "yaml: missing kind attribute")]
        return self.finding(
            document.value.place, "a document is null", severity=Severity.ERROR, drone=drone, why="the server fails every build"
        )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        for section in ("steps", "services"):
            for item in pipeline.get(section) or ():
                if item.is_null:
                    yield self._step(item, section, pipeline)
                for key in ("commands", "depends_on"):
                    yield from self._nulls(item.get(key), key)

    def _step(self, item: Value, section: str, pipeline: Pipeline) -> Finding:
        if section == "services":
            drone = refused(pipeline, "linter: nil step", NAMESPACE)
        else:
            drone = [*parse_refusal(pipeline, "detected nil step", _NIL_STEP), *refused(pipeline, _PANIC, _PANICS)]
        why = "the runner crashes" if pipeline.type in _PANICS else "the runner refuses the file"
        return self.finding(item.place, f"null in `{section}`", severity=Severity.ERROR, drone=drone, why=why)

    def _nulls(self, items: Value | None, key: str) -> Iterator[Finding]:
        for item in items or ():
            if item.is_null:
                yield self.finding(item.place, f"null in `{key}`")
