"""Looking around in a repository, and never outside of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drone_lint.source.repository import Surroundings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    inner = tmp_path / "repository"
    (inner / ".git").mkdir(parents=True)
    (inner / "ci").mkdir()
    (inner / "ci" / "a.yml").write_text("a: 1\n")
    (inner / "README.md").write_text("text")
    (tmp_path / "secret.yml").write_text("secret: 1\n")
    return inner


def around(root: Path, config: str = ".drone.yml") -> Surroundings:
    return Surroundings(str(root), str(root / config))


def test_files_are_there_or_missing(root):
    assert around(root).exists("ci/a.yml") is True
    assert around(root).exists("ci/b.yml") is False
    assert around(root).is_folder("ci")
    assert around(root).read_yaml("ci/a.yml").documents[0].value.data == {"a": 1}


@pytest.mark.parametrize("path", ["../secret.yml", "ci/../../secret.yml", "link.yml", "folder/secret.yml", "/etc/passwd", "a\0b"])
def test_nothing_outside_is_read_and_nothing_is_said_of_it(root, path):
    os.symlink(root.parent / "secret.yml", root / "link.yml")
    os.symlink(root.parent, root / "folder")
    assert around(root).exists(path) is None
    assert around(root).read(path) is None
    assert around(root).read_yaml(path) is None


def test_links_inside_are_followed(root):
    os.symlink("a.yml", root / "ci" / "link.yml")
    assert around(root).read("ci/link.yml").text == "a: 1\n"


def test_a_pipe_and_a_large_file_are_not_read(root):
    os.mkfifo(root / "pipe.yml")
    (root / "large.yml").write_bytes(b"#" * (1 << 21))
    for name in ("pipe.yml", "large.yml", "ci"):
        assert around(root).exists(name) is True
        assert around(root).read(name) is None
        assert around(root).read_yaml(name) is None


def test_an_example_deeper_in_the_repository_has_files_beside_it(root):
    assert around(root, "ci/.drone.yml").exists("a.yml") is True
    assert around(root).exists("a.yml") is False


def test_configurations_alone_are_no_repository(tmp_path):
    (tmp_path / ".drone.yml").write_text("kind: pipeline")
    alone = Surroundings(None, str(tmp_path / ".drone.yml"))
    assert not alone.is_repository
    (tmp_path / "Dockerfile").write_text("FROM scratch")
    assert Surroundings(None, str(tmp_path / ".drone.yml")).is_repository
    assert not Surroundings(None, str(tmp_path / "some.yml")).is_repository


def test_a_file_that_is_no_text_says_so(root):
    (root / "x.yml").write_bytes(b"\xff\xfe\x00")
    assert around(root).read_yaml("x.yml").error
