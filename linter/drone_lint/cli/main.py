"""The command line: parses, calls, maps to exit codes. Only this module reads the environment and exits; with `cli_*` it writes to stderr."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from drone_lint import __version__
from drone_lint.cli.options import UsageError, parse_plain

if TYPE_CHECKING:
    from drone_lint.findings.finding import Problem
    from drone_lint.findings.result import Report
    from drone_lint.run.run import Pool, PoolFor
    from drone_lint.run.targets import Flags, Plan
    from drone_lint.source.loaded import ConfigFile

CLEAN, FINDINGS, USAGE, NOT_LINTED = 0, 1, 2, 3
COMMANDS = ("check", "rule", "rules", "render", "dind", "plan", "baseline", "init")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The `drone-lint` program."""
    gc.disable()  # a quarter of a run's time; `run` collects after every few files
    words = list(sys.argv[1:] if arguments is None else arguments)
    _open_streams()
    try:
        code = _dispatch(words)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        code = 141
    except KeyboardInterrupt:
        code = 130
        if "drone_lint.run.pool" in sys.modules:
            os._exit(code)  # at an ordinary end its threads wait for processes that the interrupt ended, too; those left end with this one
    except OSError as error:
        _drop_output()
        _complain(f"standard output: {error.strerror or error}")
        code = USAGE
    raise SystemExit(code)


def _open_streams() -> None:
    """Standard streams that the caller closed lead nowhere, instead of into the next file that is opened."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - as long as the process


def _drop_output() -> None:
    """Have the interpreter's last flush succeed."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(text: str) -> None:
    """One line on standard error, in which nothing drives the terminal."""
    from drone_lint.report.wording import one_line

    print(f"drone-lint: {one_line(text)}", file=sys.stderr)


def _dispatch(words: list[str]) -> int:
    if not words and any(name.startswith("PLUGIN_") for name in os.environ):
        return guarded(_plugin, {})
    return _call(words)


def _plugin(_options: dict[str, Any]) -> int:
    from drone_lint.cli.plugin import words_of

    return _call(["check", *words_of(os.environ)])


def _call(words: list[str]) -> int:
    if words == ["--version"]:
        print(f"drone-lint {__version__}")
        return CLEAN
    if words and words[0] == "check":
        words = words[1:]
    elif words and (words[0] in COMMANDS or words[0] in ("--help", "-h", "--install-completion", "--show-completion")):
        return _typer(words)
    if "_DRONE_LINT_COMPLETE" in os.environ:
        return _typer(words)
    plain = parse_plain(words)
    return guarded(check, plain) if plain is not None else _typer(["check", *words])


def _typer(words: Sequence[str]) -> int:
    from drone_lint.cli.app import invoke

    return invoke(words)


def guarded(command: Any, options: dict[str, Any]) -> int:
    """A command's exit code; usage and configuration mistakes become one line on stderr and 2."""
    from drone_lint.config.load import ConfigError
    from drone_lint.lint.registry import UnknownRuleError

    try:
        code: int = command(options)
    except (UsageError, ConfigError, UnknownRuleError) as error:
        _complain(str(error))
        return USAGE
    return code


def check(options: dict[str, Any]) -> int:
    """Lint; the default command."""
    from drone_lint.cli.flags import outputs_of
    from drone_lint.cli.output import progress_bar, write_report
    from drone_lint.run.run import run
    from drone_lint.run.targets import plan

    flags = flags_from(options)
    outputs = outputs_of(options)
    planned = plan(options["paths"], flags, _stdin, options["stdin_filename"])
    if options["show_config"]:
        return _show_config(planned, flags)
    fixed = None
    if options["fix"] or options["diff"]:
        from drone_lint.cli.fix import apply_fixes

        fixed = apply_fixes(planned, flags, unsafe=options["unsafe_fixes"], write=not options["diff"])
        if options["diff"]:
            return NOT_LINTED if fixed.failed else FINDINGS if fixed.changed else CLEAN
    elif options["unsafe_fixes"]:
        raise UsageError("--unsafe-fixes goes with --fix or --diff")
    with progress_bar(len(planned.targets)) as progress:
        report = run(planned, flags, pool_for=pool_for(options), progress=progress, cache=_cache_folder(options))
    report = _without_known(report, planned, flags)
    for format_, target in outputs:
        write_report(report, format_, target, options, os.environ)
    if fixed is not None and fixed.applied and not options["quiet"]:
        print(f"drone-lint: {fixed.applied} fixed", file=sys.stderr)
    return NOT_LINTED if fixed is not None and fixed.failed else exit_code(report)


def _without_known(report: Report, planned: Plan, flags: Flags) -> Report:
    from drone_lint.run.targets import settings_of

    if not any(settings_of(target, flags).baseline for target in planned.targets):
        return report
    from drone_lint.cli.baseline import without_known

    return without_known(report, planned, flags)


def pool_for(options: dict[str, Any]) -> PoolFor:
    """The processes to lint so many files in; None: this one alone."""
    from drone_lint.run.run import processes

    def choose(files: int) -> Pool | None:
        number = processes(options["jobs"], files)
        if number == 1:
            return None
        from drone_lint.run.pool import pool

        return pool(number)

    return choose


