"""A configuration as loaded: what rules and reporters may know of a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeVar

from drone_lint.findings.finding import Problem
from drone_lint.model.document import Document
from drone_lint.model.value import AnyPlace
from drone_lint.source.facts import Fact
from drone_lint.text.position import SourceFile

F = TypeVar("F", bound=Fact)
View = Literal["server", "runner", "both"]


class OnDemand(NamedTuple):
    """Facts that cost evaluations or other files, and are looked for when a rule asks."""

    kind: type[Fact]
    look: Callable[[], tuple[Fact, ...]]
    """Remembers what it found."""


_Found = TypeVar("_Found")


def once(look: Callable[[], _Found]) -> Callable[[], _Found]:
    """A search that is made at most once."""
    found: list[_Found] = []

    def remembered() -> _Found:
        if not found:
            found.append(look())
        return found[0]

    return remembered


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
    given: tuple[tuple[str, str], ...] = ()
    """External variables (`build.branch`, `ctx.build.branch`) that had another value than in ordinary builds, with that value: one that
    the program compares the variable with. Findings that ordinary builds have as well are theirs."""

    other_runners: tuple[tuple[Document, ...], ...] = ()
    """What runners see in builds in which variables are empty that `runner` has values for (`DRONE_TAG` without a tag)."""

    @property
    def texts_of_runners(self) -> tuple[tuple[Document, ...], ...]:
        """Everything that runners are known to see."""
        return (self.runner, *self.other_runners)

    def view(self, name: View) -> tuple[Document, ...]:
        """The documents of a view; for `both` the server's, as those of runners are looked at apart."""
        return self.runner if name == "runner" else self.server


class ConfigFile(NamedTuple):
    """One file with everything that was read from it."""

    source: SourceFile
    language: str
    """`yaml`, `jsonnet` or `starlark`."""
    evaluations: tuple[Evaluation, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What kept the file, or a document of it, from being read."""
    known: tuple[Fact, ...] = ()
    """What the loader saw while it read the file."""
    on_demand: tuple[OnDemand, ...] = ()
    """What it can find out."""
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

    seconds: float = 0.0
    """How long it took to load."""

    def offers(self, name: str) -> bool:
        """Whether there are, or may be, facts of a kind, given by the name of its class."""
        return any(type(one).__name__ == name for one in self.known) or any(one.kind.__name__ == name for one in self.on_demand)

    def facts(self, kind: type[F]) -> tuple[F, ...]:
        """All facts of a kind, looked for now where that costs something."""
        found = [one for one in self.known if isinstance(one, kind)]
        later = (one for demand in self.on_demand if demand.kind is kind for one in demand.look())
        return tuple(dict.fromkeys((*found, *(one for one in later if isinstance(one, kind)))))

    def forget(self) -> None:
        """Have the documents let go of what was worked out of them, which refers back to them."""
        for evaluation in self.evaluations:
            for document in (*evaluation.server, *evaluation.runner, *(one for other in evaluation.other_runners for one in other)):
                document.forget()
