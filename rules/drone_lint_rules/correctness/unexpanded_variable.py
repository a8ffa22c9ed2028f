"""Shell notation where no shell reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from drone_lint.api import (
    Confidence,
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Pipeline,
    Rule,
    Severity,
    Step,
    Trigger,
    Value,
    data_lines,
    drone_variables,
    expansions_in,
)
from drone_lint_rules.drone import CONTAINERS

_NOTATION = re.compile(
    r"\$?\$\{(?P<braced>[A-Za-z_]\w*)[^}]{0,80}\}|\$?\$(?P<name>[A-Za-z_]\w*)|\$?\$\((?P<command>[A-Za-z.][^)]{0,200})\)"
)
_OF_SHELLS = frozenset(("PATH", "HOME", "PWD", "USER", "HOSTNAME", "SHELL", "GOPATH"))
_SCRIPTS = frozenset(
    [
        "script",
        "scripts",
        "command",
        "commands",
        "cmd",
        "cmds",
        "shell",
        "hook",
        "hooks",
        "exec",
        "run",
        "template",
        "templates",
        "message",
        "messages",
        "text",
        "body",
        "payload",
        "query",
        "expression",
        "regex",
        "pattern",
        "patterns",
        "args",
        "arguments",
        "values",
        "params",
        "parameters",
    ]
)
"""Words in the names of settings that hold code of some kind, or a template, to which `$` may mean something."""
_PATHS = frozenset(("dockerfile", "context", "mount", "cache", "source", "file", "files", "path", "folder", "config", "key_file"))


class Notation(NamedTuple):
    """One piece of shell notation."""

    text: str
    name: str
    """The variable's; empty for a command or a home folder."""
    start: int
    end: int


