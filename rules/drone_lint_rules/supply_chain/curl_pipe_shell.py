"""Scripts that run straight from the network."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import CWE, OWASP, Finding, Jsonnet, Pipeline, Rule, Step
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_FETCH = ("curl", "wget")
_SHELLS = ("sh", "bash", "dash", "ash", "zsh", "ksh")
_INTERPRETERS = (*_SHELLS, "python", "python2", "python3", "perl", "node", "ruby", "php")


class CurlPipeShell(Rule):
    """A command downloads a script and runs it without a look at it.

    `curl ... | sh`, `bash <(curl ...)`, `sh -c "$(curl ...)"`: whoever controls the server, or the way to it, runs commands in the step, with its secrets. A broken
    download runs half a script.

    Download a version to a file, compare its checksum (`echo "$SUM  file" | sha256sum -c`), then run it; or use an image that has the tool.
    """

    name = "curl-pipe-shell"
    why = "whoever controls that server runs commands in the step"
    help = "download a version to a file, compare its checksum, then run it"
    references = (OWASP.CICD_SEC_3, OWASP.CICD_SEC_9, CWE(494))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: install
          image: alpine:3.20
          commands:
          - curl -sSfL https://example.com/install.sh | sh -s -- -b /bin v1.2  # <- curl-pipe-shell
          - apk add bash && wget -qO- https://example.com/i | sudo bash  # <- curl-pipe-shell
          - bash <(curl -s https://example.com/bash)  # <- curl-pipe-shell
          - sh -c "$(curl -fsSL https://example.com/install.sh)"  # <- curl-pipe-shell
          - eval "$(wget -O - https://example.com/env)"  # <- curl-pipe-shell
          - curl https://example.com/get.py | tee get.log | python3 -  # <- curl-pipe-shell
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'alpine:3.20', commands: [
            'curl https://example.com/install.sh | bash',  // <- curl-pipe-shell
          ] },
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: install
          image: alpine:3.20
          commands:
          - curl -sSfLo install.sh https://example.com/install.sh && sha256sum -c sums && sh install.sh
          - curl -s https://example.com/data.json | jq .
          - curl -s https://example.com/data.json | python3 -c 'import sys' | bash script.sh
          - echo "curl https://example.com | sh"
          - VERSION=$(curl -s https://example.com/version); bash build.sh "$VERSION"
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        script = script_of(step)
        if not script.mentions(*_FETCH):
            return
        for command in script.commands:
            runner = _runner(command) if command.program in _FETCH else None
            if runner is not None:
                message = f"`{command.program}` downloads a script that `{runner}` runs unseen"
                yield self.finding(script.place(command.start, command.end), message)


def _runner(command: SimpleCommand) -> str | None:
    """The program that runs what a command downloads; None where nothing does."""
    for stage in command.feeds:
        for other in stage.commands:
            if other.program in _INTERPRETERS and _reads_input(other):
                return other.program
    scope = command.captured
    if scope is None or scope.outer is None:
        return None
    for other in scope.outer.commands:
        if scope.kind == "process-in" and other.program in (*_INTERPRETERS, "source", "."):
            return other.program
        if scope.kind == "substitution" and (other.program == "eval" or (other.program in _INTERPRETERS and _runs_text(other, command))):
            return other.program
    return None


def _reads_input(command: SimpleCommand) -> bool:
    """Whether an interpreter takes its program from standard input: no file, no `-c`."""
    words = [word.text for word in command.arguments]
    if command.program in _SHELLS and any(word.startswith("-") and "s" in word.lstrip("-") and not word.startswith("--") for word in words):
        return True
    for word in words:
        if word == "-":
            return True
        if word.startswith("-") and word.lstrip("-")[-1:] in ("c", "e", "m", "r"):
            return False
        if not word.startswith("-"):
            return False
    return True


def _runs_text(command: SimpleCommand, inner: SimpleCommand) -> bool:
    """Whether the word after `-c` (or `-e`) holds a substitution."""
    words = command.arguments
    for flag, text in itertools.pairwise(words):
        if flag.text.startswith("-") and flag.text[-1:] in ("c", "e"):
            return text.start <= inner.start < text.end
    return False
