"""What runs for a build, or for every event, as text, Markdown or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from drone_lint.semantics.build import KNOWN, MAYBE, NO, Build, Verdict
from drone_lint.semantics.plan import BuildPlan, PlannedPipeline, PlannedStep, Privilege, SecretUse

VERSION = 1
STEP_COLUMNS = ("#", "step", "after", "image", "privilege", "secrets", "runs")


def write_plans(path: str, plans: Sequence[BuildPlan], form: str, *, overview: bool = False) -> str:
    """Plans of one file: the first in full, or all as a table of what runs for which event. `form` is `text`, `markdown` or `json`."""
    if form == "json":
        data = {"version": VERSION, "path": path, "builds": [_build_data(plan) for plan in plans]}
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    lines = _overview(path, plans, form) if overview else _full(path, plans[0], form)
    return "\n".join(map(_printable, lines)).rstrip() + "\n"


def _printable(line: str) -> str:
    """A line whose names can neither break it nor command the terminal."""
    return line if line.isprintable() else "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in line)


_PULL_REQUEST = (
    "Drone takes the configuration from the pull request itself, also from forks: anyone who can open a pull request can change this plan."
)


# -- one build


def _full(path: str, plan: BuildPlan, form: str) -> Iterator[str]:
    title = f"{_code(path, form)}: {_build_words(plan.build)}"
    yield f"## {title}" if form == "markdown" else title
    running = [one for one in plan.pipelines if one.order is not None]
    skipped = [one for one in plan.pipelines if one.order is None]
    if plan.build.event == "pull_request":
        yield "" if form == "markdown" else _PULL_REQUEST
        yield from ([_PULL_REQUEST] if form == "markdown" else [])
    yield ""
    if not running:
        yield "Nothing runs." if plan.pipelines else "There are no pipelines."
        yield ""
    for pipeline in sorted(running, key=lambda one: one.order or 0):
        yield from _pipeline(pipeline, form)
    if skipped:
        yield "### Does not run" if form == "markdown" else "does not run:"
        yield from ([""] if form == "markdown" else [])
        yield from (f"{_bullet(form)}pipeline `{one.name}`: {_because(one.verdict)}" for one in skipped)


def _pipeline(pipeline: PlannedPipeline, form: str) -> Iterator[str]:
    head = f"{pipeline.order}. pipeline `{pipeline.name}` ({pipeline.type})"
    yield from (f"### {head}", "") if form == "markdown" else (head,)
    for note in notes_of(pipeline):
        yield ("" if form == "markdown" else "   ") + note + ("  " if form == "markdown" else "")
    yield ""
    rows = [step_cells(step, graph=pipeline.graph) for step in in_order(pipeline.steps)]
    table = _markdown_table if form == "markdown" else _text_table
    yield from table(STEP_COLUMNS, rows)
    yield ""


def notes_of(pipeline: PlannedPipeline) -> Iterator[str]:
    """What to know of a pipeline that runs, beside its steps."""
    if pipeline.verdict.runs == MAYBE:
        yield f"maybe: {_because(pipeline.verdict)}"
    if pipeline.after:
        how = {
            "success": "is skipped if a pipeline has failed",
            "failure": "runs only if a pipeline has failed",
            "always": "runs even if they fail",
        }
        yield f"after {_list(pipeline.after)}, and {how[pipeline.on]}"
    elif pipeline.on != "success":
        yield "does not wait for any pipeline, so it runs at once, regardless of the `status` in its trigger"
    if pipeline.dropped:
        yield f"does not wait for {_list(pipeline.dropped)}, which {'does' if len(pipeline.dropped) == 1 else 'do'} not run"
    if pipeline.type == "exec":
        yield "on the runner's host itself, without a container"
    if pipeline.graph:
        yield "steps in the order of their `depends_on`: those without one start right after the clone"
    for secret in pipeline.pull_secrets:
        yield f"pulls images with the secret {_secret(secret)}"


def in_order(steps: Sequence[PlannedStep]) -> list[PlannedStep]:
    """Steps as they start; what does not run stays behind what is written before it."""
    last = 0
    keyed = []
    for step in steps:
        last = step.order or last
        keyed.append((last, step))
    return [step for _, step in sorted(keyed, key=lambda item: item[0])]


def step_cells(step: PlannedStep, *, graph: bool) -> tuple[str, ...]:
    """A step as a row under `STEP_COLUMNS`."""
    name = step.name if step.kind != "service" else f"{step.name} (service)"
    privilege = ", ".join(_privilege(one) for one in step.privileges)
    secrets = ", ".join(_secret(one) for one in step.secrets)
    return (str(step.order or ""), name, ", ".join(step.after) if graph else "", step.image, privilege, secrets, _runs(step))


def _runs(step: PlannedStep) -> str:
    if step.verdict.runs == NO:
        return f"no: {_because(step.verdict)}"
    words = [{"success": "yes", "failure": "on failure only", "always": "also after a failure"}[step.on]]
    if step.detached and step.kind != "service":
        words.append("detached")
    if step.failure_ignored:
        words.append("its failure is ignored")
    if step.verdict.runs == MAYBE:
        words[0] = "maybe" if step.on == "success" else f"maybe, {words[0]}"
        return f"{', '.join(words)}: {_because(step.verdict)}"
    return ", ".join(words)


def _privilege(one: Privilege) -> str:
    if one.kind == "explicit":
        return "privileged"
    return f"privileged by the runner (`{one.detail}`)" if one.kind == "automatic" else f"root on the host (`{one.detail}`)"


def _secret(one: SecretUse) -> str:
    return f"{one.name} ({one.why})" if one.why else one.name


def _because(verdict: Verdict) -> str:
    return "; ".join(verdict.reasons)


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _build_words(build: Build) -> str:
    known = [f"{name} `{value}`" for name in KNOWN if (value := getattr(build, name)) is not None]
    return build.event + (f", {', '.join(known)}" if known else "")


# -- all events


def _overview(path: str, plans: Sequence[BuildPlan], form: str) -> Iterator[str]:
    words = _build_words(plans[0].build).partition(", ")[2]
    title = f"{_code(path, form)}: what runs for which event" + (f", {words}" if words else "")
    yield f"## {title}" if form == "markdown" else title
    yield ""
    rows = _overview_rows(plans, form)
    table = _markdown_table if form == "markdown" else _text_table
    yield from table(("", *(plan.build.event for plan in plans)), rows)
    yield ""
    skipped = dict.fromkeys(one.name for plan in plans for one in plan.pipelines if one.after and one.on == "success")
    if skipped:
        yield f"Skipped if a pipeline has failed: {_list(tuple(skipped))}."
    yield "`maybe`: depends on facts that are not known here; `--event EVENT` lists them. `!`: privileged, or root on the host. `*`: gets a secret."


def _overview_rows(plans: Sequence[BuildPlan], form: str) -> list[tuple[str, ...]]:
    """A row for each pipeline and each step, in the order in which they are first met; a program may have others for each event."""
    cells: dict[tuple[str, str | None], dict[str, str]] = {}
    for plan in plans:
        for pipeline in plan.pipelines:
            cells.setdefault((pipeline.name, None), {})[plan.build.event] = pipeline.verdict.runs
            for step in pipeline.steps:
                key = (pipeline.name, step.name)
                cells.setdefault(key, {})[plan.build.event] = step.verdict.runs + _signs(step)
    places = {name: number for number, name in enumerate(dict.fromkeys(name for name, _ in cells))}
    ordered = sorted(cells, key=lambda key: places[key[0]])
    indent = "&nbsp;&nbsp;" if form == "markdown" else "  "
    return [
        (
            f"pipeline {key[0]}" if key[1] is None else indent + key[1],
            *("-" if (cell := cells[key].get(plan.build.event, NO)) == NO else cell for plan in plans),
        )
        for key in ordered
    ]


def _signs(step: PlannedStep) -> str:
    if step.order is None:
        return ""
    return ("!" if step.privileges else "") + ("*" if any(one.given != NO for one in step.secrets) else "")


# -- tables


def _text_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Aligned columns; those that nobody fills are left out."""
    shown = [index for index, _ in enumerate(columns) if index == 0 or any(row[index] for row in rows)]
    widths = {index: max(len(columns[index]), *(len(row[index]) for row in rows)) for index in shown} if rows else {}
    for row in (columns, *rows) if rows else ():
        yield ("   " + "  ".join((row[index] or ("" if index == 0 else "-")).ljust(widths[index]) for index in shown)).rstrip()


