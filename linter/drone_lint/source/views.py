"""The two views of a configuration's text: the server's, and the runners' after `${}` substitution; and what differs.

The text is a YAML file's own, or the JSON that the server makes of a Jsonnet program. Places are found by a function, since the
one has its own source and the other leads back to a program's values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from drone_lint.findings.finding import Problem, Refusal
from drone_lint.model.node import Mapping, Node, Scalar, Sequence
from drone_lint.model.pipeline import RUNNERS
from drone_lint.model.value import AnyPlace
from drone_lint.semantics.substitution import (
    Expansion,
    Substituted,
    SubstitutionError,
    TooDeepError,
    lookup_in,
    may_change,
    scan,
    substitute,
)
from drone_lint.semantics.variables import values
from drone_lint.settings import Settings
from drone_lint.source.facts import Fact, FailedSubstitution, RemovedBackslashes
from drone_lint.source.loaded import PlacedExpansion
from drone_lint.source.yaml.composer import YamlError
from drone_lint.source.yaml.decoder import Decoded, Text, decode
from drone_lint.text.position import SourceFile, whole_file

MISSING_KIND = "yaml: missing kind attribute"

PlaceOf = Callable[[int, int], AnyPlace]
"""From a range of the server's text to a place."""


class Views:
    """Both views of a text."""

    def __init__(self, text: str, server: Text, runner: Text, runners: tuple[str, ...]) -> None:
        self.text = text
        self.server = server
        self.runner = runner
        """The same object as `server` where substitution changes nothing, or cannot be done."""
        self.runners = runners
        """Types of the runners that read the text."""
        self.substituted: Substituted | None = None
        self.expansions: tuple[Expansion, ...] = ()
        self.refused: tuple[SubstitutionError, ...] = ()
        self.lost: set[int] = set()
        """Chunks that the server can read and runners, after substitution, cannot."""
        self.others: list[Views] = []
        """The same with other values of variables, as far as they make a difference."""
        self.untried = 0
        """Values of variables that could make a difference and were not tried, since they are too many."""


def views_of(text: str, settings: Settings, *, marked: bool = False) -> Views:
    """Decode a text as the server does, substitute as runners do, decode again. `marked`: a byte order mark stands before it."""
    server = decode(text, marked=marked)
    views = Views(text, server, server, runner_types(text, server, settings))
    if not may_change(text):
        return views
    try:
        views.substituted = substitute(text, lookup_in(values(settings)))
    except SubstitutionError:
        views.expansions, views.refused = scan(text, lookup_in(values(settings)))
        return views
    views.expansions = views.substituted.expansions
    _read_as_runner(views, marked=marked)
    if views.expansions:
        views.others = list(_with_other_values(views, settings, marked=marked))
    return views


def _read_as_runner(views: Views, *, marked: bool) -> None:
    assert views.substituted is not None
    if views.substituted.text != views.text:
        views.runner = decode(views.substituted.text, marked=marked)
        if len(views.runner.split.chunks) == len(views.server.split.chunks):
            views.lost = {number for _, number in views.runner.failures} - {number for _, number in views.server.failures}


def _with_other_values(views: Views, settings: Settings, *, marked: bool) -> Iterator[Views]:
    """What runners see where variables have other values that decide over the text: none, or what a `${}` compares them with."""
    from drone_lint.semantics.worst_case import other_values, untried

    known = values(settings)
    views.untried = untried(views.expansions, views.text, known)
    seen = {views.text, views.substituted.text if views.substituted is not None else ""}
    for changes in other_values(views.expansions, views.text, known):
        other = Views(views.text, views.server, views.server, views.runners)
        try:
            other.substituted = substitute(views.text, lookup_in({**known, **changes}))
        except SubstitutionError:
            continue  # these builds end there
        if other.substituted.text not in seen:
            seen.add(other.substituted.text)
            _read_as_runner(other, marked=marked)
            yield other


def runner_types(text: str, server: Text, settings: Settings) -> tuple[str, ...]:
    """The runners that read a text: those of its pipelines' types; of what could not be read, by its lines."""
    found: dict[str, None] = {}
    for one in server.decoded:
        kind, type_ = _text_at(one.root, "kind"), _text_at(one.root, "type")
        if kind == "pipeline":
            found.setdefault(type_ or settings.runner)
    for _, number in server.failures:
        chunk = server.split.chunks[number]
        match = re.search(r"""(?m)^["']?type["']?\s*:\s*["']?(\w+)""", text[chunk.start : chunk.end])
        found.setdefault(match[1] if match else settings.runner)
    return tuple(name for name in found if name in RUNNERS) if found else (settings.runner,)


def _text_at(root: Node, key: str) -> str:
    entry = root.entries.get(key) if isinstance(root, Mapping) else None
    return entry.node.text if entry is not None and isinstance(entry.node, Scalar) else ""


def too_many_values(views: Views, source: SourceFile) -> tuple[Problem, ...]:
    """That some of what runners may see was not looked at, if so."""
    if not views.untried:
        return ()
    message = f"`${{}}` searches a variable for so many texts that {views.untried} of them were not tried"
    return (Problem("evaluation-limit", source.path, message, whole_file(source), help="search a variable for fewer texts"),)


# -- what only the loader sees


