"""From findings at places of the model to places with spans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from drone_lint.findings.finding import Finding
from drone_lint.findings.result import PlaceRecord
from drone_lint.lint.fingerprints import digest_of
from drone_lint.model.document import Document, Located
from drone_lint.model.value import AnyPlace, Place, TextPlace
from drone_lint.source.loaded import Evaluation
from drone_lint.text.position import Span


class Run(NamedTuple):
    """A finding, and the evaluation that it was made in; None where it is of the file as a whole."""

    finding: Finding
    evaluation: Evaluation | None


class Occurrence(NamedTuple):
    """A finding with its spans."""

    finding: Finding
    record: PlaceRecord
    lead: Span
    """Findings of a rule with the same one are shown as one: the primary span, or that of the finding's lead."""
    related: tuple[tuple[str, Span], ...]
    events: tuple[str, ...] | None
    given: tuple[tuple[str, str], ...] = ()


def locate_all(runs: Sequence[Run]) -> list[Occurrence]:
    """Spans for all findings; each document is asked once for all of its places, which a program's needs to be quick."""
    prepare(place for run in runs for place in _places(run.finding))
    return [_locate(run) for run in runs]


def _places(finding: Finding) -> Iterator[AnyPlace]:
    yield finding.place
    yield from (item.place for item in finding.related)
    if finding.lead is not None:
        yield finding.lead


def prepare(places: Iterable[AnyPlace]) -> None:
    """Tell each document all of its places that will be located."""
    wanted: dict[Document, list[Place]] = {}
    for place in places:
        if isinstance(place, Place):
            wanted.setdefault(place.document, []).append(place)
    for document, asked in wanted.items():
        document.locator.prepare(asked)


def resolve(place: AnyPlace) -> Located:
    """The spans of any place."""
    if isinstance(place, TextPlace):
        return Located(Span(place.source, place.start, place.end))
    return place.document.locate(place)


def _locate(run: Run) -> Occurrence:
    finding = run.finding
    located = resolve(finding.place)
    related = [*located.related]
    for item in finding.related:
        other = resolve(item.place)
        related.append((item.message, other.primary))
    related = [item for item in dict.fromkeys(related) if item[1] != located.primary]
    record = _record(finding, located.primary, tuple(related))
    lead = resolve(finding.lead).primary if finding.lead is not None else located.primary
    return Occurrence(finding, record, lead, tuple(related), *_builds(run.evaluation))


def _builds(evaluation: Evaluation | None) -> tuple[tuple[str, ...] | None, tuple[tuple[str, str], ...]]:
    return (evaluation.events, evaluation.given) if evaluation is not None else (None, ())


def _record(finding: Finding, span: Span, related: tuple[tuple[str, Span], ...]) -> PlaceRecord:
    place = finding.place
    document = place.document
    path = place.path if isinstance(place, Place) else ()
    return PlaceRecord(
        document=document.index if document is not None else None,
        pipeline=_pipeline_name(document),
        step=_step_name(document, path),
        pointer=pointer(path),
        span=span,
        place=place,
        message=finding.message,
        related=related,
        content=digest_of(place, secret=finding.secret),
    )


def pointer(path: tuple[str | int, ...]) -> str:
    """A path as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in path)


def _pipeline_name(document: Document | None) -> str | None:
    if document is None or document.pipeline is None:
        return None
    return document.pipeline.name or "default"


def _step_name(document: Document | None, path: tuple[str | int, ...]) -> str | None:
    if document is None or document.pipeline is None or len(path) < 2 or path[0] not in ("steps", "services"):
        return None
    found = document.value.at(path[0], path[1], "name")
    return found.text if found is not None else ""
