"""Files of other systems are called by their names."""

from __future__ import annotations

import pytest

from drone_lint.settings import Settings
from drone_lint.source.load import load
from drone_lint_rules.correctness._origin import origin

FILES = {
    "Drone 0.8": ["pipeline: {build: {image: golang}}"],
    "Drone 0.4": [
        "build:\n  image: golang\n  commands: [go test]\npublish:\n  docker: {repo: acme/app}\n",
        "compose: {db: {image: postgres}}\nbuild: {image: golang, commands: [make]}",
        "notify: {slack: {channel: dev}}",
    ],
    "Woodpecker": [
        "when:\n- event: push\nsteps:\n  build: {image: golang}\n",
        "steps:\n- {name: a, image: golang}\nlabels: {platform: linux/arm64}\n",
        "skip_clone: true\nsteps: [{name: a, image: golang}]\n",
        "steps:\n  build:\n    image: golang\n",
    ],
    "GitHub Actions": [
        "on: push\njobs: {build: {runs-on: ubuntu-latest, steps: [{run: make}]}}",
        "name: CI\non: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    container: golang\n",
        "steps: [{uses: actions/checkout@v4}]",
    ],
    "GitLab CI": [
        "stages: [a]\na: {stage: a, script: [make]}",
        "image: golang\nbefore_script: [go version]\ntest:\n  script: [go test]\n",
        "include: [{local: a.yml}]\nbuild: {extends: .base}",
    ],
    "CircleCI": [
        "version: 2\njobs: {build: {docker: [{image: golang}], steps: [checkout]}}\nworkflows: {}",
        "jobs: {build: {machine: true}}",
    ],
    "Travis CI": ["language: go\nscript: make\n"],
    "Bitbucket Pipelines": ["pipelines: {default: [{step: {script: [make]}}]}"],
    "Azure Pipelines": ["trigger: [main]\npool: {vmImage: ubuntu-latest}\nsteps: [{script: make, displayName: x}]"],
    "Docker Compose": ["services: {web: {image: nginx}}", "name: x\nservices: {web: {image: nginx}}"],
    "Drone": [
        "type: docker\nname: a\n",
        "name: default\nsteps: [{name: a, image: golang, commands: [make]}]",
        "trigger: {event: [push]}\nservices: [{name: db}]",
    ],
    "": ["name: a\n", "a: b\n"],
}


@pytest.mark.parametrize(("system", "text"), [(system, text) for system, texts in FILES.items() for text in texts])
def test_the_system_is_told_by_its_keys(system: str, text: str) -> None:
    (document,) = load(text.encode(), ".drone.yml", Settings()).evaluations[0].server
    assert origin(document.value) == system
