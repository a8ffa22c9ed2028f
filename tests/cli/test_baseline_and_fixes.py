"""Living with findings: baselines, fixes, the configuration that `init` writes, several processes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from drone_lint.cli import main as cli

CONFIG = """\
# a comment before the first separator
kind: pipeline
type: docker
name: default
steps:
- name: build
  image: golang:1.22.1
  pull: true  # kept
  privilaged: true # kept too
  commands:
  - echo "${DRONE_COMMIT_MESSAGE}" '${LOCAL}'
  # drone-lint: ignore[floating-image-tag] -- of old
  - make
"""
PROGRAM = """\
local step(name) = { name: name, image: 'golang:1.22.1', pull: true, commands: ['echo ${LOCAL}', "make ${DRONE_BRANCH}"] };  // kept
{ kind: 'pipeline', type: 'docker', name: 'a', steps: [step('a'), step('b')] }
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".drone.yml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "x.drone.jsonnet").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(capsys, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(list(arguments))
    out, error = capsys.readouterr()
    return int(stop.value.code or 0), out, error


def test_safe_fixes_keep_comments_and_layout(folder, capsys):
    call(capsys, "--fix")
    assert (folder / ".drone.yml").read_text("utf-8") == CONFIG.replace("pull: true", "pull: always").replace(
        "${DRONE_COMMIT", "$${DRONE_COMMIT"
    ).replace("${LOCAL", "$${LOCAL").replace("  # drone-lint: ignore[floating-image-tag] -- of old\n", "")
    assert (folder / "x.drone.jsonnet").read_text("utf-8") == PROGRAM.replace("pull: true", "pull: 'always'").replace("${", "$${")


def test_unsafe_fixes_are_asked_for(folder, capsys):
    call(capsys, "--fix", "--unsafe-fixes", "--select", "unknown-key")
    text = (folder / ".drone.yml").read_text("utf-8")
    assert "  privileged: true # kept too\n" in text
    call(capsys, "--fix", "--unsafe-fixes")
    text = (folder / ".drone.yml").read_text("utf-8")
    assert "privileged" not in text, "which is found then, and can be fixed, too"
    call(capsys, "--fix", "--unsafe-fixes")
    assert (folder / ".drone.yml").read_text("utf-8") == text, "fixing again changes nothing"


def test_a_difference_is_shown_and_nothing_written(folder, capsys):
    code, out, _ = call(capsys, "--diff")
    assert code == 1
    assert "-  pull: true  # kept\n+  pull: always  # kept\n" in out
    assert (folder / ".drone.yml").read_text("utf-8") == CONFIG
    call(capsys, "--fix")
    assert call(capsys, "--diff")[:2] == (0, "")


def test_generated_yaml_is_generated_again(folder, capsys):
    (folder / ".drone.jsonnet").write_text(PROGRAM, encoding="utf-8")
    generated = folder / ".drone.yml"
    generated.write_text("kind: pipeline\ntype: docker\nname: old\n", encoding="utf-8")
    assert "+name: a\n" in call(capsys, "--diff", "--unsafe-fixes", "--select", "load", ".drone.jsonnet")[1]
    assert "name: old" in generated.read_text("utf-8")
    call(capsys, "--fix", ".drone.jsonnet")
    assert "name: old" in generated.read_text("utf-8"), "a safe fix writes no file anew"
    call(capsys, "--fix", "--unsafe-fixes", ".drone.jsonnet")
    assert "pull: always" in generated.read_text("utf-8")
    assert call(capsys, "--select", "stale-generated-yaml", ".drone.jsonnet")[0] == 0
    signed = "kind: pipeline\ntype: docker\nname: old\n---\nkind: signature\nhmac: 0\n"
    generated.write_text(signed, encoding="utf-8")
    call(capsys, "--fix", "--unsafe-fixes", ".drone.jsonnet")
    assert generated.read_text("utf-8") == signed, "only Drone can sign"


