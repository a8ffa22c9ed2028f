"""The whole program, through its text. `pytest --update-goldens` rewrites the files; read the diff."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from drone_lint.config.init import schema_text
from drone_lint.lint.registry import builtin_rules, index_text
from drone_lint.lint.schema import schema_named
from drone_lint.report.explain import markdown_page

ROOT = Path(__file__).parents[2]
GOLDENS = Path(__file__).parent / "goldens"
FILES = Path(__file__).parent / "files"

CASES = {
    "docker-in-docker": (["examples/docker-in-docker/.drone.jsonnet"], ROOT),
    "docker-in-docker-concise": (["--format", "concise", "--trust", "untrusted", "examples/docker-in-docker/.drone.jsonnet"], ROOT),
    "docker-in-docker-json": (["--format", "json", "examples/docker-in-docker/.drone.jsonnet"], ROOT),
    "docker-in-docker-positions": (["render", "examples/docker-in-docker/.drone.jsonnet", "--positions", "--format", "json"], ROOT),
    "docker-in-docker-render": (["render", "examples/docker-in-docker/.drone.jsonnet"], ROOT),
    "plan": (["plan", "examples/docker-in-docker/.drone.jsonnet"], ROOT),
    "plan-pull-request": (["plan", "examples/docker-in-docker/.drone.jsonnet", "--event", "pull_request"], ROOT),
    "plan-json": (["plan", "examples/docker-in-docker/.drone.jsonnet", "--event", "tag", "--ref", "v1", "--format", "json"], ROOT),
    "plan-branch": (["plan", "plan.yml", "--event", "push", "--branch", "dependabot/npm"], FILES),
    "plan-markdown": (["plan", "plan.yml", "--event", "promote", "--target", "staging", "--format", "markdown"], FILES),
    "plan-mermaid": (["plan", "examples/docker-in-docker/.drone.jsonnet", "--format", "mermaid"], ROOT),
    "plan-mermaid-graph": (["plan", "graph.yml", "--event", "pull_request", "--format", "mermaid"], FILES),
    "plan-dot": (["plan", "graph.yml", "--format", "dot"], FILES),
    "plan-svg": (["plan", "graph.yml", "--event", "push", "--branch", "main", "--format", "svg"], FILES),
    "plan-broken": (["plan", "broken.jsonnet"], FILES),
    "plan-usage": (["plan", "plan.yml", "--event", "push", "--target", "production"], FILES),
    "dind": (["dind", "examples/docker-in-docker/.drone.jsonnet"], ROOT),
    "dind-markdown": (["dind", "--format", "markdown", "examples/docker-in-docker/.drone.jsonnet"], ROOT),
    "dind-json": (["dind", "--format", "json", "examples/docker-in-docker/.drone.jsonnet"], ROOT),
    "dind-none": (["dind", "examples/clean/.drone.yml"], ROOT),
    "dind-broken": (["dind", "broken.jsonnet"], FILES),
    "planted": (["examples/planted/.drone.yml"], ROOT),
    "starlark": (["examples/starlark/.drone.star"], ROOT),
    "starlark-plan": (["plan", "examples/starlark/.drone.star", "--event", "push", "--branch", "stable"], ROOT),
    "clean": (["examples/clean"], ROOT),
    "missing-file": (["no-such-file.yml", "examples/clean/.drone.yml"], ROOT),
    "broken-jsonnet": (["broken.jsonnet", "good.yml"], FILES),
    "jsonnet-errors": (["jsonnet/comma.jsonnet", "jsonnet/trace.jsonnet", "jsonnet/variable.jsonnet", "good.yml"], FILES),
    "jsonnet-events": (["jsonnet/events.jsonnet"], FILES),
    "broken-yaml": (["broken.yml", "good.yml"], FILES),
    "empty-result": (["empty.jsonnet", "good.yml"], FILES),
    "binary-garbage": (["garbage.yml", "good.yml"], FILES),
    "folder-without-configs": (["nothing-here"], FILES),
    "unknown-option": (["--trust", "maybe", "good.yml"], FILES),
    "unknown-rule": (["--select", "privileged-stp", "good.yml"], FILES),
    "untrusted-kubernetes": (["--trust", "untrusted", "--profile", "drone", "kubernetes.yml"], FILES),
    "rule-page": (["rule", "privileged-step"], ROOT),
    "rule-prefix": (["rule", "privileged-st"], ROOT),
    "rule-unknown": (["rule", "privilegd"], ROOT),
}


def run(arguments: list[str], folder: Path, stdin: bytes = b"") -> tuple[int, str]:
    """Exit code, and output with both streams named."""
    environment = {key: value for key, value in os.environ.items() if key not in ("CI", "NO_COLOR", "COLUMNS", "FORCE_COLOR")}
    folders = environment.get("PATH", os.defpath).split(os.pathsep)  # the expected texts are those without ShellCheck
    environment["PATH"] = os.pathsep.join(folder for folder in folders if not shutil.which("shellcheck", path=folder))
    command = [sys.executable, "-W", "error", "-m", "drone_lint", *arguments]
    done = subprocess.run(command, cwd=folder, input=stdin, capture_output=True, env=environment, check=False)
    out, error = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    text = f"$ drone-lint {' '.join(arguments)}\n{out}"
    if error:
        text += f"-- standard error\n{error}"
    return done.returncode, f"{text}-- exit code {done.returncode}\n".replace("\r\n", "\n")


@pytest.mark.parametrize("name", CASES)
def test_output_is_as_expected(name: str, update_goldens: bool) -> None:
    arguments, folder = CASES[name]
    _, text = run(arguments, folder)
    golden = GOLDENS / f"{name}.txt"
    text = re.sub(r"\d+ rules", "N rules", text)
    if update_goldens:
        golden.write_text(text, encoding="utf-8", newline="\n")
    assert text == golden.read_text(encoding="utf-8")


def test_the_example_readme_shows_real_output(update_goldens: bool) -> None:
    readme = ROOT / "examples" / "docker-in-docker" / "README.md"
    _, text = run(["examples/docker-in-docker/.drone.jsonnet"], ROOT)
    shown = text.split("\n", 1)[1].split("-- exit code")[0]
    before, _, rest = readme.read_text("utf-8").partition("```text\n")
    _, _, after = rest.partition("```\n")
    wanted = f"{before}```text\n{shown}```\n{after}"
    if update_goldens:
        readme.write_text(wanted, encoding="utf-8", newline="\n")
    assert re.sub(r"\d+ rules", "", readme.read_text("utf-8")) == re.sub(r"\d+ rules", "", wanted)


def test_the_example_readme_shows_the_checklist(update_goldens: bool) -> None:
    readme = ROOT / "examples" / "docker-in-docker" / "README.md"
    _, text = run(["dind", ".drone.jsonnet"], readme.parent)
    shown = text.split("-- exit code")[0]
    before, _, rest = readme.read_text("utf-8").partition("```console\n")
    _, _, after = rest.partition("```\n")
    wanted = f"{before}```console\n{shown}```\n{after}"
    if update_goldens:
        readme.write_text(wanted, encoding="utf-8", newline="\n")
    assert readme.read_text("utf-8") == wanted


def test_the_rule_index_is_generated(update_goldens: bool) -> None:
    index = ROOT / "rules" / "README.md"
    _, text = run(["rules", "--format", "markdown"], ROOT)
    wanted = text.split("\n", 1)[1].split("-- exit code")[0]
    if update_goldens:
        index.write_text(wanted, encoding="utf-8", newline="\n")
    assert index.read_text("utf-8") == wanted, "refresh it with `pytest tests/cli --update-goldens`"


def test_the_schema_of_configurations_is_generated(update_goldens: bool) -> None:
    schema = ROOT / "schemas" / "drone_lint_schemas" / "config.json"
    if update_goldens:
        schema.write_text(schema_text(), encoding="utf-8", newline="\n")
    assert schema.read_text("utf-8") == schema_text(), "refresh it with `pytest tests/cli --update-goldens`"


def test_what_decides_whether_a_rule_runs_is_generated(update_goldens: bool) -> None:
    index = ROOT / "rules" / "drone_lint_rules" / "index.py"
    if update_goldens:
        index.write_text(index_text(), encoding="utf-8", newline="\n")
    assert index.read_text("utf-8") == index_text(), "refresh it with `pytest tests/cli --update-goldens`"


def test_the_rule_pages_are_generated(update_goldens: bool) -> None:
    folder = ROOT / "rules" / "pages"
    wanted = {f"{name}.md": markdown_page(rule) for name, rule in builtin_rules().items()}
    if update_goldens:
        folder.mkdir(exist_ok=True)
        for stale in {path.name for path in folder.iterdir()} - set(wanted):
            (folder / stale).unlink()
        for name, text in wanted.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    found = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    assert found == wanted, "refresh them with `pytest tests/cli --update-goldens`"


@pytest.mark.parametrize("name", [name for name, (arguments, _) in CASES.items() if arguments[0] != "plan"])
def test_json_reports_are_as_their_schema_says(name: str) -> None:
    arguments, folder = CASES[name]
    if arguments[0] in ("render", "rule", "dind") or "--format" in arguments:
        arguments, folder = [".drone.jsonnet"], ROOT / "examples" / "docker-in-docker"
    code, text = run([*arguments, "--format", "json"], folder)
    body = text.split("\n", 1)[1].split("-- ")[0]
    assert bool(body) is (code != 2), "nothing is reported where the usage is wrong"
    if body:
        Draft202012Validator(schema_named("report.v1")).validate(json.loads(body))


PLANTED = (
    ("template-injection", "${DRONE_COMMIT_MESSAGE}"),
    ("erased-variable", "${LOCAL}"),
    ("unknown-key", "privilaged: true"),
    ("unknown-dependency", "- tets"),
    ("unknown-dependency", "- biuld"),
    ("host-network", "network_mode: host"),
    ("host-device", "- name: disk"),
    ("privileged-step", "  privileged: true"),
    ("hardcoded-secret", "password: hunter2"),
    ("tls-verification-disabled", "insecure: true"),
    ("docker-socket-mount", "- name: run"),
    ("dind-lost-privilege", "  volumes:"),
)


@pytest.mark.parametrize(("rule", "written"), PLANTED)
def test_planted_problems_are_found_at_their_lines(rule: str, written: str) -> None:
    _, text = run(["--format", "json", "--select", rule, "examples/planted/.drone.yml"], ROOT)
    found = json.loads(text.split("\n", 1)[1].split("-- ")[0])["findings"]
    lines = (ROOT / "examples" / "planted" / ".drone.yml").read_text("utf-8").split("\n")
    assert any(written in lines[one["location"]["start"]["line"] - 1] for one in found)
    assert "hunter2" not in text


@pytest.mark.parametrize("event", ["all", "pull_request"])
def test_plans_are_as_their_schema_says(event: str) -> None:
    _, text = run(["plan", "plan.yml", "--event", event, "--repo", "acme/app", "--format", "json"], FILES)
    body = json.loads(text.split("\n", 1)[1].split("-- ")[0])
    Draft202012Validator(schema_named("plan.v1")).validate(body)
    assert len(body["builds"]) == (7 if event == "all" else 1)


def test_nearly_all_positions_of_the_examples_are_exact() -> None:
    _, text = run(["render", "examples/docker-in-docker/.drone.jsonnet", "--positions", "--format", "json"], ROOT)
    positions = json.loads(text.split("\n", 1)[1].split("-- ")[0])
    exact = sum(item["location"]["precision"] == "exact" for item in positions)
    assert exact >= 0.99 * len(positions) > 50


def test_generated_yaml_that_is_out_of_date_is_shown_where_it_differs(tmp_path: Path) -> None:
    (tmp_path / ".drone.jsonnet").write_text(
        "[{ kind: 'pipeline', type: 'docker', name: 'a', steps: [{ name: 'b', image: 'alpine:3.20' }] }]"
    )
    (tmp_path / ".drone.yml").write_text("---\nkind: pipeline\nname: a\ntype: docker\nsteps:\n- image: alpine:3.19\n  name: b\n")
    code, text = run(["--format", "concise", "--isolated", ".drone.jsonnet"], tmp_path)
    assert code == 1
    assert ".drone.yml:6:10: error[stale-generated-yaml]" in text


def test_standard_input_is_linted_under_its_name() -> None:
    code, text = run(["-", "--stdin-filename", "ci/.drone.yml", "--format", "concise"], ROOT, b"kind: pipline\nname: a\n")
    assert code == 1
    assert "ci/.drone.yml:1:7: error[unknown-kind-or-type]" in text
