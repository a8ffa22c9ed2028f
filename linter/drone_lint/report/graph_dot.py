"""A drawing for Graphviz."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drone_lint.report.graph import Box, Graph, Group


def write_dot(graph: Graph) -> str:
    """A directed graph with a cluster for each pipeline."""
    lines = [
        "digraph plan {",
        f"  label={_quoted((graph.title,))}; labelloc=t; rankdir=LR; compound=true;",
        '  node [shape=box, style=filled, fillcolor="#eef2f7", color="#475569", fontname="sans-serif", fontsize=11];',
        '  fontname="sans-serif";',
    ]
    for number, group in enumerate(graph.groups):
        lines += _group(number, group)
    lines += [
        f"  p{start}s{_last(graph.groups[start])} -> p{end}s0 [ltail=cluster_p{start}, lhead=cluster_p{end}];" for start, end in graph.edges
    ]
    return "\n".join((*lines, "}")) + "\n"


def _group(number: int, group: Group) -> Iterator[str]:
    yield f"  subgraph cluster_p{number} {{"
    yield f'    label={_quoted((f"pipeline {group.title}", *group.words))}; color="#475569"; style=rounded;'
    if not group.boxes:
        yield f'    p{number}s0 [label="no step runs", style="filled,dotted", fillcolor="#f3f4f6"];'
    for index, box in enumerate(group.boxes):
        text = _quoted((box.title, *((box.image,) if box.image else ()), *box.words))
        yield f"    p{number}s{index} [label={text}{_look(box)}];"
    for start, end in group.edges:
        yield f"    p{number}s{start} -> p{number}s{end};"
    yield "  }"


def _last(group: Group) -> int:
    return max(range(len(group.boxes)), key=lambda index: group.boxes[index].column or 0) if group.boxes else 0


def _look(box: Box) -> str:
    if box.column is None:
        return ', style="filled,dotted", fillcolor="#f3f4f6", fontcolor="#374151"'
    style = ', style="filled,dashed"' if box.detached else ""
    if box.risk:
        return f'{style}, fillcolor="#fde8e8", color="#b42318", penwidth=2'
    return f'{style}, fillcolor="#fef3c7", color="#92400e"' if box.secret else style


def _quoted(lines: Sequence[str]) -> str:
    """Lines as a label: Graphviz reads backslashes, quotes and HTML's entities in it."""
    texts = (line.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for line in lines)
    return '"' + "\\n".join(texts) + '"'
