"""Host networking that the pipeline's own daemon does not need."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.docker.access import access
from drone_lint_rules.docker.daemons import daemons


class RedundantHostNetwork(Rule):
    """A step runs in the host's network beside a Docker daemon of the pipeline.

    Containers that are started through the *host's* socket publish their ports on the host, so a step needs host networking to find them at `localhost`. With a daemon
    as a service they are reached by the service's name, and in the host's network the step does not find the service at all.

    Remove `network_mode: host` and use the service's name.
    """

    name = "redundant-host-network"
    trigger = Trigger(keys=("network_mode",), words=("docker", "dind"))
    severity = Severity.NOTICE
    confidence = Confidence.MEDIUM
    why = "the service is reached by its name, which the host's network does not know"
    help = "remove it, and use the service's name"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          network_mode: host  # <- redundant-host-network
        services:
        - {name: daemon, image: "docker:27.3.1-dind", privileged: true}
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'golang:1.22.1', network_mode: 'host' },  // <- redundant-host-network
        ], services: [{ name: 'd', image: 'docker:27.3.1-dind', privileged: true }] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: test, image: "golang:1.22.1", network_mode: host}
        ---
        kind: pipeline
        type: docker
        name: socket
        steps:
        - {name: test, image: "golang:1.22.1", network_mode: host, volumes: [{name: s, path: /var/run/docker.sock}]}
        - {name: bridge, image: "golang:1.22.1", network_mode: bridge}
        services:
        - {name: daemon, image: "docker:27.3.1-dind", privileged: true}
        volumes:
        - {name: s, host: {path: /var/run/docker.sock}}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        mode = step.get("network_mode")
        if mode is None or mode.text != "host" or step.is_service or pipeline.type != "docker" or not daemons(pipeline):
            return
        found = access(step, pipeline)
        if found is None or found.how != "socket":
            name = daemons(pipeline)[0].name
            yield self.finding(mode.key, f"{step.title} needs no host network to reach the daemon `{name}`")
