"""The public, stable surface: all that a rule or a rule pack may import."""

from __future__ import annotations

from drone_lint.findings.checklist import Check, Checklist, Probe, Row, Status, StepChecklist
from drone_lint.findings.finding import Confidence, Edit, Finding, Fix, Problem, Refusal, Related, Severity, Unchecked
from drone_lint.lint.rule import CIS_DOCKER, CWE, OWASP, Example, Jsonnet, NoOptions, Reference, Rule, Starlark, Trigger, data_lines
from drone_lint.lint.schema import Fault, decoded_by_all, expected, keys_of, known_to, object_name, runner_faults, server_faults
from drone_lint.model.condition import EVENTS, Condition, Conditions
from drone_lint.model.document import Document
from drone_lint.model.image import ImageReference, parse_image
from drone_lint.model.lazy import remembered
from drone_lint.model.node import Mapping, Node, Scalar, Sequence
from drone_lint.model.pipeline import RUNNERS, Pipeline
from drone_lint.model.step import Step
from drone_lint.model.value import AnyPlace, Part, Place, TextPlace, Value
from drone_lint.model.volume import Mount, Volume
from drone_lint.semantics.conditions import events_taken, takes
from drone_lint.semantics.glob import is_malformed, matches
from drone_lint.semantics.host_path import SOCKETS, clean_host_path, host_mounts, socket_of
from drone_lint.semantics.privilege import AUTOMATIC, RESTRICTED_BELOW, automatic_for, automatic_plugin, lost_by
from drone_lint.semantics.reach import (
    impossible,
    listed,
    never_matches,
    pipeline_events,
    possible,
    satisfiable,
    step_events,
    step_values,
    triggering_events,
    unblocked_events,
)
from drone_lint.semantics.setting import plugin_text
from drone_lint.semantics.size import parse_size
from drone_lint.semantics.substitution import Expansion, expansions_in
from drone_lint.semantics.variables import known as drone_variables
from drone_lint.semantics.variables import runner_text
from drone_lint.settings import (
    ImageSettings,
    JsonnetSettings,
    PluginSettings,
    SecretSettings,
    ServerSettings,
    Settings,
    SubstitutionSettings,
)
from drone_lint.source.facts import (
    Arrival,
    EmptyDocument,
    FailedSubstitution,
    LegacyFile,
    NeverEqual,
    OverriddenKey,
    RemovedBackslashes,
    RepeatedKey,
    StaleYaml,
    UnreadText,
    UnresolvedImport,
)
from drone_lint.source.loaded import ConfigFile, Evaluation, PlacedExpansion
from drone_lint.source.repository import Duplicate, OtherYaml, Surroundings
from drone_lint.source.yaml.scalars import resolve as resolve_scalar
from drone_lint.text.position import SourceFile
from drone_lint.text.programs import find_program
from drone_lint.text.spelling import did_you_mean, nearest

__all__ = [
    "AUTOMATIC",
    "CIS_DOCKER",
    "CWE",
    "EVENTS",
    "OWASP",
    "RESTRICTED_BELOW",
    "RUNNERS",
    "SOCKETS",
    "AnyPlace",
    "Arrival",
    "Check",
    "Checklist",
    "Condition",
    "Conditions",
    "Confidence",
    "ConfigFile",
    "Document",
    "Duplicate",
    "Edit",
    "EmptyDocument",
    "Evaluation",
    "Example",
    "Expansion",
    "FailedSubstitution",
    "Fault",
    "Finding",
    "Fix",
    "ImageReference",
    "ImageSettings",
    "Jsonnet",
    "JsonnetSettings",
    "LegacyFile",
    "Mapping",
    "Mount",
    "NeverEqual",
    "NoOptions",
    "Node",
    "OtherYaml",
    "OverriddenKey",
    "Part",
    "Pipeline",
    "Place",
    "PlacedExpansion",
    "PluginSettings",
    "Probe",
    "Problem",
    "Reference",
    "Refusal",
    "Related",
    "RemovedBackslashes",
    "RepeatedKey",
    "Row",
    "Rule",
    "Scalar",
    "SecretSettings",
    "Sequence",
    "ServerSettings",
    "Settings",
    "Severity",
    "SourceFile",
    "StaleYaml",
    "Starlark",
    "Status",
    "Step",
    "StepChecklist",
    "SubstitutionSettings",
    "Surroundings",
    "TextPlace",
    "Trigger",
    "Unchecked",
    "UnreadText",
    "UnresolvedImport",
    "Value",
    "Volume",
    "automatic_for",
    "automatic_plugin",
    "clean_host_path",
    "data_lines",
    "decoded_by_all",
    "did_you_mean",
    "drone_variables",
    "events_taken",
    "expansions_in",
    "expected",
    "find_program",
    "host_mounts",
    "impossible",
    "is_malformed",
    "keys_of",
    "known_to",
    "listed",
    "lost_by",
    "matches",
    "nearest",
    "never_matches",
    "object_name",
    "parse_image",
    "parse_size",
    "pipeline_events",
    "plugin_text",
    "possible",
    "remembered",
    "resolve_scalar",
    "runner_faults",
    "runner_text",
    "satisfiable",
    "server_faults",
    "socket_of",
    "step_events",
    "step_values",
    "takes",
    "triggering_events",
    "unblocked_events",
]
