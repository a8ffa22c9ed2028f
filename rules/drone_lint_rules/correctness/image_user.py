"""Images that run as a user who cannot write into the clone."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from drone_lint.api import Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger, data_lines


class ImageUser(Rule):
    """An image runs as a user of its own, and the clone belongs to root.

    Drone's clone step runs as root, so the workspace and its files belong to root. An image whose Dockerfile ends with another `USER` can read them, but every write fails with "permission
    denied": reports, caches, `node_modules`, and git's own check of the folder's owner.

    Set `user: root` on the step. The rule knows some images from their Dockerfiles.
    """

    name = "image-user"
    severity = Severity.NOTICE
    confidence = Confidence.MEDIUM
    why = "the clone belongs to root: what the step writes into the workspace fails with `permission denied`"
    help = "set `user: root` on the step"
    trigger = Trigger(words=("sonar-scanner", "cimg/", "circleci/"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: scan
          image: sonarsource/sonar-scanner-cli:5.0.1  # <- image-user
          commands: [sonar-scanner]
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'cimg/node:20.11', commands: ['npm ci'] },  // <- image-user
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: root, image: "sonarsource/sonar-scanner-cli:5.0.1", user: root, commands: [sonar-scanner]}
        - {name: chown, image: "cimg/go:1.22", commands: [sudo chown -R circleci ., go test ./...]}
        - {name: gradle, image: "gradle:8.5", commands: [gradle build]}
        services:
        - {name: db, image: "cimg/postgres:16.1"}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type != "docker" or step.is_service or step.image is None or step.get("user") is not None:
            return
        name = step.reference.familiar
        line = next((line for line in data_lines(__file__, "image_users.txt") if fnmatchcase(name, line.split()[0])), None)
        if line is not None and not any(word in value.text for value in step.commands for word in ("chown", "sudo ")):
            user = line.split()[1]
            yield self.finding(step.image.place, f"`{name}` runs as the user `{user}`, not as root")
