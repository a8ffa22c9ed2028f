"""What findings and places are known by from one run to the next: names and content, no lines and no folders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drone_lint.findings.result import Diagnostic
from drone_lint.model.node import descend, plain
from drone_lint.model.value import AnyPlace, TextPlace


def with_fingerprints(found: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """Findings, each with a fingerprint of its own: equal ones are numbered."""
    if not found:
        return  # a clean run does not import what follows
    import hashlib

    seen: dict[str, int] = {}
    for item in found:
        content = fingerprint_content(item)
        seen[content] = seen.get(content, 0) + 1
        digest = hashlib.sha256(f"{content}\0{seen[content]}".encode("utf-8", "surrogatepass")).hexdigest()
        yield item._replace(fingerprint=digest[:32])


def fingerprint_content(item: Diagnostic) -> str:
    """What a finding is known by: rule, names of pipelines and steps, and the value. No lines, no folder."""
    import json

    names = sorted({(place.pipeline or "", place.step or "") for place in item.places})
    return json.dumps([item.rule, names, item.places[0].content])


def digest_of(place: AnyPlace, *, secret: bool = False) -> str:
    """A digest of what a place is known by; of a secret only its keys, since a list of words would find a short one by its digest."""
    import hashlib
    import json

    return hashlib.sha256(
        json.dumps(keys_of(place) if secret else place_content(place), sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    ).hexdigest()[:16]


def keys_of(place: AnyPlace) -> list[str]:
    """The keys on the way to a place; none for a place of a text."""
    return [] if isinstance(place, TextPlace) else [part for part in place.path if isinstance(part, str)]


def place_content(place: AnyPlace) -> object:
    """What a place is known by: its keys and the value there, no indices and no lines."""
    if isinstance(place, TextPlace):
        return place.source.text[place.start : place.end].strip()
    keys = [part for part in place.path if isinstance(part, str)]
    node = descend(place.document.root, place.path)
    return [keys, plain(node) if node is not None else None, place.range]
