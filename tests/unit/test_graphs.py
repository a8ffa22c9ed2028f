"""Drawings of plans: layout, and texts that try to be anything but text."""

from __future__ import annotations

import re
from itertools import pairwise
from random import Random
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drone_lint.report.graph import GRAPHS, graph_of, write_graph
from drone_lint.report.layout import crossings, lay_out
from drone_lint.semantics.build import RUNS, Build
from drone_lint.semantics.plan import BuildPlan, PlannedPipeline, PlannedStep, Privilege, SecretUse

HOSTILE = (
    "end", "subgraph x", "a --> b", 'say "x"', "</text><script>alert(1)</script>", "#quot;", "&lt;", "\\", '\\"', "`x`", "1. one", "- two", "]]>", "%%{init}%%",
    "p0s0", "a\nb", "\x1b[31m", "\u202e", "", " ", "|", "{{x}}", ":::risk", "http://x.y", "名前", "\\N", "x" * 5000, "\ud800", "-->", "%% c", ";", "click p0",
)  # fmt: skip


def crossed(layout) -> int:
    after: dict[int, list[int]] = {one: [] for column in layout.columns for one in column}
    for way in layout.ways:
        for start, end in pairwise(way):
            after[start].append(end)
    return crossings(layout.columns, after)


def random_tree(seed: int, *, inward: bool) -> tuple[list[int], list[tuple[int, int]]]:
    random = Random(seed)
    columns, edges = [0], []
    for number in range(1, 40):
        above = random.randrange(number)
        columns.append(columns[above] + random.randrange(1, 4))
        edges.append((above, number))
    if inward:
        last = max(columns)
        columns = [last - one for one in columns]
        edges = [(end, start) for start, end in edges]
    return columns, edges


@pytest.mark.parametrize("inward", [False, True])
@pytest.mark.parametrize("seed", range(25))
def test_trees_have_no_crossing(seed: int, inward: bool) -> None:
    assert crossed(lay_out(*random_tree(seed, inward=inward))) == 0


def test_sweeps_take_away_crossings_that_can_be_taken_away() -> None:
    assert crossed(lay_out([0, 0, 0, 1, 1, 1], [(0, 5), (1, 4), (2, 3), (0, 4)])) == 0
    assert crossed(lay_out([0, 0, 1, 1], [(0, 2), (0, 3), (1, 2), (1, 3)])) == 1  # which no order avoids


def test_every_box_stands_once_in_its_column_and_lines_pass_no_box() -> None:
    columns, edges = random_tree(3, inward=False)
    layout = lay_out(columns, edges)
    placed = [(number, one) for number, column in enumerate(layout.columns) for one in column]
    assert sorted(one for _, one in placed) == list(range(len(placed)))
    assert all(columns[one] == number for number, one in placed if one < len(columns))
    assert all(one >= len(columns) for way in layout.ways for one in way[1:-1])


def plan_of(names: list[str]) -> BuildPlan:
    steps = tuple(
        PlannedStep(name, "step", name, RUNS, number + 1, after=(names[number - 1],) if number else (), privileges=(Privilege("socket", name),),
                    secrets=(SecretUse(name, "yes"),))
        for number, name in enumerate(names)
    )  # fmt: skip
    pipelines = tuple(
        PlannedPipeline(name, "docker", RUNS, number + 1, after=tuple(names[:number]), steps=steps) for number, name in enumerate(names)
    )
    return BuildPlan(Build("push"), pipelines)


MERMAID = re.compile(
    r'flowchart LR|  acc(Title|Descr): [^"<>{};]*(#\w+;[^"<>{};]*)*|    direction LR|  end|  classDef [\w :#,;-]+|    class p\d+s\d+ detached'
    r'|  subgraph p\d+\["(?P<a>[^"`<\\;]|#\w+;|<br/>)*"\]|    p\d+s\d+\["([^"`<\\;]|#\w+;|<br/>)*"\]:::(risk|secret|plain|idle)'
    r'|    p\d+s\d+ --> p\d+s\d+|  p\d+ --> p\d+|  p\d+\["([^"`<\\;]|#\w+;|<br/>)*"\]:::idle'
)
DOT_TEXT = r'"([^"\\]|\\\\|\\"|\\n)*"'
DOT = re.compile(rf"([^\"]|{DOT_TEXT})*")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30)), min_size=1, max_size=5))
def test_names_stay_text(names: list[str]) -> None:
    plans = [plan_of(names)]
    for line in write_graph("a.yml", plans, "mermaid").splitlines():
        assert MERMAID.fullmatch(line), line
    dot = write_graph("a.yml", plans, "dot")
    assert all(DOT.fullmatch(line) for line in dot.splitlines()), dot
    tree = ElementTree.fromstring(write_graph("a.yml", plans, "svg"))
    tags = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert tags <= {"svg", "title", "desc", "style", "rect", "text", "g", "path"}
    assert not any(name.startswith("on") or "href" in name for element in tree.iter() for name in element.attrib)


@pytest.mark.parametrize("form", GRAPHS)
def test_drawings_are_the_same_on_every_run_and_bounded(form: str) -> None:
    plans = [plan_of(list(HOSTILE))]
    text = write_graph("a.yml", plans, form)
    assert text == write_graph("a.yml", plans, form)
    assert "x" * 100 not in text
    assert text.encode("utf-8")


def test_a_drawing_says_in_words_what_it_says_in_colours() -> None:
    text = write_graph("a.yml", [plan_of(["one"])], "svg")
    assert "root on the host: one" in text
    assert "secret: one" in text
    assert "<title " in text
    assert "<desc " in text
    assert "prefers-color-scheme:dark" in text


def test_pipelines_that_are_the_same_for_several_events_are_drawn_once() -> None:
    push = plan_of(["a", "b"])
    graph = graph_of("a.yml", [push, BuildPlan(Build("tag"), push.pipelines), BuildPlan(Build("cron"), ())])
    assert [(one.title, one.words[1], one.column) for one in graph.groups] == [("a", "for push, tag", 0), ("b", "for push, tag", 1)]
    assert graph.edges == ((0, 1),)
