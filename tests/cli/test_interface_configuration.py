"""The contract of the configuration file, walked through: every key, mistakes, which file holds, and precedence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contract import CLEAN, FLOATING, PRIVILEGED, call, names, report, write
from drone_lint.config.schema import TOP_KEYS

KEYS = [
    "trust",
    "runner",
    "profile",
    "fail-on",
    "select",
    "ignore",
    "severity",
    "server",
    "jsonnet",
    "starlark",
    "images",
    "secrets",
    "substitution",
    "rules",
    "plugins",
    "templates",
    "per-path",
    "packs",
    "files",
    "baseline",
]


def test_keys_are_those_of_the_contract():
    assert set(TOP_KEYS) == set(KEYS)


FULL = """\
trust: untrusted
runner: docker
profile: default
fail-on: warning
select: []
ignore: [unused-volume]
severity: { floating-image-tag: error }
server: { version: "2.25", ignore-pull-requests: false, paths-extension: false, plugin-volumes: false, extra-types: [] }
jsonnet: { server-evaluates: true, import-limit: 0, jpath: [vendor], ext-str: { team: payments }, engine: auto }
images: { trusted-registries: [docker.io], privileged: [plugins/docker], docker-client: ["acme/ci-*"], moving-tags: [edge] }
secrets: { allowed-on-pull-requests: [codecov_token], keys: [] }
substitution: { variables: [RELEASE_CHANNEL] }
rules:
  privileged-step: { allow: ["integration-tests*"] }
  host-volume: { allow: ["/var/cache/go"] }
per-path: { "examples/**": { ignore: [floating-image-tag] } }
plugins: { acme/deploy: { like: plugins/docker, settings: [stage], secrets: [key], events: [tag], instead: acme/deploy2 } }
packs: []
files: ["ci/*.jsonnet"]
"""


def test_the_whole_configuration_of_the_contract_is_read(folder, capsys):
    from jsonschema import Draft202012Validator

    import drone_lint_schemas

    write(folder, ".drone.yml", FLOATING)
    write(folder, ".drone-lint.yaml", FULL)
    found = report(capsys)["findings"]
    assert [(item["rule"], item["severity"]) for item in found] == [("floating-image-tag", "error")]
    schema = json.loads((Path(drone_lint_schemas.__file__).parent / "config.json").read_text("utf-8"))
    import yaml

    Draft202012Validator(schema).validate(yaml.safe_load(FULL))


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("trusted: untrusted\n", "unknown key `trusted`; did you mean `trust`?"),
        ("trust: untrustd\n", "trust: unknown value `untrustd`; did you mean `untrusted`?"),
        ("server: {verson: '2.20'}\n", "server: unknown key `verson`; did you mean `version`?"),
        ("server: {version: 2.20}\n", "server.version"),
        ("rules: {privileged-stp: {}}\n", "unknown rule `privileged-stp`; did you mean `privileged-step`?"),
        ("rules: {privileged-step: {alow: []}}\n", "rules.privileged-step: unknown key `alow`; did you mean `allow`?"),
        ("rules: {privileged-step: {allow: true}}\n", "rules.privileged-step.allow: expected a list of strings"),
        ("severity: {privileged-step: fatal}\n", "severity.privileged-step: unknown value `fatal`"),
        ("ignore: privileged-step\n", "ignore: expected a list of strings"),
        ("per-path: {'a/**': {trus: x}}\n", "unknown key `trus`; did you mean `trust`?"),
        ("jsonnet: {import-limit: many}\n", "jsonnet.import-limit: expected a whole number"),
        ("plugins: {acme/x: {setings: [a]}}\n", "plugins.acme/x: unknown key `setings`; did you mean `settings`?"),
        ("packs: [nope]\n", "unknown rule pack `nope`"),
        ("- a\n", "the configuration is not a mapping"),
        ("a: [\n", ".drone-lint.yaml"),
    ],
)
def test_mistakes_in_it_are_exit_code_2_with_file_key_and_nearest_name(config, words, folder, capsys):
    write(folder, ".drone.yml", CLEAN)
    write(folder, ".drone-lint.yaml", config)
    code, out, error = call(capsys)
    assert code == 2
    assert ".drone-lint.yaml" in error
    assert words in error
    assert out == ""


def test_the_nearest_one_wins_without_merging(folder, capsys):
    write(folder, ".drone-lint.yaml", "ignore: [privileged-step]\n")
    write(folder, "a/.drone.yml", PRIVILEGED)
    write(folder, "b/.drone.yml", PRIVILEGED)
    write(folder, "b/.drone-lint.yaml", "profile: default\n")
    found = report(capsys)["findings"]
    assert {item["location"]["path"] for item in found if item["rule"] == "privileged-step"} == {"b/.drone.yml"}
    assert call(capsys, "--isolated", "a/.drone.yml")[0] == 1
    assert call(capsys, "--config", "b/.drone-lint.yaml", "a/.drone.yml")[0] == 1


def test_it_may_stand_in_pyproject(folder, capsys):
    write(folder, ".drone.yml", PRIVILEGED)
    write(folder, "pyproject.toml", '[tool.drone-lint]\nignore = ["privileged-step"]\n')
    assert names(capsys) == []
    write(folder, "pyproject.toml", '[tool.drone-lint]\nignor = ["privileged-step"]\n')
    code, _, error = call(capsys)
    assert code == 2
    assert "pyproject.toml" in error
    assert "did you mean `ignore`?" in error


def test_flag_over_per_path_over_file_over_profile(folder, capsys):
    write(folder, "a/.drone.yml", FLOATING)
    path = "a/.drone.yml"
    assert call(capsys, path)[0] == 1
    write(folder, ".drone-lint.yaml", "fail-on: error\n")
    assert call(capsys, path)[0] == 0, "file over profile"
    write(folder, ".drone-lint.yaml", "fail-on: error\nper-path: {'a/**': {fail-on: warning}}\n")
    assert call(capsys, path)[0] == 1, "per-path over file"
    assert call(capsys, "--fail-on", "never", path)[0] == 0, "flag over per-path"


def test_select_runs_exactly_those_whatever_the_profile_and_ignore_beats_it(folder, capsys):
    write(folder, ".drone.yml", FLOATING.replace("type: docker\n", ""))
    assert names(capsys, "--select", "missing-type") == ["missing-type"]
    assert names(
        capsys, "--select", "hygiene,supply_chain", "--ignore", "floating-image-tag,unpinned-image-digest,missing-trigger-event"
    ) == ["missing-type"]
    assert names(capsys, "--select", "missing-type", "--ignore", "hygiene") == []


def test_policy_rules_are_on_only_when_their_list_is_configured(folder, capsys):
    write(folder, ".drone.yml", CLEAN)
    assert "untrusted-registry" not in names(capsys, "--profile", "pedantic")
    write(folder, ".drone-lint.yaml", "images: {trusted-registries: [registry.example.com]}\n")
    assert "untrusted-registry" in names(capsys)
