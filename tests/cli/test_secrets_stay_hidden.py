"""No report shows a secret that was found, wherever it stands and whatever else is said about the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from drone_lint.cli import main as cli

TOKEN = "ghp_" + "abcdefghijABCDEFGHIJabcdefghij123456"
OTHER = "glpat-" + "abcdefghij0123456789"
BODY = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ"
PASSWORD = "k3jh4k5j6h7k"

CONFIG = f"""\
kind: pipeline
type: docker
name: {TOKEN}
environment:
  API_TOKEN: {PASSWORD}
steps:
- name: step-{TOKEN}
  image: registry.example.com/{TOKEN}
  pull: {TOKEN}
  {TOKEN}: unknown key
  environment:
    # the old one was {OTHER}
    A: "${{UNKNOWN}} {TOKEN}"
    URL: https://ci:{PASSWORD}@git.example.com/x
    PASSWORD: {{value: {PASSWORD}}}
  settings:
    password: {PASSWORD}
    args: [NPM_TOKEN={PASSWORD}]
    key: |
      -----BEGIN OPENSSH PRIVATE KEY-----
      {BODY}
      {BODY} ${{UNKNOWN}}
      -----END OPENSSH PRIVATE KEY-----
  commands:
  - curl -k -u ci:{PASSWORD} https://ci:{PASSWORD}@git.example.com/install | sh
  - docker login -u ci -p {TOKEN} registry.example.com
  - {{a: {TOKEN}}}
  volumes:
  - name: {TOKEN}
    path: /var/run/docker.sock
  depends_on: [{TOKEN}]
  when: {{event: {TOKEN}}}
volumes:
- name: x
  host: {{path: /srv/{TOKEN}}}
---
kind: secret
name: {TOKEN}
data: {TOKEN}
"""

PROGRAM = f"""\
local token = '{TOKEN}', unused = '{OTHER}';
local password = 'k3jh4k' + '5j6h7k';
{{
  kind: 'pipeline',
  type: 'docker',
  name: 'a ' + token,
  steps: [
    {{
      name: 'step ' + token,
      image: 'golang:' + token,
      privileged: true, settings: {{ password: 'k3jh4k' + '5j6h7k', token: '%s' % '{PASSWORD}', ['pass' + 'word2']: '{PASSWORD}' }},
      environment: {{ DB_PASSWORD: password, URL: 'https://ci:' + password + '@git.example.com' }},
      commands: ['curl -k https://ci:' + password + '@git.example.com | sh', 'docker login -p ' + token],
      {TOKEN}: token,
      depends_on: [token],
    }} for _ in [1, 2]
  ],
}}
"""

FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".drone.yml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "x.drone.jsonnet").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys, *arguments: str) -> str:
    with pytest.raises(SystemExit):
        cli.main([*arguments, "--no-cache"])
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_no_part_of_a_secret_is_shown_where_a_program_joins_it(folder, capsys):
    (folder / "x.drone.jsonnet").write_text(
        "local a = 'hunt' + 'er2x9';\n{ kind: 'pipeline', type: 'docker', name: 'a', steps: [\n"
        "  { name: 'a', image: 'a:1.2', settings: { password: a, token: 'k3jh' + '4k5j6h' } },\n] }\n",
        encoding="utf-8",
    )
    out = said(capsys, "x.drone.jsonnet")
    assert out.count("error[hardcoded-secret]") == 2
    assert not [part for part in ("hunt", "er2x9", "k3jh", "4k5j6h") if part in out]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("path", [".drone.yml", "x.drone.jsonnet"])
def test_no_format_shows_a_secret(folder, capsys, name: str, path: str):
    out = said(capsys, path, "--profile", "pedantic", "--format", name)
    assert "hardcoded-secret" in out
    leaks = [line for line in out.split("\n") if any(secret in line for secret in (TOKEN, OTHER, BODY, PASSWORD))]
    assert not leaks
