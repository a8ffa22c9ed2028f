"""Unencrypted `kind: secret` documents."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, Document, Finding, Jsonnet, Rule, Severity, Trigger
from drone_lint_rules.secrets._shapes import tokens_in


class InlineSecretResource(Rule):
    """A `kind: secret` document contains an unencrypted value.

    `data` is meant for the output of `drone encrypt`: base64 of encrypted text that only the server can decrypt. Any other value is a secret in plain text that anyone who can
    read the repository can read, and the runner fails to decrypt it.

    Encrypt it (`drone encrypt REPO VALUE`), or read it from a secret store: `get: {path: ..., name: ...}`.
    """

    name = "inline-secret-resource"
    why = "anyone who can read the repository can read the secret, and the runner cannot decrypt it"
    help = "encrypt the value with `drone encrypt REPO VALUE`, or use `get: {path: ..., name: ...}`"
    references = (CWE(312), CWE(540))
    trigger = Trigger(keys=("data",))

    bad = (
        """
        kind: secret
        name: password
        data: correct horse battery staple  # <- inline-secret-resource
        ---
        kind: secret
        name: encoded
        data: c2VjcmV0IHZhbHVlIGluIHBsYWluIGJhc2U2NA==  # <- inline-secret-resource
        ---
        kind: secret
        name: many
        data:
          token: ghp_abcdefghijABCDEFGHIJabcdefghij123456  # <- inline-secret-resource
        """,
        Jsonnet("""
        [{
          kind: 'secret',
          name: 'a',
          data: 'hunter2',  // <- inline-secret-resource
        }]
        """),
    )
    good = (
        """
        kind: secret
        name: encrypted
        data: 0fMxdbE5Xk4Zs1Y1pWcQ2g2l2DPF8d9kxcy2Hk3q3T8mTzqYv0vWQk1fMA==
        ---
        kind: secret
        name: stored
        get: {path: secret/data/docker, name: password}
        ---
        kind: pipeline
        type: docker
        name: a
        data: hello
        """,
    )

    def check_document(self, document: Document) -> Iterator[Finding]:
        data = document.value.get("data") if document.kind == "secret" else None
        for value in data.scalars() if data is not None else ():
            if value.is_null or not value.text or _is_encrypted(value.text):
                continue
            known = _decoded(value.text)
            token = bool(tokens_in(value.text) or tokens_in(known))
            what = f"{f'secret `{document.name}`' if document.name else 'this secret'} is not encrypted"
            yield self.finding(value.place, what, severity=Severity.ERROR if token else Severity.WARNING, secret=True)


def _bytes(text: str) -> bytes | None:
    import base64
    import binascii

    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _is_encrypted(text: str) -> bool:
    """Whether a text can be AES-GCM's output: base64 of a nonce, a tag and bytes that are not text (runner-go secret/encrypted.go)."""
    found = _bytes(text)
    return found is not None and len(found) >= 28 and not _is_text(found)


def _is_text(found: bytes) -> bool:
    try:
        return found.decode("utf-8").isprintable()
    except UnicodeDecodeError:
        return False


def _decoded(text: str) -> str:
    found = _bytes(text)
    return found.decode("utf-8", "replace") if found is not None else ""
