"""Variables that one step exports and another uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drone_lint.api import Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger, Value
from drone_lint_rules.shell import script_of

_EVERYWHERE = frozenset(["HOME", "HOSTNAME", "IFS", "LANG", "LC_ALL", "PATH", "PWD", "OLDPWD", "SHELL", "TERM", "USER", "TMPDIR"])


class LostExport(Rule):
    """A step uses a variable that an earlier step exports, and that ended with that step.

    The commands of a step run in a shell of their own, in a container of its own. What they `export` is gone when the step is done: the next step finds the variable empty. Steps of a
    pipeline share nothing but the workspace.

    Write the variable into a file of the workspace, and read the file where it is needed: `echo "VERSION=$VERSION" > .env` in the one step, `. ./.env` in the other.

    An image may bring a variable of that name of its own; so this is of medium confidence. Steps that read files by `.` or `source`, and uses with a default, are left alone.
    """

    name = "lost-export"
    severity = Severity.WARNING
    confidence = Confidence.MEDIUM
    why = "every step has a shell of its own; only files in the workspace are there for the next step"
    trigger = Trigger(commands=("export ",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: version
          image: alpine:3.20
          commands:
          - export VERSION=$(cat VERSION)
          - echo $VERSION
        - name: build
          image: alpine:3.20
          commands:
          - make build VERSION="$VERSION"  # <- lost-export
        - name: push
          image: alpine:3.20
          commands:
          - ./push.sh $${VERSION}  # <- lost-export
        """,
        Jsonnet("""
        local step(name, commands) = { name: name, image: 'alpine:3.20', commands: commands };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          step('tag', ['export TAG=$(date +%F)']),
          step('build', [
            'docker build -t "app:$TAG" .',  // <- lost-export
          ]),
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: version
          image: alpine:3.20
          commands:
          - export VERSION=$(cat VERSION) PATH=$PATH:/x A=1 B=2 C=3
          - echo "VERSION=$VERSION" > .env
        - name: sourced
          image: alpine:3.20
          commands: [. ./.env, make VERSION=$VERSION]
        - name: its own
          image: alpine:3.20
          environment: {A: x}
          commands:
          - read B < file
          - export VERSION=2
          - make $VERSION $PATH $A $B ${C:-3} '$VERSION'
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        exported: dict[str, tuple[Step, Value]] = {}
        known = _names(pipeline.get("environment"))
        for step in pipeline.steps:
            script = script_of(step)
            if exported and script.mentions("$"):
                yield from self._uses(step, exported, known)
            if script.mentions("export "):
                for command in script.commands:
                    if command.program == "export":
                        for assignment in command.assignments:
                            if assignment.name not in _EVERYWHERE:
                                exported[assignment.name] = (step, script.item(assignment.start))

    def _uses(self, step: Step, exported: dict[str, tuple[Step, Value]], known: frozenset[str]) -> Iterator[Finding]:
        script = script_of(step)
        if any(command.program in (".", "source", "eval") for command in script.commands):
            return
        own = known | set(step.environment) | {one.name for command in script.commands for one in command.assignments}
        said = set[str]()
        for command in script.commands:
            for word in (*command.words, *(one.value for one in command.assignments)):
                for part in word.variables():
                    if part.name in exported and part.name not in own | said and not part.operator and not _is_set(part.name, script.text):
                        said.add(part.name)
                        owner, place = exported[part.name]
                        yield self.finding(
                            script.place(part.start, part.end),
                            f"`{part.name}` is empty here: what {owner.title} exports is gone when that step is done",
                            related=[(f"`{part.name}` is exported here", place.place)],
                            help=f'write `echo "{part.name}=${part.name}" >> .env` there, and `. ./.env` at the beginning here',
                        )


def _names(environment: Value | None) -> frozenset[str]:
    return frozenset(name for name, _ in environment.items()) if environment is not None else frozenset()


def _is_set(name: str, text: str) -> bool:
    """Whether a script sets a variable by other means than an assignment."""
    return (
        re.search(rf"\b(read|for|select|getopts|mapfile|readarray|printf -v|let|unset)\b[^\n;]{{0,200}}\b{re.escape(name)}\b", text)
        is not None
    )
