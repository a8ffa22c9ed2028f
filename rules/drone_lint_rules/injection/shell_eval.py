"""Variables that the shell reads as code."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from drone_lint.api import CWE, Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.shell import script_of
from drone_lint_rules.tainted import is_tainted

if TYPE_CHECKING:
    from drone_lint_rules.shell.script import Script
    from drone_lint_rules.shell.syntax import Part, SimpleCommand, Word


class ShellEval(Rule):
    """A command runs the value of a variable as code.

    `eval "$OPTIONS"` runs the variable's value as a command; `sh -c "make $DRONE_BRANCH"` and `` `$DRONE_TAG` `` run the name of a branch or tag, which untrusted contributors can choose.

    Call the program with the variable as an argument (`make "$DRONE_BRANCH"`), or pass it as a parameter: `sh -c 'make "$1"' -- "$DRONE_BRANCH"`.
    """

    name = "shell-eval"
    severity = Severity.NOTICE
    confidence = Confidence.MEDIUM
    why = "the shell runs any command that the variable contains"
    help = 'pass the variable as an argument: `make "$VARIABLE"`, or `sh -c \'make "$1"\' -- "$VARIABLE"`'
    references = (CWE(95),)
    trigger = Trigger(commands=("eval", "DRONE_", "CI_"))

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
          - docker exec app sh -c "git checkout $DRONE_SOURCE_BRANCH"  # <- shell-eval
          - BRANCH=$DRONE_BRANCH; echo "make $BRANCH" | sh  # <- shell-eval
          - python3 -c "print('$DRONE_COMMIT_MESSAGE')"  # <- shell-eval
          - ssh host "deploy $DRONE_TAG"  # <- shell-eval
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
          - sh -c "make $TARGET"; sh -c 'make "$DRONE_BRANCH"'; sh build.sh -c "$DRONE_BRANCH"
          - make "$DRONE_BRANCH" `git rev-parse HEAD`
          - echo "eval $X"
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        script = script_of(step)
        if not script.mentions("eval", "DRONE_", "CI_"):
            return
        from drone_lint_rules.shell.programs import declared

        tainted = {name: name for name in _tainted_names(script)}
        for command in script.commands:
            for part, how in _run_as_code(command, tainted):
                source = tainted.get(part.name, part.name)
                shown = f"`{part.name}`" if source == part.name else f"`{part.name}`, which is `{source}`,"
                yield self.finding(script.place(part.start, part.end), f"{how} runs the value of {shown} as code")
                break
            for item in command.prefixes if not command.words else declared(command):
                found = next((part.name for part in item.value.variables() if part.name in tainted), None)
                if found is not None:
                    tainted[item.name] = tainted[found]


def _tainted_names(script: Script) -> set[str]:
    names = (part.name for command in script.commands for word in _all_words(command) for part in word.variables())
    return {name for name in names if is_tainted(name)}


def _all_words(command: SimpleCommand) -> Iterator[Word]:
    yield from command.words
    yield from (item.value for item in command.prefixes)
    yield from (body for item in command.redirections for body in item.body)


def _run_as_code(command: SimpleCommand, tainted: Collection[str]) -> Iterator[tuple[Part, str]]:
    """Variables of a command that are run as code, and the program that runs them."""
    from drone_lint_rules.shell.code import code_of

    if command.program == "eval":
        yield from ((part, "`eval`") for word in command.arguments for part in word.variables())
        return
    program = command.program_word
    if program is not None and len(program.parts) == 1:
        yield from ((part, "the shell") for part in program.variables() if part.name in tainted)
    for by, word in code_of(command):
        yield from ((part, f"`{by}`") for part in word.variables() if part.name in tainted)
