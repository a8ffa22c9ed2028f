"""Compose files that Compose cannot use."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    AnyPlace,
    ConfigFile,
    Example,
    Finding,
    Jsonnet,
    OtherYaml,
    Rule,
    Severity,
    TextPlace,
    Trigger,
    Value,
    did_you_mean,
)
from drone_lint_rules.docker.compose import ComposeUse, compose_uses, services_in
from drone_lint_rules.drone import MAY_RUN_DOCKER

_TOP = ("version", "name", "services", "networks", "volumes", "secrets", "configs", "include", "models")
_HELD = ("image", "build", "extends", "provider")
"""One of these makes a service."""


class InvalidComposeFile(Rule):
    """A compose file that a step uses is not valid.

    The step fails before a container starts. The file has to be YAML with a mapping `services`, and each service needs an `image` or a `build`, in this file or in another
    one of the same command (`-f base.yml -f override.yml`). Files are found by `-f`, `COMPOSE_FILE` and Compose's default names, also behind make targets and shell
    scripts of the repository. What privileged services, sockets and host paths in them cost, the rules of `container_escape` say.

    `docker compose -f FILE config` says the same, and more, on your machine.
    """

    name = "invalid-compose-file"
    trigger = Trigger(commands=MAY_RUN_DOCKER)
    severity = Severity.ERROR
    why = "Compose refuses the file before a container starts"
    help = "`docker compose -f FILE config` says what it expects"

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: test, image: "docker:27.3.1", commands: [docker compose -f ci/test.yml up -d]}
            """,
            files=(("ci/test.yml", "# tests\nservices:\n  app:\n    ports: ['8080:8080']\n  db:\n    image: postgres:16.2\n  none:\n"),),
            lines=(3, 7),
        ),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: test, image: "docker:27.3.1", commands: [cd ci && docker-compose up -d]}
            """,
            files=(("ci/docker-compose.yml", "services:\n  app:\n   image: a\n  - b\n"),),
            lines=(4,),
        ),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            environment: {COMPOSE_FILE: a.yml}
            steps:
            - {name: test, image: "docker:27.3.1", commands: [docker compose up]}
            - {name: list, image: "docker:27.3.1", commands: [docker compose -f b.yml up]}
            - {name: empty, image: "docker:27.3.1", commands: [docker compose -f c.yml up]}
            """,
            files=(
                ("a.yml", "version: '3'\n\nservises:\n  app: {image: a}\n"),
                ("b.yml", "\n- services\n"),
                ("c.yml", "# nothing\nservices: []\n"),
            ),
            lines=(2, 2, 3),
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'docker:27.3.1', commands: ['make up'] },
            ] }
            """,
            files=(("Makefile", "up:\n\tdocker-compose -f test.yml up -d\n"), ("test.yml", "services:\n  a: {image: b}\n  b: word\n")),
            lines=(3,),
        ),
    )
    good = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: docker:27.3.1
              commands:
              - docker compose -f base.yml -f override.yml up -d
              - docker compose -f override.yml -f $OTHER up -d
              - docker-compose -f old.yml up
              - docker compose -f included.yml up
              - docker compose -f none.yml up
              - cat invalid.yml
            """,
            files=(
                (
                    "base.yml",
                    "x-all: &all {restart: always}\n---\nservices:\n  app: {<<: *all, image: a}\n  b: {build: .}\n  c: {extends: {service: b}}\n",
                ),
                ("override.yml", "services:\n  app:\n    ports: ['80:80']\n    command: [a, http://b?c]\n"),
                ("old.yml", "app:\n  image: a\n"),
                ("included.yml", "include: [base.yml]\n"),
                ("invalid.yml", "services: {a: b}\n"),
            ),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        seen: set[AnyPlace] = set()
        for use in compose_uses(file):
            for place, message in faults(use):
                if place not in seen:
                    seen.add(place)
                    yield self.finding(place, message, related=[("used here", use.place)])


def faults(use: ComposeUse) -> Iterator[tuple[AnyPlace, str]]:
    """What is wrong with the files of one command."""
    for path, content in use.files:
        if content.error:
            end = content.source.text.find("\n", content.at)
            yield TextPlace(content.source, content.at, max(end, content.at)), f"`{path}` is no valid YAML: {content.error}"
        else:
            yield from _content(path, content, use)


def _content(path: str, content: OtherYaml, use: ComposeUse) -> Iterator[tuple[AnyPlace, str]]:
    for document in content.documents:
        if not document.value.is_map:
            yield document.value.place, f"`{path}` is no compose file: expected a mapping with `services`"
            return
    services = [item for document in content.documents for item in services_in(document.value, legacy=use.legacy)]
    if not services:
        yield from _without_services(path, content, use)
    for name, value in services:
        if not value.is_map:
            yield value.place if not value.is_null else value.key, f"compose service `{name}` is no mapping"
        elif not _is_held(name, use):
            yield value.key, f"compose service `{name}` has neither `image` nor `build`"


def _without_services(path: str, content: OtherYaml, use: ComposeUse) -> Iterator[tuple[AnyPlace, str]]:
    roots = [document.value for document in content.documents]
    if any(root.get("include") is not None for root in roots) or len(use.files) > 1 or not use.complete:
        return
    for root in roots:
        services = root.get("services")
        if services is not None:
            yield services.key, f"`{path}` has no services"
            return
        for key, value in root.items():
            if key not in _TOP and not key.startswith("x-"):
                yield value.key, f"unknown key `{key}` in `{path}`, which has no `services`{did_you_mean(key, _TOP)}"
                return
    start = TextPlace(content.source, 0, content.source.text.find("\n") + 1 and content.source.text.find("\n"))
    yield (roots[0].place if roots else start), f"`{path}` has no services"


def _is_held(name: str, use: ComposeUse) -> bool:
    """Whether one of the files of the command makes something of a service."""
    if not use.complete:
        return True
    for _, content in use.files:
        if content.error:
            return True
        for document in content.documents:
            for other, value in services_in(document.value, legacy=use.legacy):
                if other == name and any(_is_filled(value.get(key)) for key in _HELD):
                    return True
            if document.value.get("include") is not None:
                return True
    return False


def _is_filled(value: Value | None) -> bool:
    return value is not None and not value.is_null and (not value.is_scalar or bool(value.text))
