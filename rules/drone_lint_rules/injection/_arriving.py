"""Text of untrusted contributors that a program inserts into its pipelines, whatever its language."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import EVENTS, Arrival, ConfigFile, Finding, Place, Rule, Severity, Step, step_events
from drone_lint_rules.tainted import GUARDED, is_fixed, writer

_FREE = ("build.message", "build.title", "build.author_login", "build.author_name", "build.author_email", "build.author_avatar")
_SHELL = {
    "build.message": "DRONE_COMMIT_MESSAGE",
    "build.title": "DRONE_PULL_REQUEST_TITLE",
    "build.author_login": "DRONE_COMMIT_AUTHOR",
    "build.author_name": "DRONE_COMMIT_AUTHOR_NAME",
    "build.author_email": "DRONE_COMMIT_AUTHOR_EMAIL",
    "build.author_avatar": "DRONE_COMMIT_AUTHOR_AVATAR",
    "build.source": "DRONE_SOURCE_BRANCH",
    "build.branch": "DRONE_BRANCH",
    "build.target": "DRONE_TARGET_BRANCH",
    "build.ref": "DRONE_COMMIT_REF",
}
"""The environment variable of a step with the same content."""
_CODE = ("commands", "command", "entrypoint")
_POD = (("service_account_name",), ("node_name",), ("host_aliases",), ("dns_config",))


class ArrivalRule(Rule):
    """Reports where such text arrives."""

    language = ""
    """Whose programs are looked at."""
    prefix = ""
    """What stands before a field's name in them."""
    choice = ""
    """How a program chooses from fixed values."""

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        if self.settings.profile == "drone" or file.language != self.language:  # Drone does not refuse this, and it is costly to find
            return
        for arrival in file.facts(Arrival):
            if isinstance(arrival.place, Place):
                yield from self._finding(arrival, arrival.place)

    def _finding(self, arrival: Arrival, place: Place) -> Iterator[Finding]:
        where, step = _sink(place), _step(place)
        free, variable = arrival.variable in _FREE, _SHELL.get(arrival.variable)
        severe = where != "other" or free
        if (not severe and not self.pedantic) or (step is not None and variable is not None and is_fixed(step, variable)):
            return
        guarded = not free and (variable is None or (step is not None and step_events(step) <= GUARDED))
        severity = Severity.WARNING if severe and not guarded else Severity.NOTICE
        related = [("the program reads it here", arrival.read_at)] if arrival.read_at is not None else []
        message = _message(arrival.variable, f"{self.prefix}{arrival.variable}", place, where, step)
        yield self.finding(place, message, severity=severity, related=related, help=_help(arrival.variable, where, self.choice))


def _sink(place: Place) -> str:
    """What the text becomes: `code`, `image`, `privileged`, another `choice` that decides what a build can access, or `other`."""
    path = place.path
    key = path[2] if len(path) > 2 and path[0] in ("steps", "services") else ""
    if key in _CODE:
        return "code"
    if key in ("image", "privileged"):
        return str(key)
    chosen = path[-1:] == ("from_secret",) or path[-2:] == ("host", "path") or key in ("network_mode", "devices") or path[:1] in _POD
    return "choice" if chosen else "other"


def _step(place: Place) -> Step | None:
    """The step that a place is in."""
    pipeline = place.document.pipeline
    containers = pipeline.containers if pipeline is not None else ()
    return next((step for step in containers if place.path[:2] == step.value.path), None)


def _message(name: str, shown: str, place: Place, where: str, step: Step | None) -> str:
    who = "its author" if name in _FREE else "the user who starts the build"
    if name in _SHELL and name not in _FREE:
        who = writer(_SHELL[name], step_events(step) if step is not None else frozenset(place.document.events or EVENTS))
    title = step.title if step is not None else ""
    if where == "code":
        return f"`{shown}` becomes part of a command of {title}, so {who} can run commands"
    if where == "image":
        return f"`{shown}` is part of the image of {title}, so {who} can choose what runs"
    if where == "privileged":
        return f"`{shown}` decides whether {title} is privileged, so {who} can choose that"
    if where == "choice":
        return f"`{shown}` sets `{place.path[-1]}`{title and ' of ' + title}, so {who} can choose another value"
    keys = ".".join(key for key in (place.path[2:] if title else place.path) if isinstance(key, str)) or "the configuration"
    return f"`{shown}` becomes part of `{keys}`{title and ' of ' + title}, where runners still replace `${{...}}` and backslashes in it"


def _help(name: str, where: str, choice: str) -> str:
    if where in ("image", "choice"):
        return f"choose from fixed values in the program: `{choice}`"
    if where == "privileged":
        return "decide by a value that only maintainers control: the event, or the target branch"
    variable = _SHELL.get(name, name.removeprefix("build.params.").removeprefix("build.param."))
    return f'let the step read the variable from its environment, in double quotes: `"${variable}"`'
