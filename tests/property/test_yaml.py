"""Any text at all."""

from __future__ import annotations

import json

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drone_lint.findings.result import FileReport
from drone_lint.lint.engine import lint
from drone_lint.lint.selection import active_rules
from drone_lint.model.node import Scalar, walk
from drone_lint.settings import Settings
from drone_lint.source.load import load

PEDANTIC = Settings(profile="pedantic", trust="untrusted")
RULES = active_rules(PEDANTIC)

scalars = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=8), st.sampled_from(
    ["docker", "pipeline", "golang", "${DRONE_TAG}", "main", "a\\/b", "$$", "/var/run/docker.sock", "host", "memory", "1g"]))  # fmt: skip
keys = st.sampled_from(
    ["kind", "type", "name", "steps", "services", "image", "commands", "volumes", "host", "path", "temp", "medium", "privileged", "when", "trigger",
     "event", "branch", "include", "exclude", "depends_on", "environment", "settings", "from_secret", "platform", "os", "clone", "disable", "x-y",
     "network_mode", "mem_limit", "resources", "limits", "cpu", "server", "token", "pool", "devices"])  # fmt: skip
values = st.recursive(scalars, lambda below: st.lists(below, max_size=3) | st.dictionaries(keys, below, max_size=4), max_leaves=12)
steps = st.lists(st.none() | st.dictionaries(keys, values, max_size=5), max_size=3)
pipelines = st.fixed_dictionaries(
    {
        "kind": st.just("pipeline"),
        "type": st.sampled_from(["docker", "kubernetes", "exec", "ssh", "digitalocean", "macstadium", "vm", "x"]),
    },
    optional={"name": scalars, "steps": steps, "services": steps, "volumes": values, "trigger": values, "depends_on": values},
)
fragments = st.sampled_from(["kind: pipeline\n", "---\n", "steps:\n", "- name: a\n", "  image: b\n", "{", "}", "[", "]", ": ", "- ", "&a ", "*a", "<<: *a\n",
                             "...\n", "${", "}", "\\", "'", '"', "|\n", ">\n", "#", "\t", "\n", "\r\n", "!!str ", "? ", "\u2028", "\ufeff", "~"])  # fmt: skip
texts = st.one_of(st.text(max_size=60), st.lists(fragments, max_size=20).map("".join))
relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=200)


def report(text: str, name: str = ".drone.yml") -> FileReport:
    return lint(load(text.encode("utf-8", "surrogatepass"), name, PEDANTIC), RULES, PEDANTIC)


def check(found: FileReport) -> None:
    assert [problem for problem in found.problems if problem.rule == "internal-error"] == []
    for item in found.findings:
        for span in (item.span, *(place.span for place in item.places), *(other for _, other in item.related)):
            assert 0 <= span.start <= span.end <= len(span.file.text)


@relaxed
@given(texts)
def test_any_text_gives_a_report(text: str) -> None:
    check(report(text))


@relaxed
@given(st.binary(max_size=60))
def test_any_bytes_give_a_report(data: bytes) -> None:
    check(lint(load(data, ".drone.yml", PEDANTIC), RULES, PEDANTIC))


@relaxed
@given(st.lists(pipelines, min_size=1, max_size=2))
def test_any_pipeline_gives_a_report(documents: list[dict]) -> None:
    check(report("".join(f"---\n{json.dumps(document)}\n" for document in documents)))


@relaxed
@given(pipelines)
def test_json_and_yaml_give_the_same_findings(document: dict) -> None:
    block = yaml.safe_dump(document, allow_unicode=False, sort_keys=False, width=10_000)
    flow = json.dumps(document)
    if "\\" in block or "\\" in flow or ('"' in block.replace('"', "", 0) and "\\" in block):
        return  # escapes differ, and runners see backslashes
    if yaml.safe_load(block) != document:
        return  # YAML 1.1 of the dumper is not Drone's
    one, other = report(block), report(flow)
    facts = [sorted({(item.rule, item.message, place.pointer) for item in each.findings for place in item.places}) for each in (one, other)]
    assert facts[0] == facts[1]


@relaxed
@given(pipelines)
def test_the_span_of_a_plain_scalar_is_the_scalar(document: dict) -> None:
    text = yaml.safe_dump(document, sort_keys=False, width=10_000, allow_unicode=True)
    file = load(text.encode("utf-8", "surrogatepass"), ".drone.yml", PEDANTIC)
    for found in (one for evaluation in file.evaluations for one in evaluation.server):
        for path, node in walk(found.root):
            if isinstance(node, Scalar) and not node.quoted and node.value is not None:
                span = found.value.at(*path).place.document.locate(found.value.at(*path).place).primary
                assert span.file.text[span.start : span.end] == node.text
