"""Paths as reports and patterns see them."""

from __future__ import annotations

import ntpath
import os

import pytest

from drone_lint.text import files as reading


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [
        (r"C:\work\ci\.drone.yml", r"C:\work", "ci/.drone.yml"),
        (r"C:\work\.drone.yml", r"C:\work\ci", "../.drone.yml"),
        (r"D:\ci\.drone.yml", r"C:\work", "D:/ci/.drone.yml"),
    ],
)
def test_a_path_on_windows_has_slashes_and_may_be_on_another_drive(monkeypatch, path, folder, expected):
    monkeypatch.setattr(reading.os, "path", ntpath)
    monkeypatch.setattr(reading.os, "sep", "\\")
    assert reading.relative_path(path, folder) == expected


def test_a_path_is_shown_from_the_working_folder_or_absolute(monkeypatch, tmp_path):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert reading.shown_path(os.path.realpath("ci/a.yml")) == "ci/a.yml"
    assert reading.shown_path(os.path.realpath("../a.yml")) == os.path.realpath(tmp_path / "a.yml").replace(os.sep, "/")
