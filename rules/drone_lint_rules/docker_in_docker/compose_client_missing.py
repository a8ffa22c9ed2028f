"""Compose commands in images without Compose."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    Confidence,
    ConfigFile,
    Example,
    Finding,
    ImageSettings,
    Jsonnet,
    Rule,
    Settings,
    Severity,
    Step,
    Surroundings,
    Trigger,
)
from drone_lint_rules.docker.built_images import has_client
from drone_lint_rules.docker.client import CLIENT, COMPOSE, has, has_known_image, users
from drone_lint_rules.docker.runs import Run, steps_of, surroundings
from drone_lint_rules.drone import CONTAINERS, MAY_RUN_DOCKER


class ComposeClientMissing(Rule):
    """A step runs `docker compose` or `docker-compose`, and its image is not known to contain it.

    Compose is no part of the Docker client: `docker compose` is a plugin, `docker-compose` a program of its own. Docker's own image has both since 20.10.15; with older ones
    (`docker:19.03`), with `docker-cli` alone, or with a language image the step fails with `docker: 'compose' is not a docker command` or `docker-compose: not found`.

    Use a current `docker` image, or install it first: `apk add docker-cli-compose`, `apt-get install docker-compose-plugin`. Images of your own that have it are named
    under `images: {docker-client: [...]}`. It is a warning for images that are known to lack it, and a notice for all others.
    """

    name = "compose-client-missing"
    trigger = Trigger(commands=MAY_RUN_DOCKER)
    confidence = Confidence.MEDIUM
    why = "without it the step fails: docker-compose: command not found"
    help = "use a current `docker` image, install Compose first, or name the image under `images: {docker-client: [...]}`"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: language
          image: golang:1.22.1-alpine
          commands:
          - apk add docker-cli
          - docker compose up -d  # <- compose-client-missing
          - docker compose down
        - name: old
          image: docker:19.03.8-dind
          commands: [docker-compose up -d]  # <- compose-client-missing
        - name: own
          image: acme/builder:3
          commands: [sudo docker-compose -f a.yml up -d]  # <- compose-client-missing
        - name: other
          image: docker/compose:1.29.2
          commands: [docker compose up -d]  # <- compose-client-missing
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'python:3.12', commands: ['pip install requests', 'docker-compose up'] },  // <- compose-client-missing
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: test, image: "golang:1.22.1", commands: [ci/test.sh]}  # <- compose-client-missing
            """,
            files=(("ci/test.sh", "#!/bin/sh\nset -e\ndocker-compose up -d\n"),),
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: current, image: "docker:27.3.1-cli", commands: [docker compose up -d, docker-compose down]}
        - {name: bare, image: "docker:20.10", commands: [docker compose up -d]}
        - {name: latest, image: docker, commands: [docker compose up -d]}
        - {name: old, image: "docker/compose:1.29.2", commands: [docker-compose up -d]}
        - {name: alpine, image: "golang:1.22.1-alpine", commands: [apk add docker-cli docker-cli-compose, docker compose up -d]}
        - {name: debian, image: "python:3.12", commands: [apt-get install -y docker-compose-plugin, docker compose up -d]}
        - {name: pip, image: "docker:19.03", commands: [pip install docker-compose==1.29.2, docker-compose up -d]}
        - name: fetched
          image: docker:19.03
          commands:
          - curl -L "https://github.com/docker/compose/releases/download/1.29.2/docker-compose-Linux-x86_64" -o /usr/local/bin/docker-compose
          - chmod +x /usr/local/bin/docker-compose
          - docker-compose up -d
        - {name: none, image: "golang:1.22.1", commands: [docker build ., cat docker-compose.yml]}
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: known, image: "acme/ci-go:3", commands: [docker compose up]}
            """,
            settings=Settings(images=ImageSettings(docker_client=("acme/ci-*",))),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        around = surroundings(file)
        for step, pipeline in steps_of(file):
            if pipeline.type in CONTAINERS and has_known_image(step):
                yield from self.of_step(step, around)

    def of_step(self, step: Step, around: Surroundings) -> Iterator[Finding]:
        """What is missing in one step, whose image is known."""
        seen: set[str] = set()
        for run, need, earlier in users(step, around):
            if need == CLIENT or need in seen:
                continue
            seen.add(need)
            known = has_client(step, need, self.settings.images, around)
            if not known and not has(run, need, step, earlier):
                yield self._finding(run, need, step, certain=known is False)

    def _finding(self, run: Run, need: str, step: Step, *, certain: bool) -> Finding:
        shown = need if need == COMPOSE else "docker compose"
        via = f" (`{run.via}`)" if run.via else ""
        word = "has no Compose of that kind" if certain else "is not known to contain it"
        return self.finding(
            run.place,
            f"{step.title} runs `{shown}`{via}, and its image `{step.reference.text}` {word}",
            related=run.related,
            severity=self.severity if certain and not run.guess else Severity.NOTICE,
        )
