"""Plugins that the runner starts in privileged mode automatically."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, Finding, Jsonnet, Pipeline, Rule, Settings, Severity, Step, Trigger, automatic_for
from drone_lint_rules.host import Options, allowed


class ImplicitPrivilegedPlugin(Rule):
    """A plugin runs in privileged mode although the file does not set `privileged`.

    The docker runner automatically starts `plugins/docker`, `acr`, `ecr`, `gcr`, `gar` and `heroku` (any tag) in privileged mode, also in untrusted
    repositories and for pull requests, as long as the step has no `commands`, `command`, `entrypoint` or `volumes` and does
    not set `PATH`, `HOME`, `DOCKER_HOST`, `DOCKER_OPTS` or `XDG_RUNTIME_DIR`. The Kubernetes runner does so for all of them except `gar`. Operators can add images
    (`DRONE_RUNNER_PRIVILEGED_IMAGES`); list those in the configuration under `images.privileged`.

    This rule is an inventory. `plugins/kaniko` builds images without privileged mode.
    """

    name = "implicit-privileged-plugin"
    severity = Severity.INFO
    profile = "pedantic"
    why = "the runner starts the plugin with full access to the host"
    help = "`plugins/kaniko` builds images without privileged mode"
    references = (OWASP.CICD_SEC_7, CWE(250))
    options = Options
    trigger = (Trigger(words=("plugins/",)), Trigger(configured="images.privileged"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: publish
          image: plugins/docker  # <- implicit-privileged-plugin
          settings: {repo: acme/app}
        - name: ecr
          image: index.docker.io/plugins/ecr:20.18@sha256:0000000000000000000000000000000000000000000000000000000000000000  # <- implicit-privileged-plugin
        """,
        Jsonnet("""
        local publish(image) = { name: 'publish', image: image, settings: { repo: 'acme/app' } };
        { kind: 'pipeline', type: 'docker', name: 'default', steps: [
          publish('plugins/gcr:latest'),  // <- implicit-privileged-plugin
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: kaniko
          image: plugins/kaniko:1.8
        - name: other-registry
          image: ghcr.io/plugins/docker:20
        - name: lost
          image: plugins/docker:20
          commands: [docker info]
        - name: lost-too
          image: plugins/docker:20
          environment: {PATH: /bin}
        ---
        kind: pipeline
        type: kubernetes
        name: kubernetes
        steps:
        - name: unknown to its runner
          image: plugins/gar:1.0
        """,
    )

    def __init__(self, settings: Settings | None = None, option: object = None) -> None:
        super().__init__(settings, option)
        self._more = self.settings.images.privileged

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        plugin = automatic_for(step, self._more, plugin_volumes=self.settings.server.plugin_volumes)
        if plugin is not None and step.image is not None and not allowed(step, self.option.allow):
            message = f"the runner automatically starts {step.title} (`{plugin}`) in privileged mode"
            yield self.finding(step.image.place, message, note="this applies in untrusted repositories, too")
