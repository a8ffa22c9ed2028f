"""The errors of both decoders in a file's documents, with one entry for each place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from drone_lint.api import ConfigFile, Document, Evaluation, Fault, Place, Value, decoded_by_all, runner_faults, server_faults

_Key: TypeAlias = tuple[int, tuple[str | int, ...], int]


class Refused(NamedTuple):
    """A value that a decoder refuses."""

    document: Document
    fault: Fault
    refusals: list[tuple[str, str]]

    @property
    def value(self) -> Value:
        """The value, in the view in which the fault was found."""
        return Value(self.document, self.fault.path, self.fault.node)

    @property
    def place(self) -> Place:
        """Where the value is written, also when a later one of the same key replaced it."""
        node = self.fault.node
        return Place(self.document, self.fault.path, at=(node.start, node.end) if self.fault.replaced and node.start >= 0 else None)


def refused_values(file: ConfigFile) -> Iterator[Refused]:
    """Every value that the server's or a runner's decoder refuses, with the refusals."""
    for evaluation in file.evaluations:
        yield from _of(file, evaluation)


def _of(file: ConfigFile, evaluation: Evaluation) -> Iterator[Refused]:
    found: dict[_Key, Refused] = {}
    for document in evaluation.server:
        for fault in server_faults(document):
            entry = found.setdefault(_key(document, fault), Refused(document, fault, []))
            entry.refusals.append(("server", _words(fault)))
    for document in evaluation.runner:
        for fault in runner_faults(document):
            readers = _readers(file, document, fault) if fault.refused else ()
            if readers:
                entry = found.setdefault(_key(document, fault), Refused(document, fault, []))
                entry.refusals.extend((f"runner:{name}", _words(fault)) for name in readers)
    yield from found.values()


def _key(document: Document, fault: Fault) -> _Key:
    return document.index, fault.path, fault.node.start if fault.replaced else -1


def _readers(file: ConfigFile, document: Document, fault: Fault) -> tuple[str, ...]:
    """The runners that decode a value: all runners for keys of every document, otherwise the pipeline's own; none for a template."""
    if decoded_by_all(fault) or document.kind in ("secret", "signature"):
        return file.runners
    if document.pipeline is None:
        return ()
    return (document.pipeline.type,)


def _words(fault: Fault) -> str:
    if fault.kind == "size":
        return f"invalid size: '{getattr(fault.node, 'text', '')}'"
    return "yaml: unmarshal errors:"
