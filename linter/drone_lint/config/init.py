"""The configuration that `drone-lint init` writes, and the JSON Schema of configurations, both made from the code."""

from __future__ import annotations

import inspect
import json
import typing

from drone_lint.config.schema import Schema, described, schema
from drone_lint.lint.registry import builtin_rules
from drone_lint.settings import Settings

SCHEMA_NAME = ".drone-lint.schema.json"

_TEMPLATE = """\
# yaml-language-server: $schema=./{schema}
# The configuration of drone-lint. All keys are optional; the commented ones show the default or an example.

# trust: untrusted            # whether the repository is trusted in Drone; omit it if you do not know
# runner: docker              # for pipelines without a type
# profile: default            # or pedantic, or drone (only errors that Drone itself reports)
# fail-on: warning            # the lowest severity that fails a run
# select: []                  # run only these rules or families
# ignore: [unused-volume]
# severity: {{floating-image-tag: error}}
# server: {{version: "2.25", ignore-pull-requests: false, paths-extension: false, plugin-volumes: false, extra-types: []}}
# jsonnet: {{server-evaluates: true, import-limit: 0, jpath: [vendor], ext-str: {{team: payments}}, engine: auto}}
# templates: {{plugin.star: ci/plugin.star}}  # files with the texts of your templates, by name
# starlark: {{step-limit: 50000, size-limit: 1000000}}  # limits of your Drone server, if it is known to have them
# images: {{trusted-registries: [], privileged: [], docker-client: [], moving-tags: []}}
# secrets: {{allowed-on-pull-requests: [], keys: []}}
# substitution: {{variables: []}}
# plugins: {{registry.example.com/team/deploy: {{settings: [host, user], secrets: [key]}}}}
# rules:
#   privileged-step: {{allow: ["integration-tests*"]}}
# per-path:
#   "examples/**": {{ignore: [floating-image-tag]}}
# files: ["ci/*.jsonnet"]     # Drone configurations with other names than the usual ones
# baseline: .drone-lint-baseline.json
"""


def template() -> str:
    """The text of a configuration to start from."""
    return _TEMPLATE.format(schema=SCHEMA_NAME)


def schema_text() -> str:
    """The JSON Schema's text."""
    return json.dumps(described_schema(), indent=1) + "\n"


def described_schema() -> Schema:
    """The JSON Schema of configurations with the built-in rules, each key with its description."""
    rules = builtin_rules()
    whole = schema(rules)
    described(whole, Settings)
    hints = typing.get_type_hints(Settings)
    for key, section in whole["properties"].items():
        hint = hints[key.replace("-", "_")]
        if hasattr(hint, "_fields"):
            described(section, hint)
            section.setdefault("description", inspect.getdoc(hint))
    for name, options in whole["properties"]["rules"]["properties"].items():
        described(options, rules[name].options)
        options["description"] = rules[name].page().split("\n", 1)[0]
    return whole
