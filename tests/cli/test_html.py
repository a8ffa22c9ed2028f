"""`--format html`: one file that asks nobody for anything, in which everything that strangers wrote is text."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from drone_lint.cli.main import main

pytest.importorskip("jinja2")
pytest.importorskip("markdown_it")

EXAMPLES = Path(__file__).parents[2] / "examples"
EVIL = "</pre><script>alert(1)</script><img src=//e.example/x onerror=alert(1)>"
HOSTILE = f"""\
kind: pipeline
type: docker
name: "{EVIL}"
steps:
- name: "{EVIL}"
  image: "alpine"
  privileged: true
  commands: ["echo {EVIL}"]
"""
VOID = {"meta", "br", "hr", "input"}


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        self.text += data


def page_of(capsys, *words: str) -> tuple[int, str, Page]:
    with pytest.raises(SystemExit) as end:
        main([*words, "--format", "html", "--no-cache"])
    text = capsys.readouterr().out
    page = Page()
    page.feed(text)
    assert page.open == []
    return int(end.value.code or 0), text, page


def test_hostile_names_and_commands_stay_text(folder, capsys) -> None:
    (folder / ".drone.yml").write_text(HOSTILE, encoding="utf-8")
    code, _, page = page_of(capsys, ".drone.yml")
    assert code == 1
    assert not {tag for tag, _ in page.tags} & {"script", "img", "iframe", "link", "object", "form"}
    assert EVIL in page.text
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on") or name == "src"]


def test_the_page_asks_nobody_for_anything(capsys) -> None:
    _, text, page = page_of(capsys, str(EXAMPLES / "planted/.drone.yml"))
    assert "default-src 'none'" in text
    assert not re.search(r"@import|url\(", text)
    assert all(tag == "a" for tag, attributes in page.tags if "href" in attributes)


def test_everything_is_there_with_the_verdict_first(capsys) -> None:
    code, _, page = page_of(capsys, str(EXAMPLES / "planted/.drone.yml"))
    assert code == 1
    first = page.text.index("should be changed before it is merged", page.text.index("drone-lint\n"))
    assert first < page.text.index("Numbers") < page.text.index("privileged-step")
    targets = {attributes["href"] for tag, attributes in page.tags if tag == "a" and (attributes.get("href") or "").startswith("#")}
    assert targets
    assert targets <= {f"#{attributes.get('id')}" for _, attributes in page.tags}


def test_what_could_not_be_checked_stands_before_everything_else(folder, capsys) -> None:
    (folder / ".drone.yml").write_text("kind: pipeline\n  name: [", encoding="utf-8")
    code, _, page = page_of(capsys, ".drone.yml")
    assert code == 3
    assert page.text.index("Not everything could be checked.") < page.text.index("Not checked") < page.text.index("Numbers")


def test_no_secret_is_shown(folder, capsys) -> None:
    secret = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
    steps = f"- {{name: a, image: 'alpine:3', environment: {{TOKEN: {secret}}}, commands: ['curl -H {secret} x']}}"
    (folder / ".drone.yml").write_text(f"kind: pipeline\ntype: docker\nname: x\nsteps:\n{steps}\n", encoding="utf-8")
    code, text, _ = page_of(capsys, ".drone.yml")
    assert code == 1
    assert "hardcoded-secret" in text
    assert secret not in text


def test_size_and_time_are_bounded(folder, capsys) -> None:
    step = "- {{name: s{0}, image: alpine, privileged: true, commands: [echo]}}\n"
    text = "".join(f"---\nkind: pipeline\ntype: docker\nname: p{number}\nsteps:\n{step.format(number)}" for number in range(115))
    (folder / ".drone.yml").write_text(text, encoding="utf-8")
    began = time.process_time()
    _, page, _ = page_of(capsys, ".drone.yml")
    assert time.process_time() - began < 8
    findings = page.count("<article")
    assert findings > 100
    assert len(page.encode()) < 60_000 + 2_000 * findings


def test_without_its_packages_it_says_what_to_install(folder, capsys, monkeypatch) -> None:
    (folder / ".drone.yml").write_text(HOSTILE, encoding="utf-8")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SystemExit) as end:
        main([".drone.yml", "--format", "html"])
    assert end.value.code == 2
    assert "pip install 'drone-lint[html]'" in capsys.readouterr().err


def plan_page(capsys, *words: str) -> tuple[str, Page]:
    with pytest.raises(SystemExit) as end:
        main(["plan", *words, "--format", "html"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    page = Page()
    page.feed(re.sub(r"<(rect|path)([^>]*)/>", r"<\1\2></\1>", text))
    assert page.open == []
    return text, page


def test_the_page_of_plans_has_every_event_as_a_drawing_and_as_tables(capsys) -> None:
    text, page = plan_page(capsys, str(EXAMPLES / "docker-in-docker/.drone.jsonnet"))
    assert [attributes["id"] for tag, attributes in page.tags if tag == "input"] == [f"e{number}" for number in range(1, 8)]
    assert text.count("<svg") == text.count("<section") == 7
    assert text.count("<table>") >= 7
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_hostile_names_stay_text_in_the_page_of_plans(folder, capsys) -> None:
    (folder / ".drone.yml").write_text(HOSTILE, encoding="utf-8")
    _, page = plan_page(capsys, ".drone.yml")
    assert not {tag for tag, _ in page.tags} & {"script", "img", "iframe", "link", "a"}
    assert EVIL in page.text


def test_a_page_of_many_plans_takes_little_time(folder, capsys) -> None:
    pipelines = (f"---\nkind: pipeline\ntype: docker\nname: p{n}\nsteps: [{{name: s, image: 'a:1'}}]\n" for n in range(115))
    (folder / ".drone.yml").write_text("".join(pipelines), encoding="utf-8")
    began = time.process_time()
    plan_page(capsys, ".drone.yml", "--event", "push")
    assert time.process_time() - began < 5
