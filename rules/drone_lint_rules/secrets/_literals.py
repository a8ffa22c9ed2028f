"""Values under keys that name a secret, and which of them are only used for tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.api import Document, Pipeline, Settings, Severity, Step, Value
from drone_lint_rules.secrets._shapes import WEAK, Token, is_elsewhere, is_login, is_name, is_placeholder, names_secret


class Literal(NamedTuple):
    """A literal value under a key that names a secret."""

    key: str
    value: Value
    start: int = 0
    """Where the secret begins in the value's text: after the `=` of a build argument, or inside JSON."""
    end: int | None = None
    """Where the secret ends; None for the end of the text."""
    harmless: bool = False
    """Whether it is only used for tests."""

    @property
    def text(self) -> str:
        """The secret itself, never to be shown."""
        return self.value.text[self.start : self.end]


def literals(document: Document, settings: Settings) -> Iterator[Literal]:
    """Every such value in a document, in the keys where secrets are usually set."""
    pipeline = document.pipeline
    if pipeline is not None:
        yield from _of_pipeline(pipeline, settings)
    elif document.kind == "template":
        yield from _below(document.value.get("data"), settings)


def _of_pipeline(pipeline: Pipeline, settings: Settings) -> Iterator[Literal]:
    of_services = {literal.text for step in pipeline.containers if _serves(step) for literal in _below(step.get("environment"), settings)}
    for literal in _below(pipeline.get("environment"), settings):
        if literal.text not in of_services:
            yield literal._replace(harmless=is_weak(literal.text) or _is_for_tests(literal.key))
    for step in pipeline.containers:
        for literal in _below(step.get("environment"), settings):
            if _serves(step) or literal.text not in of_services:
                harmless = _serves(step) or is_weak(literal.text) or _is_for_tests(literal.key)
                yield literal._replace(harmless=harmless or _is_for_service(literal.key, step.get("environment"), pipeline))
        for literal in _below(step.get("settings"), settings):
            yield literal._replace(harmless=literal.text in of_services or _is_for_service(literal.key, step.get("settings"), pipeline))
    yield from _below(pipeline.get("server"), settings)
    token = pipeline.get("token")
    if pipeline.type == "digitalocean" and token is not None:
        yield from (
            Literal("token", value) for value in (token, token.get("value")) if value is not None and _is_written_out("token", value)
        )


_HOSTS = re.compile(r"(.*?)[_-]?(?:host|hostname|server|addr|address|url|uri|endpoint)$", re.IGNORECASE)
_CREDENTIALS = re.compile(
    r"(.*?)[_-]?(?:(?:user|root|admin)[_-]?)?(?:password|passwd|passphrase|pass|pwd|pw|token|secret|auth|(?:api|secret|access)[_-]?key)$",
    re.IGNORECASE,
)


def _is_for_service(key: str, section: Value | None, pipeline: Pipeline) -> bool:
    """Whether a key's host beside it is a service of the pipeline: `db_password` with `db_host: mysql`, `password` with `url: http://mysql`."""
    credential = _CREDENTIALS.match(key)
    if credential is None or section is None:
        return False
    services = {step.name for step in pipeline.containers if _serves(step)}
    return any(
        host[1].lower() == credential[1].lower() and _host_of(value.text) in services
        for name, value in section.items()
        if value.is_string and (host := _HOSTS.match(name))
    )


def _host_of(text: str) -> str:
    """The host in `mysql`, `mysql:3306` or `http://user:password@mysql:80/path`."""
    authority = text.rpartition("://")[2].partition("/")[0].rpartition("@")[2]
    return authority.partition(":")[0]


def _serves(step: Step) -> bool:
    detach = step.get("detach")
    return step.is_service or (detach is not None and detach.true)


_LISTS_OF_NAMES = ("secrets", "envs", "secret_names", "env_names")
"""Settings that list the names of secrets or variables (`envs: [app_token]`), never their values."""


