"""Keys that Drone does not know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import (
    ConfigFile,
    Document,
    Example,
    Fault,
    Finding,
    Fix,
    Jsonnet,
    Mapping,
    Rule,
    Scalar,
    Severity,
    Value,
    keys_of,
    known_to,
    nearest,
    object_name,
    runner_faults,
)

if TYPE_CHECKING:
    from drone_lint_rules.correctness._meant import Meant

_SLIP = 0.85
"""How alike a key of a plugin's step and a key of steps must be for a slip of the pen."""


class UnknownKey(Rule):
    """Drone does not know a key at this place.

    Drone silently ignores the key and its value: a step with `commmands` does not run anything, `privilaged: true` is
    not privileged, and `tmp: {}` does not create a volume. Keys are in lower case and compared exactly.

    The rule also knows keys of Drone 0.8, of other CI systems and of other levels (`when` in a pipeline, `secrets` in a step, a plugin's parameters next to its `image`), and
    suggests what to write instead. If the correct key is present as well, the misspelled one should be removed, not renamed.

    The rule does not report keys that begin with `x-`, or a pipeline's key under which YAML anchors are defined, unless it looks like a typo. A key that another runner
    knows is reported by `inert-key`; one inside `trigger` or `when` by `invalid-condition`.
    """

    name = "unknown-key"
    severity = Severity.ERROR
    why = "Drone silently ignores the key"
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
        """
        kind: pipeline
        type: docker
        name: default
        when: {event: [push]}  # <- unknown-key
        branches: [main]  # <- unknown-key
        clone: {git: {depth: 50}}  # <- unknown-key
        steps:
        - name: publish
          image: plugins/docker:20.18
          repo: acme/app  # <- unknown-key
          secrets: [docker_password]  # <- unknown-key
          environment: {TOKEN: {$secret: token}}  # <- unknown-key
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            when: {event: [push]}  # <- unknown-key
            steps:
            - name: a
              image: golang:1.22.1
              script: [make]  # <- unknown-key
              env: [A=b]  # <- unknown-key
              volumes:
              - {name: cache, mountPath: /cache}  # <- unknown-key
            volumes:
            - name: cache
              host: {path: /var/cache}
              tmp: {}  # <- unknown-key
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            trigger: {event: [push]}
            steps:
            - name: a
              image: golang:1.22.1
              commands: [make]
              env: [A=b]
              volumes:
              - {name: cache, path: /cache}
            volumes:
            - name: cache
              host: {path: /var/cache}
            """,
        ),
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
          settings: {any: {thing: goes}, when: now, script: [make], env: {a: b}}
          environment: {env: test, script: run.sh, secrets: none}
          platform: {}
          x-note: fine
        trigger: {evnt: push}
        """,
        "kind: pipeline\ntype: some-runner\nname: a\nanything: 1\n",
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for evaluation in file.evaluations:
            for document in evaluation.runner:
                for fault in unknown_keys(document):
                    if not elsewhere(document, fault) and not is_harmless(document, fault):
                        yield self._finding(document, fault)

    def _finding(self, document: Document, fault: Fault) -> Finding:
        from drone_lint_rules.correctness._meant import twin_of

        key = str(fault.path[-1])
        value = Value(document, fault.path, fault.node)
        where = object_name(fault.path[:-1]) if document.pipeline is not None or len(fault.path) > 1 else f"a {document.kind}"
        advice = advice_for(document, fault)
        if advice is not None:
            message = f"unknown key `{key}` in {where}" + (f"; write `{advice.word}`" if advice.word else "")
            return self.finding(value.key, message, help=advice.advice, fix=_renaming(value, advice.word, fault))
        known = keys_of(fault.schema)
        guess = nearest(key, known)
        twin = twin_of(value, guess) if guess else ""
        if twin:
            message = f"unknown key `{key}` in {where}, which already has `{twin}`"
            remedy = "remove it" + (f": with `{guess}` as well, it would be a different volume" if guess != twin else "")
            return self.finding(value.key, message, help=remedy, fix=_renaming(value, guess, fault))
        hint = f"; did you mean `{guess}`?" if guess else _listed(known)
        return self.finding(value.key, f"unknown key `{key}` in {where}{hint}", fix=_renaming(value, guess, fault))


def advice_for(document: Document, fault: Fault) -> Meant | None:
    """What a key that the pipeline's runner does not know probably means; None if only its spelling can tell."""
    from drone_lint_rules.correctness._meant import meant, place_of, plugin_parameter

    key, place = str(fault.path[-1]), place_of(fault.path[:-1])
    if document.pipeline is None:
        return meant(document.kind, key) if len(fault.path) == 1 else None
    if place == "step":
        step = document.value.at(*fault.path[:-1])
        parameter = plugin_parameter(step, key) if step is not None and nearest(key, keys_of(fault.schema), _SLIP) is None else None
        if parameter is not None:
            return parameter
    found = meant(place, key)
    if found is None or (found.word and found.word not in keys_of(fault.schema)):
        return None
    return found


def _renaming(value: Value, word: str | None, fault: Fault) -> Fix | None:
    from drone_lint_rules.correctness._meant import renaming

    return renaming(value, word, fault.schema["properties"][word].get("type", ())) if word else None


def _listed(keys: tuple[str, ...]) -> str:
    return "; the known keys are " + ", ".join(f"`{key}`" for key in keys) if len(keys) <= 8 else ""


def unknown_keys(document: Document) -> Iterator[Fault]:
    """Keys of a document that its runner does not know, except those that only define anchors."""
    for fault in runner_faults(document):
        if fault.kind == "unknown" and not _holds_anchors(document, fault):
            yield fault


def _holds_anchors(document: Document, fault: Fault) -> bool:
    """Whether anchors are defined under a key of the pipeline that does not look like a typo."""
    root = document.root
    if len(fault.path) != 1 or not document.anchors or not isinstance(root, Mapping):
        return False
    key = str(fault.path[0])
    start, end = root.entries[key].start, fault.node.end
    return any(start <= at <= end for at in document.anchors) and nearest(key, keys_of(fault.schema), 0.8) is None


def is_harmless(document: Document, fault: Fault) -> bool:
    """Whether a key of another level is empty, so that ignoring it is harmless: `platform: {}` in a step, which Jsonnet libraries generate."""
    from drone_lint_rules.correctness._meant import meant, place_of

    if place_of(fault.path[:-1]) not in ("pipeline", "step"):
        return False
    empty = isinstance(fault.node, Mapping) and not fault.node.entries
    return (empty or (isinstance(fault.node, Scalar) and fault.node.value is None)) and (
        bool(elsewhere(document, fault)) or meant(place_of(fault.path[:-1]), str(fault.path[-1])) is not None
    )


def elsewhere(document: Document, fault: Fault) -> tuple[str, ...]:
    """The other parts of Drone that know the key."""
    return known_to(fault.path, document.pipeline.type) if document.pipeline is not None else ()
