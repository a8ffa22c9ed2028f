"""Results of earlier runs: the same report from the cache as without it, and a miss for everything that changed or is wrong."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from drone_lint.findings.result import Report
from drone_lint.report import FORMATS, write
from drone_lint.run import cache as module
from drone_lint.run.cache import Cache, open_cache
from drone_lint.run.run import run
from drone_lint.run.targets import Flags, select_targets

LIBRARY = "{ step(name):: { name: name, image: 'golang', privileged: true } }"
PROGRAM = """
local lib = import 'lib.libsonnet';
{ kind: 'pipeline', type: 'docker', name: std.extVar('build.event'), steps: [lib.step('a') { commands: ['docker build -f x/Dockerfile x'] }] }
"""
YAML = "kind: pipeline\ntype: docker\nname: a\nsteps:\n- name: é\n  image: golang\n  privileged: true  # drone-lint: ignore[privileged-step] -- needed\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    (root / ".drone.jsonnet").write_text(PROGRAM, "utf-8")
    (root / "lib.libsonnet").write_text(LIBRARY, "utf-8")
    (root / "service").mkdir()
    (root / "service" / ".drone.yml").write_text(YAML, "utf-8")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def lint(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Lint the repository; the report, and how many files were really linted."""
    linted: list[str] = []
    original = module.Cache.put
    monkeypatch.setattr(module.Cache, "put", lambda self, key, *rest: (linted.append(key.shown), original(self, key, *rest))[1])
    folder = str(tmp_path / "cache")

    def call(changes: dict[str, object] | None = None, cache: str | None = folder, **flags: object) -> tuple[Report, list[str]]:
        linted.clear()
        chosen = Flags(changes or {}, {}, **flags)
        report = run(select_targets([], chosen, bytes, None), chosen, cache=cache, warn=call.warned.append)
        return report, list(linted)

    call.warned = []
    return call


BOTH = [".drone.jsonnet", "service/.drone.yml"]


def test_a_second_run_lints_nothing_and_reports_the_same(lint):
    fresh, linted = lint()
    assert linted == BOTH
    assert fresh.findings
    assert fresh.ignored
    kept, linted = lint()
    assert linted == []
    for name in FORMATS:
        assert write(kept, name) == write(fresh, name)
    assert write(kept, "json") == write(lint(cache=None)[0], "json")


def test_a_changed_file_is_linted_again(lint, repository):
    lint()
    (repository / "service" / ".drone.yml").write_text(YAML.replace("golang", "golang:1.22.1"), "utf-8")
    assert lint()[1] == ["service/.drone.yml"]


def test_a_changed_library_is_noticed(lint, repository):
    lint()
    (repository / "lib.libsonnet").write_text(LIBRARY.replace("golang", "golang:1.22.1"), "utf-8")
    assert lint()[1] == [".drone.jsonnet"]


