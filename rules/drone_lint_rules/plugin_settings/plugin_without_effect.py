"""Plugins that fail or do nothing for the events of their step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Step, Trigger, listed, step_events

if TYPE_CHECKING:
    from drone_lint_rules.plugins import Plugin

_BRANCHES = frozenset(("push", "cron", "custom", "promote", "rollback", "tag"))
"""Events whose builds may be of the default branch or of a tag."""


class PluginWithoutEffect(Rule):
    """A plugin fails, or does nothing, for the events for which its step runs.

    `plugins/github-release` and `plugins/gitea-release` make releases of tags: for every other event they fail, and the build with them. The plugins that build images skip everything but
    the default branch and tags when `auto_tag` is set, a pull request's build with `dry_run` included: the step is green and has built nothing.

    Limit the step with `when: {event: [tag]}`, or replace `auto_tag` by `tags` where pull requests must be built.
    """

    name = "plugin-without-effect"
    trigger = Trigger(keys=("settings", "image"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger:
          event: [push, promote]
        steps:
        - name: release
          image: plugins/gitea-release:1.1  # <- plugin-without-effect
          settings: {base_url: "https://git.example.com", api_key: {from_secret: key}}
        """,
        """
        kind: pipeline
        type: docker
        name: checks
        trigger:
          event: pull_request
        steps:
        - name: image
          image: plugins/docker:20.18
          settings: {repo: acme/app, auto_tag: true, dry_run: true}  # <- plugin-without-effect
        """,
        Jsonnet("""
        local step(event) = {
          name: 'image',
          image: 'plugins/kaniko:1.9',
          settings: { repo: 'acme/app', auto_tag: true },  // <- plugin-without-effect
          when: { event: event },
        };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [step(['pull_request'])] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger:
          event: [push, pull_request, tag]
        steps:
        - name: image
          image: plugins/docker:20.18
          settings: {repo: acme/app, auto_tag: true}
        - name: off
          image: plugins/docker:20.18
          settings: {repo: acme/app, auto_tag: false}
          when: {event: [pull_request]}
        - name: release
          image: plugins/github-release:1
          settings: {api_key: {from_secret: key}}
          when: {event: [tag]}
        - name: release-by-ref
          image: plugins/github-release:1
          settings: {api_key: {from_secret: key}}
          when: {ref: [refs/tags/v*]}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if step.commands:
            return  # they run instead of a plugin
        from drone_lint_rules.plugins import plugin_of

        plugin = plugin_of(step, self.settings)
        if plugin is None:
            return
        events = step_events(step)
        if plugin.fact("only-events"):
            yield from self._fails(step, plugin, events)
        setting = next((step.settings[name] for name in plugin.fact("only-default-branch-or-tag") if name in step.settings), None)
        if setting is not None and (setting.true or setting.text == "true") and events and not events & _BRANCHES:
            yield self.finding(
                setting.key,
                f"`{setting.path[-1]}` builds only the default branch and tags, and {step.title} runs for {listed(events)}",
                why="the plugin skips every other build: nothing is built",
                help=f"replace `{setting.path[-1]}` by `tags`, or limit the step to pushes and tags",
            )

    def _fails(self, step: Step, plugin: Plugin, events: frozenset[str]) -> Iterator[Finding]:
        others = events.difference(plugin.fact("only-events"))
        asked = "event" in step.when.given or "event" in step.pipeline.trigger.given
        if others and step.image is not None and (asked or others & {"push", "pull_request", "cron"}):
            only = ", ".join(plugin.fact("only-events"))
            yield self.finding(
                step.image.place,
                f"`{plugin.name}` works only for the event `{only}`, and {step.title} also runs for {listed(others)}",
                why="the plugin fails for every other event, and the build with it",
                help=f"limit the step: `when: {{event: [{only}]}}`",
            )
