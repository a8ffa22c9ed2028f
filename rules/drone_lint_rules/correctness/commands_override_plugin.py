"""Commands in a plugin's step."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.drone import CONTAINERS, is_plugin


class CommandsOverridePlugin(Rule):
    """A step has `commands` (or an `entrypoint`) together with `settings`.

    `settings` are for a plugin: they become `PLUGIN_*` variables, which the program that the image starts with reads. `commands` replace that program by a
    shell. So the plugin never runs, and its settings are read by nobody, unless the commands do so themselves.

    Split it into two steps. For an image that is no plugin by its name, this is only an info: its scripts may read `PLUGIN_*`.
    """

    name = "commands-override-plugin"
    severity = Severity.ERROR
    why = "the program that reads the settings is replaced"
    help = "make two steps of it"
    trigger = Trigger(keys=("settings",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: publish
          image: plugins/docker:20.18
          settings: {repo: acme/app}
          commands:  # <- commands-override-plugin
          - docker info
        - name: script
          image: acme/builder:1.2
          settings: {target: all}
          commands: [build]  # <- commands-override-plugin
        - name: entry
          image: acme/drone-deploy:1.2
          settings: {target: all}
          entrypoint: [/bin/deploy]  # <- commands-override-plugin
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          {
            name: 'a',
            image: 'plugins/slack:1.4',
            settings: { channel: 'dev' },
            commands: ['echo hello'],  // <- commands-override-plugin
          },
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: publish
          image: plugins/docker:20.18
          settings: {repo: acme/app}
          commands: []
        - name: script
          image: acme/builder:1.2
          settings: {}
          commands: [build]
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in CONTAINERS or not step.settings:
            return
        for key in ("commands", "entrypoint"):
            value = step.get(key)
            if value is not None and any(True for _ in value):
                severity = Severity.ERROR if is_plugin(step.reference) else Severity.INFO
                verb = "run" if key == "commands" else "runs"
                what = "the plugin" if severity is Severity.ERROR else "the image's own program"
                yield self.finding(value.key, f"{step.title} has `settings`, but its `{key}` {verb} instead of {what}", severity=severity)
                return
