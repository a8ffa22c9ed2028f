"""Keys that a runner requires."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Value
from drone_lint_rules.drone import filled, refused


class MissingKey(Rule):
    """A pipeline lacks a key that its runner requires.

    An ssh pipeline needs `server.host`, `server.user`, and `server.password` or `server.ssh_key`; a digitalocean pipeline a `token`; a vm pipeline
    a pool (`pool: {use: ...}`), unless its runner is configured to choose a pool by platform.
    """

    name = "missing-key"
    severity = Severity.ERROR
    why = "the runner refuses the pipeline"

    bad = (
        """
        kind: pipeline
        type: ssh
        name: one
        server:  # <- missing-key
          host: example.com
          user: {from_secret: ""}
        ---
        kind: pipeline
        type: digitalocean  # <- missing-key
        name: two
        ---
        kind: pipeline
        type: vm  # <- missing-key
        name: three
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'digitalocean', name: 'a', steps: [] }  // <- missing-key
        """),
    )
    good = (
        """
        kind: pipeline
        type: ssh
        name: one
        server:
          host: example.com
          user: {value: root}
          ssh_key: {from_secret: key}
        ---
        kind: pipeline
        type: digitalocean
        name: two
        token: {from_secret: token}
        ---
        kind: pipeline
        type: vm
        name: three
        pool: {use: ubuntu}
        """,
    )
    view = "runner"

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        place = (pipeline.value.get("type") or pipeline.value).place
        if pipeline.type == "ssh":
            yield from self._ssh(pipeline)
        elif pipeline.type == "digitalocean" and not _given(pipeline.get("token")):
            drone = refused(pipeline, "Linter: invalid or missing API token", ("digitalocean",))
            yield self.finding(place, "the pipeline has no `token`", drone=drone)
        elif pipeline.type == "vm" and not filled(pipeline.value.at("pool", "use")):
            note = "the runner refuses the pipeline, unless it is configured to choose a pool by platform"
            yield self.finding(place, "the pipeline has no `pool.use`", note=note, severity=Severity.WARNING)

    def _ssh(self, pipeline: Pipeline) -> Iterator[Finding]:
        server = pipeline.get("server")
        given = {key for key in ("host", "user", "password", "ssh_key") if server is not None and _given(server.get(key))}
        missing = [(f"`server.{key}`", f"server {key}") for key in ("host", "user") if key not in given]
        if not given & {"password", "ssh_key"}:
            missing.append(("`server.password` or `server.ssh_key`", "server password or ssh_key"))
        if missing:
            place = (server or pipeline.value.get("type") or pipeline.value).key
            drone = [refusal for _, word in missing for refusal in refused(pipeline, f"Linter: invalid or missing {word}", ("ssh",))]
            yield self.finding(place, "the pipeline has no " + " and no ".join(name for name, _ in missing), drone=drone)


def _given(value: Value | None) -> bool:
    """Whether a variable has a value or names a secret."""
    if value is not None and value.is_map:
        return filled(value.get("from_secret")) or filled(value.get("value"))
    return filled(value)
