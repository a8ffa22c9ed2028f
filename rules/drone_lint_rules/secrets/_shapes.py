"""What a secret looks like: by its own shape, or by the name it stands under."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from drone_lint.api import data_lines


class Shape(NamedTuple):
    """A known form of token."""

    title: str
    start: int
    end: int


@lru_cache(maxsize=1)
def _shapes() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    rows = []
    for line in data_lines(__file__, "token_shapes.txt"):
        title, needle, pattern = (part.strip() for part in line.split("|", 2))
        rows.append((title, needle, re.compile(pattern)))
    return tuple(rows)


@lru_cache(maxsize=4096)
def tokens_in(text: str) -> tuple[Shape, ...]:
    """Every known token in a text, without what documentation uses as an example."""
    return tuple(_tokens(text))


def _tokens(text: str) -> Iterator[Shape]:
    taken: list[tuple[int, int]] = []
    for title, needle, pattern in _shapes():
        if needle not in text:
            continue
        for found in pattern.finditer(text):
            start, end = found.span(1) if pattern.groups else found.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            if not is_placeholder(found[1] if pattern.groups else found[0]):
                taken.append((start, end))
                yield Shape(title, start, end)


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
    "changeme",
    "redacted",
    "dummy",
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
"""Values that nobody protects anything with: fit for a database that lives as long as a build."""


def is_placeholder(value: str) -> bool:
    """Whether a value stands for one that somebody is to fill in, or refers to one."""
    text = value.strip().strip("\"'")
    lower = text.lower()
    if lower in _PLACEHOLDERS or len(lower) < 3 or len(set(lower)) == 1:
        return True
    if "$" in text and re.search(r"\$\{?[A-Za-z_(]", text):
        return True
    if text[0] in "<[{%" and text[-1] in ">]}%":
        return True
    return "{{" in text or any(sample in lower for sample in _SAMPLES)


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
    )
)
_OTHER_MEANING = frozenset(
    (
        "file", "path", "dir", "directory", "name", "names", "url", "uri", "endpoint", "host", "type", "length", "size", "min", "max", "count", "ttl", "expiry",
        "expires", "expiration", "timeout", "policy", "policies", "env", "var", "variable", "prefix", "suffix", "header", "field", "public", "pub", "version",
        "enabled", "required", "algorithm", "alg", "id", "format", "mode", "engine", "provider", "store", "manager", "mount", "issuer", "audience", "scope",
        "scopes", "role", "refresh", "validate", "validation", "check", "skip", "allow", "disable", "enable", "no", "use", "stdin", "hash", "location", "volume",
        "namespace", "ref", "regex", "pattern", "fingerprint", "index", "server", "rotation", "reset", "cache", "restore", "lifetime", "signed",
    )
)  # fmt: skip


@lru_cache(maxsize=4096)
def names_secret(key: str, more: tuple[str, ...] = ()) -> bool:
    """Whether a key's name says that its value is secret: `password`, `API_KEY`, `githubToken`, not `token_url` or `PASSWORD_FILE`."""
    if key in more:
        return True
    words = [word.lower() for word in _WORDS.findall(key)]
    if not words or any(word in _OTHER_MEANING for word in words):
        return False
    if any(word in _SECRET_WORDS or word.rstrip("s") in _SECRET_WORDS for word in words if word != "pass" or words[-1] == "pass"):
        return True
    joined = "".join(words)
    if joined.endswith(("password", "passwd", "apikey", "secretkey", "accesskey", "authtoken", "accesstoken")):
        return True
    return words[-1] == "key" and len(words) > 1 and words[-2] in _KEY_BEFORE