def _cache_folder(options: dict[str, Any]) -> str | None:
    """Where results are kept: the user's own cache folder, by each system's custom."""
    if options["no_cache"]:
        return None
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    if not home:
        user = os.path.expanduser("~")
        home = os.path.join(user, *(("Library", "Caches") if sys.platform == "darwin" else (".cache",))) if user != "~" else ""
    return os.path.join(home, "drone-lint") if os.path.isabs(home) else None


def flags_from(options: dict[str, Any]) -> Flags:
    """The command line's word on settings."""
    from drone_lint.cli import flags as cli_flags

    return cli_flags.flags_from(options, os.environ)


def _show_config(planned: Plan, flags: Flags) -> int:
    from drone_lint.config.show import show
    from drone_lint.run.targets import settings_of

    for target in planned.targets:
        _print(show(target.shown, settings_of(target, flags)))
    return CLEAN if planned.targets else NOT_LINTED


def baseline(options: dict[str, Any]) -> int:
    """Write or prune the baseline."""
    from drone_lint.cli.baseline import record
    from drone_lint.cli.output import write_report
    from drone_lint.run.run import run
    from drone_lint.run.targets import plan

    flags = flags_from(options)
    planned = plan(options["paths"], flags, _stdin, None)
    report = run(planned, flags, pool_for=pool_for(options))
    if report.errors:
        write_report(report, "concise", None, {"color": "never", "quiet": False, "statistics": False}, os.environ)
        return NOT_LINTED
    record(report, planned, flags, prune=options["action"] == "prune")
    return CLEAN


def init(_options: dict[str, Any]) -> int:
    """Write a configuration to start from."""
    from drone_lint.cli.output import save
    from drone_lint.config.init import SCHEMA_NAME, schema_text, template

    name = ".drone-lint.yaml"
    if os.path.exists(name):
        raise UsageError(f"{name} is there already")
    save(SCHEMA_NAME, schema_text())
    save(name, template())
    print(f"drone-lint: wrote {name} and {SCHEMA_NAME} (for editors)", file=sys.stderr)
    return CLEAN


def exit_code(report: Report) -> int:
    """0, 1 or 3, as the contract has it: what could not be linted wins."""
    if report.errors or not report.files:
        return NOT_LINTED
    return FINDINGS if any(file.fails for file in report.files) else CLEAN


def _stdin() -> bytes:
    return sys.stdin.buffer.read()


def _print(text: str) -> None:
    from drone_lint.cli.output import print_text

    print_text(text)


def rule(options: dict[str, Any]) -> int:
    """Print one rule's page."""
    from drone_lint.report.explain import find_rule, terminal_page

    _print(terminal_page(find_rule(options["name"])))
    return CLEAN


def rules(options: dict[str, Any]) -> int:
    """Print the index of rules."""
    from drone_lint.report.explain import index

    _print(index(options["format"]))
    return CLEAN


def render(options: dict[str, Any]) -> int:
    """Print what Drone would see of one file."""
    from drone_lint.report.render import positions, refused_by_runners, render_documents
    from drone_lint.run.batch import load_one
    from drone_lint.run.targets import plan

    flags = flags_from(options)
    planned = plan([options["file"]], flags, _stdin, options["stdin_filename"])
    file, problems = load_one(planned, flags)
    refused = refused_by_runners(file) if file is not None and options["view"] == "runner" else ()
    if refused:
        return _not_linted((*problems, *refused))
    if file is not None:
        documents = [document for one in file.evaluations[:1] for document in one.view(options["view"])]
        text = positions(documents, options["format"]) if options["positions"] else render_documents(documents, options["format"])
        _print(text)
        _tell_of_other_events(file)
    return _not_linted(problems) if problems else CLEAN


def _tell_of_other_events(file: ConfigFile) -> None:
    """Say on standard error which events other documents are made for."""
    shown, *others = [", ".join(one.events or ()) for one in file.evaluations] or [""]
    if others:
        print(f"drone-lint: these are for {shown}; `--event` shows what is made for {'; '.join(others)}", file=sys.stderr)


def dind(options: dict[str, Any]) -> int:
    """Print the Docker-in-Docker checklist of one file."""
    from drone_lint.cli import dind as cli_dind
    from drone_lint.report import dind as report
    from drone_lint.run.targets import plan

    flags = flags_from(options)
    answer = cli_dind.dind(plan([options["file"]], flags, _stdin, options["stdin_filename"]), flags)
    if answer.checklist is not None:
        _print(report.write(answer.checklist, options["format"]))
    if answer.problems:
        return _not_linted(answer.problems)
    return FINDINGS if answer.fails else CLEAN


def _not_linted(problems: Sequence[Problem]) -> int:
    from drone_lint.report import write

    print(write(problems_report(problems), "concise").rstrip("\n"), file=sys.stderr)
    return NOT_LINTED


def plan(options: dict[str, Any]) -> int:
    """Print what runs for a build."""
    from drone_lint.cli.plan import plan_text
    from drone_lint.run.targets import plan as find

    flags = flags_from(options)
    text, problems = plan_text(find([options["file"]], flags, _stdin, options["stdin_filename"]), flags, options)
    _print(text)
    if problems:
        from drone_lint.report import write

        print(write(problems_report(problems), "concise").rstrip("\n"), file=sys.stderr)
    return NOT_LINTED if problems or not text else CLEAN


def problems_report(problems: Sequence[Problem]) -> Report:
    """A report of problems alone."""
    from drone_lint.findings.result import Report

    return Report((), {}, 0, tuple(problems))