def facts_of(views: Views, place: PlaceOf) -> Iterator[Fact]:
    """What substitution does to the text, and cannot do."""
    if views.refused:
        spans = _scalar_spans(views.server.decoded)
        yield from (_refused(views, error, spans, place) for error in views.refused)
    elif views.substituted is not None and views.runner is not views.server:
        collapsed = _collapsing(views, views.substituted)
        for error in (error for error, number in views.runner.failures if _is_new(views, number)):
            yield _broken(views, error, collapsed, place)
        yield from _collapsed(views, collapsed, place)


def expansions_of(views: Views, place: PlaceOf) -> Iterator[PlacedExpansion]:
    """Every `${}` with its place."""
    spans = _scalar_spans(views.server.decoded) if views.expansions else []
    for one in views.expansions:
        inside = _covering(spans, one.start)
        shell = inside is not None and inside[2]
        yield PlacedExpansion(one.name, one.form, views.text[one.start : one.end], place(one.start, one.end), inside is not None, shell)


def _is_new(views: Views, number: int) -> bool:
    return number in views.lost or len(views.runner.split.chunks) != len(views.server.split.chunks)


def runner_refusals(views: Views, message: str) -> tuple[Refusal, ...]:
    """One refusal by each runner that reads the text."""
    return tuple(Refusal(f"runner:{name}", message) for name in views.runners)


def _refused(views: Views, error: SubstitutionError, spans: Spans, place: PlaceOf) -> FailedSubstitution:
    where = place(error.start, error.end)
    if isinstance(error, TooDeepError):
        return FailedSubstitution(where, "too deep", error.message)
    shown = views.text[error.start : error.end].split("\n")[0]
    inside = _covering(spans, error.start)
    for_shell = inside is None or inside[2]
    return FailedSubstitution(where, "form", error.message, shown, for_shell, runner_refusals(views, error.message))


def _broken(views: Views, error: YamlError, collapsed: Collapsed, place: PlaceOf) -> FailedSubstitution | RemovedBackslashes:
    """A text that substitution breaks: because of its backslashes, whose scalar is taken out of `collapsed`, or of a variable's value."""
    assert views.substituted is not None
    text = views.text
    at = views.substituted.origin(error.at)
    drone = runner_refusals(views, f"yaml: {error.message}")
    before = [offset for offset in views.substituted.removed if offset <= at + 1]
    if before and text.count("\n", before[-1], max(at, before[-1])) <= 1:
        span = next((span for span, offsets in collapsed.items() if before[-1] in offsets), None)
        offsets = collapsed.pop(span) if span is not None else [before[-1]]
        parts = tuple(place(offset, offset + 2) for offset in offsets)
        return RemovedBackslashes(place(before[-1], before[-1] + 2), parts, error=error.message, refusals=drone)
    near = _expansion_before(views.substituted, at)
    where = place(*(near or (at, min(at + 1, len(text)))))
    return FailedSubstitution(where, "breaks the file", error.message, refusals=drone)


def _expansion_before(substituted: Substituted, at: int) -> tuple[int, int] | None:
    found = [one for one in substituted.expansions if one.start <= at]
    return (found[-1].start, found[-1].end) if found else None


def _collapsing(views: Views, substituted: Substituted) -> Collapsed:
    spans = _scalar_spans(views.server.decoded)
    found: Collapsed = {}
    for offset in substituted.removed:
        span = _covering(spans, offset)
        if span is not None:
            found.setdefault(span, []).append(offset)
    return found


def _collapsed(views: Views, collapsed: Collapsed, place: PlaceOf) -> Iterator[RemovedBackslashes]:
    """Values in which runners drop backslashes; one fact each, at the first."""
    for (start, end, _), offsets in collapsed.items():
        parts = tuple(place(offset, offset + 2) for offset in offsets)
        yield RemovedBackslashes(parts[0], parts, doubled=_is_doubled(views.text[start:end]))


def _is_doubled(text: str) -> bool:
    """Whether all backslashes of a scalar stand there twice as often as YAML needs them: written for a runner that halves them."""
    runs = [len(match) for match in re.findall(r"\\+", text)]
    if text.startswith('"'):
        body = re.sub(r'(\\\\)|\\["nrtbf]|\\u[0-9a-fA-F]{4}', lambda match: match[1] or "", text)
        return all(len(match) % 4 == 0 for match in re.findall(r"\\+", body))
    return all(length % 2 == 0 for length in runs)


Spans = list[tuple[int, int, bool]]
"""Where scalars and keys stand, in order, and whether they are commands of a step."""

Collapsed = dict[tuple[int, int, bool], list[int]]
"""Scalars and keys (as in `Spans`) in which runners remove backslashes, with the offsets of these."""


def _scalar_spans(decoded: Iterable[Decoded]) -> Spans:
    found: Spans = []
    stack: list[tuple[Node, bool]] = [(one.root, False) for one in decoded]
    while stack:
        node, shell = stack.pop()
        if isinstance(node, Scalar):
            if node.start >= 0:
                found.append((node.start, node.end, shell))
        elif isinstance(node, Mapping):
            stack.extend((entry.node, key == "commands") for key, entry in node.entries.items())
            found.extend((entry.start, entry.end, False) for entry in node.entries.values())
        elif isinstance(node, Sequence):
            stack.extend((item, shell) for item in node.items)
    return sorted(found)


def _covering(spans: Spans, offset: int) -> tuple[int, int, bool] | None:
    from bisect import bisect_right

    at = bisect_right(spans, (offset, 1 << 62, True)) - 1
    return spans[at] if at >= 0 and spans[at][0] <= offset < spans[at][1] else None
