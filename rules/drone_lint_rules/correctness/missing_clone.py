"""Commands that work on sources which nobody fetches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from drone_lint.api import Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Trigger, data_lines
from drone_lint_rules.drone import CONTAINERS, clones
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_BRINGS = frozenset(
    [
        "git",
        "hg",
        "svn",
        "curl",
        "wget",
        "rsync",
        "scp",
        "sftp",
        "lftp",
        "rclone",
        "aws",
        "gsutil",
        "mc",
        "s3cmd",
        "tar",
        "unzip",
        "7z",
        "cp",
        "mv",
        "cat",
        "tee",
        "touch",
        "mkdir",
        "cd",
        "pushd",
        "ln",
        "dd",
        "install",
        "degit",
        "gh",
        "glab",
        "docker",
        "crane",
        "skopeo",
        "python",
        "python3",
        "node",
        "ruby",
        "perl",
        "php",
        "bash",
        "sh",
        "ash",
        "zsh",
    ]
)
"""Programs that may bring files into the folder, or leave it."""


class MissingClone(Rule):
    """Cloning is turned off, and a step works on sources that are not there.

    With `clone: {disable: true}` the workspace is an empty folder. `go test ./...`, `npm ci`, `make` and `./deploy.sh` find nothing in it and fail, unless a step before them fetches the
    sources.

    Remove `disable`, or fetch what is needed in a step: `git clone $DRONE_GIT_HTTP_URL .`.

    A finding needs a pipeline in which no step before the command can have brought files: no plugin, no volume, no download, no file written.
    """

    name = "missing-clone"
    severity = Severity.WARNING
    confidence = Confidence.MEDIUM
    why = "with `clone: {disable: true}` the workspace is an empty folder"
    help = "remove `disable`, or fetch the sources in a step: `git clone $DRONE_GIT_HTTP_URL .`"
    trigger = Trigger(keys=("clone",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        clone: {disable: true}
        steps:
        - name: prepare
          image: alpine:3.20
          commands: [apk add make, echo ready]
        - name: test
          image: golang:1.22.1
          commands:
          - go test ./...  # <- missing-clone
          - make install
        ---
        kind: pipeline
        type: docker
        name: script
        clone: {disable: true}
        steps:
        - name: deploy
          image: alpine:3.20
          commands:
          - ./deploy.sh production  # <- missing-clone
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', clone: { disable: true }, steps: [
          { name: 'a', image: 'node:20.11.0', commands: [
            'npm ci',  // <- missing-clone
          ] },
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: own clone
        clone: {disable: true}
        steps:
        - {name: get, image: "alpine/git:2.43.0", commands: ["git clone https://git.example.com/acme/app.git ."]}
        - {name: test, image: "golang:1.22.1", commands: [go test ./...]}
        ---
        kind: pipeline
        type: docker
        name: nothing of the sources
        clone: {disable: true}
        steps:
        - {name: ping, image: "alpine:3.20", commands: ["wget -qO- https://example.com/health"]}
        - {name: tools, image: "golang:1.22.1", commands: [go install example.com/tool@v1.2.3, go version, npm install -g tool]}
        ---
        kind: pipeline
        type: docker
        name: restored
        clone: {disable: true}
        steps:
        - {name: restore, image: "meltwater/drone-cache:1.4.0", settings: {restore: true}}
        - {name: test, image: "golang:1.22.1", commands: [make]}
        ---
        kind: pipeline
        type: docker
        name: mounted
        clone: {disable: true}
        steps:
        - {name: test, image: "golang:1.22.1", commands: [make], volumes: [{name: src, path: /drone/src}]}
        - {name: elsewhere, image: "golang:1.22.1", commands: [cd /srv/app, make]}
        - {name: there, image: "golang:1.22.1", commands: [make], working_dir: /srv/app}
        volumes: [{name: src, temp: {}}]
        ---
        kind: pipeline
        type: docker
        name: cloned
        steps:
        - {name: test, image: "golang:1.22.1", commands: [make]}
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in CONTAINERS or clones(pipeline):
            return
        disable = pipeline.value["clone"]["disable"]
        for step in pipeline.steps:
            if not step.commands or step.mounts or step.get("working_dir") is not None or "git" in step.reference.repository:
                return
            script = script_of(step)
            for command in script.commands:
                if _needs_sources(command):
                    place = script.place(command.start, command.end)
                    message = f"`{_shown(command)}` works on sources that are not there: nothing is cloned"
                    yield self.finding(place, message, related=[("cloning is turned off here", disable.key)])
                    return
                if _may_bring_files(command):
                    return
            if script.shell != "sh":
                return


def _shown(command: SimpleCommand) -> str:
    return " ".join(word.text for word in command.words[:2])[:60]


def _needs_sources(command: SimpleCommand) -> bool:
    word = command.program_word
    if word is not None and re.fullmatch(r"\./[\w./-]+", word.text):
        return True
    if command.program not in _programs() or any(_leaves(argument.text) for argument in command.arguments):
        return False
    wanted = _programs()[command.program]
    first = next((argument.text for argument in command.arguments if not argument.text.startswith("-")), "")
    return not wanted or first in wanted


def _leaves(argument: str) -> bool:
    """Whether an argument leads away from the folder, or asks for nothing but words."""
    return (
        "@" in argument
        or "://" in argument
        or argument.startswith(("/", "-C", "-f", "--directory", "--version", "--help", "-g", "--prefix", "-v", "-V"))
    )


def _may_bring_files(command: SimpleCommand) -> bool:
    if command.program in _BRINGS or "/" in (command.program_word.text if command.program_word is not None else ""):
        return True
    return any(
        redirection.operator in (">", ">>", ">|", "&>") and redirection.target.text != "/dev/null"
        for redirection in command.all_redirections
    )


@lru_cache(maxsize=1)
def _programs() -> dict[str, tuple[str, ...]]:
    rows = (line.partition("|") for line in data_lines(__file__, "needs_sources.txt"))
    return {name.strip(): tuple(words.split()) for name, _, words in rows}