def test_generated_yaml_alone_is_compared_with_its_program(folder, capsys):
    program, generated = folder / ".drone.jsonnet", folder / ".drone.yml"
    program.write_text("{ kind: 'pipeline', type: 'docker', name: 'a', steps: [{ name: 'b', image: 'alpine:3.20' }] }", encoding="utf-8")
    only = ("--select", "stale-generated-yaml", "--format", "concise")
    generated.write_text(call(capsys, "render", ".drone.jsonnet")[1], encoding="utf-8")
    for named in ((".drone.yml",), (".",), (".drone.yml", ".drone.jsonnet")):
        assert call(capsys, *only, *named)[0] == 0
    generated.write_text(generated.read_text("utf-8").replace("3.20", "3.21"), encoding="utf-8")
    for named in ((".drone.yml",), (".",), (".drone.yml", ".drone.jsonnet")):
        code, out, _ = call(capsys, *only, *named)
        assert (code, out.count("[stale-generated-yaml]"), ".drone.yml:5:10: " in out) == (1, 1, True)
    call(capsys, "--fix", "--unsafe-fixes", ".drone.yml")
    assert "alpine:3.20" in generated.read_text("utf-8")
    program.write_text("{ broken", encoding="utf-8")
    assert call(capsys, *only, ".drone.yml")[0] == 0, "the program was not asked for"
    program.replace(folder / "elsewhere.jsonnet").write_text("{ kind: 'pipeline' }", encoding="utf-8")
    program.symlink_to(folder / "elsewhere.jsonnet")
    assert call(capsys, *only, ".drone.yml")[0] == 0, "a link may lead out of the repository"


def test_a_file_of_drone_0_8_beside_a_program_is_not_its_output(folder, capsys):
    (folder / ".drone.jsonnet").write_text("{ kind: 'pipeline', type: 'docker', name: 'a', steps: [] }", encoding="utf-8")
    (folder / ".drone.yml").write_text("pipeline:\n  build:\n    image: golang\n", encoding="utf-8")
    for named in (".drone.jsonnet", ".drone.yml"):
        assert call(capsys, "--select", "stale-generated-yaml", "--format", "concise", named)[0] == 0
        call(capsys, "--fix", "--unsafe-fixes", named)
    assert (folder / ".drone.yml").read_text("utf-8") == "pipeline:\n  build:\n    image: golang\n"


def test_an_ignored_finding_is_not_fixed(folder, capsys):
    (folder / ".drone.yml").write_text(CONFIG.replace("# kept\n", "# drone-lint: ignore[invalid-pull-policy] -- kept\n"), encoding="utf-8")
    call(capsys, "--fix")
    assert "pull: true  #" in (folder / ".drone.yml").read_text("utf-8")


def test_a_difference_is_shown_as_far_as_the_terminal_can(folder, monkeypatch):
    (folder / ".drone.yml").write_text(CONFIG.replace("kept\n", "größe\n", 1), encoding="utf-8")
    shown = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(shown, encoding="ascii", write_through=True))
    with pytest.raises(SystemExit):
        cli.main(["--diff", ".drone.yml"])
    assert "+  pull: always  # gr??e" in shown.getvalue().decode("ascii").splitlines()


def test_a_byte_order_mark_and_carriage_returns_survive(folder, capsys):
    (folder / ".drone.yml").write_bytes(CONFIG.replace("\n", "\r\n").encode())
    call(capsys, "--fix")
    data = (folder / ".drone.yml").read_bytes()
    assert b"pull: always  # kept\r\n" in data
    assert data.count(b"\r\n") == data.count(b"\n")


def test_a_baseline_fails_only_on_what_is_new(folder, capsys):
    assert call(capsys)[0] == 1
    code, _, told = call(capsys, "baseline", "write")
    assert code == 0
    assert "`baseline: .drone-lint-baseline.json` in .drone-lint.yaml" in told
    baseline = folder / ".drone-lint-baseline.json"
    first = baseline.read_text("utf-8")
    call(capsys, "baseline", "write")
    assert baseline.read_text("utf-8") == first, "writing again changes nothing"
    use = ("--baseline", str(baseline))
    assert call(capsys, *use)[0] == 0
    (folder / ".drone.yml").write_text("#\n" * 10 + CONFIG, encoding="utf-8")
    assert call(capsys, *use)[0] == 0, "lines do not matter"
    (folder / "x.drone.jsonnet").write_text(PROGRAM.replace("step('b')", "step('b'), step('c')"), encoding="utf-8")
    code, out, _ = call(capsys, *use, "--format", "json")
    assert code == 1
    found = json.loads(out)
    assert {place["step"] for one in found["findings"] for place in one["places"]} == {"c"}, "only the new step is new"
    assert {one["ignored_by"]["kind"] for one in found["ignored"]} == {"baseline"}


