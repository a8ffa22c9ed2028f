"""Docker commands in images without the Docker client."""

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
from drone_lint_rules.docker.client import CLIENT, PLUGIN, has, has_known_image, users
from drone_lint_rules.docker.runs import Run, steps_of, surroundings
from drone_lint_rules.drone import CONTAINERS, MAY_RUN_DOCKER


class DockerClientMissing(Rule):
    """A step runs `docker`, and its image is not known to contain the Docker client.

    A mounted socket is half of it: the program `docker` has to be in the step's image. Language images (`golang`, `node`, `python`) and plain systems (`alpine`, `debian`)
    do not have it, and the step fails with `docker: command not found`. Commands of make targets and shell scripts of the repository count as the step's.

    Use the `docker` image, or install the client first: `apk add docker-cli`, `apt-get install docker.io`. Tell drone-lint of images of your own that have it:
    `images: {docker-client: ["acme/ci-*"]}`. It is a warning for images that are known to have no client, and a notice for all others.
    """

    name = "docker-client-missing"
    trigger = Trigger(commands=MAY_RUN_DOCKER)
    confidence = Confidence.MEDIUM
    why = "without it the step fails: docker: command not found"
    help = "use the `docker` image, install the client first, or name the image under `images: {docker-client: [...]}`"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: golang:1.22.1
          commands:
          - apk add --no-cache git docker-doc
          - sudo docker build .  # <- docker-client-missing
          - docker push app
        - name: own
          image: registry.example.com/team/builder:3
          commands: [cd app && time /usr/bin/docker build .]  # <- docker-client-missing
        - name: late
          image: alpine:3.20
          commands:
          - docker info || true  # <- docker-client-missing
          - apk add docker-cli
        - name: verify
          image: example/alpine-docker-golang:v0.0.8
          commands: [docker compose up -d]  # <- docker-client-missing
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'node:20.11.1', commands: [
            'DOCKER_BUILDKIT=1 docker build .',  // <- docker-client-missing
          ] },
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22.1
              commands:
              - make integration  # <- docker-client-missing
              - make unit
            """,
            files=(("Makefile", "DOCKER ?= docker\nunit:\n\tgo test ./...\nintegration:\n\t$(DOCKER) run --rm app\n"),),
        ),
    )
    good = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: image, image: "docker:27.3.1", commands: [docker build -t acme/ci ci, docker build -t acme/copied -f ci/copied.Dockerfile ci]}
            - {name: installed, image: "acme/ci:latest", commands: [docker build .]}
            - {name: copied, image: acme/copied, commands: [docker build .]}
            """,
            files=(
                (
                    "ci/Dockerfile",
                    "ARG BASE=alpine:3.20\nFROM ${BASE} AS base\nRUN apk add --no-cache \\\n    docker-cli make\nFROM base\nRUN true\n",
                ),
                ("ci/copied.Dockerfile", "FROM alpine:3.20\nCOPY --from=docker:27.3.1-cli /usr/local/bin/docker /usr/local/bin/\n"),
                ("Dockerfile", "FROM scratch\n"),
            ),
        ),
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: official, image: "docker:27.3.1", commands: [docker build .]}
        - {name: mirror, image: "mirror.example.com/library/docker:27.3.1-cli@sha256:0123456789abcdef0123456789abcdef", commands: [docker build .]}
        - {name: plugin, image: "plugins/docker:20.18", commands: [docker info]}
        - {name: alpine, image: "golang:1.22.1-alpine", commands: [apk add --no-cache docker-cli=27.3.1-r0, docker build .]}
        - {name: debian, image: "python:3.12", commands: [apt-get update && apt-get install -y docker.io, docker build .]}
        - {name: fedora, image: "fedora:41", commands: [dnf -y install docker-ce-cli, docker build .]}
        - {name: script, image: "ubuntu:24.04", commands: ["curl -fsSL https://get.docker.com | sh", docker build .]}
        - {name: static, image: "ubuntu:24.04", commands: ["curl -L https://download.docker.com/linux/static/stable/x86_64/docker-27.tgz | tar xz", docker build .]}
        - {name: copied, image: "ubuntu:24.04", commands: [cp tools/docker /usr/local/bin/docker, docker build .]}
        - {name: own, image: "ubuntu:24.04", commands: [./ci/install-docker.sh, docker build .]}
        - {name: alias, image: "fedora:41", commands: [alias docker=podman, docker build .]}
        - {name: asks, image: "ubuntu:24.04", commands: ['if command -v docker; then docker build .; fi']}
        - {name: path, image: "ubuntu:24.04", commands: [./bin/docker build .]}
        - {name: mounted, image: "ubuntu:24.04", commands: [docker build .], volumes: [{name: client, path: /usr/bin/docker}]}
        - {name: elsewhere, image: "ubuntu:24.04", commands: ['ssh host docker ps', 'kubectl exec x -- sh -c "docker ps"', echo docker build]}
        - {name: other, image: "quay.io/podman/stable:v5", commands: [podman build .]}
        volumes:
        - {name: client, host: {path: /usr/bin/docker}}
        ---
        kind: pipeline
        type: exec
        name: exec
        steps:
        - {name: host, commands: [docker build .]}
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: known, image: "acme/ci-go:3", commands: [docker build .]}
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
        known: bool | None = None
        for run, need, earlier in users(step, around):
            known = has_client(step, CLIENT, self.settings.images, around)
            if known:
                return
            if need in (CLIENT, PLUGIN) and not has(run, CLIENT, step, earlier):
                yield self._finding(run, step, certain=known is False)
                return

    def _finding(self, run: Run, step: Step, *, certain: bool) -> Finding:
        via = f" (`{run.via}`)" if run.via else ""
        word = "has no" if certain else "is not known to contain the"
        return self.finding(
            run.place,
            f"{step.title} runs `docker`{via}, and its image `{step.reference.text}` {word} Docker client",
            related=run.related,
            severity=self.severity if certain and not run.guess else Severity.NOTICE,
        )
