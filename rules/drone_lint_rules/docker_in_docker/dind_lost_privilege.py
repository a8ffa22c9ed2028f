"""Plugins that lose their automatic privilege."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger, automatic_plugin, lost_by
from drone_lint_rules.host import host_mounts, socket_of


class DindLostPrivilege(Rule):
    """A plugin that Drone privileges by itself loses the privilege, because of what the step says.

    `plugins/docker`, `ecr`, `gcr`, `gar`, `acr` and `heroku` start a Docker daemon and run privileged without asking. But not when the step has `commands`, `command`,
    `entrypoint` or `volumes`, or sets `PATH`, `HOME`, `DOCKER_HOST`, `DOCKER_OPTS` or `XDG_RUNTIME_DIR`: then the runner silently drops the privilege, and the
    plugin fails with "Cannot connect to the Docker daemon".

    Remove the key. A step that uses the host's daemon (it mounts the socket, or says `daemon_off: true`) is left alone, and so is Windows, where no container is
    privileged. A runner with `DRONE_FLAG_ALLOW_DOCKER_PLUGIN_VOLUMES=true` allows volumes: `server: {plugin-volumes: true}`.
    """

    name = "dind-lost-privilege"
    severity = Severity.ERROR
    why = "the runner silently drops the plugin's privilege, and its daemon cannot start"
    help = "remove the key"
    trigger = (Trigger(words=("plugins/",)), Trigger(configured="images.privileged"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: publish
          image: plugins/docker:20.18
          settings: {repo: acme/app}
          volumes:  # <- dind-lost-privilege
          - {name: cache, path: /var/lib/docker}
        - name: push
          image: plugins/ecr:20.18
          environment:
            HOME: /root  # <- dind-lost-privilege
            home: /root
        - name: disguised
          image: index.docker.io/plugins/ecr@sha256:0123456789abcdef0123456789abcdef
          environment:
            DOCKER_HOST: {from_secret: host}  # <- dind-lost-privilege
          entrypoint: [sh]  # <- dind-lost-privilege
        volumes:
        - {name: cache, temp: {}}
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          {
            name: 'publish',
            image: 'plugins/gcr:20.18',
            commands: ['docker info'],  // <- dind-lost-privilege
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
        - name: asked
          image: plugins/docker:20.18
          privileged: true
          environment: {PATH: /bin}
        - name: other
          image: plugins/s3:1.5
          commands: [ls]
        - name: socket
          image: plugins/docker:20.18
          volumes: [{name: socket, path: /var/run/docker.sock}]
        - name: off
          image: plugins/docker:20.18
          settings: {repo: acme/app, daemon_off: "true"}
          volumes: [{name: cache, path: /cache}]
        - {name: elsewhere, image: "ghcr.io/plugins/docker:20.18", commands: [ls]}
        volumes:
        - {name: cache, temp: {}}
        - {name: socket, host: {path: /var/run/docker.sock}}
        ---
        kind: pipeline
        type: docker
        name: windows
        platform: {os: windows}
        steps:
        - name: publish
          image: plugins/docker:20.18
          volumes: [{name: cache, path: 'C:/cache'}]
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in ("docker", "kubernetes") or step.privileged:
            return
        plugin = automatic_plugin(step.reference, self.settings.images.privileged)
        if plugin is None or _needs_no_daemon(step, pipeline) or (plugin == "plugins/gar" and pipeline.type == "kubernetes"):
            return  # the kubernetes runner never gave gar the privilege
        for value in lost_by(step, plugin_volumes=self.settings.server.plugin_volumes):
            yield self.finding(
                value.key, f"`{value.path[-1]}` takes the privilege of `{plugin}` away, so {step.title} cannot start its daemon"
            )


def _needs_no_daemon(step: Step, pipeline: Pipeline) -> bool:
    """Whether the plugin's own daemon is not meant to run: the host's is used, or nothing is privileged there."""
    system, off = pipeline.value.at("platform", "os"), step.settings.get("daemon_off")
    if (system is not None and system.text == "windows") or (off is not None and off.text.lower() in ("true", "t", "1")):
        return True
    return any(socket_of(path.text) is not None for _, path in host_mounts(step))
