"""What only a loader can see of a configuration, as facts: about the text itself, its documents, its program. Rules have the words."""

from __future__ import annotations

from typing import Literal, NamedTuple

from drone_lint.findings.finding import Refusal
from drone_lint.model.value import AnyPlace, TextPlace


class LegacyFile(NamedTuple):
    """The file is written for Drone 0.8."""

    place: TextPlace
    """The word `pipeline`."""
    refusals: tuple[Refusal, ...] = ()
    """Of a file that the server cannot convert: what runners say to it as it is."""


class EmptyDocument(NamedTuple):
    """A document without content, which to the server is one without a `kind`."""

    place: TextPlace
    cause: Literal["comment", "blank line", "separator", "last separator"]
    refusals: tuple[Refusal, ...] = ()


class UnreadText(NamedTuple):
    """Text that Drone does not read."""

    place: AnyPlace
    """Where it begins; in a program the value that is too long."""
    cause: Literal["long line", "long value", "terminator", "document over"]
    refusals: tuple[Refusal, ...] = ()


class RepeatedKey(NamedTuple):
    """A key that is written twice in one map."""

    place: TextPlace
    key: str
    first: TextPlace


class OverriddenKey(NamedTuple):
    """A merge key whose map overrides a key that is written before it."""

    place: TextPlace
    key: str
    lost: TextPlace


class FailedSubstitution(NamedTuple):
    """A `${}` that runners cannot substitute, or whose value breaks the file."""

    place: AnyPlace
    cause: Literal["form", "too deep", "breaks the file"]
    error: str
    """In Drone's words; of one that is nested too deep, in ours."""
    text: str = ""
    """The `${}` as written, to the end of its line."""
    for_shell: bool = False
    """Whether it stands in a command of a step, or in no value at all."""
    refusals: tuple[Refusal, ...] = ()


class RemovedBackslashes(NamedTuple):
    """A value in which runners remove backslashes before they parse the file."""

    place: AnyPlace
    """The first; where the runner then cannot read the file, the one that breaks it."""
    parts: tuple[AnyPlace, ...]
    """All of them."""
    doubled: bool = False
    """Whether all stand twice as often as YAML needs them: written for a runner that halves them."""
    error: str = ""
    """Why the runner cannot read the file afterwards; empty where it can."""
    refusals: tuple[Refusal, ...] = ()


class UnresolvedImport(NamedTuple):
    """An import that the server does not resolve as it is resolved here."""

    place: TextPlace
    name: str
    cause: Literal["absolute", "no imports", "limit", "library path", "own folder", "absolute here", "uncommitted"]
    limit: int = 0
    """How many files the server imports."""
    refusals: tuple[Refusal, ...] = ()


class StaleYaml(NamedTuple):
    """The YAML beside a program is not what the program gives."""

    place: TextPlace
    """Where they differ first in meaning, in the YAML."""
    program: str
    """Path of the program, as shown."""
    has_comments: bool = False
    """Whether the YAML may have comments, which generating it again would lose."""


class Arrival(NamedTuple):
    """A value that an external variable with text of untrusted contributors reaches."""

    place: AnyPlace
    variable: str
    read_at: TextPlace | None
    """Where the program reads it first, if that can be told."""


class NeverEqual(NamedTuple):
    """A comparison of an external variable, which is a text, with a boolean or number."""

    place: TextPlace
    variable: str
    negated: bool
    """Whether it is `!=`, and so always true."""


Fact = (
    LegacyFile
    | EmptyDocument
    | UnreadText
    | RepeatedKey
    | OverriddenKey
    | FailedSubstitution
    | RemovedBackslashes
    | UnresolvedImport
    | StaleYaml
    | Arrival
    | NeverEqual
)
