"""Imports: what the server would say to them, and what is never read."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from drone_lint.settings import JsonnetSettings, Settings
from drone_lint.source.facts import UnresolvedImport
from drone_lint.source.load import load
from drone_lint.source.loaded import ConfigFile

STEP = "{ kind: 'pipeline', type: 'docker', name: 'a', steps: [%s] }"


def loaded(folder: Path, text: str, name: str = ".drone.jsonnet", **jsonnet: object) -> ConfigFile:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    chosen = Settings(jsonnet=JsonnetSettings(**jsonnet))  # type: ignore[arg-type]
    return load(path.read_bytes(), name, chosen, root=str(folder), absolute=str(path))


def shown(imports: tuple[UnresolvedImport, ...]) -> list[tuple[str, str, str]]:
    """The words at each import's place, its name, and what is wrong with it."""
    return [(one.place.source.text[one.place.start : one.place.end], one.name, one.cause) for one in imports]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "lib").mkdir()
    for name in "abc":
        (tmp_path / "lib" / f"{name}.libsonnet").write_text(f"{{ name: '{name}' }}")
    return tmp_path


def test_only_imports_that_evaluation_opens_count_each_file_once_in_order(folder: Path) -> None:
    (folder / "lib" / "outer.libsonnet").write_text("[import 'a.libsonnet', importstr 'b.libsonnet', import 'a.libsonnet']")
    program = "local unused = import 'lib/c.libsonnet'; [import 'lib/outer.libsonnet', import 'lib/a.libsonnet', import 'lib/b.libsonnet']"
    notes = loaded(folder, f"{{ kind: 'x', a: {program} }}".replace("a: local", "a: (local").replace("] }", "]) }"), import_limit=2)
    assert [(text, name) for text, name, _ in shown(notes.facts(UnresolvedImport))] == [("importstr 'b.libsonnet'", "b.libsonnet")]


def test_builds_are_counted_one_by_one(folder: Path) -> None:
    program = "local lib = if std.extVar('build.event') == 'tag' then import 'lib/a.libsonnet' else import 'lib/b.libsonnet'; "
    assert loaded(folder, program + STEP % "lib", import_limit=1).facts(UnresolvedImport) == ()


def test_an_absolute_path_is_looked_up_in_the_repository_as_the_server_does(folder: Path) -> None:
    (without,) = loaded(folder, STEP % "import '/lib/a.libsonnet'").facts(UnresolvedImport)
    assert without.cause == "absolute"
    assert without.refusals
    (within,) = loaded(folder, STEP % "import '/lib/a.libsonnet'", import_limit=5).facts(UnresolvedImport)
    assert within.cause == "absolute here"
    assert not within.refusals


@pytest.mark.parametrize("engine", ["auto", "jsonnet", "rjsonnet"])
@pytest.mark.parametrize(
    "program",
    [
        "importstr '/etc/passwd'",
        "importstr '../outside.txt'",
        "importstr 'link'",
        "importstr 'folder/outside.txt'",
        "import 'lib/../../outside.txt'",
    ],
)
def test_nothing_outside_of_the_repository_is_read(tmp_path: Path, program: str, engine: str) -> None:
    (tmp_path / "outside.txt").write_text("a secret")
    repository = tmp_path / "repository"
    (repository / "lib").mkdir(parents=True)
    os.symlink(tmp_path / "outside.txt", repository / "link")
    os.symlink(tmp_path, repository / "folder")
    file = loaded(repository, STEP % f"{{ name: {program} }}", engine=engine)
    (problem,) = file.evaluations[0].problems
    assert problem.rule == "invalid-jsonnet"
    assert "secret" not in str(problem)
    assert [source.path for source in file.sources] == [".drone.jsonnet"]


def test_what_a_library_path_finds_is_named(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    vendor = tmp_path_factory.mktemp("vendor")
    (vendor / "v.libsonnet").write_text("{ name: 'v' }")
    (found,) = loaded(folder, STEP % "import 'v.libsonnet'", import_limit=5, jpath=(str(vendor),)).facts(UnresolvedImport)
    assert found.cause == "library path"


def test_a_file_that_is_not_committed_is_not_there_for_the_server(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True, capture_output=True)

    git("init", "-q")
    (tmp_path / "a.libsonnet").write_text("{ name: 'a' }")
    (tmp_path / "b.libsonnet").write_text("{ name: 'b' }")
    program = STEP % "import 'a.libsonnet', import 'b.libsonnet'"
    assert loaded(tmp_path, program, import_limit=5).facts(UnresolvedImport) == ()  # nothing is committed yet
    git("add", ".drone.jsonnet", "a.libsonnet")
    assert shown(loaded(tmp_path, program, import_limit=5).facts(UnresolvedImport)) == [
        ("import 'b.libsonnet'", "b.libsonnet", "uncommitted")
    ]
    git("add", "b.libsonnet")
    assert loaded(tmp_path, program, import_limit=5).facts(UnresolvedImport) == ()
