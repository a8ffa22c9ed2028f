"""The whole program over Starlark: folders, ignores, fixes, generated YAML, baselines, the cache, what is imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from drone_lint.cli import main as cli

PROGRAM = """\
def main(ctx):
  steps = [step("a"), dict(name = "b", image = 'golang:1.22.1', pull = True)]
  steps.append({"name": "c", "image": "alpine:3.20", "privileged": True, "commands": ["true"]})
  return [{"kind": "pipeline", "type": "docker", "name": "x", "steps": steps}]

def step(name):
  return {"name": name, "image": "golang:1.22.1", "pull": True, "commands": ["echo ${LOCAL}", 'make \\'${HERE}\\'']}  # kept
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".drone.star").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(capsys, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(list(arguments))
    out, error = capsys.readouterr()
    return int(stop.value.code or 0), out, error


def report(capsys, *arguments: str):
    return json.loads(call(capsys, "--format", "json", *arguments)[1])


def test_a_folder_holds_programs_of_all_names(folder, capsys):
    (folder / ".drone").mkdir()
    for name in ("ci.drone.starlark", ".drone/x.star", ".drone.script"):
        (folder / name).write_text(PROGRAM, encoding="utf-8")
    (folder / "other.star").write_text("while\n", encoding="utf-8")
    assert sorted(one["path"] for one in report(capsys)["files"]) == [".drone.script", ".drone.star", ".drone/x.star", "ci.drone.starlark"]


def test_fixes_are_written_in_the_languages_own_words(folder, capsys):
    call(capsys, "--fix")
    expected = PROGRAM.replace("pull = True", 'pull = "always"').replace('"pull": True', '"pull": "always"').replace("${", "$${")
    assert (folder / ".drone.star").read_text("utf-8") == expected


def test_entries_are_removed_and_renamed(folder, capsys):
    text = PROGRAM.replace('"privileged": True, ', '"privilaged": True, ')
    (folder / ".drone.star").write_text(text, encoding="utf-8")
    call(capsys, "--fix", "--unsafe-fixes", "--select", "unknown-key")
    assert '"privileged": True, ' in (folder / ".drone.star").read_text("utf-8")


def test_ignores_silence_what_a_line_or_dict_makes(folder, capsys):
    assert "privileged-step" in [one["rule"] for one in report(capsys)["findings"]]
    marked = PROGRAM.replace("  steps.append(", "  # drone-lint: ignore[privileged-step] -- the daemon of the tests\n  steps.append(")
    (folder / ".drone.star").write_text(marked, encoding="utf-8")
    found = report(capsys)
    assert "privileged-step" not in [one["rule"] for one in found["findings"]]
    assert [one["rule"] for one in found["ignored"]] == ["privileged-step"]
    (folder / ".drone.star").write_text(PROGRAM + "# drone-lint: ignore[privileged-step] -- nothing here\n", encoding="utf-8")
    assert "unused-ignore" in [one["rule"] for one in report(capsys, "--profile", "pedantic")["findings"]]


def test_a_baseline_survives_moved_lines(folder, capsys):
    call(capsys, "baseline", "write")
    assert report(capsys, "--baseline", ".drone-lint-baseline.json")["findings"] == []
    (folder / ".drone.star").write_text("# more\n\n" + PROGRAM, encoding="utf-8")
    assert report(capsys, "--baseline", ".drone-lint-baseline.json")["findings"] == []


def test_yaml_beside_a_program_is_compared_with_it(folder, capsys):
    (folder / ".drone.yml").write_text("kind: pipeline\ntype: docker\nname: other\nsteps: []\n", encoding="utf-8")
    assert "stale-generated-yaml" in [one["rule"] for one in report(capsys, ".drone.star")["findings"]]
    assert "stale-generated-yaml" in [one["rule"] for one in report(capsys, ".drone.yml")["findings"]]
    call(capsys, "--fix", "--unsafe-fixes", "--select", "stale-generated-yaml", ".drone.yml")
    assert report(capsys, ".drone.yml", "--select", "stale-generated-yaml")["findings"] == []
    assert "name: x" in (folder / ".drone.yml").read_text("utf-8")


def test_the_second_run_is_from_the_cache(folder, capsys):
    assert report(capsys) == report(capsys)


def test_a_file_that_fails_does_not_keep_the_others_from_being_linted(folder, capsys):
    (folder / "loop.drone.star").write_text("def main(ctx):\n  for i in range(1 << 40):\n    pass\n", encoding="utf-8")
    (folder / "deep.drone.star").write_text("x = " + "(" * 100000, encoding="utf-8")
    code, out, _ = call(capsys, "--format", "json", "--max-seconds", "2")
    found = json.loads(out)
    assert code == 3
    assert [one["rule"] for one in found["errors"]] == ["evaluation-limit", "evaluation-limit"]
    assert "privileged-step" in [one["rule"] for one in found["findings"]]


def test_a_run_without_starlark_imports_nothing_of_it(folder):
    (folder / "a.drone.jsonnet").write_text("{ kind: 'pipeline', name: 'a', steps: [] }", encoding="utf-8")
    (folder / ".drone.yml").write_text("kind: pipeline\nname: a\nsteps: []\n", encoding="utf-8")
    (folder / ".drone.star").unlink()
    program = (
        "import sys\nfrom drone_lint.cli.main import main\n"
        "try:\n  main(['--quiet', '--no-cache', '--fail-on=never', 'a.drone.jsonnet', '.drone.yml'])\nexcept SystemExit: pass\n"
        "print([name for name in sys.modules if 'starlark' in name])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_template_that_the_configuration_names_is_linted_with_its_data(folder, capsys):
    (folder / ".drone.star").unlink()
    (folder / "ci").mkdir()
    (folder / "ci" / "plugin.star").write_text(
        PROGRAM.replace("alpine:3.20", "alpine:%s")
        .replace('"privileged"', '"name": ctx.input.name, "privileged"')
        .replace('{"name": "c", ', "{")
        .replace('"alpine:%s"', '"alpine:%s" % ctx.input.version'),
        encoding="utf-8",
    )
    (folder / ".drone.yml").write_text("kind: template\nload: plugin.star\ndata:\n  name: tested\n  version: latest\n", encoding="utf-8")
    assert [one["rule"] for one in report(capsys)["findings"]] == ["empty-config"]
    (folder / ".drone-lint.yaml").write_text("templates: {plugin.star: ci/plugin.star}\n", encoding="utf-8")
    found = {one["rule"]: one for one in report(capsys)["findings"]}
    assert found["privileged-step"]["location"]["path"] == "ci/plugin.star"
    assert "step `tested`" in found["privileged-step"]["message"]
    assert "floating-image-tag" in found
    (folder / ".drone-lint.yaml").write_text("templates: {plugin.star: ../plugin.star}\n", encoding="utf-8")
    assert call(capsys)[0] == 2
