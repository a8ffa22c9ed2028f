"""How commands disguise what rules look for, and what only looks like it; `‹›` stand around what a finding points at."""

from __future__ import annotations

import json
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drone_lint.lint.engine import lint
from drone_lint.lint.selection import RuleSet
from drone_lint.settings import Settings
from drone_lint.source.load import load
from tables.commands_found import FOUND
from tables.commands_left_alone import LEFT_ALONE

HEAD = """\
kind: pipeline
type: docker
name: a
steps:
- name: b
  image: alpine:3.20
  environment: {TOKEN: {from_secret: token}, PLAIN: hello}
  commands:
  - |
"""

PUBLISHES = (
    "docker push a/b",
    "sudo docker push a/b",
    "docker --config x push a/b",
    "sh -c 'docker push a/b'",
    "docker image push a",
    "docker buildx build --push -t a .",
    "docker build --push .",
    "docker compose -f x.yml push",
    "docker-compose push",
    "podman push a",
    "for i in a b; do docker push $i; done",
    "a | xargs -n1 docker push",
    "kubectl apply -f x",
    "kubectl -n prod apply -f x",
    "kubectl --context=a rollout restart deploy/x",
    "helm --kube-context c upgrade --install x .",
    "npm publish",
    "npm --prefix x publish",
    "yarn npm publish",
    "twine upload dist/*",
    "python -m build && twine upload -r x dist/*",
    "terraform -chdir=x apply",
    "cargo publish --locked",
    "aws s3 sync . s3://b",
    "aws s3 cp x s3://b/x",
    "gh release create v1",
    "ansible-playbook -i hosts site.yml",
    "goreleaser",
    "goreleaser release",
    "skopeo copy a docker://b",
    "if [ x ]; then npm publish; fi",
    "env A=b time mvn deploy",
    "flyctl deploy",
    "helm push x oci://y",
)
KEEPS = (
    "docker build .", "docker run app push", "docker pull push", "docker buildx build .", "docker push localhost:5000/x", "echo docker push a", "# docker push a",
    "kubectl get deploy apply", "kubectl apply --dry-run=client -f x", "kubectl diff -f x", "helm template x .", "helm upgrade --dry-run x .", "helm lint", "npm install",
    "npm run publish", "npm publish --dry-run", "twine check dist/*", "terraform plan", "terraform fmt", "cargo publish --dry-run", "cargo build", "aws s3 ls s3://b",
    "aws s3 cp s3://b/x .", "gh release view", "ansible-playbook --check site.yml", "ansible-playbook --syntax-check x", "goreleaser build", "goreleaser check",
    "goreleaser release --snapshot", "make push", "git push", "skopeo inspect x", "mvn verify", "yarn build",
)  # fmt: skip


@pytest.mark.parametrize("command", PUBLISHES)
def test_commands_that_publish_are_known(command: str) -> None:
    assert marked("unguarded-deploy", command, whole=True).count("‹") == 1


@pytest.mark.parametrize("command", KEEPS)
def test_commands_that_publish_nothing_are_left_alone(command: str) -> None:
    assert marked("unguarded-deploy", command, whole=True).count("‹") == 0


def marked(rule: str, commands: str, *, whole: bool = False) -> str:
    """The commands with the marks where the rule finds something."""
    text = HEAD + textwrap.indent(commands, "    ") + "\n"
    file = load(text.encode(), ".drone.yml", Settings(), root=None, absolute=None)
    pedantic = Settings(profile="pedantic")
    report = lint(file, RuleSet(pedantic, only=[rule]).triggered_by(file), pedantic)
    assert not report.problems
    for item in sorted(report.findings, key=lambda item: -item.span.start):
        start, end = item.span.start, item.span.end
        text = text[:start] + "‹" + text[start:end] + "›" + text[end:]
    return text if whole else textwrap.dedent(text[len(HEAD) :]).removesuffix("\n")


@pytest.mark.parametrize(("rule", "commands"), [(rule, commands) for rule, rows in FOUND.items() for commands in rows])
def test_disguises_are_seen_through(rule: str, commands: str) -> None:
    assert marked(rule, commands.replace("‹", "").replace("›", "")) == commands


@pytest.mark.parametrize(("rule", "commands"), [(rule, commands) for rule, rows in LEFT_ALONE.items() for commands in rows])
def test_near_misses_are_left_alone(rule: str, commands: str) -> None:
    assert marked(rule, commands) == commands


WORDS = sorted(
    {
        word
        for table in (FOUND, LEFT_ALONE)
        for rows in table.values()
        for row in rows
        for word in row.replace("‹", "").replace("›", "").split(" ")
    }
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*WORDS, "|", "&&", "(", ")", "$(", "<<EOF", "sshpass", "sudo", "env", "xargs"]), max_size=12))
def test_any_words_are_read_without_a_failure(words: list[str]) -> None:
    step = {"name": "b", "image": "a", "environment": {"TOKEN": {"from_secret": "x"}}, "commands": [" ".join(words), *words[:2]]}
    data = json.dumps({"kind": "pipeline", "type": "docker", "name": "a", "steps": [step]}).encode()
    file = load(data, ".drone.yml", Settings(), root=None, absolute=None)
    pedantic = Settings(profile="pedantic")
    rules = RuleSet(pedantic, only=[*FOUND, "unguarded-deploy", "template-injection"]).triggered_by(file)
    assert [problem for problem in lint(file, rules, pedantic).problems if problem.rule == "internal-error"] == []
