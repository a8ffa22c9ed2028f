"""Kinds and types that nobody takes."""

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
    Severity,
    Value,
    nearest,
)

_KINDS = ("pipeline", "secret", "signature", "template", "cron", "registry")
_MEANT = {"aws": "vm", "k8s": "kubernetes", "shell": "exec"}
_MISSING = "yaml: missing kind attribute"


class UnknownKindOrType(Rule):
    """A document's `kind`, or a pipeline's `type`, is none that Drone knows.

    A document without `kind` fails the build. With one that is misspelt the server takes the document for a pipeline and waits for a
    runner that will never come: the build is pending for ever, and nobody says why. The same goes for `type`; both are compared
    exactly, so `Docker` is unknown, too. `kind: cron` is read and does nothing; a template is recognised only by a line that is exactly
    `kind: template`.

    Types of your own runners can be named in the configuration: `server: {extra-types: [...]}`.
    """

    name = "unknown-kind-or-type"
    severity = Severity.ERROR
    why = "the build waits for ever for a runner that takes it"
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
        Jsonnet("""
        [
          { kind: 'pipeline', type: 'kubernets', name: 'a' },  // <- unknown-kind-or-type
          { name: 'b' },  // <- unknown-kind-or-type
        ]
        """),
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
            place = (kind or next((value for _, value in document.value.items()), document.value)).key
            old = "; it looks written for Drone 0.8" if "pipeline" in document.value.data else ""
            yield self.finding(place, f"a document without `kind`{old}", drone=[("server", _MISSING)], why="the server fails every build")
        elif kind.text == "cron":
            message = "`kind: cron` does nothing: Drone takes cron jobs from the repository's settings"
            yield self.finding(kind.place, message, severity=Severity.WARNING, why="")
        elif kind.text == "template" and file.language == "yaml" and not _is_template(file):
            message = "Drone does not see a template here: the line must be `kind: template` and nothing else"
            yield self.finding(kind.place, message)
        elif kind.text not in _KINDS:
            yield self._unknown(kind, "kind", _KINDS)
        elif kind.text == "pipeline":
            yield from self._check_type(document)

    def _check_type(self, document: Document) -> Iterator[Finding]:
        type_ = document.value.get("type")
        if type_ is not None and type_.is_scalar and type_.text and type_.text not in (*RUNNERS, *self.settings.server.extra_types):
            yield self._unknown(type_, "type", (*RUNNERS, *self.settings.server.extra_types))

    def _unknown(self, value: Value, key: str, known: tuple[str, ...]) -> Finding:
        guess = _MEANT.get(value.text.lower()) or nearest(value.text, known)
        fix = Fix(f"write `{guess}`", (Edit(value.place, guess),), safe=False) if guess else None
        hint = f"; did you mean `{guess}`?" if guess else "; it knows " + ", ".join(f"`{name}`" for name in known)
        return self.finding(value.place, f"Drone knows no {key} `{value.text}`{hint}", fix=fix)


def _is_template(file: ConfigFile) -> bool:
    return re.search(r"(?m)^kind:[ \t\r\f\v]+template[ \t\r\f\v]*$", file.source.text) is not None
