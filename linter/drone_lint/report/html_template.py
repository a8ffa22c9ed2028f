"""The page of `--format html`."""

TEMPLATE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>drone-lint: {{ verdict }}</title>
<style>
:root{color-scheme:light dark;--ink:#0f172a;--soft:#475569;--back:#fff;--field:#f4f6f9;--line:#cbd5e1;--error:#a61b12;--warning:#854d0e;--notice:#075985;--info:#3f4b5c;--good:#166534;--link:#1d4ed8}
@media (prefers-color-scheme:dark){:root{--ink:#e8edf4;--soft:#a9b6c6;--back:#0d1117;--field:#161d27;--line:#3a4656;--error:#ff9a8f;--warning:#f0c560;--notice:#7dd3fc;--info:#b8c4d3;--good:#86efac;--link:#93b4ff}}
*{box-sizing:border-box}body{margin:0 auto;max-width:70rem;padding:1.5rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);overflow-wrap:anywhere}
a{color:var(--link)}h1{font-size:1.6rem;margin:.2rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:0}
.good{color:var(--good)}.bad,.unknown{color:var(--error)}.soft{color:var(--soft)}
article{border:1px solid var(--line);border-left:5px solid var(--line);border-radius:6px;padding:.7rem 1rem;margin:.8rem 0;break-inside:avoid}
.error{border-left-color:var(--error)}.warning{border-left-color:var(--warning)}.notice{border-left-color:var(--notice)}.info{border-left-color:var(--info)}
.error .level{color:var(--error)}.warning .level{color:var(--warning)}.notice .level{color:var(--notice)}.info .level{color:var(--info)}
pre{background:var(--field);padding:.6rem;overflow-x:auto;font:13px/1.4 ui-monospace,monospace;border-radius:4px;white-space:pre;margin:.5rem 0}
dl{margin:0;display:grid;grid-template-columns:5rem 1fr;gap:.15rem .8rem}dt{color:var(--soft)}dd{margin:0}
table{border-collapse:collapse}th,td{border:1px solid var(--line);padding:.2rem .7rem;text-align:left}
details{border:1px solid var(--line);border-radius:6px;padding:.5rem 1rem;margin:.5rem 0}summary{cursor:pointer;font-weight:600}
@media print{body{max-width:none;padding:0;font-size:11pt}pre{white-space:pre-wrap}}
</style>
</head>
<body>
{% macro card(one, linked) %}
<article class="{{ one.severity }}">
<h3><span class="level">{{ one.severity }}</span> {% if linked %}<a href="#rule-{{ one.rule }}">{{ one.rule }}</a>{% else %}{{ one.rule }}{% endif %}: {{ one.message }}</h3>
<p class="soft">{{ one.where }}</p>
{% if one.excerpt %}
<pre tabindex="0" role="region" aria-label="Source at {{ one.where }}, {{ one.rule }}">{{ one.excerpt }}</pre>
{% endif %}
{% if one.notes %}
<dl>
{% for label, text in one.notes %}
<dt>{{ label }}</dt><dd>{{ text }}</dd>
{% endfor %}
</dl>
{% endif %}
</article>
{% endmacro %}
{% set linked = pages | map("first") | list %}
<header>
<p class="soft">drone-lint</p>
<h1 class="{{ state }}">{{ verdict }}</h1>
<p>{{ summary }}</p>
</header>
<main>
{% if problems or unchecked %}
<h2>Not checked</h2>
{% for one in problems %}
{{ card(one, false) }}
{% endfor %}
{% if unchecked %}
<ul>
{% for one in unchecked %}
<li>{{ one }}</li>
{% endfor %}
</ul>
{% endif %}
{% endif %}
<h2>Numbers</h2>
<table>
<thead><tr><th scope="col">severity</th><th scope="col">findings</th></tr></thead>
<tbody>
{% for severity, number in numbers %}
<tr><th scope="row">{{ severity }}</th><td>{{ number }}</td></tr>
{% endfor %}
</tbody>
</table>
{% for file in files %}
<h2>{{ file.path }}</h2>
{% for one in file.cards %}
{{ card(one, one.rule in linked) }}
{% endfor %}
{% endfor %}
{% if clean %}
<h2>Nothing found in</h2>
<ul>
{% for path in clean %}
<li>{{ path }}</li>
{% endfor %}
</ul>
{% endif %}
{% if ignored %}
<h2>Ignored</h2>
<ul>
{% for rule, message, where, reason in ignored %}
<li>{{ rule }}: {{ message }} ({{ where }}){% if reason %}: {{ reason }}{% endif %}</li>
{% endfor %}
</ul>
{% endif %}
{% if pages %}
<h2>The rules</h2>
{% for name, page in pages %}
<details id="rule-{{ name }}"><summary>{{ name }}</summary>
{{ page }}
</details>
{% endfor %}
{% endif %}
</main>
</body>
</html>
"""
