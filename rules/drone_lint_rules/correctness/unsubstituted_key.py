"""`${}` in what the server reads, which substitutes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Finding, Jsonnet, Pipeline, Rule, Severity, Trigger, Value
from drone_lint_rules.drone import server_views

_WHY = "the server reads the file before anything is substituted, and looks for this text"


class UnsubstitutedKey(Rule):
    """A `${}` stands in a pipeline's `name`, `type`, `node`, `platform` or `depends_on`, which the server reads as it is.

    The server keeps the pipeline under the name `build-${DRONE_BRANCH}`; the runner substitutes in the whole file, finds a pipeline `build-main`, and fails with
    `resource not found`. A `type`, `node` or `platform` with a `${}` matches no runner, and the build is pending forever. The name of a step may have one.

    Write a fixed name, or make the pipelines in Jsonnet, where the server has the build's values: `std.extVar('build.branch')`.
    """

    name = "unsubstituted-key"
    severity = Severity.ERROR
    help = "write a fixed text, or make it in Jsonnet by `std.extVar('build.branch')`"
    trigger = Trigger(expansions=True)

    bad = (
        """
        kind: pipeline
        type: ${RUNNER_TYPE}  # <- unsubstituted-key
        name: build-${DRONE_BRANCH}  # <- unsubstituted-key
        node:
          size: ${SIZE:-large}  # <- unsubstituted-key
        ---
        kind: pipeline
        type: docker
        name: deploy
        depends_on:
        - build-${DRONE_BRANCH}  # <- unsubstituted-key
        """,
        Jsonnet("""
        local pipeline(name) = { kind: 'pipeline', type: 'docker', name: name, steps: [] };
        [pipeline('a'), pipeline(
          'test-${DRONE_BUILD_NUMBER}',  // <- unsubstituted-key
        )]
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        node: {size: large}
        steps:
        - name: test-${DRONE_BUILD_NUMBER}
          image: golang:${DRONE_TAG}
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for documents in server_views(file):
            for document in documents:
                if document.pipeline is not None:
                    yield from self._of(document.pipeline)

    def _of(self, pipeline: Pipeline) -> Iterator[Finding]:
        name = pipeline.get("name")
        if name is not None and _has_expansion(name):
            message = f"the server keeps `{name.text}` as the pipeline's name, and the runner finds no pipeline of that name"
            yield self.finding(name.place, message, why="the runner substitutes first, and fails with `resource not found`")
        for value in _matched(pipeline):
            yield self.finding(
                value.place, f"`{value.text}` is not substituted here: no runner matches it, and the build is pending forever", why=_WHY
            )
        for value in pipeline.depends_on:
            if _has_expansion(value):
                yield self.finding(value.place, f"`{value.text}` is not substituted here", why=_WHY)


def _matched(pipeline: Pipeline) -> Iterator[Value]:
    """Values by which the server matches pipelines to runners."""
    for key in ("type", "node", "platform"):
        found = pipeline.get(key)
        if found is not None:
            yield from (value for value in found.scalars() if _has_expansion(value))


def _has_expansion(value: Value) -> bool:
    return "${" in value.text
