"""`.drone.yml` and JSON to a configuration: both views, and what the text itself gives rules to report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from drone_lint.findings.finding import Problem, Refusal
from drone_lint.model.document import Document
from drone_lint.model.node import Mapping
from drone_lint.model.value import TextPlace
from drone_lint.settings import Settings
from drone_lint.source.facts import EmptyDocument, Fact, LegacyFile, OverriddenKey, RepeatedKey, UnreadText
from drone_lint.source.loaded import ConfigFile, Evaluation
from drone_lint.source.views import MISSING_KIND, Views, expansions_of, facts_of, runner_refusals, too_many_values, views_of
from drone_lint.source.yaml.composer import Remark, TooDeepError, YamlError
from drone_lint.source.yaml.decoder import Text, decode
from drone_lint.source.yaml.legacy import has_odd_platform, is_convertible, is_legacy, legacy_line
from drone_lint.source.yaml.locator import NodeLocator
from drone_lint.text.position import SourceFile, Span, whole_file


def load_yaml(source: SourceFile, settings: Settings, *, root: str | None = None, marked: bool = False) -> ConfigFile:
    """Read YAML (or JSON) text as Drone does: what the server sees, and what runners see. `marked`: a byte order mark stands before it."""
    legacy = is_legacy(source.text, marked=marked)
    views = views_of(source.text, settings, marked=marked)
    if legacy and not has_kind(views):
        return _legacy(source, settings, root)

    def place(start: int, end: int) -> TextPlace:
        return TextPlace(source, start, end)

    problems = [_problem(source, views, error, number) for error, number in views.server.failures]
    if not views.server.decoded and not problems:
        problems.append(_empty(source, views.server))
    problems += too_many_values(views, source)
    server = tuple(_server_documents(source, views, settings))
    others = tuple(_runner_documents(source, other, server, settings) for other in views.others)
    words = [_legacy_line(source)] if legacy else []
    known = (*words, *_documents(source, views.server), *_keys(source, views.server.remarks), *facts_of(views, place))
    return ConfigFile(
        source,
        "yaml",
        (Evaluation(None, server, _runner_documents(source, views, server, settings), other_runners=others),),
        tuple(problems),
        known,
        expansions=tuple(expansions_of(views, place)),
        root=root,
        sources=(source,),
        runners=views.runners,
    )


def _legacy(source: SourceFile, settings: Settings, root: str | None) -> ConfigFile:
    """A Drone 0.8 file: one fact. Where the server cannot convert it, the runner gets it as it is, and may refuse it."""
    server = decode(source.text)
    drone: tuple[Refusal, ...] = ()
    if server.failures:
        drone = tuple(Refusal(f"runner:{settings.runner}", f"yaml: {error.message}") for error, _ in server.failures)
    elif not all(is_convertible(one.root) for one in server.decoded) and any(has_odd_platform(one.root) for one in server.decoded):
        drone = (Refusal(f"runner:{settings.runner}", "yaml: unmarshal errors:"),)
    found = _legacy_line(source)._replace(refusals=drone)
    return ConfigFile(source, "yaml", known=(found,), legacy=True, root=root, sources=(source,), runners=(settings.runner,))


def _legacy_line(source: SourceFile) -> LegacyFile:
    start = legacy_line(source.text)
    return LegacyFile(TextPlace(source, start, start + len("pipeline")))


def has_kind(views: Views) -> bool:
    """Whether a text that Drone takes for a 0.8 file is, or may be, written for today's Drone as well: other rules look at it then."""
    roots = [one.root for one in (*views.server.decoded, *views.runner.decoded)]
    if any(isinstance(root, Mapping) and "kind" in root.entries for root in roots):
        return True
    return bool(views.server.failures) and re.search(r"""(?m)^[^#\n]*\bkind\b["']?\s*:""", views.text) is not None


def _server_documents(source: SourceFile, views: Views, settings: Settings) -> Iterator[Document]:
    for index, one in enumerate(views.server.decoded):
        yield Document(index, one.root, NodeLocator(source, one.root, source.text), source, settings.runner, one.anchors)


def _runner_documents(source: SourceFile, views: Views, server: tuple[Document, ...], settings: Settings) -> tuple[Document, ...]:
    """The runner's documents; the server's where substitution changes nothing, or breaks what it touches."""
    if views.runner is views.server or views.substituted is None:
        return server
    by_number = {one.number: document for one, document in zip(views.server.decoded, server, strict=True)}
    found = {number: by_number[number] for number in views.lost if number in by_number}
    text, origin = views.substituted.text, views.substituted.origin
    for one in views.runner.decoded:
        same = by_number.get(one.number)
        index = same.index if same is not None else len(found)
        found[one.number] = Document(index, one.root, NodeLocator(source, one.root, text, origin), source, settings.runner, one.anchors)
    return tuple(found[number] for number in sorted(found))


