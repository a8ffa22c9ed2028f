"""What rules say: severities, findings, refusals, fixes, and what could not be linted."""

from __future__ import annotations

from enum import Enum
from typing import Literal, NamedTuple

from drone_lint.model.value import AnyPlace
from drone_lint.text.position import Span


class Severity(str, Enum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for info up to 3 for error."""
        return _RANKS[self.value]


_RANKS = {"info": 0, "notice": 1, "warning": 2, "error": 3}


class Confidence(str, Enum):
    """How sure a rule is that a finding is one."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Refusal(NamedTuple):
    """Who in Drone refuses a file, and its first words."""

    by: str
    """`server`, or `runner:docker`, `runner:kubernetes`, ..."""
    message: str


class Related(NamedTuple):
    """A second place that explains a finding."""

    message: str
    place: AnyPlace


class Edit(NamedTuple):
    """A change at a place: its value, key or range gets another text, or the entry that it belongs to changes."""

    place: AnyPlace
    text: str = ""
    """The new *value*: the fixer writes it in the quoting of the place."""
    raw: bool = False
    """`text` is source text to put there as it is (for a `TextPlace` always so)."""
    action: Literal["replace", "remove", "after", "before", "quote"] = "replace"
    """`replace`; `remove`: the entry or item, with its key and line; `after`: a new entry `key: text` behind the entry of the place;
    `before`: a new item ahead of the item of the place; `quote`: the item's own text, which YAML read as something else, in quotes."""
    key: str = ""
    """The key of a new entry."""


class Fix(NamedTuple):
    """Edits that remove a finding's cause."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True
    """Whether the meaning stays what the author evidently wanted, so that `--fix` alone applies it."""
    regenerates: str = ""
    """Path, as shown, of a file that is generated from this one and to be generated again."""
    changes_value: bool = False
    """Whether edits of raw text change values, those of the finding's places."""


class Finding(NamedTuple):
    """What one rule found at one place. Rules make these with `Rule.finding`; spans come later."""

    rule: str
    place: AnyPlace
    message: str
    severity: Severity
    confidence: Confidence
    label: str = ""
    """Short text for under the excerpt's marker."""
    related: tuple[Related, ...] = ()
    drone: tuple[Refusal, ...] = ()
    """Who in Drone refuses the file for this."""
    why: str = ""
    help: str = ""
    note: str = ""
    """What Drone does, in words, where that is no refusal."""
    group: str | None = None
    """Findings of a rule with the same group in a file are one (image rules); None: grouped by primary span."""
    lead: AnyPlace | None = None
    """The place of the finding with which this one is shown as one; each of the two can be silenced by itself."""
    fix: Fix | None = None
    secret: bool = False
    """Whether the place holds a secret, which no report may show."""
    kind: str = ""
    """Which of a rule's many checks found it (`SC2086`): findings of different kinds are never one."""


class Problem(NamedTuple):
    """Something that could not be linted: an entry of the report's `errors`."""

    rule: str
    """One of `unreadable`, `invalid-jsonnet`, `invalid-starlark`, `invalid-yaml`, `empty-config`, `unknown-ext-var`, `unavailable-std`,
    `evaluation-limit`, `internal-error`, `unsupported`."""
    path: str
    message: str
    span: Span | None = None
    related: tuple[tuple[str, Span], ...] = ()
    drone: tuple[Refusal, ...] = ()
    help: str = ""
    trace: str = ""
    """Of an internal error: where it was raised. No report has it; `--debug` shows it."""


class Unchecked(NamedTuple):
    """Something that a rule could not look at, for the summary: what was not checked is never silently clean."""

    number: int
    what: str
    """A noun in the singular: `command`."""
    reason: str
    """``shellcheck` is not installed``"""
