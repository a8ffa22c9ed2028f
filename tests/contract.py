"""Calling the program in this process, and the files that the walk through its contract lints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drone_lint.cli import main as cli

CLEAN = "kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: a\n  image: golang:1.22.1\n  commands: [go version]\n"
PRIVILEGED = CLEAN + "  privileged: true\ntrigger: {event: [push]}\n"
FLOATING = CLEAN.replace("golang:1.22.1", "golang")
PROGRAM = "local step(name) = { name: name, image: 'golang:1.22.1', privileged: true };\n{ kind: 'pipeline', type: 'docker', name: 'a', trigger: { event: ['push'] }, steps: [step('%d' % n) for n in std.range(1, 6)] }\n"


def call(capsys, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(list(arguments))
    out, error = capsys.readouterr()
    return int(stop.value.code or 0), out, error


def report(capsys, *arguments: str) -> dict:
    return json.loads(call(capsys, "--format", "json", *arguments)[1])


def names(capsys, *arguments: str) -> list[str]:
    return [item["rule"] for item in report(capsys, *arguments)["findings"]]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
