"""Variables that the shell reads as code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import CWE, Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Step
from drone_lint_rules.injection._tainted import is_tainted
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand, Word


class ShellEval(Rule):
    """A command runs the value of a variable as code.

    `eval "$OPTIONS"` runs whatever the variable holds; `sh -c "make $DRONE_BRANCH"` and `` `$DRONE_TAG` `` run what a stranger named a branch or wrote into a commit.

    Call the program with the variable as an argument (`make "$DRONE_BRANCH"`), or pass it as a parameter: `sh -c 'make "$1"' -- "$DRONE_BRANCH"`.
    """

    name = "shell-eval"
    severity = Severity.NOTICE
    confidence = Confidence.MEDIUM
    why = "whatever the variable holds is run"
    help = "pass it as an argument"
    references = (CWE(95),)

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: a
          image: alpine:3.20
          commands:
          - eval "$BUILD_COMMAND"  # <- shell-eval
          - set -e; eval make $${OPTIONS} all  # <- shell-eval
          - sh -c "make $DRONE_BRANCH"  # <- shell-eval
          - sudo -u ci bash -ec "echo $DRONE_COMMIT_MESSAGE"  # <- shell-eval
          - VERSION=`$DRONE_TAG --version`  # <- shell-eval
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'alpine:3.20', commands: [
            'eval $CMD',  // <- shell-eval
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
        - name: a
          image: alpine:3.20
          commands:
          - eval "$(ssh-agent -s)"
          - eval "$(tool env --branch "$DRONE_BRANCH")"
          - eval 'echo hello'
          - sh -c 'make "$1"' -- "$DRONE_BRANCH"
          - sh -c "make $TARGET"
          - make "$DRONE_BRANCH" `git rev-parse HEAD`
          - echo "eval $X"
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        script = script_of(step)
        if not script.mentions("eval", "-c", "c ", "`", "$("):
            return
        for command in script.commands:
            found = _run_as_code(command)
            if found is not None:
                word, name, how = found
                yield self.finding(script.place(word.start, word.end), f"{how} runs the value of `{name}` as code")


def _run_as_code(command: SimpleCommand) -> tuple[Word, str, str] | None:
    if command.program == "eval":
        return next(((word, part.name, "`eval`") for word in command.arguments for part in word.variables()), None)
    program = command.program_word
    if program is not None and command.captured is not None:
        tainted = next((part.name for part in program.variables() if is_tainted(part.name)), None)
        if tainted is not None:
            return program, tainted, "a substitution"
    for word in _scripts(command):
        tainted = next((part.name for part in word.variables() if is_tainted(part.name) and part.quote != "'"), None)
        if tainted is not None:
            return word, tainted, f"`{command.program} -c`"
    return None


def _scripts(command: SimpleCommand) -> Iterator[Word]:
    from drone_lint_rules.shell.programs import SHELLS

    if command.program not in SHELLS and command.program != "su":
        return
    words = iter(command.arguments)
    for word in words:
        if word.text.startswith("-") and not word.text.startswith("--") and "c" in word.text:
            script = next(words, None)
            if script is not None:
                yield script
            return
