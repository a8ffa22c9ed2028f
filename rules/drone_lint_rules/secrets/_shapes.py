"""How secrets are recognized: by their format, or by the name of their key."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from drone_lint.api import data_lines


class Token(NamedTuple):
    """A token of a known format in a text."""

    title: str
    """With its article: `a GitHub token`."""
    start: int
    end: int


class Shape(NamedTuple):
    """A known token format."""

    title: str
    needle: str
    """A substring of every such token, which is cheap to search for."""
    pattern: str


ADDRESS = "a password in a URL"
GUESSES = ("a JSON Web Token", "a credential in a header", "a login of a container registry", ADDRESS)
"""Titles of formats that do not always contain a secret."""
_SHORTEST = 11


@lru_cache(maxsize=1)
def _shapes() -> tuple[Shape, ...]:
    return tuple(Shape(*(part.strip() for part in line.split("|", 2))) for line in data_lines(__file__, "token_shapes.txt"))


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def shapes_in(text: str) -> tuple[Shape, ...]:
    """The formats that a text can contain, to reuse for many values."""
    return tuple(shape for shape in _shapes() if shape.needle in text)


def tokens_in(text: str, shapes: tuple[Shape, ...] | None = None) -> list[Token]:
    """Every known token in a text, except samples from documentation.

    Args:
        text: any text.
        shapes: the formats to search for; None for all.
    """
    found: list[Token] = []
    if len(text) < _SHORTEST:
        return found
    for shape in _shapes() if shapes is None else shapes:
        if shape.needle not in text:
            continue
        for match in _compiled(shape.pattern).finditer(text):
            start, end = match.span(1)
            if not any(start < other.end and other.start < end for other in found) and not is_placeholder(_telling(match[1])):
                found.append(Token(shape.title, start, end))
    return found


def tokens_of(texts: Iterable[str]) -> dict[str, list[Token]]:
    """The tokens of many texts, by text; only texts that have any."""
    long = [text for text in texts if len(text) >= _SHORTEST]
    found: dict[str, list[Token]] = {}
    shapes = shapes_in("\n".join(long))
    for shape in shapes:
        for text in [text for text in long if shape.needle in text and text not in found]:
            found[text] = tokens_in(text, shapes)
    return {text: tokens for text, tokens in found.items() if tokens}


def _telling(token: str) -> str:
    """The part of a token that distinguishes it from a sample: of a private key, the first line of its body."""
    return token.split("-----")[2].strip().partition("\n")[0] if token.startswith("-----BEGIN") else token


def identity(token: str) -> str:
    """The characters of a token that are the same in a value and in its source: without indentation, escaped line breaks and quotes."""
    return re.sub(r"\\[nr]|\W", "", token)[:_IDENTITY]


_IDENTITY = 120


_SAMPLES = (
    "example",
    "xxxx",
    "****",
    "....",
    "0000000000",
    "1234567890123456",
    "placeholder",
    "your_",
    "your-",
    "your ",
    "changeme",
    "change_me",
    "change-me",
    "changethis",
    "change_this",
    "change-this",
    "replaceme",
    "replace_",
    "replace-",
    "insert_",
    "insert-",
    "redacted",
    "dummy",
    "notasecret",
    "not-a-secret",
    "not_a_secret",
    "eyjzdwiioiixmjm0nty3odkw",  # the token of jwt.io
)
_PLACEHOLDERS = frozenset(
    (
        "changeme", "change-me", "change_me", "changeit", "fixme", "todo", "tbd", "none", "null", "nil", "undefined", "unset", "empty", "n/a", "na", "no",
        "yes", "true", "false", "on", "off", "enabled", "disabled", "optional", "required", "auto", "default", "dummy", "fake", "mock", "foo", "bar", "baz",
        "foobar", "placeholder", "redacted", "hidden", "insecure", "not-a-secret", "notasecret", "notused", "unused", "ignored", "plain", "basic",
        "bearer", "...", "xxx", "file", "env", "vault", "inherit", "read", "write", "read-only",
    )
)  # fmt: skip
WEAK = frozenset(
    (
        "password", "passwd", "pass", "secret", "secretpassword", "test", "tests", "testing", "test123", "testpass", "testpassword", "tester", "root", "toor",
        "admin", "administrator", "guest", "user", "username", "postgres", "postgresql", "mysql", "mariadb", "mongo", "mongodb", "redis", "rabbitmq",
        "minio", "minioadmin", "minio123", "db", "database", "ci", "drone", "docker", "local", "localhost", "dev", "development", "gitea", "woodpecker",
        "1234", "12345", "123456", "12345678", "123", "abc123", "qwerty", "letmein", "token", "key", "app", "sa", "elastic", "oracle", "example",
    )
)  # fmt: skip
"""Values that do not protect anything: typical passwords of databases that exist only during a build."""


def is_placeholder(value: str) -> bool:
    """Whether a value is a placeholder for a secret, or a variable."""
    text = value.strip().strip("\"'")
    lower = text.lower()
    if lower in _PLACEHOLDERS or len(lower) < 3 or len(set(lower)) == 1 or _is_variable(text):
        return True
    if (text[0] in "<[{%@" and text[-1] in ">]}%@") or (text.startswith("__") and text.endswith("__")):
        return True
    return "{{" in text or any(sample in lower for sample in _SAMPLES)


def _is_variable(text: str) -> bool:
    """Whether a value is, or contains, a variable of a shell, of Drone or of a template; a `$` between other characters is not a variable."""
    return "$" in text and re.search(r"^\$+[A-Za-z_]\w*$|\$[{(]|\$[A-Z][A-Z_]\w*", text) is not None


def is_elsewhere(text: str) -> bool:
    """Whether a value only refers to a secret: a file, a URL, the name of a variable or of an entry in a secret store."""
    if text.startswith(("/", "./", "../", "~/", "file:", "http://", "https://", "arn:", "env:", "vault:", "op://", "id=", "type=", "ssh-")):
        return True
    return re.fullmatch(rf"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|id_(?:rsa|dsa|ecdsa|ed25519)|[\w.-]+\.(?:{_FILES})", text) is not None


_FILES = "json|pem|key|crt|cer|p12|pfx|jks|txt|ya?ml|env|pub|asc|gpg|ini|conf|cfg|toml|properties"


def is_name(key: str, text: str) -> bool:
    """Whether a value is the name of a secret: `secrets: [docker_password]`, `pull_secret: registry-login`."""
    words = [word.lower() for word in _WORDS.findall(key)]
    return words[-1:] in (["secret"], ["secrets"], ["credential"], ["credentials"]) and bool(
        re.fullmatch(r"[a-z]+(?:[-_.][a-z0-9]+)+", text)
    )


def is_login(key: str, text: str) -> bool:
    """Whether a value under `auth` contains credentials, not the name of a method: it has digits, capitals or a colon."""
    words = [word.lower() for word in _WORDS.findall(key)]
    if words[-1:] != ["auth"] or len(text) < _LOGIN or any(char.isspace() for char in text):
        return False
    mixed = any(char.isupper() for char in text) and any(char.islower() for char in text)
    return mixed or ":" in text or (any(char.isdigit() for char in text) and "-" not in text)


_LOGIN = 7


_WORDS = re.compile(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]*|[0-9]+")
_SECRET_WORDS = frozenset(
    ("password", "passwd", "passphrase", "secret", "token", "apikey", "credential", "credentials", "pwd", "pass", "passcode")
)
_KEY_BEFORE = frozenset(
    (
        "api",
        "access",
        "secret",
        "private",
        "encryption",
        "signing",
        "auth",
        "ssh",
        "gpg",
        "deploy",
        "account",
        "master",
        "shared",
        "service",
        "rsa",
        "pgp",
        "hmac",
        "jwt",
        "cosign",
        "session",
        "cookie",
        "storage",
    )
)
_OTHER_MEANING = frozenset(
    (
        "file", "path", "dir", "directory", "name", "names", "url", "uri", "endpoint", "host", "type", "length", "size", "min", "max", "count", "ttl", "expiry",
        "expires", "expiration", "timeout", "policy", "policies", "env", "var", "variable", "prefix", "suffix", "header", "field", "public", "pub", "version",
        "enabled", "required", "algorithm", "alg", "id", "format", "mode", "engine", "provider", "store", "manager", "mount", "issuer", "audience", "scope",
        "scopes", "role", "refresh", "validate", "validation", "check", "skip", "allow", "disable", "enable", "no", "use", "stdin", "hash", "location", "volume",
        "namespace", "from", "ref", "sha", "sum", "checksum", "digest", "regex", "pattern", "fingerprint", "index", "server", "rotation", "reset", "cache", "restore", "lifetime", "signed",
    )
)  # fmt: skip


@lru_cache(maxsize=4096)
def names_secret(key: str, more: tuple[str, ...] = ()) -> bool:
    """Whether a key's name shows that its value is a secret: `password`, `API_KEY`, `githubToken`, not `token_url` or `PASSWORD_FILE`."""
    if more and key.lower() in (name.lower() for name in more):
        return True
    words = [word.lower() for word in _WORDS.findall(key)]
    if not words or any(word in _OTHER_MEANING for word in words):
        return False
    if any(word in _SECRET_WORDS or word.rstrip("s") in _SECRET_WORDS for word in words if word != "pass" or words[-1] == "pass"):
        return True
    joined = "".join(words)
    if joined.endswith(("password", "passwd", "apikey", "secretkey", "accesskey", "authtoken", "accesstoken")):
        return True
    return words[-1] in ("key", "keys") and len(words) > 1 and words[-2] in _KEY_BEFORE
