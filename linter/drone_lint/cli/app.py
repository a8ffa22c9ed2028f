"""The typer application: the definition of the command line, its help and its completion. Imported only when a call needs it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Literal

import typer

from drone_lint import __version__
from drone_lint.cli.options import CHECK, Option
from drone_lint.cli.outcome import CLEAN, USAGE, run_command

_EPILOG = """\b
Usual calls:
  drone-lint                       every Drone configuration below this folder
  drone-lint --fail-on error       errors only fail; for a start
  drone-lint --fix --diff          what can be fixed
  drone-lint --format sarif --output drone-lint.sarif
  drone-lint rule privileged-step  one rule's page
\b
Exit codes:
  0  nothing at or above --fail-on (default: warning)
  1  findings
  2  wrong usage or configuration
  3  something could not be read, evaluated or checked"""

app = typer.Typer(
    name="drone-lint",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Lint Drone CI configurations, exactly as Drone reads them. `drone-lint [PATHS]...` is `drone-lint check`; see `drone-lint check --help`.",
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback(invoke_without_command=True)
def _main(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    if version:
        typer.echo(f"drone-lint {__version__}")
        raise typer.Exit


_UsageMistake: type[Any] = typer.BadParameter.__mro__[2]
"""`ClickException`, whether typer brings its own click or uses the package."""


def invoke(words: Sequence[str]) -> int:
    """Run the app on a command line; the exit code."""
    try:
        result = app(list(words), prog_name="drone-lint", standalone_mode=False)
    except _UsageMistake as error:
        error.show()
        return USAGE
    except typer.Exit as error:
        return error.exit_code
    except typer.Abort:
        return 130
    return result if isinstance(result, int) else CLEAN


def _annotation(option: Option) -> Any:
    plain = {"flag": bool, "int": int | None, "float": float | None, "list": list[str]}
    if option.choices:
        return Literal[option.choices] | None
    return plain.get(option.kind, str | None)


def _parameter(option: Option) -> inspect.Parameter:
    extra: dict[str, Any] = {"help": option.help}
    if option.metavar:
        extra["metavar"] = option.metavar
    default: Any = {"flag": False, "list": []}.get(option.kind)
    made = typer.Option(default, *option.flags, **extra)
    return inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, default=made, annotation=_annotation(option))


def _from_table(name: str, parameters: Sequence[inspect.Parameter]) -> Callable[..., int]:
    """A command with the table's options, which it gets as one mapping."""

    def command(**options: Any) -> int:
        options["paths"] = list(options["paths"] or [])
        return run_command(name, options)

    command.__signature__ = inspect.Signature(list(parameters))  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


_PATHS = inspect.Parameter(
    "paths",
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    default=typer.Argument(None, help="Files, folders, or - for standard input; default: the current folder.", metavar="[PATHS]..."),
    annotation=list[str],
)

app.command("check", help="Lint configurations (the default command).")(_from_table("check", [_PATHS, *map(_parameter, CHECK)]))


@app.command("rule")
def rule(name: str = typer.Argument(..., help="The rule's name, or its first letters.")) -> int:
    """Show a rule's page."""
    return run_command("rule", {"name": name})


@app.command("rules")
def rules(format_: Literal["table", "json", "markdown"] = typer.Option("table", "--format", help="The output format.")) -> int:
    """List all rules."""
    return run_command("rules", {"format": format_})


_RENDERING = ("trust", "runner", "server_version", "config", "isolated", "stdin_filename", "env", "max_seconds", "max_memory", "event")


def _shared(*more: inspect.Parameter) -> list[inspect.Parameter]:
    """The parameters of commands that load one file."""
    file = inspect.Parameter(
        "file",
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=typer.Argument(..., help="The configuration file, or - for standard input.", metavar="FILE"),
        annotation=str,
    )
    chosen = [
        option
        for option in CHECK
        if option.name in _RENDERING or option.name in ("ext_str", "ext_code", "tla_str", "tla_code", "jpath", "engine")
    ]
    return [file, *map(_parameter, chosen), *more]


def _choice(name: str, flag: str, default: str, choices: tuple[str, ...], help_: str) -> inspect.Parameter:
    made = typer.Option(default, flag, help=help_)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=made, annotation=Literal[choices])


def _flag(name: str, flag: str, help_: str) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=typer.Option(False, flag, help=help_), annotation=bool)


def _one_file(name: str, *more: inspect.Parameter) -> Callable[..., int]:
    parameters = _shared(*more)

    def command(**options: Any) -> int:
        return run_command(name, options)

    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


app.command("render", help="Print the documents as Drone reads them.")(
    _one_file(
        "render",
        _choice("format", "--format", "yaml", ("yaml", "json"), "The output format."),
        _choice("view", "--as", "server", ("server", "runner"), "server: before ${} substitution; runner: after it."),
        _flag("positions", "--positions", "Print where each value comes from."),
    )
)


def _text(name: str, metavar: str, help_: str) -> inspect.Parameter:
    made = typer.Option(None, f"--{name}", metavar=metavar, help=help_)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=made, annotation=str | None)


app.command("plan", help="Show what runs for an event: pipelines and steps in order, with images, privileges and secrets.")(
    _one_file(
        "plan",
        _text("branch", "BRANCH", "The build's branch; for a pull request, its target branch."),
        _text("ref", "REF", "The build's ref (`refs/tags/v1`), or the name of its branch or tag."),
        _text("repo", "OWNER/NAME", "The repository."),
        _text("target", "NAME", "The target of a promotion or rollback."),
        _text("cron", "NAME", "The name of the cron job."),
        _text("action", "ACTION", "The action of a pull request: opened or synchronized."),
        _text("instance", "HOST", "The server's host name."),
        _choice("format", "--format", "text", ("text", "json", "markdown", "mermaid", "dot", "svg", "html"), "The output format."),
    )
)


