"""The reference engine where `jsonnet` cannot be installed."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from drone_lint.source.jsonnet.engine import child

PROGRAMS = {
    "values": "{kind: 'pipeline', steps: [{name: 's%d' % i} for i in std.range(1, 2)], number: 1e3}",
    "an import": "(import 'lib.libsonnet') + {b: 2}",
    "a variable": "{event: std.extVar('build.event')}",
    "an assertion": "assert false : 'told'; {}",
    "a missing file": "import 'none.libsonnet'",
    "a missing variable": "{a: std.extVar('none')}",
    "a mistake in syntax": "{a: }",
}


def evaluated(source: str, folder: Any) -> dict[str, Any]:
    path = str(folder / ".drone.jsonnet")
    request = {
        "filename": path, "source": source, "max_stack": 200, "roots": [str(folder)], "jpath": [], "texts": {}, "answers": {},
        "ext_str": {"build.event": "push"}, "ext_code": {}, "tla_str": {}, "tla_code": {},
    }  # fmt: skip
    return child._evaluate("reference", request)


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS)
def test_gojsonnet_takes_the_place_of_jsonnet(source, tmp_path, monkeypatch):
    pytest.importorskip("_gojsonnet")
    pytest.importorskip("_jsonnet")
    (tmp_path / "lib.libsonnet").write_text("{a: 1}", encoding="utf-8")
    usual = evaluated(source, tmp_path)
    monkeypatch.setitem(sys.modules, "_jsonnet", None)
    assert child._engine("reference").__self__.__name__ == "_gojsonnet"
    other = evaluated(source, tmp_path)
    assert ("value" in usual) == ("value" in other), (usual, other)
    if "value" in usual:
        assert json.loads(usual["value"]) == json.loads(other["value"])
    assert [one[0] for one in usual["opened"]] == [one[0] for one in other["opened"]]
