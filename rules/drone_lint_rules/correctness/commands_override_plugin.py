"""Plugin steps with commands."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.drone import CONTAINERS, is_plugin


class CommandsOverridePlugin(Rule):
    """A step has `commands` (or an `entrypoint`) together with `settings`.

    `settings` are meant for a plugin: they become `PLUGIN_*` variables, which the image's entrypoint reads. `commands` replace the entrypoint with a
    shell. The plugin then never runs, and its settings have no effect unless the commands read them.

    Split the step in two. If the image's name is not that of a plugin, this is only an info, because the commands may read `PLUGIN_*`.
    """

    name = "commands-override-plugin"
    severity = Severity.ERROR
    why = "the plugin's entrypoint, which reads the settings, does not run"
    help = "split the step in two: one for the plugin and one for the commands"
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
                what = "the plugin" if severity is Severity.ERROR else "the image's entrypoint"
                yield self.finding(value.key, f"{step.title} has `settings`, but its `{key}` {verb} instead of {what}", severity=severity)
                return