app.command("dind", help="Check whether Docker works in the steps of a configuration, and which security risks it adds.")(
    _one_file(
        "dind",
        *(_parameter(option) for option in CHECK if option.name in ("select", "ignore", "profile", "fail_on", "no_ignores")),
        _choice("format", "--format", "text", ("text", "markdown", "json"), "The output format."),
        _text(
            "script", "FILE", "Write a shell script with the checks that these steps need, to be run in one of them; - for standard output."
        ),
    )
)


@app.command("init")
def init() -> int:
    """Write a commented .drone-lint.yaml for this repository."""
    return run_command("init", {})


_BASELINE = (
    "select",
    "ignore",
    "profile",
    "trust",
    "runner",
    "server_version",
    "config",
    "isolated",
    "baseline",
    "no_ignores",
    "jobs",
    "event",
    "engine",
)
_action = inspect.Parameter(
    "action",
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    default=typer.Argument(
        ..., help="write: record all findings; prune: remove entries of findings that no longer exist.", metavar="write|prune"
    ),
    annotation=Literal["write", "prune"],
)
_baseline_options = [option for option in CHECK if option.name in _BASELINE or option.panel == "Jsonnet and substitution"]
app.command("baseline", help="Record the current findings, so that runs fail only on new ones.")(
    _from_table("baseline", [_action, _PATHS, *map(_parameter, dict.fromkeys(_baseline_options))])
)


def _list(name: str, metavar: str, help_: str) -> inspect.Parameter:
    made = typer.Option([], f"--{name.replace('_', '-')}", metavar=metavar, help=help_)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=made, annotation=list[str])


def _value(name: str, kind: Any, metavar: str, help_: str) -> inspect.Parameter:
    made = typer.Option(None, f"--{name.replace('_', '-')}", metavar=metavar, help=help_)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=made, annotation=kind | None)


def _options_only(name: str, *parameters: inspect.Parameter) -> Callable[..., int]:
    def command(**options: Any) -> int:
        return run_command(name, options)

    command.__signature__ = inspect.Signature(list(parameters))  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _revision(name: str, default: Any, help_: str) -> inspect.Parameter:
    made = typer.Argument(default, help=help_, metavar=name.upper())
    kind = str if default is ... else str | None
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=made, annotation=kind)


_DIFFED = ("trust", "runner", "server_version", "config", "isolated", "max_seconds", "max_memory", "engine", "select", "ignore", "profile")
app.command("diff", help="Show what a change newly allows: privileges, secrets, images, triggers, and which line does it.")(
    _options_only(
        "diff",
        _revision("base", ..., "A git revision: the state before."),
        _revision("head", None, "The state after; without it: the working tree."),
        _choice("format", "--format", "text", ("text", "json", "markdown"), "The output format."),
        _list("fail_on_new", "KIND,...", "Exit with 1 if something new is of one of these kinds (privilege, secret, image, ..., or all)."),
        _flag("findings", "--findings", "Also show findings that are new."),
        *(_parameter(option) for option in CHECK if option.name in _DIFFED),
    )
)


_ACTIONS = ("error", "block", "skip", "pass")
_SERVED = [option for option in CHECK if option.name in ("runner", "profile", "server_version", "fail_on", "max_memory")]
app.command("serve", help="Check every build of a Drone server before it runs: Drone's validation extension.")(
    _options_only(
        "serve",
        _value("bind", str, "HOST:PORT", "Where Drone reaches it; 127.0.0.1:3000, or DRONE_BIND."),
        _value("metrics_bind", str, "HOST:PORT", "Where /metrics and /healthz answer besides."),
        _list("secret_file", "FILE", "A file with the shared secret (or DRONE_SECRET); give two while the secret is changed."),
        _value("config", str, "FILE", "The operator's configuration; those of repositories are not read."),
        _choice(
            "on_error", "--on-error", "error", _ACTIONS, "What happens to a build with findings at or above --fail-on (default: error)."
        ),
        _choice("on_warning", "--on-warning", "pass", _ACTIONS, "What happens to a build with warnings only."),
        _choice("scope", "--scope", "build", ("build", "file"), "build: findings in pipelines that may run count; file: all."),
        _flag("block_forks", "--block-forks", "Builds of forks wait for approval."),
        _flag("dry_run", "--dry-run", "Let every build pass, and log what would happen."),
        _flag("fail_open", "--fail-open", "Let a configuration pass that could not be checked."),
        _list("allow_ignores", "RULE,...", "Rules whose ignore comments count."),
        _list("skip_repos", "PATTERN", "Repositories that are not checked."),
        _value("rules_url", str, "URL", "A page about the rules, named in answers."),
        _value("workers", int, "N", "Worker processes; one a core."),
        _value("max_seconds", float, "SECONDS", "Longest check of one configuration; 10."),
        _value("tls_cert", str, "FILE", "Certificate, where no proxy does TLS."),
        _value("tls_key", str, "FILE", "Its key."),
        _flag("debug", "--debug", "Log what verdicts rest on (or DRONE_DEBUG): trust, path, size, branch, ref, fork."),
        *map(_parameter, _SERVED),
    )
)
