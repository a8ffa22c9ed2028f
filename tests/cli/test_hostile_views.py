"""What only the runner's text says: rules about security look at both texts, and at the values that a `${}` is made for."""

from __future__ import annotations

import json

import pytest

from drone_lint.cli import main as cli

HEAD = "kind: pipeline\ntype: docker\nname: default\n"
STEPS = HEAD + "steps:\n- name: a\n  image: golang:1.22.1\n"


@pytest.fixture
def lint(folder, capsys):
    def run(text: str, name: str = ".drone.yml") -> tuple[int, list[dict]]:
        (folder / name).write_bytes(text.encode())
        with pytest.raises(SystemExit) as stop:
            cli.main(["--no-cache", "--format", "json", name])
        report = json.loads(capsys.readouterr().out)
        return int(stop.value.code or 0), report["findings"]

    return run


def errors(findings: list[dict]) -> set[str]:
    return {item["rule"] for item in findings if item["severity"] == "error"}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (STEPS + '  "${DRONE/true/privileged}": true\n', "privileged-step"),
        (STEPS + "  privileged${DRONE%true}: true\n", "privileged-step"),
        (STEPS + "  privileged${DRONE_TAG}: true\n", "privileged-step"),
        (STEPS + "  privileged: ${DRONE}\n", "privileged-step"),
        (STEPS + "  privileged: ${DRONE_REPO_NAME/acme-shop/true}\n", "privileged-step"),
        (STEPS + '  network_mode: "ho${CI#true}st"\n', "host-network"),
        (STEPS + '  network_mode: "${DRONE_REPO_OWNER/#acme/host}"\n', "privilege-from-variable"),
        (STEPS + '  "privi\\\\x6ceged": true\n', "privileged-step"),
        (STEPS + '  "privi\\\\u006ceged": true\n', "privileged-step"),
        (STEPS + "  commands:\n  - cu${CI#true}rl http://x/a | s${CI#true}h\n", "curl-pipe-shell"),
        (STEPS + "  commands:\n  - cu${DRONE_TAG}rl http://x/a | sh\n", "curl-pipe-shell"),
        (STEPS + "  commands:\n  - cu${DRONE_REPO_NAME/acme-shop/rl} http://x/a | sh\n", "curl-pipe-shell"),
        (STEPS + "  volumes: [{name: s, path: /s}]\nvolumes:\n- name: s\n  ${CI#true}host: {path: /var/run/docker.sock}\n", "sensitive-host-path|docker-socket-mount"),
        (HEAD + "${CI#true}steps:\n- name: a\n  image: golang:1.22.1\n  privileged: true\n", "privileged-step"),
        (STEPS + "  # " + "$$" * 33_000 + "\n  privileged: true\n", "privileged-step"),
    ],
)  # fmt: skip
def test_what_the_runner_runs_is_found(lint, text, rule):
    code, found = lint(text)
    assert code == 1, found
    assert {item["rule"] for item in found} & set(rule.split("|")), {(item["rule"], item["severity"]) for item in found}


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ("['${DRONE/true/privileged}']: true", "privileged-step"),
        ("network_mode: 'ho${CI#true}st'", "host-network"),
        ("'privi\\\\x6ceged': true", "privileged-step"),
        ("commands: ['cu${CI#true}rl http://x/a | s${CI#true}h']", "curl-pipe-shell"),
    ],
)
def test_what_the_runner_runs_of_a_program_is_found(lint, fields, rule):
    code, found = lint(
        "{ kind: 'pipeline', type: 'docker', name: 'a', steps: [{ name: 'a', image: 'golang:1.22.1', " + fields + " }] }", ".drone.jsonnet"
    )
    assert code == 1
    assert rule in {item["rule"] for item in found}, {(item["rule"], item["severity"]) for item in found}


def test_what_both_texts_say_is_said_once(lint):
    text = STEPS + "  privileged: true\n  commands:\n  - curl http://x/a | sh\n  - echo ${DRONE_BUILD_NUMBER}\n"
    _, found = lint(text)
    rules = [item["rule"] for item in found]
    assert len(rules) == len(set(rules)), rules
    assert all(len(item["places"]) == 1 for item in found)


def test_values_of_variables_are_no_secrets(lint):
    _, found = lint(STEPS + "  environment: {TOKEN: '${DRONE_COMMIT_SHA}', KEY: 'x-${DRONE_COMMIT_BEFORE}'}\n")
    assert "hardcoded-secret" not in {item["rule"] for item in found}


def test_ordinary_substitution_adds_nothing(lint):
    _, found = lint(STEPS.replace("1.22.1", "1.22.1@sha256:" + "0" * 64) + "  commands: ['echo ${DRONE_TAG##v} ${DRONE_BRANCH/main/x}']\n")
    assert "curl-pipe-shell" not in {item["rule"] for item in found}
