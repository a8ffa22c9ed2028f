"""A drawing as Mermaid, which GitHub, GitLab, Gitea and Forgejo draw in comments and READMEs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drone_lint.report.graph import Box, Graph, Group

_CLASSES = (
    "classDef risk fill:#fde8e8,stroke:#b42318,color:#450a0a,stroke-width:2px",
    "classDef secret fill:#fef3c7,stroke:#92400e,color:#451a03",
    "classDef plain fill:#eef2f7,stroke:#475569,color:#0f172a",
    "classDef idle fill:#f3f4f6,stroke:#6b7280,color:#374151,stroke-dasharray:2 3",
    "classDef detached stroke-dasharray:6 3",
)
_PLAIN = re.compile(r"[A-Za-z0-9 _/,()=@.-]")
_LIST = re.compile(r"(?:\d+\.|-)\s")


def write_mermaid(graph: Graph) -> str:
    """A flowchart. Its ids are numbers, since words of its grammar (`end`) would break it; texts are quoted and escaped."""
    lines = ["flowchart LR", f"  accTitle: {_escaped(graph.title)}", f"  accDescr: {_escaped(graph.description)}"]
    for number, group in enumerate(graph.groups):
        lines += _group(number, group)
    lines += [f"  p{start} --> p{end}" for start, end in graph.edges]
    lines += [f"  {line}" for line in _CLASSES]
    return "\n".join(lines) + "\n"


def _group(number: int, group: Group) -> Iterator[str]:
    label = _label((f"pipeline {group.title}", *group.words))
    if not group.boxes:
        yield f'  p{number}["{label}"]:::idle'
        return
    yield f'  subgraph p{number}["{label}"]'
    yield "    direction LR"
    for index, box in enumerate(group.boxes):
        text = _label((box.title, *((box.image,) if box.image else ()), *box.words))
        yield f'    p{number}s{index}["{text}"]:::{_class(box)}'
        if box.detached:
            yield f"    class p{number}s{index} detached"
    for start, end in group.edges:
        yield f"    p{number}s{start} --> p{number}s{end}"
    yield "  end"


def _class(box: Box) -> str:
    if box.column is None:
        return "idle"
    return "risk" if box.risk else "secret" if box.secret else "plain"


def _label(lines: tuple[str, ...]) -> str:
    return "<br/>".join(map(_escaped, lines))


def _escaped(text: str) -> str:
    """Text as entities wherever Mermaid, the Markdown that it reads in labels, or HTML could take it for anything else."""
    first = text[:1]
    if first == " " or _LIST.match(text):
        return f"#{ord(first)};" + _escaped(text[1:].replace(".", "\0", 1)).replace("\0", "#46;")
    return "".join(_character(char) for char in text)


def _character(char: str) -> str:
    if char == "\0" or _PLAIN.match(char) or (ord(char) > 127 and char.isalnum()):
        return char
    return "#quot;" if char == '"' else f"#{ord(char)};"
