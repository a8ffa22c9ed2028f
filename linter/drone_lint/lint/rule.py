"""The base class of all rules, and the references that rules cite."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, ClassVar, Literal, NamedTuple

from drone_lint.findings.finding import Confidence, Finding, Fix, Problem, Refusal, Related, Severity, Unchecked
from drone_lint.model.document import Document
from drone_lint.model.pipeline import Pipeline
from drone_lint.model.step import Step
from drone_lint.model.value import AnyPlace
from drone_lint.settings import Settings
from drone_lint.source.loaded import ConfigFile, View


class Reference(NamedTuple):
    """Something to read about what a rule finds."""

    id: str
    """Short, as in `CWE-250`."""
    title: str
    url: str = ""


class OWASP:
    """OWASP Top 10 CI/CD Security Risks."""

    _BASE = "https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-"
    CICD_SEC_1 = Reference("CICD-SEC-1", "Insufficient Flow Control Mechanisms", _BASE + "01-Insufficient-Flow-Control-Mechanisms")
    CICD_SEC_2 = Reference(
        "CICD-SEC-2", "Inadequate Identity and Access Management", _BASE + "02-Inadequate-Identity-And-Access-Management"
    )
    CICD_SEC_3 = Reference("CICD-SEC-3", "Dependency Chain Abuse", _BASE + "03-Dependency-Chain-Abuse")
    CICD_SEC_4 = Reference("CICD-SEC-4", "Poisoned Pipeline Execution", _BASE + "04-Poisoned-Pipeline-Execution")
    CICD_SEC_5 = Reference("CICD-SEC-5", "Insufficient PBAC", _BASE + "05-Insufficient-PBAC")
    CICD_SEC_6 = Reference("CICD-SEC-6", "Insufficient Credential Hygiene", _BASE + "06-Insufficient-Credential-Hygiene")
    CICD_SEC_7 = Reference("CICD-SEC-7", "Insecure System Configuration", _BASE + "07-Insecure-System-Configuration")
    CICD_SEC_8 = Reference("CICD-SEC-8", "Ungoverned Usage of 3rd Party Services", _BASE + "08-Ungoverned-Usage-of-3rd-Party-Services")
    CICD_SEC_9 = Reference("CICD-SEC-9", "Improper Artifact Integrity Validation", _BASE + "09-Improper-Artifact-Integrity-Validation")
    CICD_SEC_10 = Reference("CICD-SEC-10", "Insufficient Logging and Visibility", _BASE + "10-Insufficient-Logging-And-Visibility")


def CWE(number: int) -> Reference:  # noqa: N802 - reads as the name that people know
    """A weakness of the Common Weakness Enumeration."""
    return Reference(f"CWE-{number}", f"CWE-{number}", f"https://cwe.mitre.org/data/definitions/{number}.html")


@lru_cache
def data_lines(module_file: str, name: str) -> tuple[str, ...]:
    """The lines of a data list that stands beside a rule's module (`__file__`), without comments and blank lines."""
    with open(os.path.join(os.path.dirname(module_file), name), encoding="utf-8") as file:
        lines = (line.strip() for line in file)
        return tuple(line for line in lines if line and not line.startswith("#"))


def CIS_DOCKER(title: str) -> Reference:  # noqa: N802
    """A recommendation of the CIS Docker Benchmark, by title: its numbers shift between editions."""
    return Reference("CIS Docker", title, "https://www.cisecurity.org/benchmark/docker")


class NoOptions(NamedTuple):
    """The options of a rule that has none."""


class Trigger(NamedTuple):
    """What a file must have for a rule to find anything in it; a rule is not even imported for other files. All that is given must hold."""

    keys: tuple[str, ...] = ()
    """One of these keys, anywhere in a document."""
    words: tuple[str, ...] = ()
    """One of these texts, in any scalar but a document's `type`."""
    fact: str = ""
    """A fact of the loader, by the name of its class (`RepeatedKey`)."""
    expansions: bool = False
    """A `${}`, anywhere in the text."""
    commands: tuple[str, ...] = ()
    """One of these texts, in a command."""
    configured: str = ""
    """A setting that has anything in it (`images.privileged`)."""


