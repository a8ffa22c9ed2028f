"""Numbers in settings that reach the plugin as other numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drone_lint.api import (
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Pipeline,
    Rule,
    Scalar,
    Step,
    Trigger,
    Value,
    expansions_in,
    plugin_text,
    resolve_scalar,
)
from drone_lint_rules.drone import CONTAINERS

_HASHES = ("DRONE_COMMIT", "DRONE_COMMIT_SHA", "DRONE_COMMIT_BEFORE", "DRONE_COMMIT_AFTER", "CI_COMMIT_SHA")
_NUMBERS = ("DRONE_SEMVER_MAJOR", "DRONE_SEMVER_MINOR", "DRONE_SEMVER_PATCH", "DRONE_BUILD_NUMBER", "CI_BUILD_NUMBER")
_SAMPLE_HASH = "03515008e1002345670123456701234567012345"


class InexactSetting(Rule):
    """An unquoted number in `settings` reaches the plugin as another text.

    Settings are typed: YAML reads `1.10` as the number 1.1, `0123` as 83 and `1_000` as 1000, and the plugin gets those. The tag `1.10` becomes `1.1`. (`environment` keeps the text.)
    A `${}` is replaced before YAML is read, so that a short commit hash of digits, or `${DRONE_SEMVER_MAJOR}.${DRONE_SEMVER_MINOR}`, becomes a number as well: `0351500` arrives as `119616`.

    Quotes keep the text.
    """

    name = "inexact-setting"
    why = "YAML makes a number of it, and the runner writes that number in its own way"
    help = "put it in quotes"
    trigger = Trigger(keys=("settings",))
    fixable = "safe"

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: publish
              image: plugins/docker:20.18
              settings:
                repo: acme/app
                tags:
                - 1.10  # <- inexact-setting
                - 0123  # <- inexact-setting
                - ${DRONE_COMMIT_SHA:0:7}  # <- inexact-setting
                - ${DRONE_SEMVER_MAJOR}.${DRONE_SEMVER_MINOR}  # <- inexact-setting
                - 2
            - name: other
              image: acme/plugin:1
              settings:
                version: 1.0  # <- inexact-setting
                id: 1_000  # <- inexact-setting
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: publish
              image: plugins/docker:20.18
              settings:
                repo: acme/app
                tags:
                - "1.10"
                - "0123"
                - "${DRONE_COMMIT_SHA:0:7}"
                - "${DRONE_SEMVER_MAJOR}.${DRONE_SEMVER_MINOR}"
                - 2
            - name: other
              image: acme/plugin:1
              settings:
                version: "1.0"
                id: "1_000"
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: publish
          image: plugins/docker:20.18
          environment: {VERSION: 1.10}
          settings:
            repo: acme/app
            tags: ["1.10", 1.1, 12, v1.10, "${DRONE_COMMIT_SHA:0:7}", '${DRONE_SEMVER_MAJOR}.${DRONE_SEMVER_MINOR}']
            build_args: [SHA=1.10]
            label: ${DRONE_COMMIT_SHA}
            build: ${DRONE_BUILD_NUMBER}
            commit: sha-${DRONE_COMMIT_SHA:0:7}
            purge: true
            timeout: 30
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'acme/plugin:1', settings: { tags: ['1.10', '${DRONE_COMMIT_SHA:0:7}'], timeout: 1.5 } },
        ] }
        """),
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type in CONTAINERS and not step.commands:
            for setting in step.settings.values():
                for value in setting.scalars():
                    yield from self._of(value)

    def _of(self, value: Value) -> Iterator[Finding]:
        node = value.node
        if not isinstance(node, Scalar) or node.quoted:
            return
        if isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            arrives = plugin_text(node)
            if arrives != node.text and _is_written(value):
                yield self._finding(value, f"`{node.text}` reaches the plugin as `{arrives}`")
        elif "${" in node.text:
            yield from self._of_sample(value, _sample(node.text))

    def _of_sample(self, value: Value, sample: str | None) -> Iterator[Finding]:
        arrives = plugin_text(Scalar(sample, resolve_scalar(sample)[1])) if sample is not None else sample
        if arrives != sample:
            yield self._finding(value, f"`{value.text}` may be a number, such as `{sample}`, which reaches the plugin as `{arrives}`")

    def _finding(self, value: Value, message: str) -> Finding:
        quoted = f'"{value.text}"'
        fix = Fix("put it in quotes", (Edit(value.place, quoted, raw=True),))
        return self.finding(value.place, message, help=f"put it in quotes: `{quoted}`", fix=fix)


def _is_written(value: Value) -> bool:
    """Whether the text is the author's own: a program's numbers have no other form."""
    return isinstance(value.node, Scalar) and value.node.start >= 0


def _sample(text: str) -> str | None:
    """What a text may become that looks like a number; None where something else is in it."""
    shown, at = [], 0
    for expansion in expansions_in(text):
        between = text[at : expansion.start]
        written = text[expansion.start : expansion.end]
        cut = re.fullmatch(r"\$\{(\w+)(?::(\d+):(\d+))?\}", written)
        if cut is None or re.fullmatch(r"[0-9._]*", between) is None:
            return None
        if cut[1] in _HASHES and cut[2] is not None and int(cut[3]) <= 12:
            shown += [between, _SAMPLE_HASH[: int(cut[3])]]
        elif cut[1] in _NUMBERS and cut[2] is None:
            shown += [between, "10"]
        else:
            return None
        at = expansion.end
    rest = text[at:]
    return "".join([*shown, rest]) if re.fullmatch(r"[0-9._]*", rest) else None
