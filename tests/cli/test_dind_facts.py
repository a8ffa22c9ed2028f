"""`drone-lint dind`: what Dockerfiles and compose files of the repository tell about a step."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PIPELINE = """
kind: pipeline
type: docker
name: default
trigger: {event: [push]}
steps:
- {name: own, image: plugins/docker:20, settings: {repo: acme/tools, dockerfile: Dockerfile}}
- name: build
  STEP
  volumes: [{name: sock, path: /var/run/docker.sock}]
volumes:
- {name: sock, host: {path: /var/run/docker.sock}}
"""


def answers(folder: Path, step: str, files: dict[str, str]) -> set[tuple[str, str, str]]:
    """Check, status and rule or sentence of each row of the step `build`."""
    (folder / ".drone.yml").write_text(PIPELINE.replace("STEP", step.replace("\n", "\n  ")), encoding="utf-8")
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-W", "error", "-m", "drone_lint", "dind", ".drone.yml", "--format", "json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found = [row for one in json.loads(done.stdout)["steps"] if one["step"] == "build" for row in one["rows"]]
    return {(row["check"], row["status"], row["message"]) for row in found}


OWN = "image: acme/tools:1\ncommands: [docker info]"


@pytest.mark.parametrize(
    ("step", "files", "check", "status", "words"),
    [
        (OWN, {"Dockerfile": "FROM alpine:3.20\nRUN apk add docker-cli\n"}, "client", "ok", "has the Docker client"),
        (OWN, {"Dockerfile": "FROM alpine:3.20\nCOPY a /a\n"}, "client", "missing", "has not got the Docker client"),
        (OWN, {"Dockerfile": "FROM docker:27.3.1\nUSER 1000\n"}, "daemon", "missing", "may not open the host's Docker socket"),
        ("image: docker:27.3.1\nuser: node\ncommands: [docker info]", {}, "daemon", "missing", "runs as user `node`"),
        (
            "image: docker:27.3.1\ncommands: [docker compose -f c.yml up -d]",
            {"c.yml": "services: {a: {image: 'b:1', pid: host}}\n"},
            "safety",
            "risk",
            "every process",
        ),
        (
            "image: docker:27.3.1\ncommands: [docker run -d -p 8080:80 nginx:1.27.1, wget http://localhost:8080/]",
            {},
            "network",
            "missing",
            "`localhost:8080`, which is its own container",
        ),
        (
            "image: docker:27.3.1\nnetwork_mode: host\ncommands: [docker run -d -p 8080:80 nginx:1.27.1, wget http://localhost:8080/]",
            {},
            "network",
            "risk",
            "is needed",
        ),
        ("image: docker:27.3.1\nnetwork_mode: host\ncommands: [docker info]", {}, "network", "risk", "is not needed"),
        (
            "image: docker:27.3.1\nenvironment: {TOKEN: {from_secret: token}}\ncommands: [docker run --rm -e TOKEN=$TOKEN a/b:1]",
            {},
            "safety",
            "risk",
            "the secret `TOKEN` is in the environment of a container",
        ),
        (
            "image: docker:27.3.1\nenvironment: {TOKEN: {from_secret: token}}\ncommands: [docker run --rm --env TOKEN a/b:1]",
            {},
            "safety",
            "risk",
            "the secret `TOKEN` is in the environment of a container",
        ),
    ],
)
def test_a_fact_of_the_files_is_one_row(folder: Path, step: str, files: dict[str, str], check: str, status: str, words: str) -> None:
    found = answers(folder, step, files)
    assert len([row for row in found if row[:2] == (check, status) and words in row[2]]) == 1, found


@pytest.mark.parametrize(
    ("step", "files", "words"),
    [
        (OWN, {"Dockerfile": "FROM docker:27.3.1\nUSER 1000\nUSER root\n"}, "may not open"),
        ("image: docker:27.3.1\nnetwork_mode: host\ncommands: [./unknown.sh]", {}, "is not needed"),
        (
            "image: docker:27.3.1\nenvironment: {TOKEN: {from_secret: token}}\ncommands: [docker run --rm a/b:1 -e TOKEN=x, docker run --rm -e MODE=$MODE a/b:1]",
            {},
            "in the environment of a container",
        ),
        ("image: docker:27.3.1\ncommands: [docker run -d nginx:1.27.1, wget http://localhost:8080/]", {}, "its own container"),
    ],
)
def test_what_the_files_do_not_tell_is_not_said(folder: Path, step: str, files: dict[str, str], words: str) -> None:
    assert not [row for row in answers(folder, step, files) if words in row[2]]
