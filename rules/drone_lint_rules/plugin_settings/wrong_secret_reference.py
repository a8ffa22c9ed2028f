"""Settings that look like references to secrets and are not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drone_lint.api import Edit, Example, Finding, Fix, Jsonnet, Pipeline, Rule, Severity, Step, Trigger, Value
from drone_lint_rules.drone import CONTAINERS
from drone_lint_rules.plugins import plugin_of

_LIKE_SECRET = re.compile(
    r"(?i)\$?(?:from[-_]?(?:secrets?|passw(?:or)?ds?|tokens?|keys?|vault|credentials?)|secrets?|secret[-_]?(?:name|key|ref)|valuefrom)"
)
_LIKE_VARIABLE = re.compile(r"(?i)\$?(?:from[-_]?(?:env|environment|variable|param|config)s?|env)")
_FROM = re.compile(r"(?i)from[-_]?\w+")


class WrongSecretReference(Rule):
    """A setting is a map that looks like a reference, and the plugin gets it as text.

    Drone replaces one form only: `{from_secret: name}`, directly below the setting. Any other map arrives as JSON text, so that `{from_password: x}` makes the text `{"from_password":"x"}`
    the password. There is no form that takes a setting from a variable: settings know `${DRONE_X}` for Drone's own variables, and many plugins read variables without `PLUGIN_` from the
    step's `environment`.
    """

    name = "wrong-secret-reference"
    why = "Drone knows `from_secret` only and passes any other map to the plugin as JSON text"
    trigger = Trigger(keys=("settings",))
    fixable = "unsafe"

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
                username: {from_env: DOCKER_USER}  # <- wrong-secret-reference
                password:
                  from_password: docker_password  # <- wrong-secret-reference
            - name: other
              image: acme/plugin:1
              settings:
                token: {fromSecret: token}  # <- wrong-secret-reference
                key: {secret: key}  # <- wrong-secret-reference
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: publish
              image: plugins/docker:20.18
              settings:
                username: {from_env: DOCKER_USER}
                password:
                  from_secret: docker_password
            - name: other
              image: acme/plugin:1
              settings:
                token: {from_secret: token}
                key: {from_secret: key}
            """,
        ),
        Jsonnet(
            """
        local secret(name) = { from_secrets: name };  // <- wrong-secret-reference
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'plugins/slack', settings: { webhook: secret('hook') } },
        ] }
        """,
            fixed="""
        local secret(name) = { from_secret: name };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'plugins/slack', settings: { webhook: secret('hook') } },
        ] }
        """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: right, image: "plugins/docker:20.18", settings: {password: {from_secret: x}}}
        - {name: map, image: "acme/plugin:1", settings: {vars: {secret: a, env: b}, mapping: {name: x}, range: {from_day: 1, to_day: 2}}}
        - {name: email, image: "drillster/drone-email", settings: {from.address: a@example.com}}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type in CONTAINERS and not step.commands:
            for name, value in step.settings.items():
                inner = _only(value)
                if inner is not None:
                    yield from self._of(step, name, *inner)

    def _of(self, step: Step, name: str, key: str, value: Value) -> Iterator[Finding]:
        plugin = plugin_of(step, self.settings)
        takes_text = plugin is not None and plugin.types.get(name.lower()) in ("text", "list", "bool", "number")
        if _LIKE_VARIABLE.fullmatch(key):
            if takes_text or _FROM.fullmatch(key):
                yield self.finding(value.key, f"`{key}` does not take `{name}` from a variable", help=_VARIABLE)
        elif _LIKE_SECRET.fullmatch(key) or (takes_text and _FROM.fullmatch(key)):
            message = f"`{key}` is not a reference to a secret: the plugin gets the text of this map as its `{name}`"
            fix = Fix("write `from_secret`", (Edit(value.key, "from_secret"),), safe=False)
            sure = takes_text or bool(_FROM.fullmatch(key))
            help_ = f"write `{name}: {{from_secret: {value.text}}}`"
            yield self.finding(value.key, message, help=help_, fix=fix, severity=None if sure else Severity.NOTICE)


_VARIABLE = "write `{from_secret: name}`, or the value itself; a setting cannot name a variable of the step"


def _only(value: Value) -> tuple[str, Value] | None:
    """The one entry of a map, if it is a scalar."""
    entries = list(value.items())
    return entries[0] if len(entries) == 1 and entries[0][1].is_scalar and entries[0][0] != "from_secret" else None