class Rule:
    """A check. Stateless: hooks are generators, and the only attributes of an instance are settings and options.

    The subclass's docstring is the rule's page (first line: one sentence; then Markdown: why, what Drone does, instead).
    `bad` and `good` are its tests: in `bad`, comments `# <- rule-name[, rule-name]` mark the lines on which findings start.
    """

    name: ClassVar[str]
    family: ClassVar[str] = ""
    """Set by the registry from the folder when left empty."""
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.HIGH
    profile: ClassVar[Literal["default", "pedantic", "policy"]] = "default"
    """`default`, `pedantic`, or `policy` (on only when the list that `listed_in` names is configured)."""
    listed_in: ClassVar[str] = ""
    """The setting with the list that the rule works with (`images.trusted_registries`): switches a policy or pedantic rule on."""
    asks: ClassVar[tuple[str, ...]] = ()
    """Names of programs that the rule runs: results are not kept beyond a change of theirs."""
    trigger: ClassVar[Trigger | tuple[Trigger, ...]] = Trigger()
    """What a file must have for the rule to be looked at (one of several); nothing, as long as the rule does not say."""
    view: ClassVar[View] = "server"
    """Which documents the rule sees: `server` (before `${}` substitution), `runner`, or `both`, one after the other, with what both say said once.
    Rules of the families about security see both without saying so, unless they say `runner` or are triggered by `${}`."""
    on_legacy: ClassVar[bool] = False
    """Whether the rule runs on Drone 0.8 files, which nothing else does."""
    fixable: ClassVar[Literal["", "safe", "unsafe"]] = ""
    """`safe`, `unsafe` or empty, for the index."""
    why: ClassVar[str] = ""
    """One clause for the text report: what it means for the user."""
    help: ClassVar[str] = ""
    """One clause for the text report: what to do."""
    references: ClassVar[tuple[Reference, ...]] = ()
    options: ClassVar[Any] = NoOptions
    """A NamedTuple (dataclasses cost a run some 20 ms); the configuration's `rules:` entry fills its fields (with `-` for `_`)."""
    bad: ClassVar[tuple[Any, ...]] = ()
    """Examples that the rule must find: a string (YAML, or Jsonnet when `Jsonnet(...)`) or an `Example`."""
    good: ClassVar[tuple[Any, ...]] = ()

    def __init__(self, settings: Settings | None = None, option: Any = None) -> None:
        self.settings = settings if settings is not None else Settings()
        self.option = option if option is not None else self.options()

    @property
    def pedantic(self) -> bool:
        """Whether what only the pedantic profile reports is wanted: that profile is chosen, or this rule by name or family."""
        return self.settings.profile == "pedantic" or bool({self.name, self.family} & set(self.settings.select))

    # -- hooks; a subclass overrides any of them

    def check_file(self, file: ConfigFile) -> Iterable[Finding]:
        """Look at a whole file, once."""
        return ()

    def check_document(self, document: Document) -> Iterable[Finding]:
        """Look at a document of any kind."""
        return ()

    def check_pipeline(self, pipeline: Pipeline) -> Iterable[Finding]:
        """Look at a pipeline."""
        return ()

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterable[Finding]:
        """Look at a step or service."""
        return ()

    def check_files(self, files: Sequence[ConfigFile]) -> Iterable[tuple[ConfigFile, Finding | Problem | Unchecked]]:
        """Look at many files at once, for checks whose start costs more than their work; each result names its file.

        Called before the other rules run, so that it can start a process; its result is iterated when they are done, and then it may
        wait. So this is a function that begins the work and *returns* a generator. A long run comes in several portions.
        """
        return ()

    def finding(
        self,
        place: AnyPlace,
        message: str,
        *,
        severity: Severity | None = None,
        confidence: Confidence | None = None,
        label: str = "",
        related: Iterable[tuple[str, AnyPlace]] = (),
        drone: Iterable[tuple[str, str]] = (),
        why: str | None = None,
        help: str | None = None,  # noqa: A002 - the word of the report
        note: str = "",
        group: str | None = None,
        lead: AnyPlace | None = None,
        fix: Fix | None = None,
        secret: bool = False,
        kind: str = "",
    ) -> Finding:
        """A finding of this rule; what is not given is the rule's own."""
        return Finding(
            rule=self.name,
            place=place,
            message=message,
            severity=severity or self.severity,
            confidence=confidence or self.confidence,
            label=label,
            related=tuple(Related(*item) for item in related),
            drone=tuple(Refusal(*item) for item in drone),
            why=self.why if why is None else why,
            help=self.help if help is None else help,
            note=note,
            group=group,
            lead=lead,
            fix=fix,
            secret=secret,
            kind=kind,
        )

    @classmethod
    def page(cls) -> str:
        """The rule's Markdown page, without its first line."""
        import inspect

        return inspect.cleandoc(cls.__doc__ or "")


class Example(NamedTuple):
    """An example with more than a text: its language, settings, and other files around it."""

    text: str
    language: str = "yaml"
    settings: Any = None
    """A `Settings`, or None for the defaults with the pedantic profile."""
    files: tuple[tuple[str, str], ...] = ()
    """Path and text of other files of the repository."""
    lines: tuple[int, ...] = ()
    """Lines on which the rule itself must fire and no marker can stand."""
    also: tuple[str, ...] = ()
    """Rules that run beside it, though no marker names them."""
    needs: str = ""
    """A program without which nothing can be found; the test is skipped where it is not installed."""
    name: str = ""
    """File name in the repository; `.drone.yml`, `.drone.jsonnet` or `.drone.star` when empty."""
    fixed: str = ""
    """What all of the rule's fixes, unsafe ones too, make of the text without its markers; not compared when empty."""


def Jsonnet(text: str, **more: Any) -> Example:  # noqa: N802
    """A Jsonnet example."""
    return Example(text, language="jsonnet", **more)


def Starlark(text: str, **more: Any) -> Example:  # noqa: N802
    """A Starlark example."""
    return Example(text, language="starlark", **more)


__all__ = [
    "CIS_DOCKER",
    "CWE",
    "OWASP",
    "Example",
    "Iterator",
    "Jsonnet",
    "NoOptions",
    "Reference",
    "Rule",
    "Starlark",
    "Trigger",
    "data_lines",
]
