"""Signatures that do not protect anything."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Finding, Jsonnet, Rule, Severity, Trigger
from drone_lint_rules.drone import server_views


class UnsignableConfig(Rule):
    """A signature is in a place where the server cannot verify it.

    The server compares a signature with the text of all other documents after conversion. A Jsonnet program cannot be signed, because its output is generated again for each
    build. If there are several signatures, only the first counts, and `drone sign` writes it as the last document.

    Sign the generated `.drone.yml` instead, and keep one signature, at the end.
    """

    name = "unsignable-config"
    severity = Severity.NOTICE
    why = "the server compares the signature with a different text than the one that was signed"
    help = "keep one signature, at the end of a `.drone.yml`"
    trigger = Trigger(words=("signature",))

    bad = (
        """
        kind: signature  # <- unsignable-config
        hmac: 0000
        ---
        kind: pipeline
        type: docker
        name: default
        """,
        """
        kind: pipeline
        type: docker
        name: default
        ---
        kind: signature
        hmac: 0000
        ---
        kind: signature  # <- unsignable-config
        hmac: 1111
        """,
        Jsonnet("""
        [
          { kind: 'pipeline', type: 'docker', name: 'a', steps: [] },
          { kind: 'signature', hmac: '0000' },  // <- unsignable-config
        ]
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        ---
        kind: signature
        hmac: 0000
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for documents in server_views(file):
            signatures = [document for document in documents if document.kind == "signature"]
            for number, document in enumerate(signatures):
                place = document.value["kind"].place
                if file.language != "yaml":
                    yield self.finding(
                        place, f"a {file.language.title()} program cannot be signed: the server generates its output again for each build"
                    )
                elif number:
                    yield self.finding(place, "this is not the first signature, and only the first one counts")
                elif document is not documents[-1] and len(signatures) == 1:
                    yield self.finding(place, "the signature is not the last document")