def test_stale_entries_are_told_and_pruned(folder, capsys):
    call(capsys, "baseline", "write")
    call(capsys, "--fix")
    use = ("--baseline", ".drone-lint-baseline.json")
    assert "no longer match" in call(capsys, *use)[2]
    assert "in .drone-lint.yaml" not in call(capsys, "baseline", "prune", *use)[2]
    left = json.loads((folder / ".drone-lint-baseline.json").read_text("utf-8"))["findings"]
    assert {row["rule"] for row in left} == {"unknown-key"}
    assert "no longer match" not in call(capsys, *use)[2]


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 2}', '{"version": 1, "findings": [1]}', "[" * 100_000])
def test_a_broken_baseline_is_a_mistake(text, folder, capsys):
    (folder / "b.json").write_text(text, encoding="utf-8")
    code, _, error = call(capsys, "--baseline", "b.json")
    assert code == 2
    assert "b.json" in error


def test_what_init_writes_is_a_valid_configuration(folder, capsys):
    import yaml

    assert call(capsys, "init")[0] == 0
    text = (folder / ".drone-lint.yaml").read_text("utf-8")
    schema = json.loads((folder / text.split("$schema=./")[1].split("\n")[0]).read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    uncommented = "\n".join(
        line[2:] if (line.startswith("# ") and ":" in line[:20]) or line.startswith("#   ") else line for line in text.split("\n")[2:]
    )
    (folder / ".drone-lint.yaml").write_text(uncommented.replace("baseline: ", "# "), encoding="utf-8")
    Draft202012Validator(schema).validate(yaml.safe_load(uncommented))
    assert call(capsys, "--format", "json")[0] == 1, "every suggested line holds"
    assert call(capsys, "init")[0] == 2, "nothing is overwritten"


def test_the_settings_of_a_file_are_shown(folder, capsys):
    (folder / ".drone-lint.yaml").write_text("trust: untrusted\nper-path: {'x.*': {fail-on: error}}\n", encoding="utf-8")
    out = call(capsys, "--show-config", "x.drone.jsonnet", "--select", "unknown-key")[1]
    assert "trust: untrusted" in out
    assert "fail-on: error" in out
    assert "select: [unknown-key]" in out


def test_processes_give_the_same_report(folder, capsys):
    alone = call(capsys, "--format", "json", "--jobs", "1")
    assert call(capsys, "--format", "json", "--jobs", "2") == alone


def test_a_bug_in_fixing_leaves_the_file_and_stops_nothing_else(folder, capsys, monkeypatch):
    from drone_lint.cli import fix as cli_fix

    (folder / "other.drone.yml").write_text("kind: pipeline\n", "utf-8")
    original = cli_fix.fix_target

    def broken(target, flags, *, unsafe):
        if target.shown.endswith("other.drone.yml"):
            raise RuntimeError("oops")
        return original(target, flags, unsafe=unsafe)

    monkeypatch.setattr(cli_fix, "fix_target", broken)
    code, _, error = call(capsys, "--fix", ".", "other.drone.yml")
    assert code == 3
    assert "other.drone.yml: not fixed: RuntimeError: oops. This is a bug in drone-lint" in error
    assert (folder / "other.drone.yml").read_text("utf-8") == "kind: pipeline\n"


def test_a_difference_of_what_cannot_be_read_is_no_clean_one(folder, capsys):
    code, _, error = call(capsys, "--diff", "nothing-there.drone.yml")
    assert code == 3
    assert "nothing-there.drone.yml: cannot be read" in error


def test_a_library_that_no_configuration_imports_is_not_linted_as_one(folder, capsys):
    (folder / "grafana.libsonnet").write_text("{ panels(x):: x }", encoding="utf-8")
    for more in ((), ("--fix",), ("--diff",)):
        assert call(capsys, *more, "grafana.libsonnet")[0] == 0
