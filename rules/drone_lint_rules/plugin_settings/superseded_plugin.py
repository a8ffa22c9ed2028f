"""Plugins that nobody maintains any more."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.plugins import plugin_of


class SupersededPlugin(Rule):
    """A plugin is no longer maintained, or what it works with no longer exists, and another one takes its place.

    The rule knows the successors that the plugins' authors name, and services that were shut down: Google closed Container Registry in March 2025, so `plugins/gcr` pushes to nothing.
    Read the successor's documentation before you replace the image: settings may have other names.
    """

    name = "superseded-plugin"
    severity = Severity.NOTICE
    trigger = (Trigger(words=("gcr", "thegeeklab", "meltwater", "ipedrazas")), Trigger(configured="plugins"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: image
          image: plugins/gcr:20.18  # <- superseded-plugin
          settings: {repo: project/app, json_key: {from_secret: key}}
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'thegeeklab/drone-docker-buildx:24', settings: { repo: 'acme/app' } },  // <- superseded-plugin
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: image, image: "plugins/gar:20.18", settings: {repo: project/app, json_key: {from_secret: key}}}
        - {name: other, image: "thegeeklab/git-sv:2", commands: [git-sv --version]}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        plugin = plugin_of(step, self.settings)
        if plugin is not None and plugin.has("instead") and step.image is not None:
            successor, *reason = plugin.fact("instead")
            yield self.finding(
                step.image.place,
                f"`{plugin.name}` is superseded by `{successor}`",
                why=" ".join(reason),
                help=f"use `{successor}`, and compare the names of its settings",
                group=plugin.name,
            )
