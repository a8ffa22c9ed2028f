"""A drawing as SVG: one file without scripts, fonts or links, which says in words what its colours say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from drone_lint.report.graph import Box, Graph, Group, shown
from drone_lint.report.layout import Layout, lay_out

_BOX, _GAP, _ROW, _LINE, _PAD = 216, 44, 14, 15, 12
_FREE = 8
"""Height of a row that lines pass through."""
_LETTERS = 34
_STYLE = """
.see{--ink:#0f172a;--soft:#475569;--back:#ffffff;--field:#f8fafc;--box:#eef2f7;--risk:#fde8e8;--riskline:#b42318;--key:#fef3c7;--keyline:#92400e}
@media (prefers-color-scheme:dark){.see{--ink:#e8edf4;--soft:#a9b6c6;--back:#0d1117;--field:#151b24;--box:#202a37;--risk:#4a1a1a;--riskline:#ff9a8f;--key:#453208;--keyline:#f0c560}}
.see text{font:12px system-ui,sans-serif;fill:var(--ink)}.see .head{font-weight:600}.see .small{font-size:11px;fill:var(--soft)}
.see .back{fill:var(--back)}.see .group{fill:var(--field);stroke:var(--soft)}.see .box{fill:var(--box);stroke:var(--soft)}
.see .risk{fill:var(--risk);stroke:var(--riskline);stroke-width:2}.see .secret{fill:var(--key);stroke:var(--keyline)}
.see .idle{fill:none;stroke:var(--soft);stroke-dasharray:2 3}.see .detached{stroke-dasharray:7 4}
.see .link{fill:none;stroke:var(--soft);stroke-width:1.4}.see .tip{fill:var(--soft)}
"""


class _Part(NamedTuple):
    """A piece of the drawing, with its size."""

    width: float
    height: float
    lines: tuple[str, ...]
    """Relative to its own corner."""


def write_svg(graph: Graph, *, name: str = "g") -> str:
    """The drawing. `name` is what its ids begin with, where several stand on one page."""
    running = [group for group in graph.groups if group.column is not None]
    parts = [_group(group) for group in running]
    layout = lay_out([group.column or 0 for group in running], graph.edges)
    body = _placed(parts, layout)
    idle = _stacked([_group(group) for group in graph.groups if group.column is None])
    width = max(body.width, idle.width, 320) + 2 * _PAD
    height = body.height + idle.height + 3 * _PAD + 24
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="see" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"',
        f' role="img" aria-labelledby="{name}-title {name}-desc">',
        f'<title id="{name}-title">{escape(graph.title)}</title>',
        f'<desc id="{name}-desc">{escape(_description(graph))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="back" width="{width:g}" height="{height:g}"/>',
        f'<text class="head" x="{_PAD}" y="{_PAD + 12}">{escape(graph.title)}</text>',
        *_moved(body, _PAD, _PAD + 24),
        *_moved(idle, _PAD, body.height + 2 * _PAD + 24),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _description(graph: Graph) -> str:
    """Everything that the drawing says, for who does not see it."""
    texts = [graph.description]
    for group in graph.groups:
        texts.append(f"Pipeline {group.title} ({', '.join(group.words)})")
        texts += [f"step {', '.join(one for one in (box.title, box.image, *box.words) if one)}" for box in group.boxes]
    return ". ".join(texts) + "."


def _moved(part: _Part, x: float, y: float) -> Iterator[str]:
    if part.lines:
        yield f'<g transform="translate({x:g} {y:g})">'
        yield from part.lines
        yield "</g>"


def _stacked(parts: Sequence[_Part]) -> _Part:
    lines: list[str] = []
    y = 0.0
    for part in parts:
        lines += _moved(part, 0, y)
        y += part.height + _ROW
    return _Part(max((part.width for part in parts), default=0), y, tuple(lines))


def _placed(parts: Sequence[_Part], layout: Layout) -> _Part:
    """Parts in their columns and rows, each column centred, with lines between them."""
    heights = [sum(_height(parts, one) + _ROW for one in column) - _ROW for column in layout.columns]
    total = max(heights, default=0)
    lines: list[str] = []
    left: dict[int, tuple[float, float]] = {}
    right: dict[int, tuple[float, float]] = {}
    x = 0.0
    for column, height in zip(layout.columns, heights, strict=True):
        width = max((parts[one].width for one in column if one < len(parts)), default=0)
        y = (total - height) / 2
        for one in column:
            middle = y + _height(parts, one) / 2
            left[one] = (x, middle)
            right[one] = (x + (parts[one].width if one < len(parts) else width), middle)
            lines += _moved(parts[one], x, y) if one < len(parts) else ()
            y += _height(parts, one) + _ROW
        x += width + _GAP
    links = [line for way in layout.ways for line in _link(way, left, right)]
    return _Part(max(x - _GAP, 0), total, (*links, *lines))


def _height(parts: Sequence[_Part], number: int) -> float:
    return parts[number].height if number < len(parts) else _FREE


def _link(way: Sequence[int], left: dict[int, tuple[float, float]], right: dict[int, tuple[float, float]]) -> Iterator[str]:
    x, y = right[way[0]]
    path = [f"M{x:g} {y:g}"]
    for number in way[1:]:
        (to_x, to_y), half = left[number], (left[number][0] - x) / 2
        path.append(f"C{x + half:g} {y:g} {to_x - half:g} {to_y:g} {to_x:g} {to_y:g}")
        x, y = right[number]
        if number != way[-1]:
            path.append(f"L{x:g} {y:g}")
    end_x, end_y = left[way[-1]]
    yield f'<path class="link" d="{" ".join(path)}"/>'
    yield f'<path class="tip" d="M{end_x:g} {end_y:g}l-7 -4v8z"/>'


def _group(group: Group) -> _Part:
    """A pipeline: its name and words, its graph, and below it the steps that do not run."""
    running = [index for index, box in enumerate(group.boxes) if box.column is not None]
    number = {index: place for place, index in enumerate(running)}
    edges = [(number[start], number[end]) for start, end in group.edges]
    body = _placed([_box(group.boxes[index]) for index in running], lay_out([group.boxes[index].column or 0 for index in running], edges))
    idle = _stacked([_box(box) for box in group.boxes if box.column is None])
    letters = max(40, int(max(body.width, idle.width) / 6.2))
    words = [shown(word, letters) for word in group.words]
    top = _PAD + 18 + _LINE * len(words) + 4
    width = max(body.width, idle.width, 6.4 * max((len(word) for word in (group.title + " " * 9, *words)), default=0)) + 2 * _PAD
    height = top + body.height + (idle.height + _ROW if idle.lines else 0) + _PAD
    style = "idle" if group.column is None else "group"
    lines = (
        f'<rect class="{style}" width="{width:g}" height="{height:g}" rx="8"/>',
        f'<text class="head" x="{_PAD}" y="{_PAD + 10}">{escape(shown("pipeline " + group.title, letters))}</text>',
        *(f'<text class="small" x="{_PAD}" y="{_PAD + 10 + _LINE * (row + 1)}">{escape(word)}</text>' for row, word in enumerate(words)),
        *_moved(body, _PAD, top),
        *_moved(idle, _PAD, top + body.height + _ROW),
    )
    return _Part(width, height, lines)


def _box(box: Box) -> _Part:
    texts = [*((box.image,) if box.image else ()), *box.words]
    height = 26 + _LINE * len(texts)
    style = "idle" if box.column is None else f"box{' risk' if box.risk else ' secret' if box.secret else ''}"
    icon = "⚠ " if box.risk else "◆ " if box.secret else ""
    lines = [
        f"<g><title>{escape(', '.join((box.title, *texts)))}</title>",
        f'<rect class="{style}{" detached" if box.detached else ""}" width="{_BOX}" height="{height}" rx="5"/>',
        f'<text class="head" x="10" y="18">{escape(shown(icon + box.title, _LETTERS - 4))}</text>',
        *(
            f'<text class="small" x="10" y="{18 + _LINE * (row + 1)}">{escape(shown(text, _LETTERS))}</text>'
            for row, text in enumerate(texts)
        ),
        "</g>",
    ]
    return _Part(_BOX, height, tuple(lines))
