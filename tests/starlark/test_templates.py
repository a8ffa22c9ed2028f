"""`kind: template` with the template's file named by the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from drone_lint.model.node import plain
from drone_lint.settings import Settings
from drone_lint.source.load import load

TEMPLATE = "kind: template\nload: %s\ndata:\n  name: ci\n  image: alpine\n  tags: [a, b]\n  size: 1.5\n  on: true\n"
STAR = """\
def main(ctx):
    return {"kind": "pipeline", "name": ctx.input.name, "steps": [
        {"name": "a", "image": ctx.input.image + ":" + ctx.input.tags[1], "settings": {"s": ctx.input.size, "on": ctx.input.on}},
    ]}
"""
JSONNET = (
    "{ kind: 'pipeline', name: std.extVar('input.name'), steps: [{ name: std.extVar('input.tags'), image: std.extVar('input.size') }] }"
)


def expanded(folder: Path, name: str, text: str | None):
    (folder / "ci").mkdir(exist_ok=True)
    if text is not None:
        (folder / "ci" / name).write_text(text, encoding="utf-8")
    settings = Settings(templates={name: str(folder / "ci" / name)})
    return load((TEMPLATE % name).encode(), ".drone.yml", settings, root=str(folder), absolute=str(folder / ".drone.yml"))


def test_a_starlark_template_is_given_the_data(tmp_path):
    file = expanded(tmp_path, "plugin.star", STAR)
    assert plain(file.evaluations[0].server[0].root) == {
        "kind": "pipeline",
        "name": "ci",
        "steps": [{"name": "a", "image": "alpine:b", "settings": {"s": 1.5, "on": True}}],
    }
    assert [one.kind for one in file.evaluations[-1].server] == ["template"]
    document = file.evaluations[0].server[0]
    assert document.locate(document.value["name"].key).primary.file.path == "ci/plugin.star"


def test_a_jsonnet_template_gets_texts(tmp_path):
    file = expanded(tmp_path, "plugin.jsonnet", JSONNET)
    assert plain(file.evaluations[0].server[0].root)["steps"] == [{"name": "[a b]", "image": "1.5"}]


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("plugin.yaml", "kind: pipeline\nname: {{ .input.name }}\n", "unsupported"),
        ("plugin.star", None, "unreadable"),
        ("plugin.star", "def main(ctx): return ctx.input.nothing", "invalid-starlark"),
    ],
)
def test_what_cannot_be_expanded_is_said(tmp_path, name, text, rule):
    problems = expanded(tmp_path, name, text)
    found = [*problems.problems, *(one for evaluation in problems.evaluations for one in evaluation.problems)]
    assert rule in [one.rule for one in found]