def test_a_file_that_a_command_names_and_that_comes_to_be_is_noticed(lint, repository):
    assert any(item.rule == "missing-build-file" for item in lint()[0].findings)
    (repository / "x").mkdir()
    (repository / "x" / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    report, linted = lint()
    assert ".drone.jsonnet" in linted
    assert not any(item.rule == "missing-build-file" for item in report.findings)


def test_generated_yaml_that_comes_to_be_is_noticed(lint, repository):
    lint()
    (repository / ".drone.yml").write_text("kind: pipeline\nname: other\n", "utf-8")
    report, linted = lint()
    assert ".drone.jsonnet" in linted
    assert any(item.rule == "stale-generated-yaml" for item in report.findings)


@pytest.mark.parametrize("changed", [".drone.jsonnet", "lib.libsonnet"])
def test_a_program_that_changes_beside_its_yaml_is_noticed(changed, repository, tmp_path):
    (repository / ".drone.jsonnet").write_text("{ kind: 'pipeline', name: (import 'lib.libsonnet') + 'b' }", "utf-8")
    (repository / "lib.libsonnet").write_text("'a'", "utf-8")
    (repository / ".drone.yml").write_text("kind: pipeline\nname: ab\n", "utf-8")
    found = []
    for new in (None, None, "'z'", "'z'"):
        if new is not None:
            (repository / changed).write_text("{ kind: 'pipeline' }" if changed == ".drone.jsonnet" else new, "utf-8")
        chosen = Flags({}, {})
        report = run(select_targets([".drone.yml"], chosen, bytes, None), chosen, cache=str(tmp_path / "results"))
        found.append(any(item.rule == "stale-generated-yaml" for item in report.findings))
    assert found == [False, False, True, True]


def test_other_settings_are_other_results(lint):
    lint()
    assert lint({"profile": "pedantic"})[1] == BOTH
    assert lint(no_ignores=True)[1] == BOTH
    assert lint({"trust": "untrusted"})[1] == BOTH
    assert lint()[1] == []


def test_another_version_is_another_result(lint, monkeypatch):
    lint()
    monkeypatch.setattr(module, "_installation", lambda: "other")
    assert lint()[1] == BOTH


def test_what_could_not_be_linted_is_not_kept(lint, repository):
    (repository / "service" / ".drone.yml").write_text("kind: [", "utf-8")
    assert lint()[0].errors
    report, linted = lint()
    assert linted == ["service/.drone.yml"]
    assert report.errors


def entries(folder: Path) -> list[Path]:
    return [path for path in (folder / "cache").rglob("*") if path.is_file() and path.name != "tidied"]


@pytest.mark.parametrize("content", [b"", b"\n", b"garbage", b"0" * 32 + b"\n[]", None])
def test_a_corrupt_entry_is_a_miss(lint, tmp_path, content):
    wanted, _ = lint()
    for path in entries(tmp_path):
        data = path.read_bytes()
        path.write_bytes(data[:-20] + b"x" * 20 if content is None else content)
    report, linted = lint()
    assert linted == BOTH
    assert write(report, "json") == write(wanted, "json")


def test_an_entry_that_we_wrote_and_cannot_read_is_told_as_our_bug_and_linted_again(lint, tmp_path):
    lint()
    stamp = Cache(str(tmp_path))._stamp
    for body in (b"[]", b'[[], [], ["FileReport"]]', b"1", b"[" * 100_000):
        kept = entries(tmp_path)
        assert kept, body
        for path in kept:
            path.write_bytes(module.digest(stamp, body).encode() + b"\n" + body)
        lint.warned.clear()
        assert lint()[1] == BOTH
        assert ["This is a bug in drone-lint" in text for text in lint.warned] == [True, True]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_folder_that_others_can_write_to_is_not_used(lint, tmp_path):
    lint()
    (tmp_path / "cache").chmod(0o777)
    assert open_cache(str(tmp_path / "cache")) is None
    assert lint()[1] == []  # nothing is kept, so nothing is put
    (tmp_path / "cache").chmod(0o700)
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_not_used(lint, tmp_path):
    (tmp_path / "cache").write_text("a file")
    assert open_cache(str(tmp_path / "cache")) is None
    assert lint()[0].findings


def test_a_disk_that_is_full_is_not_fatal(lint, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert lint()[0].findings


def test_old_entries_are_removed_once_a_day(tmp_path):
    (tmp_path / "ab").mkdir()
    old = tmp_path / "ab" / "old"
    old.write_bytes(b"")
    os.utime(old, (1, 1))
    found = Cache(str(tmp_path))
    found.tidy()
    assert old.exists()
    found._wrote = True
    found.tidy()
    assert not old.exists()
    old.write_bytes(b"")
    os.utime(old, (1, 1))
    found.tidy()
    assert old.exists()


def test_standard_input_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flags = Flags({}, {})
    for _ in range(2):
        run(select_targets(["-"], flags, YAML.encode, None), flags, cache=str(tmp_path / "cache"))
    assert entries(tmp_path) == []


def test_a_warm_run_imports_neither_yaml_nor_rules(repository, tmp_path):
    import subprocess

    program = (
        "import sys\nfrom drone_lint.cli.main import main\ntry:\n    main(['service/.drone.yml'])\nexcept SystemExit: pass\n"
        "print([name for name in sys.modules if name in ('yaml', 'drone_lint.lint.engine') or name.startswith('drone_lint_rules.') and name.count('.') == 2])"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    found = [
        subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert "'yaml'" in found[0].splitlines()[-1]
    assert "yaml'" not in found[1].splitlines()[-1]
    assert "engine" not in found[1].splitlines()[-1]
