"""No report shows a secret that a rule found: not in the words of other findings, not in the names of places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from drone_lint.findings.finding import Problem, Severity
from drone_lint.findings.result import Diagnostic, PlaceRecord
from drone_lint.model.node import Scalar, descend
from drone_lint.model.value import AnyPlace, Part, Place, TextPlace

_SHORTEST = 6
_VEIL = "***"


def secret_texts(found: Iterable[Diagnostic]) -> tuple[str, ...]:
    """What the findings say is secret, longest first; not what is fit for tests only, nor plain words, which would mask half of a report."""
    texts = {
        line
        for item in found
        if item.secret and item.severity is not Severity.NOTICE
        for record in item.places
        for line in _lines(_text(record.place))
        if len(line) >= _SHORTEST and not (line.isalpha() and line.islower())
    }
    return tuple(sorted(texts, key=len, reverse=True))


def _text(place: AnyPlace | None) -> str:
    if isinstance(place, TextPlace):
        return place.source.text[place.start : place.end]
    if not isinstance(place, Place) or place.part is Part.KEY:
        return ""
    node = descend(place.document.root, place.path)
    text = node.text if isinstance(node, Scalar) else ""
    return text[slice(*place.range)] if place.range is not None else text


def _lines(text: str) -> Iterable[str]:
    """The text, and each line of a longer one: a message may quote its first."""
    lines = [line.strip() for line in text.split("\n")]
    return [text.strip(), *(line for line in lines if not line.startswith("-----"))]


def without_secrets(found: Sequence[Diagnostic], secrets: Sequence[str]) -> list[Diagnostic]:
    """The findings with every secret masked in all that a report says of them. Spans stay; reporters mask what they show of the source."""
    mask = _mask(secrets)
    return [_masked(item, mask) for item in found] if secrets else list(found)


def problems_without_secrets(problems: Iterable[Problem], secrets: Sequence[str]) -> list[Problem]:
    """The same for what could not be linted."""
    mask = _mask(secrets)
    return [item._replace(message=mask(item.message), help=mask(item.help)) if secrets else item for item in problems]


def _mask(secrets: Sequence[str]) -> Callable[[str], str]:
    def mask(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, _VEIL)
        return text

    return mask


def _masked(item: Diagnostic, mask: Callable[[str], str]) -> Diagnostic:
    return item._replace(
        message=mask(item.message),
        label=mask(item.label),
        related=tuple((mask(message), span) for message, span in item.related),
        drone=tuple(refusal._replace(message=mask(refusal.message)) for refusal in item.drone),
        why=mask(item.why),
        help=mask(item.help),
        note=mask(item.note),
        places=tuple(_masked_place(record, mask) for record in item.places),
    )


def _masked_place(record: PlaceRecord, mask: Callable[[str], str]) -> PlaceRecord:
    return record._replace(
        pipeline=mask(record.pipeline) if record.pipeline is not None else None,
        step=mask(record.step) if record.step is not None else None,
        pointer=mask(record.pointer),
        message=mask(record.message),
        related=tuple((mask(message), span) for message, span in record.related),
    )
