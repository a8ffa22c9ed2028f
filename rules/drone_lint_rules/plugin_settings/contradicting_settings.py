"""Settings of a plugin that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Step, Trigger, Value
from drone_lint_rules.plugins import plugin_of


class ContradictingSettings(Rule):
    """A plugin ignores a setting because of another one, or fails for the two.

    With `auto_tag`, `plugins/docker` and its relatives make the tags from the branch or tag and ignore `tags`; `plugins/kaniko` fails for both. Cache plugins either restore or rebuild: the
    one ignores `restore` beside `rebuild`, the other fails. Use one step for each.
    """

    name = "contradicting-settings"
    trigger = Trigger(keys=("auto_tag", "rebuild", "default_tags"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: image
          image: plugins/docker:20.18
          settings:
            repo: acme/app
            auto_tag: true
            tags: [v1]  # <- contradicting-settings
        - name: cache
          image: meltwater/drone-cache
          settings:
            bucket: b
            mount: [vendor]
            rebuild: true
            restore: true  # <- contradicting-settings
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'plugins/kaniko:1', settings: {
            repo: 'acme/app',
            auto_tag: true,
            tags: ['x'],  // <- contradicting-settings
          } },
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: one, image: "plugins/docker:20.18", settings: {repo: acme/app, tags: [v1], auto_tag: false}}
        - {name: two, image: "plugins/docker:20.18", settings: {repo: acme/app, auto_tag: true, auto_tag_suffix: linux}}
        - {name: three, image: "plugins/kaniko:1", settings: {repo: acme/app, auto_tag: true, tags: latest}}
        - {name: four, image: "meltwater/drone-cache", settings: {bucket: b, mount: [a], rebuild: true, restore: false}}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        plugin = plugin_of(step, self.settings)
        for fact in ("replaces", "conflict") if plugin is not None else ():
            first, *others = (*plugin.fact(fact), "") if plugin is not None else ("",)
            switch = step.settings.get(first)
            if plugin is None or switch is None or not _is_on(switch):
                continue
            for name in others:
                other = step.settings.get(name)
                if other is not None and not _is_off(other) and not (fact == "conflict" and other.data in ("latest", ["latest"])):
                    fails = fact == "conflict"
                    yield self.finding(
                        other.key,
                        f"`{plugin.name}` {'fails for' if fails else 'ignores'} `{name}`{' together with' if fails else ' because of'} `{first}`",
                        why="the step fails" if fails else f"`{first}` takes its place",
                        help=f"keep one of the two, or use a step for `{first}` and another for `{name}`",
                        related=((f"`{first}` is on", switch.place),),
                    )


def _is_on(value: Value) -> bool:
    return value.true or value.text == "true"


def _is_off(value: Value) -> bool:
    return value.is_null or value.data is False or value.text == "false"
