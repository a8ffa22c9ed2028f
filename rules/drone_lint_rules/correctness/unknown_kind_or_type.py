"""Kinds and types that no runner accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drone_lint.api import (
    RUNNERS,
    ConfigFile,
    Document,
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Rule,
    Settings,
    Severity,
    Value,
    nearest,
)

_KINDS = ("pipeline", "secret", "signature", "template", "cron", "registry")
_MEANT = {"aws": "vm", "k8s": "kubernetes", "shell": "exec"}
_MISSING = "yaml: missing kind attribute"
_TEMPLATES = (".yml", ".yaml", ".jsonnet", ".star", ".starlark", ".script")
"""Extensions of templates (harness/drone plugin/converter/template.go)."""
_NO_TEMPLATE = "the server fails every build"


class UnknownKindOrType(Rule):
    """Drone does not know a document's `kind` or a pipeline's `type`.

    A document without `kind` fails the build. If the kind is misspelled, the server treats the document as a pipeline and waits for a
    runner that does not exist: the build is pending forever, without an error. A misspelled `type` has the same effect; both are compared
    exactly, so `Docker` is unknown, too. `kind: cron` has no effect; the server recognizes a template only by a line that is exactly
    `kind: template`, whose `load` names a file with an extension that Drone supports. A document of another CI system is reported with that system's name.

    Declare the types of custom runners in the configuration: `server: {extra-types: [...]}`.
    """

    name = "unknown-kind-or-type"
    severity = Severity.ERROR
    why = "no runner accepts the pipeline, so the build stays pending forever"
    fixable = "unsafe"

    bad = (
        """
        kind: pipline  # <- unknown-kind-or-type
        type: docker
        name: one
        ---
        kind: pipeline
        type: Docker  # <- unknown-kind-or-type
        name: two
        ---
        type: docker  # <- unknown-kind-or-type
        name: three
        ---
        kind: cron  # <- unknown-kind-or-type
        name: nightly
        """,
        """
        kind: template # the quick one  # <- unknown-kind-or-type
        load: go.yaml
        """,
        """
        pipeline: {build: {image: golang}}  # <- unknown-kind-or-type
        """,
        """
        when:  # <- unknown-kind-or-type
        - event: push
        steps:
          build: {image: "golang:1.22.1"}
        ---
        name: CI  # <- unknown-kind-or-type
        on: push
        jobs: {build: {runs-on: ubuntu-latest, steps: [{run: make}]}}
        ---
        stages: [build]  # <- unknown-kind-or-type
        build: {stage: build, script: [make]}
        """,
        "Kind: pipeline  # <- unknown-kind-or-type\ntype: docker\nname: default\n",
        """
        kind: template
        load: plugin.tmpl  # <- unknown-kind-or-type
        """,
        """
        kind: template  # <- unknown-kind-or-type
        data: {a: b}
        """,
        Jsonnet("""
        [
          { kind: 'pipeline', type: 'kubernets', name: 'a' },  // <- unknown-kind-or-type
          { name: 'b' },  // <- unknown-kind-or-type
        ]
        """),
        Example(
            """
            kind: pipeline  # <- unknown-kind-or-type
            name: default
            """,
            settings=Settings(runner="kubernetes"),
            fixed="""
            kind: pipeline
            type: kubernetes
            name: default
            """,
        ),
        Example(
            """
            kind: pipline  # <- unknown-kind-or-type
            type: docker
            name: default
            ---
            kind: pipeline
            type: "dcoker"  # <- unknown-kind-or-type
            name: other
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            ---
            kind: pipeline
            type: "docker"
            name: other
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'dcoker', name: 'a', steps: [] }  // <- unknown-kind-or-type
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [] }
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        name: one
        ---
        kind: pipeline
        type: vm
        name: two
        ---
        kind: secret
        name: token
        ---
        kind: signature
        hmac: 00
        """,
        "kind: template\nload: go.yaml\n",
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for evaluation in file.evaluations:
            for document in evaluation.server:
                if document.value.is_map:
                    yield from self._check(document, file)

    def _check(self, document: Document, file: ConfigFile) -> Iterator[Finding]:
        kind = document.value.get("kind")
        if kind is not None and not kind.is_scalar:
            return
        if kind is None or not kind.text:
            yield self._without_kind(document, kind)
        elif kind.text == "cron":
            message = "`kind: cron` has no effect: Drone reads cron jobs from the repository's settings"
            yield self.finding(kind.place, message, severity=Severity.WARNING, why="")
        elif kind.text == "template" and file.language == "yaml" and not _is_template(file):
            message = "Drone does not recognize this template: the line must be exactly `kind: template`"
            yield self.finding(kind.place, message)
        elif kind.text not in _KINDS:
            yield self._unknown(kind, "kind", _KINDS)
        elif kind.text == "template":
            yield from self._check_load(document)
        elif kind.text == "pipeline":
            yield from self._check_type(document)

    def _without_kind(self, document: Document, kind: Value | None) -> Finding:
        first = next((value for _, value in document.value.items()), document.value)
        slip = nearest("kind", [key for key, _ in document.value.items()], 0.75)
        if slip is not None:
            wrong = document.value[slip]
            fix = Fix("rename it to `kind`", (Edit(wrong.key, "kind"),), safe=False) if kind is None else None
            message = f"the document has no `kind`; Drone does not know `{slip}`"
            drone = [("server", _MISSING)]
            return self.finding(wrong.key, message, drone=drone, why="the server fails every build", help="rename it to `kind`", fix=fix)
        from drone_lint_rules.correctness._origin import origin

        system = origin(document.value)
        message = "the document has no `kind`" + (f"; it looks like a {system} file" if system not in ("", "Drone") else "")
        advice = (
            "write `kind: pipeline` as the first line of the document"
            if system == "Drone"
            else "a Drone pipeline has `kind: pipeline`, `type: docker`, a `name` and a list of `steps`"
        )
        edit = Edit(kind.place, "pipeline") if kind is not None else None
        fix = Fix("write `kind: pipeline`", (edit,), safe=False) if edit is not None and system == "Drone" else None
        drone = [("server", _MISSING)]
        return self.finding((kind or first).key, message, drone=drone, why="the server fails every build", help=advice, fix=fix)

    def _check_load(self, document: Document) -> Iterator[Finding]:
        load = document.value.get("load")
        if load is None or not load.text:
            yield self.finding(
                (load or document.value["kind"]).key,
                "the template has no `load`",
                why=_NO_TEMPLATE,
                help="name the template: `load: plugin.yaml`",
            )
        elif not load.text.endswith(_TEMPLATES):
            message = f"`{load.text}` does not name a template: Drone tells templates by their extension, `.yaml`, `.jsonnet` or `.star`"
            yield self.finding(load.place, message, why=_NO_TEMPLATE, help="rename the template on the server and here")

    def _check_type(self, document: Document) -> Iterator[Finding]:
        type_ = document.value.get("type")
        if type_ is not None and type_.is_scalar and type_.text and type_.text not in (*RUNNERS, *self.settings.server.extra_types):
            if "${" not in type_.text:  # `unsubstituted-key` says more
                yield self._unknown(type_, "type", (*RUNNERS, *self.settings.server.extra_types))
        elif (type_ is None or (type_.is_scalar and not type_.text)) and self.settings.runner != "docker":
            yield self._without_type(document, type_)

    def _without_type(self, document: Document, type_: Value | None) -> Finding:
        runner, kind = self.settings.runner, document.value["kind"]
        edit = Edit(kind.key, runner, action="after", key="type") if type_ is None else Edit(type_.place, runner)
        return self.finding(
            (type_ or kind).key,
            f"a pipeline without `type` is a `docker` pipeline, and no `{runner}` runner takes it",
            why="the build is pending forever",
            help=f"write `type: {runner}`",
            fix=Fix(f"write `type: {runner}`", (edit,), safe=False),
        )

    def _unknown(self, value: Value, key: str, known: tuple[str, ...]) -> Finding:
        guess = _MEANT.get(value.text.lower()) or nearest(value.text, known)
        fix = Fix(f"write `{guess}`", (Edit(value.place, guess),), safe=False) if guess else None
        hint = f"; did you mean `{guess}`?" if guess else "; the choices are " + ", ".join(f"`{name}`" for name in known)
        return self.finding(value.place, f"unknown {key} `{value.text}`{hint}", fix=fix)


def _is_template(file: ConfigFile) -> bool:
    return re.search(r"(?m)^kind:[ \t\r\f\v]+template[ \t\r\f\v]*$", file.source.text) is not None
