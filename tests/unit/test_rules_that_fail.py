"""A rule that raises: the others go on, and `--debug` shows where it was."""

from __future__ import annotations

import pytest

from drone_lint.cli import main as cli
from drone_lint_rules.container_escape.privileged_step import PrivilegedStep

CONFIG = "kind: pipeline\ntype: docker\nname: a\nsteps:\n- name: b\n  image: alpine:latest\n  privileged: true\n"


@pytest.mark.parametrize("debug", [False, True])
def test_a_failing_rule_is_named_and_its_traceback_shown_when_asked_for(debug, tmp_path, monkeypatch, capsys):
    def broken(*_):
        raise KeyError("lost")

    monkeypatch.setattr(PrivilegedStep, "check_step", broken)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".drone.yml").write_text(CONFIG, "utf-8")
    with pytest.raises(SystemExit) as stop:
        cli.main(["--no-cache", *(["--debug"] if debug else []), ".drone.yml"])
    shown = capsys.readouterr()
    assert stop.value.code == 3
    assert "rule `privileged-step` failed: KeyError" in shown.out
    assert "floating-image-tag" in shown.out, "the other rules ran"
    assert ("Traceback (most recent call last)" in shown.err and "in broken" in shown.err) == debug
