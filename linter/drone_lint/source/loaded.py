"""A configuration as loaded: what rules and reporters may know of a file."""

from __future__ import annotations

from typing import NamedTuple

from drone_lint.findings.finding import Problem, Refusal
from drone_lint.model.document import Document
from drone_lint.model.value import AnyPlace
from drone_lint.text.position import SourceFile


class Note(NamedTuple):
    """Something that only a loader can see: about documents, keys, the text itself."""

    rule: str
    """The rule that reports it."""
    place: AnyPlace
    message: str
    drone: tuple[Refusal, ...] = ()
    related: tuple[tuple[str, AnyPlace], ...] = ()
    subject: str = ""
    """What it is about, where the rule makes the message: an external variable's name."""
    parts: tuple[AnyPlace, ...] = ()
    """Every place that it is about, where `place` is the first."""
    for_shell: bool = False
    """Whether it stands in a command of a step, or in no value at all."""
    deliberate: bool = False
    """Whether it looks as if the author knows: worth a remark, no more."""
    mild: bool = False
    """Whether it deserves a warning where the rule's other findings are errors."""


class PlacedExpansion(NamedTuple):
    """A `${}` and where it stands."""

    name: str
    form: str
    """The function between name and argument; empty for the plain form."""
    text: str
    """As written, from `${` to `}`."""
    place: AnyPlace
    in_value: bool = True
    """Whether it stands in a value or key, and not in a comment or between documents."""
    for_shell: bool = False
    """Whether it stands in a command of a step."""


class Evaluation(NamedTuple):
    """What a configuration gives for one set of builds."""

    events: tuple[str, ...] | None
    """The build events it was evaluated for; None: the same for all."""
    server: tuple[Document, ...]
    """What the server sees: before `${}` substitution."""
    runner: tuple[Document, ...]
    """What runners see: after it. The same objects where substitution changes nothing, and where it cannot be done."""
    problems: tuple[Problem, ...] = ()
    """What could not be evaluated or read for these builds."""

    def view(self, name: str) -> tuple[Document, ...]:
        """The documents of a view, `server` or `runner`."""
        return self.runner if name == "runner" else self.server


class ConfigFile(NamedTuple):
    """One file with everything that was read from it."""

    source: SourceFile
    language: str
    """`yaml`, `jsonnet` or `starlark`."""
    evaluations: tuple[Evaluation, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What kept the file, or a document of it, from being read."""
    notes: tuple[Note, ...] = ()
    """What the loader noticed, for a rule to report."""
    expansions: tuple[PlacedExpansion, ...] = ()
    """Every `${}` of the text that runners substitute, comments included."""
    legacy: bool = False
    """A Drone 0.8 file, which the server converts first."""
    root: str | None = None
    """Absolute path of the repository's root, None when unknown (standard input)."""
    sources: tuple[SourceFile, ...] = ()
    """Every file whose text took part, this one first."""
    runners: tuple[str, ...] = ()
    """Types of the runners that read the file (`docker`, ...): those of its pipelines, the settings' one where there is no pipeline."""

    def noted(self, rule: str) -> tuple[Note, ...]:
        """What the loader noticed for a rule."""
        return tuple(note for note in self.notes if note.rule == rule)

    def forget(self) -> None:
        """Have the documents let go of what was worked out of them, which refers back to them."""
        for evaluation in self.evaluations:
            for document in (*evaluation.server, *evaluation.runner):
                document.forget()
