"""One step, and how answers about it are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, cast

from drone_lint.api import (
    AnyPlace,
    Check,
    ConfigFile,
    Finding,
    Pipeline,
    Place,
    Row,
    Rule,
    Settings,
    Status,
    Step,
    Surroundings,
    Value,
    automatic_plugin,
)
from drone_lint_rules.docker.client import Presence
from drone_lint_rules.docker.runs import Run
from drone_lint_rules.docker.uses import is_daemon_of


class Asked(NamedTuple):
    """One step, and all that is needed to answer for it."""

    step: Step
    pipeline: Pipeline
    around: Surroundings
    settings: Settings
    file: ConfigFile
    uses: tuple[str, ...]
    unknown_keys: tuple[Finding, ...]
    """Of the whole file."""

    @property
    def is_daemon(self) -> bool:
        """Whether the step is a daemon itself."""
        return is_daemon_of(self.step, self.pipeline)

    @property
    def plugin(self) -> str | None:
        """The plugin with a daemon of its own that the step is."""
        return None if self.step.commands else automatic_plugin(self.step.reference, self.settings.images.privileged)

    @property
    def where(self) -> AnyPlace:
        """The step itself."""
        return self.step.value.place

    def row(
        self,
        check: str,
        status: str,
        sentence: str,
        place: AnyPlace | None = None,
        *,
        rule: str = "",
        remedy: str = "",
        ask: str = "",
        related: Sequence[tuple[str, AnyPlace]] = (),
    ) -> Row:
        """An answer."""
        return Row(cast("Check", check), cast("Status", status), sentence, place or self.where, rule, remedy, ask, tuple(related))

    def found(self, check: str, status: str, findings: Iterable[Finding]) -> Iterator[Row]:
        """Answers that are findings."""
        for one in findings:
            sentence = one.message.removeprefix(f"{self.step.title} ")
            related = [(item.message, item.place) for item in one.related]
            yield self.row(check, status, sentence, one.place, rule=one.rule, remedy=one.help, related=related)

    def of_pipeline(self, kind: type[Rule]) -> tuple[Finding, ...]:
        """What a rule finds in the step's pipeline, asked once a pipeline."""
        memo = self.pipeline.memo
        if kind not in memo:
            memo[kind] = tuple(kind(self.settings).check_pipeline(self.pipeline))
        found: tuple[Finding, ...] = memo[kind]
        return found

    def program(self, check: str, what: str, there: Presence, run: Run, ask: str, kind: type[Rule]) -> Row:
        """Whether a program is in the step."""
        image = self.step.reference.text
        related = run.related
        guess = f"; {run.guess}" if run.guess else ""
        via = f" (by `{run.via}`)" if run.via else ""
        command = ask.format(image="").replace("  ", " ")
        entry, _, arguments = command.partition(" ")
        asked = f"docker run --rm --entrypoint {entry} {image} {arguments}" if "$" not in image else ""
        if there == "image":
            return self.row(check, "ok", f"`{image}` has {what}", self.step["image"].place)
        if there == "brought":
            return self.row(check, "ok", f"the step brings {what} itself", run.place)
        if there == "lacking":
            return self.row(
                check,
                "missing",
                f"`{image}` has not got {what}, which `{run.shown}`{via} needs{guess}",
                run.place,
                rule=kind.name,
                remedy=kind.help,
                related=related,
            )
        if there == "asked":
            sentence = f"`{image}` is not known to have {what}, and the commands ask first whether it is there{via}"
            return self.row(check, "unknown", sentence, run.place, ask=asked, related=related)
        sentence = f"`{image}` is not known to have {what}, which `{run.shown}`{via} needs{guess}"
        return self.row(check, "unknown", sentence, run.place, rule=kind.name, remedy=kind.help, ask=asked, related=related)


def concerns(finding: Finding, value: Value) -> bool:
    """Whether a finding is about a value or something in it."""
    place = finding.place
    return isinstance(place, Place) and place.document.index == value.document.index and place.path[: len(value.path)] == value.path