class UnexpandedVariable(Rule):
    """Shell notation stands in an image, a variable or a setting, where no shell expands it.

    Only `commands` are read by a shell. `image`, `environment` and `settings` know none: `$X`, `$${X}`, `$(command)` and `~` arrive as they are. `image: busybox:$VERSION` cannot be pulled;
    `PATH: $PATH:/go/bin` is a `PATH` without any program, and the step does not even find its shell's commands; the tag `$(git rev-parse HEAD)` is that text.

    Drone itself replaces `${DRONE_...}`, and nothing else, in the text of the file. Set variables in `commands` (`export PATH=$PATH:/go/bin`), write values themselves, and secrets as
    `from_secret`.

    In settings a name counts when it stands in the step's own `environment`, or when the plugin is known to take settings as they are. Settings that hold scripts or templates, and plugins
    that expand variables themselves, are left alone.
    """

    name = "unexpanded-variable"
    severity = Severity.WARNING
    fixable = "unsafe"
    trigger = Trigger(words=("$", "~/"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        environment: {REGISTRY: registry.example.com}
        steps:
        - name: list
          image: busybox:$BUSYBOX_VERSION  # <- unexpanded-variable
        - name: build
          image: golang:1.22.1
          environment:
            PATH: $PATH:/go/bin  # <- unexpanded-variable
            BASE: /opt/acme
            LIB: $${BASE}/lib  # <- unexpanded-variable
            STAMP: $(date)  # <- unexpanded-variable
            GOPATH: ~/go  # <- unexpanded-variable
          commands: [go version]
        - name: publish
          image: plugins/docker:20.18
          environment: {DOCKER_PASSWORD: {from_secret: docker_password}}
          settings:
            repo: $REGISTRY/app  # <- unexpanded-variable
            password: $DOCKER_PASSWORD  # <- unexpanded-variable
            tags: [$(git rev-parse HEAD), $DRONE_COMMIT]  # <- unexpanded-variable, unexpanded-variable
        services:
        - name: db
          image: $${REGISTRY}/db:16  # <- unexpanded-variable
        """,
        Jsonnet("""
        local at(path) = '$ROOT/' + path;
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'alpine:3.20', commands: ['make'], environment: {
            ROOT: '/srv',
            CACHE: '$ROOT/cache',  // <- unexpanded-variable
          } },
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: publish
              image: plugins/docker:20.18
              settings:
                tags: ["$DRONE_TAG", "a-$${DRONE_COMMIT}"]  # <- unexpanded-variable, unexpanded-variable
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: publish
              image: plugins/docker:20.18
              settings:
                tags: ["${DRONE_TAG}", "a-${DRONE_COMMIT}"]
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'acme/tools:$DRONE_TAG' },  // <- unexpanded-variable
            ] }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'acme/tools:${DRONE_TAG}' },
            ] }
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: golang:${DRONE_TAG}
          environment:
            BASE: /opt/acme
            HASH: $apr1$x9yz$k.b
            PRICE: 5$
            PATTERN: ^v[0-9]+$
            PASSWORD: pa$$word$X
            OTHER: $FROM_SOMEWHERE
          commands:
          - export PATH=$PATH:/go/bin LIB=$BASE/lib
          - cd ~/x && echo $(date)
        - name: restart
          image: appleboy/drone-ssh:1.7.3
          environment: {APP: web}
          settings:
            envs: [APP]
            script: [cd $HOME/$APP, "echo $(date)"]
            target: $APP/x
        - name: other
          image: acme/plugin:1
          environment: {WHO: me}
          settings: {message: "hello $WHO", post_script: "echo $WHO", name: $SOMEBODY}
        - name: evaluated
          image: alpine:3.20
          environment: {ROOT: /srv, RUN: "ls $ROOT"}
          commands: ['eval "$RUN"']
        ---
        kind: pipeline
        type: exec
        name: exec
        steps:
        - {name: a, environment: {PATH: "$PATH:/x"}, commands: [make]}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in CONTAINERS:
            return
        own = {**_variables(pipeline), **step.environment}
        if step.image is not None:
            yield from self._image(step.image)
        if not any(re.search(r"\b(eval|envsubst)\b|-c\s+\"?\$", command.text) for command in step.commands):
            for name, value in step.environment.items():
                yield from self._variable(name, value, own)
        if step.settings and not _expands(step):
            for key, setting in step.settings.items():
                if _SCRIPTS.isdisjoint(re.split(r"[-_]", key.lower())):
                    for value in setting.scalars():
                        yield from self._setting(key, value, own, step)

    def _image(self, value: Value) -> Iterator[Finding]:
        for notation in _notations(value):
            yield self._found(value, notation, "an image", {}, why="the image cannot be pulled: `$` is part of no image's name")

    def _variable(self, name: str, value: Value, own: dict[str, Value]) -> Iterator[Finding]:
        for notation in _notations(value):
            if notation.name == name == "PATH":
                yield self.finding(
                    value.range(notation.start, notation.end),
                    f"`{notation.text}` in `environment` is not expanded: `PATH` becomes this text, in which no program is found",
                    severity=Severity.ERROR,
                    why="no shell reads `environment`, so the container gets the text as it is",
                    help=f"write it in `commands`: `export PATH={_shell_form(value.text)}`",
                )
            elif not notation.name or notation.name in own or notation.name in _OF_SHELLS or self._is_drones(notation.name):
                yield self._found(value, notation, "`environment`", own)

    def _setting(self, key: str, value: Value, own: dict[str, Value], step: Step) -> Iterator[Finding]:
        if "\n" in value.text.strip():
            return
        literal = step.reference.familiar in data_lines(__file__, "literal_plugins.txt")
        for notation in _notations(value):
            if notation.text == "~" and key not in _PATHS:
                continue
            sure = literal or notation.name in own or (not notation.name and notation.text != "~")
            if sure or self._is_drones(notation.name):
                severity = None if sure else Severity.NOTICE
                yield self._found(value, notation, "`settings`", own, severity=severity)

    def _found(
        self,
        value: Value,
        notation: Notation,
        where: str,
        own: dict[str, Value],
        *,
        severity: Severity | None = None,
        why: str = "",
    ) -> Finding:
        if notation.text == "~":
            severity = Severity.NOTICE
        return self.finding(
            value.range(notation.start, notation.end),
            f"`{notation.text}` is not expanded in {where}: it arrives as it is",
            severity=severity,
            confidence=Confidence.MEDIUM if severity is Severity.NOTICE else None,
            why=why or "only `commands` are read by a shell; Drone itself replaces `${DRONE_...}` and nothing else",
            help=self._advice(value, notation, own),
            fix=self._fix(value, notation),
        )

    def _advice(self, value: Value, notation: Notation, own: dict[str, Value]) -> str:
        if self._is_drones(notation.name):
            return f"write `${{{notation.name}}}`, which Drone replaces"
        if notation.text == "~":
            return "write the whole path"
        if not notation.name:
            drones = " for the commit, `${DRONE_COMMIT_SHA:0:8}`" if "rev-parse" in notation.text or "describe" in notation.text else ""
            return (
                f"write{drones} what Drone replaces by itself, or run the command in `commands` of a step"
                if drones
                else "run the command in `commands`"
            )
        secret = own[notation.name].get("from_secret") if notation.name in own else None
        if secret is not None and secret.text:
            return (
                f"write `from_secret: {secret.text}` in its place"
                if notation.end - notation.start == len(value.text)
                else "let a secret hold the whole value, and write `from_secret`"
            )
        return "write the value itself" + (", or set it in `commands` by `export`" if "environment" in value.path else "")

    def _fix(self, value: Value, notation: Notation) -> Fix | None:
        if not self._is_drones(notation.name):
            return None
        right = f"${{{notation.name}}}"
        return Fix(f"write `{right}`", (Edit(value.range(notation.start, notation.end), right),), safe=False, changes_value=True)

    def _is_drones(self, name: str) -> bool:
        return name.startswith("DRONE_") and name in drone_variables(self.settings)


def _variables(pipeline: Pipeline) -> dict[str, Value]:
    found = pipeline.get("environment")
    return dict(found.items()) if found is not None else {}


def _notations(value: Value) -> Iterator[Notation]:
    """Shell notation in a text, what Drone replaces left out."""
    text = value.text
    if text.startswith("~/"):
        yield Notation("~", "", 0, 1)
    if "$" not in text:
        return
    replaced = bytearray(len(text))
    for one in expansions_in(text):
        replaced[one.start : one.end] = b"x" * (one.end - one.start)
    for match in _NOTATION.finditer(text):
        if not replaced[match.start()] and (match["command"] or _is_name(match)):
            yield Notation(match[0], match["braced"] or match["name"] or "", *match.span())


def _is_name(match: re.Match[str]) -> bool:
    """Whether what looks like a variable is meant as one: not a part of a password or hash."""
    before = match.string[match.start() - 1 : match.start()]
    name = match["braced"] or match["name"]
    return match["braced"] is not None or (not before.isalnum() and name.isupper() and len(name) > 1)


def _shell_form(text: str) -> str:
    return text.replace("$$", "$")


def _expands(step: Step) -> bool:
    return any(fnmatchcase(step.reference.familiar, pattern) for pattern in data_lines(__file__, "expanding_plugins.txt"))
