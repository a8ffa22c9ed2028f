"""Untrusted text that Drone substitutes into the configuration."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    CWE,
    OWASP,
    AnyPlace,
    Document,
    Example,
    Expansion,
    Finding,
    Jsonnet,
    Rule,
    Settings,
    Severity,
    Trigger,
    Value,
    expansions_in,
)
from drone_lint_rules.drone import is_command
from drone_lint_rules.tainted import is_free_text, is_tainted, pastes, source_name


class ConfigInjection(Rule):
    """Drone substitutes untrusted text into the configuration.

    `${DRONE_COMMIT_MESSAGE}` in settings, environment, images or names is replaced in the file's raw text, before the file is parsed and after its signature is verified. A
    message with a quote ends the string and can add keys: `", "privileged": true, "x": "`. A message with `: ` or a line break
    breaks the build.

    A plugin has all `DRONE_*` variables in its environment: remove the variable, use the plugin's own template, or escape it (`$${DRONE_COMMIT_MESSAGE}`) if the plugin
    expands it. Drone's documentation recommends branch and tag names (`tags: ${DRONE_TAG}`), so only the pedantic profile reports them.
    """

    name = "config-injection"
    severity = Severity.ERROR
    why = "Drone substitutes the text before it parses the file, so the text can add keys"
    help = "remove the variable, which the plugin already has in its environment, or escape it: `$${...}`"
    references = (OWASP.CICD_SEC_4, CWE(94), CWE(74))
    trigger = Trigger(expansions=True)

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: notify ${DRONE_COMMIT_AUTHOR_EMAIL}  # <- config-injection
          image: plugins/slack:1.4
          environment:
            MESSAGE: "${DRONE_COMMIT_MESSAGE}"  # <- config-injection
            BY_${DRONE_COMMIT_AUTHOR}: "1"  # <- config-injection
          settings:
            template: "{{ repo.name }} ${DRONE_PULL_REQUEST_TITLE}"  # <- config-injection
            deep: [{title: "new: ${CI_COMMIT_MESSAGE:0:20}"}]  # <- config-injection
            tags: ["${DRONE_TAG##v}"]  # <- config-injection
          when: {branch: "${DRONE_BRANCH}"}  # <- config-injection
          commands: ['echo ${DRONE_COMMIT_MESSAGE}']
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'plugins/slack:1.4', settings: {
            template: 'built ${DRONE_COMMIT_MESSAGE}',  // <- config-injection
          } },
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        # ${DRONE_COMMIT_MESSAGE}
        steps:
        - name: notify
          image: plugins/slack:1.4
          settings: {template: "$${DRONE_COMMIT_MESSAGE} {{ build.message }}", build: "${DRONE_BUILD_NUMBER}"}
          commands: ['echo ${DRONE_COMMIT_MESSAGE}']
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: publish, image: "plugins/docker:20", settings: {tags: "${DRONE_TAG}"}}
            """,
            settings=Settings(),
        ),
    )

    def check_document(self, document: Document) -> Iterator[Finding]:
        for key, value in _keys(document.value):
            for expansion in expansions_in(key):
                free = is_free_text(expansion.name)
                if is_tainted(expansion.name) and (free or self.pedantic):
                    yield self._finding(value.key, key, expansion, free=free)
        values = [value for value in document.value.scalars() if "${" in value.text]
        commands = {id(value.node) for value in values if is_command(value.path)}
        for value in values:
            for paste in pastes(value) if id(value.node) not in commands else ():
                if paste.free or self.pedantic:
                    place = value.range(paste.expansion.start, paste.expansion.end)
                    yield self._finding(place, value.text, paste.expansion, free=paste.free)

    def _finding(self, place: AnyPlace, text: str, expansion: Expansion, *, free: bool) -> Finding:
        return self.finding(
            place,
            f"`{text[expansion.start : expansion.end]}` inserts {source_name(expansion.name)} into the configuration's text",
            severity=Severity.ERROR if free else Severity.NOTICE,
        )


def _keys(root: Value) -> Iterator[tuple[str, Value]]:
    """Every key with a `${}`, and its value."""
    stack = [root]
    while stack:
        value = stack.pop()
        below = list(value.items())
        yield from ((key, item) for key, item in below if "${" in key)
        stack.extend([item for _, item in below] or list(value))