def _markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(columns) + " |"
    yield "|" + " --- |" * len(columns)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def _code(text: str, form: str) -> str:
    return f"`{text}`" if form == "markdown" else text


def _bullet(form: str) -> str:
    return "- " if form == "markdown" else "   "


# -- JSON


def _build_data(plan: BuildPlan) -> dict[str, Any]:
    known = {name: getattr(plan.build, name) for name in KNOWN if getattr(plan.build, name) is not None}
    return {"event": plan.build.event, **known, "pipelines": [_pipeline_data(one) for one in plan.pipelines]}


def _pipeline_data(pipeline: PlannedPipeline) -> dict[str, Any]:
    return {
        "name": pipeline.name,
        "type": pipeline.type,
        "runs": pipeline.verdict.runs,
        "reasons": list(pipeline.verdict.reasons),
        "order": pipeline.order,
        "after": list(pipeline.after),
        "dropped_dependencies": list(pipeline.dropped),
        "on": pipeline.on,
        "graph": pipeline.graph,
        "pull_secrets": [_secret_data(one) for one in pipeline.pull_secrets],
        "steps": [_step_data(step) for step in pipeline.steps],
    }


def _step_data(step: PlannedStep) -> dict[str, Any]:
    return {
        "name": step.name,
        "kind": step.kind,
        "image": step.image,
        "runs": step.verdict.runs,
        "reasons": list(step.verdict.reasons),
        "order": step.order,
        "after": list(step.after),
        "on": step.on,
        "detached": step.detached,
        "failure_ignored": step.failure_ignored,
        "privileges": [{"kind": one.kind, "detail": one.detail} for one in step.privileges],
        "secrets": [_secret_data(one) for one in step.secrets],
    }


def _secret_data(one: SecretUse) -> dict[str, str]:
    return {"name": one.name, "given": one.given, "why": one.why}
