"""The command line: parses, calls, maps to exit codes. Only this module reads the environment, writes to stderr and exits."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from drone_lint import __version__
from drone_lint.options import parse_plain

if TYPE_CHECKING:
    from drone_lint.finding import Problem
    from drone_lint.result import Report
    from drone_lint.run import Flags, Plan, Pool

CLEAN, FINDINGS, USAGE, NOT_LINTED = 0, 1, 2, 3
COMMANDS = ("check", "rule", "rules", "render", "dind", "plan", "baseline", "init")


class UsageError(Exception):
    """A call that does not hold together; exit code 2."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The `drone-lint` program."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _dispatch(words)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    except KeyboardInterrupt:
        code = 130
    raise SystemExit(code)


def _dispatch(words: list[str]) -> int:
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
    from drone_lint.app import invoke

    return invoke(words)


def guarded(command: Any, options: dict[str, Any]) -> int:
    """A command's exit code; usage and configuration mistakes become one line on stderr and 2."""
    from drone_lint.config import ConfigError
    from drone_lint.registry import UnknownRuleError

    try:
        code: int = command(options)
    except (UsageError, ConfigError, UnknownRuleError) as error:
        print(f"drone-lint: {error}", file=sys.stderr)
        return USAGE
    return code


def check(options: dict[str, Any]) -> int:
    """Lint; the default command."""
    from drone_lint.run import plan, run

    flags = flags_from(options)
    outputs = _outputs(options)
    planned = plan(options["paths"], flags, _stdin, options["stdin_filename"])
    if options["show_config"]:
        return _show_config(planned, flags)
    fixed = 0
    if options["fix"] or options["diff"]:
        from drone_lint.cli_fix import apply_fixes

        fixed, changed = apply_fixes(planned, flags, unsafe=options["unsafe_fixes"], write=not options["diff"])
        if options["diff"]:
            return FINDINGS if changed else CLEAN
    elif options["unsafe_fixes"]:
        raise UsageError("--unsafe-fixes goes with --fix or --diff")
    with _progress(len(planned.targets)) as progress:
        report = run(planned, flags, pool=_pool(options, planned), progress=progress)
    report = _without_known(report, planned, flags)
    for format_, target in outputs:
        _write(report, format_, target, options)
    if fixed and not options["quiet"]:
        print(f"drone-lint: {fixed} fixed", file=sys.stderr)
    return exit_code(report)


def _pool(options: dict[str, Any], planned: Plan) -> Pool | None:
    from drone_lint.run import processes

    number = processes(options["jobs"], len(planned.targets))
    if number == 1:
        return None
    from drone_lint.parallel import pool

    return pool(number)


def _without_known(report: Report, planned: Plan, flags: Flags) -> Report:
    """The report without what baselines have; stale entries are told on standard error."""
    baselines = baselines_of(planned, flags)
    if not any(baselines):
        return report

    from drone_lint import baseline

    read = {path: baseline.read(path) for path in dict.fromkeys(baselines) if path is not None}
    files, stale = [], 0
    for file, path in zip(report.files, baselines, strict=True):
        if path is None:
            files.append(file)
            continue
        left, gone = baseline.apply(file, read[path], path)
        files.append(left)
        stale += len(gone)
    if stale:
        print(
            f"drone-lint: {stale} entries of the baseline match nothing any more; `drone-lint baseline prune` removes them", file=sys.stderr
        )
    return report._replace(files=tuple(files))


def baselines_of(planned: Plan, flags: Flags) -> list[str | None]:
    """The baseline of each planned file."""
    from drone_lint.run import settings_of

    return [settings_of(target, flags).baseline for target in planned.targets]


def _show_config(planned: Plan, flags: Flags) -> int:
    from drone_lint.config_show import show
    from drone_lint.run import settings_of

    for target in planned.targets:
        _print(show(target.shown, settings_of(target, flags)))
    return CLEAN if planned.targets else NOT_LINTED


@contextmanager
def _progress(files: int) -> Iterator[Any]:
    """A bar on standard error while many files are linted in a terminal, gone at the end."""
    if files < 20 or not sys.stderr.isatty():
        yield None
        return

    def tell(done: int, total: int) -> None:
        filled = 30 * done // total
        sys.stderr.write(f"\r[{'#' * filled}{' ' * (30 - filled)}] {done}/{total}")
        sys.stderr.flush()

    try:
        yield tell
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def baseline(options: dict[str, Any]) -> int:
    """Write or prune the baseline."""
    from drone_lint import baseline as known
    from drone_lint.run import plan, run

    flags = flags_from(options)
    planned = plan(options["paths"], flags, _stdin, None)
    report = run(planned, flags, pool=_pool(options, planned))
    if report.errors:
        _write(report, "concise", None, {**options, "color": "never", "quiet": False, "statistics": False})
        return NOT_LINTED
    paths = [path or os.path.abspath(known.DEFAULT) for path in baselines_of(planned, flags)]
    for path in dict.fromkeys(paths):
        files = [file for file, its in zip(report.files, paths, strict=True) if its == path]
        entries = known.of_reports(files, path)
        if options["action"] == "prune":
            before = known.read(path)
            linted = {known.relative(file.path, path) for file in files}
            entries = before & entries | type(before)({one: number for one, number in before.items() if one.file not in linted})
        _save(path, known.text(entries))
        print(f"drone-lint: {os.path.relpath(path)}: {sum(entries.values())} findings", file=sys.stderr)
    return CLEAN