# -- what cannot be read


def _problem(source: SourceFile, views: Views, error: YamlError, number: int) -> Problem:
    """A document that go-yaml refuses; a failure of the runner's text alone is a finding."""
    refusals = [Refusal("server", f"yaml: {error.message}")]
    if views.runner is views.server or number in {failed for _, failed in views.runner.failures}:
        refusals += runner_refusals(views, f"yaml: {error.message}")
    too_deep = isinstance(error, TooDeepError)
    at = min(error.at, len(source.text))
    return Problem(
        "evaluation-limit" if too_deep else "invalid-yaml",
        source.path,
        error.message,
        Span(source, at, min(at + 1, len(source.text))),
        drone=() if too_deep else tuple(refusals),
        help=_hint(error, source.text, at),
    )


def _hint(error: YamlError, text: str, at: int) -> str:
    if "tab" in error.message or "cannot start any token" in error.message:
        return "indent with spaces, and quote values that begin with a special character"
    if "anchor" in error.message:
        return "anchors are not shared between documents"
    if "mapping values are not allowed" in error.message:
        return _deeper(text, at) or "quote text that contains `: `"
    return ""


def _deeper(text: str, at: int) -> str:
    """What to do where a key is indented deeper than the entry above it, which has a value already; empty where that is not the cause."""
    line = text.rfind("\n", 0, at) + 1
    above = text.rfind("\n", 0, max(line - 1, 0)) + 1
    key = re.match(r"[ ]*(?=[\w.-]+[ ]*:(\s|$))", text[line:])
    entry = re.match(r"([ ]*(?:- +)*)([\w.-]+)[ ]*:[ ]+[^\s&*|>#{\[]", text[above:line])
    if key is None or entry is None or len(key[0]) <= len(entry[1]):
        return ""
    columns = len(entry[1])
    return f"indent the key by {columns} space{'' if columns == 1 else 's'}, as `{entry[2]}` above it is"


def _empty(source: SourceFile, server: Text) -> Problem:
    refusals = (Refusal("server", MISSING_KIND),) if server.split.chunks else ()
    message = "the file has no document" if not server.split.chunks else "the file has no documents with content"
    return Problem("empty-config", source.path, message, whole_file(source), drone=refusals)


# -- what only the loader sees


def _documents(source: SourceFile, server: Text) -> Iterator[Fact]:
    if server.decoded or server.failures:
        for number in server.empty:
            yield _empty_document(source, server, number)
    text, found = source.text, server.split
    if found.too_long is not None:
        stop = text.find("\n", found.too_long)
        yield UnreadText(TextPlace(source, found.too_long, min(found.too_long + 80, len(text) if stop < 0 else stop)), "long line")
    elif found.terminator is not None and text[found.terminator :].partition("\n")[2].strip():
        yield UnreadText(TextPlace(source, found.terminator, found.terminator + 3), "terminator")
    for offset in server.unread:
        stop = text.find("\n", offset)
        yield UnreadText(TextPlace(source, offset, len(text) if stop < 0 else stop), "document over")


def _empty_document(source: SourceFile, server: Text, number: int) -> EmptyDocument:
    drone = (Refusal("server", MISSING_KIND),)
    chunk = server.split.chunks[number]
    if chunk.separator is None:
        return _text_before(source, chunk.start, chunk.end, drone)
    last = number == len(server.split.chunks) - 1
    return EmptyDocument(TextPlace(source, *chunk.separator), "last separator" if last else "separator", drone)


def _text_before(source: SourceFile, start: int, end: int, drone: tuple[Refusal, ...]) -> EmptyDocument:
    body = source.text[start:end]
    at = start + len(body) - len(body.lstrip())
    if not body.strip():
        return EmptyDocument(TextPlace(source, start, start), "blank line", drone)
    stop = source.text.find("\n", at)
    return EmptyDocument(TextPlace(source, at, stop if at < stop <= end else at), "comment", drone)


def _keys(source: SourceFile, remarks: Iterable[Remark]) -> Iterator[RepeatedKey | OverriddenKey]:
    for remark in remarks:
        kind = RepeatedKey if remark.kind == "duplicate" else OverriddenKey
        yield kind(TextPlace(source, remark.start, remark.end), remark.key, TextPlace(source, *remark.other))
