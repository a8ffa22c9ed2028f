"""`drone-lint dind`: what the user decides holds here as in a check; and the script that it writes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOCKET = """
kind: pipeline
type: docker
name: default
trigger: {event: [push]}
steps:
- name: build
  image: docker:27.3.1
  volumes:
  - {name: sock, path: /var/run/docker.sock}
  commands: [docker build -t app .]
volumes:
- {name: sock, host: {path: /var/run/docker.sock}}
"""


def dind(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and output."""
    command = [sys.executable, "-W", "error", "-m", "drone_lint", "dind", ".drone.yml", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def socket(folder: Path) -> Path:
    (folder / ".drone.yml").write_text(SOCKET, encoding="utf-8")
    (folder / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
    return folder


def rows(folder: Path, *arguments: str) -> list[dict[str, object]]:
    _, text = dind(folder, "--format", "json", *arguments)
    return [row for step in json.loads(text)["steps"] for row in step["rows"]]


def test_a_risk_fails_the_run_as_the_finding_would(socket: Path) -> None:
    code, text = dind(socket)
    assert code == 1
    assert "[docker-socket-mount]" in text


def test_fail_on_never_ends_with_zero(socket: Path) -> None:
    assert dind(socket, "--fail-on", "never")[0] == 0


def test_an_option_that_allows_the_step_holds(socket: Path) -> None:
    (socket / ".drone-lint.yaml").write_text("rules: {docker-socket-mount: {allow: [build]}}\n", encoding="utf-8")
    code, text = dind(socket)
    assert code == 0
    assert "docker-socket-mount, ignored: the configuration allows it" in text


def test_a_severity_of_the_configuration_holds(socket: Path) -> None:
    (socket / ".drone-lint.yaml").write_text("severity: {docker-socket-mount: notice}\n", encoding="utf-8")
    assert dind(socket)[0] == 0
    assert "notice" in {row.get("severity") for row in rows(socket)}


def test_a_rule_that_is_not_selected_fails_nothing(socket: Path) -> None:
    assert dind(socket, "--ignore", "docker-socket-mount")[0] == 0


def test_an_ignore_comment_holds_and_is_named(socket: Path) -> None:
    text = SOCKET.replace("- {name: sock, path: /var", "- {name: sock, path: /var", 1)
    text = text.replace(
        "  - {name: sock, path: /var/run/docker.sock}",
        "  # drone-lint: ignore[docker-socket-mount] -- ours alone\n  - {name: sock, path: /var/run/docker.sock}",
    )
    (socket / ".drone.yml").write_text(text, encoding="utf-8")
    code, shown = dind(socket)
    assert code == 0
    assert "ignored: ours alone" in shown
    assert dind(socket, "--no-ignores")[0] == 1


def test_every_row_has_one_of_four_answers(socket: Path) -> None:
    assert {row["status"] for row in rows(socket)} <= {"ok", "missing", "unknown", "risk"}


def test_what_cannot_be_followed_is_never_called_unneeded(socket: Path) -> None:
    (socket / ".drone.yml").write_text(
        SOCKET.replace("docker build -t app .", "./ci/run-everything").replace("docker:27.3.1", "acme/ci:1"), encoding="utf-8"
    )
    client = next(row for row in rows(socket) if row["check"] == "client")
    assert client["status"] == "unknown"
    assert "could not be followed" in str(client["message"])


def test_a_daemon_that_does_not_answer_is_missing_with_the_lines_to_write(socket: Path) -> None:
    text = SOCKET.replace(
        "  volumes:\n  - {name: sock, path: /var/run/docker.sock}\n", "  environment: {DOCKER_HOST: 'tcp://docker:2375'}\n"
    )
    (socket / ".drone.yml").write_text(
        text + "services:\n- {name: docker, image: 'docker:27.3.1-dind', privileged: true}\n", encoding="utf-8"
    )
    code, shown = dind(socket)
    assert code == 1
    assert "listens on port 2376 with TLS only, not on 2375" in shown
    assert "DOCKER_CERT_PATH: /certs/client" in shown


def test_many_steps_are_few_lines(socket: Path) -> None:
    step = SOCKET.split("steps:\n")[1].split("volumes:\n- {name: sock, host", maxsplit=1)[0]
    steps = "".join(step.replace("name: build", f"name: build-{number}").replace("-t app", f"-t app-{number}") for number in range(300))
    (socket / ".drone.yml").write_text(SOCKET.replace(step, steps), encoding="utf-8")
    _, shown = dind(socket)
    assert "300 of 300 steps use Docker" in shown
    assert len(shown.splitlines()) < 200


def test_the_script_is_a_shell_script_of_the_checks_that_the_file_needs(socket: Path) -> None:
    dind(socket, "--script", "validate.sh")
    text = (socket / "validate.sh").read_text(encoding="utf-8")
    assert "docker info" in text
    assert "test -f Dockerfile" in text
    assert "compose" not in text
    subprocess.run(["sh", "-n", "validate.sh"], cwd=socket, check=True)


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_has_nothing_to_say_of_the_script(socket: Path) -> None:
    (socket / "it's.yml").write_text(
        "services: {db: {image: 'postgres:16', container_name: 'a $b', ports: ['1:1'], volumes: ['./x y:/x']}}\n", encoding="utf-8"
    )
    text = SOCKET.replace("docker build -t app .", 'docker compose -f "it\'s.yml" up -d')
    (socket / ".drone.yml").write_text(text, encoding="utf-8")
    dind(socket, "--script", "validate.sh")
    subprocess.run(["shellcheck", "-S", "style", "validate.sh"], cwd=socket, check=True)


def test_a_script_that_cannot_be_written_is_a_usage_error(socket: Path) -> None:
    assert dind(socket, "--script", "no/such/folder/validate.sh")[0] == 2
