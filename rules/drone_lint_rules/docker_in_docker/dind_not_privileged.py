"""Docker daemons without privilege."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, ImageReference, Jsonnet, Pipeline, Rule, Severity, Step
from drone_lint_rules.drone import CONTAINERS


class DindNotPrivileged(Rule):
    """A step or service runs Docker's own daemon image without `privileged: true`.

    The daemon in `docker:dind` mounts file systems and needs every capability: without privilege it dies at its start with `mount: permission denied`, and
    the steps that wait for it fail with "Cannot connect to the Docker daemon".

    Add `privileged: true` (which `privileged-step` will report, rightly), or use `docker:dind-rootless`.
    """

    name = "dind-not-privileged"
    severity = Severity.ERROR
    why = "the daemon cannot start without privilege"
    help = "add `privileged: true`, or use `docker:dind-rootless`"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        services:
        - name: daemon
          image: docker:27.3.1-dind  # <- dind-not-privileged
        - name: plain
          image: docker.io/library/docker:dind  # <- dind-not-privileged
          privileged: false
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [], services: [
          { name: 'daemon', image: 'docker:27.3.1-dind' },  // <- dind-not-privileged
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        services:
        - {name: daemon, image: "docker:27.3.1-dind", privileged: true}
        - {name: rootless, image: "docker:27.3.1-dind-rootless"}
        - {name: client, image: "docker:27.3.1"}
        - {name: other, image: "acme/tool:dind"}
        - {name: script, image: "docker:27.3.1-dind", commands: [docker info]}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if (
            pipeline.type in CONTAINERS
            and step.image is not None
            and is_daemon(step.reference)
            and not step.privileged
            and not step.commands
        ):
            yield self.finding(step.image.place, f"{step.title} is a Docker daemon without `privileged: true`")


def is_daemon(reference: ImageReference) -> bool:
    """Whether an image is Docker's own daemon, the one that needs privilege."""
    return reference.familiar == "docker" and "dind" in reference.tag and "rootless" not in reference.tag
