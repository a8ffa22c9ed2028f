"""Values under names that say secret, and which of them are for tests only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.api import Document, Pipeline, Settings, Severity, Step, Value
from drone_lint_rules.secrets._shapes import WEAK, Token, is_elsewhere, is_login, is_name, is_placeholder, names_secret


class Literal(NamedTuple):
    """A value that is written out under a name that says secret."""

    key: str
    value: Value
    start: int = 0
    """Where in the value's text it begins: behind the `=` of a build argument, inside of JSON."""
    end: int | None = None
    """Where it ends; None: with the text."""
    harmless: bool = False
    """Whether it is fit for tests only."""

    @property
    def text(self) -> str:
        """The secret itself, never to be shown."""
        return self.value.text[self.start : self.end]


def literals(document: Document, settings: Settings) -> Iterator[Literal]:
    """Every such value of a document, where people put secrets."""
    pipeline = document.pipeline
    if pipeline is not None:
        yield from _of_pipeline(pipeline, settings)
    elif document.kind == "template":
        yield from _below(document.value.get("data"), settings)


def _of_pipeline(pipeline: Pipeline, settings: Settings) -> Iterator[Literal]:
    of_services = {one.text for step in pipeline.containers if _serves(step) for one in _below(step.get("environment"), settings)}
    for one in _below(pipeline.get("environment"), settings):
        if one.text not in of_services:
            yield one._replace(harmless=is_weak(one.text) or _is_for_tests(one.key))
    for step in pipeline.containers:
        for one in _below(step.get("environment"), settings):
            if _serves(step) or one.text not in of_services:
                yield one._replace(harmless=_serves(step) or is_weak(one.text) or _is_for_tests(one.key))
        yield from _below(step.get("settings"), settings)
    yield from _below(pipeline.get("server"), settings)
    token = pipeline.get("token")
    if pipeline.type == "digitalocean" and token is not None:
        yield from (
            Literal("token", value) for value in (token, token.get("value")) if value is not None and _is_written_out("token", value)
        )


def _serves(step: Step) -> bool:
    detach = step.get("detach")
    return step.is_service or (detach is not None and detach.true)


def _below(found: Value | None, settings: Settings) -> Iterator[Literal]:
    """Literals in a map of names, at any depth."""
    stack = list(found.items())[::-1] if found is not None else []
    while stack:
        key, value = stack.pop()
        if value.is_map:
            below = [(key if name == "value" else name, item) for name, item in value.items() if name != "from_secret"]
            stack.extend(below[::-1])
        elif value.is_list:
            stack.extend((key, item) for item in list(value)[::-1])
        else:
            yield from _literal(key, value, found, settings)


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
    """Literals in a text that is JSON: what plugins take as their configuration."""
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
    """Whether a name says that it is for tests: `CYPRESS_TEST_SECRET`."""
    return any(
        word in ("test", "tests", "testing", "e2e", "cypress", "playwright", "dummy", "fake", "mock") for word in key.lower().split("_")
    )


def is_weak(text: str) -> bool:
    """Whether it is a password that nobody would protect anything with."""
    return text.lower() in WEAK or text.lower().rstrip("0123456789!") in WEAK


_WEB = ("http", "https", "ftp", "ftps", "sftp", "ssh", "git", "smtp", "smtps", "imap", "imaps")


def severity_in_address(text: str, token: Token, pipeline: Pipeline | None) -> Severity | None:
    """How bad a password in an address is: none where it is weak and only a database's or a local one's, a notice for the pipeline's own containers."""
    scheme = text[: token.start].rpartition("://")[0].rpartition(" ")[2].lower()
    host = text[token.end + 1 :]
    for sign in "/:?# \t\n\"'`,;)":
        host = host.partition(sign)[0]
    is_local = "." not in host or host.startswith("127.")
    if is_weak(text[token.start : token.end]) and (is_local or scheme.rpartition("=")[2].strip("\"'(") not in _WEB):
        return None
    names = {step.name for step in pipeline.containers} if pipeline is not None else set()
    return Severity.NOTICE if host in names else Severity.ERROR