def init(_options: dict[str, Any]) -> int:
    """Write a configuration to start from."""
    from drone_lint.config_init import SCHEMA_NAME, schema_text, template

    name = ".drone-lint.yaml"
    if os.path.exists(name):
        raise UsageError(f"{name} is there already")
    _save(SCHEMA_NAME, schema_text())
    _save(name, template())
    print(f"drone-lint: wrote {name} and {SCHEMA_NAME} (for editors)", file=sys.stderr)
    return CLEAN


def _save(path: str, text: str) -> None:
    partial = f"{path}.{os.getpid()}.tmp"
    try:
        with open(partial, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.replace(partial, path)
    except OSError as error:
        if os.path.exists(partial):
            os.unlink(partial)
        raise UsageError(f"{path}: {error.strerror}") from error


def exit_code(report: Report) -> int:
    """0, 1 or 3, as the contract has it: what could not be linted wins."""
    if report.errors or not report.files:
        return NOT_LINTED
    return FINDINGS if any(file.fails for file in report.files) else CLEAN


def flags_from(options: dict[str, Any]) -> Flags:
    """The command line's word on settings."""
    from drone_lint.run import Flags

    changes: dict[str, Any] = {}
    for name in ("trust", "runner", "profile", "fail_on", "event", "max_seconds", "baseline"):
        if options.get(name) is not None:
            changes[name] = options[name]
    for name in ("select", "ignore"):
        if options.get(name):
            changes[name] = tuple(part.strip() for item in options[name] for part in item.split(",") if part.strip())
    if options.get("max_memory") is not None:
        changes["max_memory"] = _size(options["max_memory"])
    jsonnet: dict[str, Any] = {name: _pairs(options, name) for name in ("ext_str", "ext_code", "tla_str", "tla_code") if options.get(name)}
    if options.get("jpath"):
        jsonnet["jpath"] = tuple(os.path.abspath(item) for item in options["jpath"])
    if options.get("engine") is not None:
        jsonnet["engine"] = options["engine"]
    sections: dict[str, dict[str, Any]] = {"jsonnet": jsonnet} if jsonnet else {}
    if options.get("env"):
        sections["substitution"] = {"env": _pairs(options, "env")}
    if options.get("server_version"):
        sections["server"] = {"version": options["server_version"]}
    return Flags(changes, sections, options.get("config"), bool(options.get("isolated")), bool(options.get("no_ignores")))


def _pairs(options: dict[str, Any], name: str) -> dict[str, str]:
    found = {}
    for item in options[name]:
        key, equals, value = item.partition("=")
        if not equals:
            if key not in os.environ:
                raise UsageError(f"--{name.replace('_', '-')} {key}: no value given, and no such variable in the environment")
            value = os.environ[key]
        found[key] = value
    return found


def _size(text: str) -> int:
    units = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
    number = text.lower().removesuffix("ib").removesuffix("b")
    factor = units.get(number[-1:], 1)
    digits = number[:-1] if factor > 1 else number
    if not digits.isdigit():
        raise UsageError(f"--max-memory {text}: expected a number of bytes, or one with K, M or G")
    return int(digits) * factor


def _outputs(options: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Formats with the files they go to; None is standard output."""
    from drone_lint.report import FORMATS
    from drone_lint.spelling import nearest

    formats = options["format"] or ["text"]
    for name in formats:
        if name not in FORMATS:
            guess = nearest(name, FORMATS)
            raise UsageError(
                f"--format {name}: unknown format" + (f"; did you mean `{guess}`?" if guess else f"; known: {', '.join(FORMATS)}")
            )
    files = options["output"]
    if len(files) > len(formats):
        raise UsageError("more --output than --format")
    if len(formats) - len(files) > 1:
        raise UsageError("several formats: give each an --output (all but one)")
    return list(zip(formats, [*files, *[None] * (len(formats) - len(files))], strict=True))


def _write(report: Report, format_: str, target: str | None, options: dict[str, Any]) -> None:
    from drone_lint.report import Style, write

    color = target is None and _color(options["color"])
    text = write(report, format_, Style(color=color, links=color, quiet=options["quiet"], statistics=options["statistics"]))
    if target is None:
        _print(text)
        return
    _save(target, text)


def _print(text: str) -> None:
    """To standard output, whatever its encoding can show."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))


def _color(choice: str | None) -> bool:
    if choice in ("always", "never"):
        return choice == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _stdin() -> bytes:
    return sys.stdin.buffer.read()


def rule(options: dict[str, Any]) -> int:
    """Print one rule's page."""
    from drone_lint.explain import find_rule, terminal_page

    _print(terminal_page(find_rule(options["name"])))
    return CLEAN


def rules(options: dict[str, Any]) -> int:
    """Print the index of rules."""
    from drone_lint.explain import index

    _print(index(options["format"]))
    return CLEAN


def render(options: dict[str, Any]) -> int:
    """Print what Drone would see of one file."""
    from drone_lint.render import positions, render_documents
    from drone_lint.report import write
    from drone_lint.run import load_one, plan

    flags = flags_from(options)
    planned = plan([options["file"]], flags, _stdin, options["stdin_filename"])
    file, problems = load_one(planned, flags)
    if file is not None:
        documents = [document for one in file.evaluations[:1] for document in one.view(options["view"])]
        text = positions(documents, options["format"]) if options["positions"] else render_documents(documents, options["format"])
        _print(text)
    if problems:
        print(write(problems_report(problems), "concise").rstrip("\n"), file=sys.stderr)
        return NOT_LINTED
    return CLEAN


def problems_report(problems: Sequence[Problem]) -> Report:
    """A report of problems alone."""
    from drone_lint.result import Report

    return Report((), {}, 0, tuple(problems))