def _below(found: Value | None, settings: Settings) -> Iterator[Literal]:
    """Literals in a map of names, at any depth."""
    stack = list(found.items())[::-1] if found is not None else []
    while stack:
        key, value = stack.pop()
        if value.is_map:
            below = [(key if name == "value" else name, item) for name, item in value.items() if not _is_reference(name, value)]
            stack.extend(below[::-1])
        elif value.is_list:
            if key.lower() in _LISTS_OF_NAMES:
                continue
            stack.extend((key, item) for item in list(value)[::-1])
        else:
            yield from _literal(key, value, found, settings)


def _is_reference(name: str, around: Value) -> bool:
    """Whether a key names a secret, rightly or in a form that Drone does not know: `{$secret: x}` and `{from_password: x}` hold no secret themselves."""
    folded = name.lower().lstrip("$").replace("-", "_")
    of_variable = len(around.path) > 1 and around.path[-2] == "environment"
    return (
        folded.startswith("from_")
        or name.startswith("$")
        or (of_variable and folded in ("secret", "secret_name", "fromsecret", "secretkeyref"))
    )


def _literal(key: str, value: Value, section: Value | None, settings: Settings) -> Iterator[Literal]:
    more = settings.secrets.keys
    name, equals, text = value.text.partition("=")
    if names_secret(key, more):
        if _is_written_out(key, value):
            yield Literal(key, value)
    elif is_login(key, value.text) and not _has_user(section) and _is_written_out(key, value):
        yield Literal(key, value)
    elif equals and name.isidentifier() and not text[:1].isspace() and names_secret(name, more) and _is_secret(name, text):
        yield Literal(name, value, len(name) + 1)
    elif value.text.lstrip()[:1] in ("{", "[") and '"' in value.text:
        yield from _in_json(value, more)


def _in_json(value: Value, more: tuple[str, ...]) -> Iterator[Literal]:
    """Literals in a string that is JSON, which some plugins take as their configuration."""
    import json

    try:
        stack = [("", json.loads(value.text))]
    except (ValueError, RecursionError):
        return
    while stack:
        key, found = stack.pop()
        if isinstance(found, dict):
            stack.extend(reversed(found.items()))
        elif isinstance(found, list):
            stack.extend((key, item) for item in reversed(found))
        elif isinstance(found, str) and names_secret(key, more) and _is_secret(key, found):
            start = value.text.find(found)
            yield Literal(key, value, start, start + len(found)) if start >= 0 else Literal(key, value)


def _has_user(section: Value | None) -> bool:
    return section is not None and any(section.get(name) is not None for name in ("username", "user"))


def _is_written_out(key: str, value: Value) -> bool:
    return not value.is_null and not isinstance(value.data, bool) and value.is_scalar and _is_secret(key, value.text)


def _is_secret(key: str, text: str) -> bool:
    return not is_placeholder(text) and not is_elsewhere(text) and not is_name(key, text)


def _is_for_tests(key: str) -> bool:
    """Whether a key's name shows that it is used for tests: `CYPRESS_TEST_SECRET`."""
    return any(
        word in ("test", "tests", "testing", "e2e", "cypress", "playwright", "dummy", "fake", "mock") for word in key.lower().split("_")
    )


def is_weak(text: str) -> bool:
    """Whether the text is a password that does not protect anything, such as `postgres`."""
    return text.lower() in WEAK or text.lower().rstrip("0123456789!") in WEAK


_WEB = ("http", "https", "ftp", "ftps", "sftp", "ssh", "git", "smtp", "smtps", "imap", "imaps")


def severity_in_address(text: str, token: Token, pipeline: Pipeline | None) -> Severity | None:
    """The severity of a password in a URL: None for a weak one of a database or local server, a notice for the pipeline's own containers."""
    scheme = text[: token.start].rpartition("://")[0].rpartition(" ")[2].lower()
    host = text[token.end + 1 :]
    for sign in "/:?# \t\n\"'`,;)":
        host = host.partition(sign)[0]
    is_local = "." not in host or host.startswith("127.")
    if is_weak(text[token.start : token.end]) and (is_local or scheme.rpartition("=")[2].strip("\"'(") not in _WEB):
        return None
    names = {step.name for step in pipeline.containers} if pipeline is not None else set()
    return Severity.NOTICE if host in names else Severity.ERROR
