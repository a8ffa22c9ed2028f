"""Pipelines that nobody owns."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity


class UnownedPipeline(Rule):
    """A pipeline does not say which team owns it.

    Acme's dashboard sends failures to the team in `environment.TEAM`; without one nobody hears of them.

    Write `environment: {TEAM: payments}`.
    """

    name = "unowned-pipeline"
    severity = Severity.WARNING
    why = "nobody hears of its failures"
    help = "name the team in `environment.TEAM`"

    bad = (
        """
        kind: pipeline  # <- unowned-pipeline
        type: docker
        name: default
        """,
        Jsonnet("{ kind: 'pipeline', type: 'docker', name: 'a', environment: { OTHER: 'x' } }  // <- unowned-pipeline"),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        environment: {TEAM: payments}
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.value.at("environment", "TEAM") is None:
            place = (pipeline.get("kind") or pipeline.value).key
            yield self.finding(place, f"{pipeline.title} says no team")
