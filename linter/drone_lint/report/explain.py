"""A rule as its Markdown page, and the index of all rules."""

from __future__ import annotations

import json
from typing import Any

from drone_lint.lint.registry import builtin_rules
from drone_lint.lint.rule import Rule
from drone_lint.lint.selection import UnknownRuleError
from drone_lint.report.wording import plural
from drone_lint.text.spelling import nearest


def find_rule(name: str) -> type[Rule]:
    """The rule of a name, or the only one whose name begins so.

    Raises:
        UnknownRuleError: there is none, or there are several.
    """
    known = builtin_rules()
    if name in known:
        return known[name]
    starting = [rule for key, rule in known.items() if key.startswith(name)]
    if len(starting) == 1:
        return starting[0]
    raise UnknownRuleError(name, starting[0].name if starting else nearest(name, known))


def rules_beginning(name: str) -> list[type[Rule]]:
    """The rules whose names begin so; none for the name of a rule."""
    known = builtin_rules()
    return [] if name in known else [rule for key, rule in sorted(known.items()) if key.startswith(name)]


def markdown_page(rule: type[Rule]) -> str:
    """The rule's page: what, why, what Drone does, examples, references."""
    page = rule.page()
    facts = f"{rule.severity.value} · confidence {rule.confidence.value} · {rule.profile} profile · family `{rule.family}`"
    if rule.fixable:
        facts += f" · {rule.fixable} fix"
    parts = [f"# {rule.name}", facts, page]
    for title, examples in (("Found", rule.bad[:1]), ("Not found", rule.good[:1])):
        parts += [f"## {title}\n\n{_example(example)}" for example in examples]
    if rule.references:
        parts.append("## References\n\n" + "\n".join(f"- {_reference(item)}" for item in rule.references))
    return "\n\n".join(parts) + "\n"


def _example(example: Any) -> str:
    import textwrap

    language = getattr(example, "language", "yaml")
    text = textwrap.dedent(getattr(example, "text", example)).strip("\n")
    return f"```{language}\n{text}\n```"


def _reference(item: Any) -> str:
    label = item.title if item.title == item.id else f"{item.id}: {item.title}"
    return f"[{label}]({item.url})" if item.url else label


def terminal_page(rule: type[Rule]) -> str:
    """The page for a terminal: Markdown is legible as it is."""
    return markdown_page(rule)


def index(form: str) -> str:
    """All rules as a table, JSON or Markdown."""
    rules = list(builtin_rules().values())
    if form == "json":
        return json.dumps([_facts(rule) for rule in rules], indent=1) + "\n"
    if form == "markdown":
        return markdown_index(rules)
    width = max(len(rule.name) for rule in rules)
    lines: list[str] = []
    family = ""
    for rule in rules:
        if rule.family != family:
            family = rule.family
            lines += ["", family] if lines else [family]
        marks = rule.profile if rule.profile != "default" else ""
        lines.append(f"  {rule.name.ljust(width)}  {rule.severity.value:8} {marks:9} {_summary(rule)}".rstrip())
    return "\n".join(lines) + f"\n\n{plural(len(rules), 'rule')}; `drone-lint rule NAME` shows one\n"


def markdown_index(rules: list[type[Rule]]) -> str:
    """The index as a Markdown document, a table a family."""
    parts = ["# Rules", "Generated from the rules; `python -m drone_lint rules --format markdown` prints it."]
    for family in dict.fromkeys(rule.family for rule in rules):
        rows = [
            f"| [{rule.name}](pages/{rule.name}.md) | {rule.severity.value} | {rule.profile} | {rule.fixable} | {_summary(rule)} |"
            for rule in rules
            if rule.family == family
        ]
        parts.append(f"## {family}\n\n| rule | severity | profile | fix | what |\n|---|---|---|---|---|\n" + "\n".join(rows))
    return "\n\n".join(parts) + "\n"


def _summary(rule: type[Rule]) -> str:
    return rule.page().split("\n", 1)[0].rstrip(".")


def _facts(rule: type[Rule]) -> dict[str, Any]:
    return {
        "name": rule.name,
        "family": rule.family,
        "severity": rule.severity.value,
        "confidence": rule.confidence.value,
        "profile": rule.profile,
        "fix": rule.fixable or None,
        "summary": _summary(rule),
        "references": [item.id if item.id != "CIS Docker" else f"CIS Docker: {item.title}" for item in rule.references],
    }
