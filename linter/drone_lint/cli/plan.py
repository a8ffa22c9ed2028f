"""`drone-lint plan`: loads a file for each event asked for, with what is known of the build in its external variables, and plans it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drone_lint.cli.flags import require
from drone_lint.cli.options import UsageError
from drone_lint.cli.outcome import CLEAN, NOT_LINTED, flags_from, not_linted
from drone_lint.cli.streams import print_text, read_stdin
from drone_lint.findings.finding import Problem
from drone_lint.model.condition import EVENTS
from drone_lint.report.graph import GRAPHS, write_graph
from drone_lint.report.plan import write_plans
from drone_lint.run.batch import load_one
from drone_lint.run.targets import Flags, Selection, select_targets, settings_of
from drone_lint.semantics.build import KNOWN, Build
from drone_lint.semantics.plan import BuildPlan, facts_from, plan_build
from drone_lint.semantics.reach import ACTIONS, known_values
from drone_lint.source.loaded import ConfigFile


def run(options: dict[str, Any]) -> int:
    """Print what runs for a build."""
    if options["format"] == "html":
        require("html")
    flags = flags_from(options)
    text, problems = plan_text(select_targets([options["file"]], flags, read_stdin, options["stdin_filename"]), flags, options)
    print_text(text)
    if problems:
        not_linted(problems)
    return NOT_LINTED if problems or not text else CLEAN


def plan_text(selection: Selection, flags: Flags, options: Mapping[str, Any]) -> tuple[str, tuple[Problem, ...]]:
    """The plan of the one file for one event, or an overview of all; and what could not be read.

    Raises:
        UsageError: what is known does not go with the event.
    """
    if len(selection.targets) > 1:
        raise UsageError(f"plan {options['file']}: name exactly one file; this matches {len(selection.targets)}")
    chosen = options["event"] or "all"
    known = {name: options[name] for name in KNOWN if options[name] is not None}
    if chosen != "all":
        _check(chosen, known)
    plans: list[BuildPlan] = []
    problems: dict[tuple[str, str, int], Problem] = {}
    file: ConfigFile | None = None
    for event in EVENTS if chosen == "all" else (chosen,):
        build = build_of(event, known)
        if file is None or file.language != "yaml":  # the others are the same for all events
            file, found = load_one(selection, _with(flags, build))
            found = (*found, *_legacy(file))
            problems.update({(one.rule, one.message, one.span.start if one.span else 0): one for one in found})
        if file is not None and file.evaluations and (file.evaluations[0].server or not problems):
            plans.append(plan_build(file.evaluations[0].server, build, facts_from(settings_of(selection.targets[0], flags))))
    if not plans or (problems and not any(one.pipelines for one in plans)):
        return "", tuple(problems.values())
    return _written(selection.targets[0].shown, plans, options["format"], overview=chosen == "all"), tuple(problems.values())


def _written(path: str, plans: list[BuildPlan], form: str, *, overview: bool) -> str:
    if form in GRAPHS:
        return write_graph(path, plans, form)
    if form == "html":
        from drone_lint.report.html_plan import write_page

        return write_page(path, plans)
    return write_plans(path, plans, form, overview=overview)


def _legacy(file: ConfigFile | None) -> list[Problem]:
    if file is None or not file.legacy:
        return []
    return [Problem("unsupported", file.source.path, "no plan for a Drone 0.8 configuration, which the server converts first")]


def build_of(event: str, known: Mapping[str, str]) -> Build:
    """A build from what the options say, as far as that goes with its event; a ref may be given by its last part."""
    fitting = {name: value for name, value in known.items() if _fits(name, value, event)}
    ref = fitting.get("ref")
    if ref is not None and not ref.startswith("refs/"):
        fitting["ref"] = f"refs/{'tags' if event == 'tag' else 'heads'}/{ref}"
    return Build(event, **fitting)


def _fits(name: str, value: str, event: str) -> bool:
    values = known_values(name, event)
    return values is None or value in values


def _check(event: str, known: Mapping[str, str]) -> None:
    for name, value in known.items():
        if not _fits(name, value, event):
            has = f"one of {', '.join(ACTIONS[event])}" if name == "action" and event in ACTIONS else f"no {name}"
            raise UsageError(f"--{name} {value}: {event} builds have {has}")


def _with(flags: Flags, build: Build) -> Flags:
    """Flags that have programs evaluated for a build; variables given on the command line stay as they are."""
    jsonnet = dict(flags.sections.get("jsonnet", {}))
    jsonnet["ext_str"] = {**_variables(build), **jsonnet.get("ext_str", {})}
    changes = {**flags.changes, "event": build.event}
    return flags._replace(changes=changes, sections={**flags.sections, "jsonnet": jsonnet})


def _variables(build: Build) -> dict[str, str]:
    """External variables of the server for what is known (harness/drone plugin/converter/jsonnet); `ctx` of Starlark takes them as well."""
    found = {"build.branch": build.branch, "build.target": build.branch, "build.ref": build.ref, "build.environment": build.target}
    found |= {"build.action": build.action, "repo.slug": build.repo}
    for name in ("branch", "ref"):
        values = build.values(name)
        if values is not None and len(values) == 1 and values[0]:
            found[f"build.{name}"] = values[0]
    found["build.target"] = found["build.branch"]
    if build.event in ("push", "custom", "cron"):
        found["build.source"] = found["build.branch"]
    if build.repo is not None and "/" in build.repo:
        found["repo.namespace"], _, found["repo.name"] = build.repo.rpartition("/")
    return {name: value for name, value in found.items() if value is not None}
