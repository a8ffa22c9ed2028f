"""Keys that Drone does not know."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    ConfigFile,
    Document,
    Edit,
    Example,
    Fault,
    Finding,
    Fix,
    Jsonnet,
    Mapping,
    Rule,
    Severity,
    Value,
    did_you_mean,
    keys_of,
    known_to,
    nearest,
    object_name,
    runner_faults,
)


class UnknownKey(Rule):
    """A key is none that Drone knows at this place.

    Drone ignores it without a word, and with it what it was meant to say: `commmands` is a step that does nothing, `privilaged: true` is
    not privileged, `tmp: {}` makes no volume. Keys are written in lower case and compared exactly.

    Keys that begin with `x-` are left alone, and so is a key of a pipeline under which YAML anchors are defined, unless it looks like a slip. A key that Drone knows
    elsewhere is `inert-key`; one inside `trigger` or `when` is `invalid-condition`.
    """

    name = "unknown-key"
    severity = Severity.ERROR
    why = "Drone ignores the key without a word"
    fixable = "unsafe"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        Steps: []  # <- unknown-key
        steps:
        - name: test
          image: golang:1.22.1
          commmands: [make]  # <- unknown-key
          environment:
            A: {fromsecret: token}  # <- unknown-key
        volumes:
        - name: cache
          tmp: {}  # <- unknown-key
        """,
        """
        kind: pipeline
        type: docker
        name: &name default
        triger: {event: push}  # <- unknown-key
        Steps:  # <- unknown-key
        - &step
          name: test
        """,
        """
        kind: secret
        name: token
        get: {path: secret/data/x, nmae: y}  # <- unknown-key
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'exec', name: 'default', steps: [
          {
            name: 'a',
            comands: ['make'],  // <- unknown-key
          },
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - "comands": [make]  # <- unknown-key
              name: a
              image: golang:1.22.1
              enviroment: {A: b}  # <- unknown-key
              frobnicate: 1  # <- unknown-key
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - "commands": [make]
              name: a
              image: golang:1.22.1
              environment: {A: b}
              frobnicate: 1
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'default', steps: [
              { name: 'a', image: 'golang:1.22.1', comands+: ['make'], "enviroment": {} },  // <- unknown-key, unknown-key
            ] }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'default', steps: [
              { name: 'a', image: 'golang:1.22.1', commands+: ['make'], "environment": {} },
            ] }
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        x-anything: {a: b}
        _anchors:
          go: &go {image: "golang:1.22.1"}
        steps:
        - <<: *go
          name: test
          settings: {any: {thing: goes}}
          x-note: fine
        trigger: {evnt: push}
        """,
        "kind: pipeline\ntype: some-runner\nname: a\nanything: 1\n",
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for evaluation in file.evaluations:
            for document in evaluation.runner:
                for fault in unknown_keys(document):
                    if not elsewhere(document, fault):
                        yield self._finding(document, fault)

    def _finding(self, document: Document, fault: Fault) -> Finding:
        key = str(fault.path[-1])
        value = Value(document, fault.path, fault.node)
        known = keys_of(fault.schema)
        guess = nearest(key, known)
        where = object_name(fault.path[:-1]) if document.pipeline is not None or len(fault.path) > 1 else f"a {document.kind}"
        hint = did_you_mean(key, known) or f"; it knows {_listed(known)}"
        fix = Fix(f"rename it to `{guess}`", (Edit(value.key, guess),), safe=False) if guess else None
        return self.finding(value.key, f"unknown key `{key}` in {where}{hint}", fix=fix)


def _listed(keys: tuple[str, ...]) -> str:
    return ", ".join(f"`{key}`" for key in keys) if len(keys) <= 8 else f"{len(keys)} others"


def unknown_keys(document: Document) -> Iterator[Fault]:
    """Keys of a document that its runner does not read; not those that hold anchors for the rest of it."""
    for fault in runner_faults(document):
        if fault.kind == "unknown" and not _holds_anchors(document, fault):
            yield fault


def _holds_anchors(document: Document, fault: Fault) -> bool:
    """Whether anchors are defined under a key of the pipeline that is no slip of the pen."""
    root = document.root
    if len(fault.path) != 1 or not document.anchors or not isinstance(root, Mapping):
        return False
    key = str(fault.path[0])
    start, end = root.entries[key].start, fault.node.end
    return any(start <= at <= end for at in document.anchors) and nearest(key, keys_of(fault.schema), 0.8) is None


def elsewhere(document: Document, fault: Fault) -> tuple[str, ...]:
    """Who else in Drone knows the key."""
    return known_to(fault.path, document.pipeline.type) if document.pipeline is not None else ()
