"""Plans as one HTML page: a switch of events without scripts, and for each event the drawing and the same as tables."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from drone_lint.report.graph import graph_of, shown
from drone_lint.report.graph_svg import write_svg
from drone_lint.report.plan import STEP_COLUMNS, in_order, notes_of, step_cells
from drone_lint.semantics.plan import BuildPlan, PlannedPipeline

_TEMPLATE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{ path }}: what runs</title>
<style>
:root{color-scheme:light dark;--ink:#0f172a;--soft:#475569;--back:#fff;--line:#cbd5e1}
@media (prefers-color-scheme:dark){:root{--ink:#e8edf4;--soft:#a9b6c6;--back:#0d1117;--line:#3a4656}}
body{margin:0 auto;padding:1.5rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);overflow-wrap:anywhere}
fieldset{border:1px solid var(--line);border-radius:6px;margin:1rem 0}label{margin-right:1.2rem;white-space:nowrap}
h1{font-size:1.5rem}h2{font-size:1.2rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:1.2rem 0 .3rem}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem}th,td{border:1px solid var(--line);padding:.2rem .6rem;text-align:left;vertical-align:top}th{white-space:nowrap}
@media screen{ {%- for one in builds %}body:has(#e{{ loop.index }}:checked) section:not(.e{{ loop.index }}){display:none}{% endfor %} }
@media print{fieldset{display:none}svg{max-width:100%;height:auto}}
</style>
</head>
<body>
<main>
<h1>{{ path }}: what runs</h1>
{% if builds | length > 1 %}
<fieldset><legend>Event</legend>
{% for one in builds %}
<label><input type="radio" name="event" id="e{{ loop.index }}"{% if loop.first %} checked{% endif %}> {{ one.event }}</label>
{% endfor %}
</fieldset>
{% endif %}
{% for one in builds %}
<section class="e{{ loop.index }}">
<h2>{{ one.event }}</h2>
<div class="wide" tabindex="0" role="region" aria-label="Drawing for {{ one.event }}">
{{ one.drawing }}
</div>
{% for pipeline in one.pipelines %}
<h3>pipeline {{ pipeline.name }} ({{ pipeline.type }})</h3>
{% for note in pipeline.notes %}
<p>{{ note }}</p>
{% endfor %}
{% if pipeline.rows %}
<div class="wide" tabindex="0" role="region" aria-label="Steps of {{ pipeline.name }} for {{ one.event }}, {{ loop.index }}">
<table>
<thead><tr>{% for name in columns %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in pipeline.rows %}
<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</tbody>
</table>
</div>
{% endif %}
{% endfor %}
</section>
{% endfor %}
</main>
</body>
</html>
"""


def write_page(path: str, plans: Sequence[BuildPlan]) -> str:
    """The page of one file's plans."""
    jinja = import_module("jinja2")  # of the extra `html`, of which other runs should know nothing
    markup = import_module("markupsafe").Markup
    template = jinja.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja.StrictUndefined).from_string(
        _TEMPLATE
    )
    builds = [
        {
            "event": plan.build.event,
            "drawing": markup(write_svg(graph_of(path, [plan]), name=f"d{number}")),
            "pipelines": [_pipeline(one) for one in plan.pipelines],
        }
        for number, plan in enumerate(plans)
    ]
    text: str = template.render(path=shown(path), columns=STEP_COLUMNS, builds=builds)
    return text


def _pipeline(pipeline: PlannedPipeline) -> dict[str, object]:
    skipped = pipeline.order is None
    notes = [f"does not run: {'; '.join(pipeline.verdict.reasons)}"] if skipped else list(notes_of(pipeline))
    rows = [step_cells(step, graph=pipeline.graph) for step in in_order(pipeline.steps)]
    texts = [[shown(cell, 300) for cell in row] for row in rows]
    return {"name": shown(pipeline.name), "type": shown(pipeline.type), "notes": [shown(one, 300) for one in notes], "rows": texts}
