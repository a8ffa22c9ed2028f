"""Settings that a plugin does not read."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    Confidence,
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Pipeline,
    PluginSettings,
    Rule,
    Settings,
    Step,
    Trigger,
    Value,
    nearest,
)
from drone_lint_rules.plugins import Plugin, plugin_of


class UnknownPluginSetting(Rule):
    """A plugin does not read a setting, so it has no effect.

    The runner passes every setting as a variable `PLUGIN_<NAME>`, and a plugin ignores those that it does not know: a misspelled `docker_file` builds the `Dockerfile` at the root without
    any message. Only `-` and `_` make a difference to the runner, capitals do not: `build-args` becomes `PLUGIN_BUILD-ARGS`, which no plugin reads.

    The rule knows the settings of some 80 widely used plugins, from their own sources and those of older versions. It says nothing about other plugins; describe your own under `plugins:` in
    the configuration:

    ```yaml
    plugins:
      registry.example.com/team/deploy: {settings: [host, user], secrets: [key]}
    ```
    """

    name = "unknown-plugin-setting"
    why = "a plugin ignores settings that it does not know, without a message"
    trigger = Trigger(keys=("settings",))
    confidence = Confidence.MEDIUM
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
                repo: acme/app
                docker_file: deploy/Dockerfile  # <- unknown-plugin-setting
                build-args: [A=b]  # <- unknown-plugin-setting
                Tags: [v1]
            - name: notify
              image: appleboy/drone-telegram
              settings:
                token: {from_secret: telegram_token}
                emoji: party  # <- unknown-plugin-setting
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
                dockerfile: deploy/Dockerfile
                build_args: [A=b]
                Tags: [v1]
            - name: notify
              image: appleboy/drone-telegram
              settings:
                token: {from_secret: telegram_token}
                emoji: party
            """,
        ),
        Jsonnet(
            """
        local release(more) = { name: 'release', image: 'plugins/github-release:1', settings: { api_key: { from_secret: 'key' } } + more };
        { kind: 'pipeline', type: 'docker', name: 'a', trigger: { event: ['tag'] }, steps: [
          release({ file: 'dist/*' }),  // <- unknown-plugin-setting
        ] }
        """,
            fixed="""
        local release(more) = { name: 'release', image: 'plugins/github-release:1', settings: { api_key: { from_secret: 'key' } } + more };
        { kind: 'pipeline', type: 'docker', name: 'a', trigger: { event: ['tag'] }, steps: [
          release({ files: 'dist/*' }),
        ] }
        """,
        ),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: deploy
              image: registry.example.com/team/deploy:3
              settings: {hosts: a, user: b}  # <- unknown-plugin-setting
            """,
            settings=Settings(plugins={"registry.example.com/team/deploy": PluginSettings(settings=("host", "user"))}),
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: ecr, image: "plugins/ecr:20.18", settings: {region: eu-west-1, repo: app, dockerfile: x, create_repository: true}}
        - {name: unknown, image: "acme/plugin:1", settings: {docker_file: x}}
        - {name: other, image: "ghcr.io/plugins/docker:1", settings: {docker_file: x}}
        - {name: commands, image: "plugins/docker:20.18", settings: {docker_file: x}, commands: [env]}
        - {name: argument, image: "plugins/docker:20.18", settings: {repo: a, flavour: x, build_args_from_env: [PLUGIN_FLAVOUR]}}
        - {name: codecov, image: "plugins/codecov", settings: {token: {from_secret: t}, files: [a], pattern: x}}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        plugin = plugin_of(step, self.settings) if step.settings else None
        if plugin is not None:
            unknown = [(name, value) for name, value in step.settings.items() if not value.is_null and not plugin.knows(name)]
            yield from (self._finding(step, plugin, name, value) for name, value in unknown if not _is_read(step, name))

    def _finding(self, step: Step, plugin: Plugin, name: str, value: Value) -> Finding:
        meant = nearest(name, [known for known in plugin.types if known not in step.settings], 0.75)
        hint = f"; did you mean `{meant}`?" if meant else ""
        return self.finding(
            value.key,
            f"the plugin `{plugin.name}` has no setting `{name}`{hint}",
            help=f"write `{meant}`" if meant else "remove it, or look the name up in the plugin's documentation",
            fix=Fix(f"write `{meant}`", (Edit(value.key, meant),), safe=False) if meant else None,
        )


def _is_read(step: Step, name: str) -> bool:
    """Whether something else in the step names the setting's variable: a list of variables to pass on, a template."""
    variable = f"PLUGIN_{name.upper()}"
    return any(variable in scalar.text for scalar in step.value.scalars())
