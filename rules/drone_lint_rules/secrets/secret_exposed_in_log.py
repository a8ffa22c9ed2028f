"""Secrets that a command prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import CWE, OWASP, Confidence, Finding, Jsonnet, Pipeline, Rule, Step, Trigger
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand, Stage

_PRINT = ("echo", "printf")
_DISGUISE = ("base64", "rev", "xxd", "od", "hexdump", "openssl", "sed", "tr", "cut", "fold", "gzip", "md5sum")
_SHOW = ("cat", "tee", "head", "tail", "grep", "egrep", "sort", "less", "more", "awk", "uniq", "jq", "nl", *_DISGUISE)
"""Programs that pass on what they read."""


class SecretExposedInLog(Rule):
    """A command prints a secret into the build's log.

    Drone covers secrets in logs only where they appear letter for letter: encoded (`base64`, `rev`), cut or with a line break in them they are readable by everyone who may see
    the build. Reported are `echo` and `printf` of a variable that the step has `from_secret`, `env`, `printenv` and `set` without arguments, and `set -x`, in a step
    with secrets in its environment.

    Remove the command; pipe a secret straight to the program that needs it.
    """

    name = "secret-exposed-in-log"
    confidence = Confidence.MEDIUM
    why = "Drone covers a secret only where it appears letter for letter"
    help = "remove it, or pipe the secret straight to the program that needs it"
    references = (OWASP.CICD_SEC_10, CWE(532))
    trigger = Trigger(keys=("from_secret",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: debug
          image: alpine:3.20
          environment:
            TOKEN: {from_secret: token}
            PLAIN: hello
          commands:
          - echo "token is $TOKEN"  # <- secret-exposed-in-log
          - printf %s $${TOKEN} | base64  # <- secret-exposed-in-log
          - echo $TOKEN | rev | tee log.txt  # <- secret-exposed-in-log
          - env | sort  # <- secret-exposed-in-log
          - sudo printenv TOKEN  # <- secret-exposed-in-log
          - set -x  # <- secret-exposed-in-log
          - (export -p)  # <- secret-exposed-in-log
          - base64 <<< "$TOKEN"  # <- secret-exposed-in-log
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'alpine:3.20', environment: { KEY: { from_secret: 'key' } }, commands: [
            'echo $KEY',  // <- secret-exposed-in-log
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
        - name: use
          image: alpine:3.20
          environment:
            TOKEN: {from_secret: token}
            PLAIN: hello
          commands:
          - echo "$TOKEN" | docker login -u ci --password-stdin
          - echo "$TOKEN" > ~/.token
          - printf '%s' "$TOKEN" | base64 -d > key.json
          - AUTH=$(echo -n "ci:$TOKEN" | base64)
          - echo "$PLAIN" '$TOKEN' \\$TOKEN $${#TOKEN}
          - env | grep PLAIN > plain.txt
          - env TOKEN=x make
          - printenv PLAIN
          - set -e
          - set +x
          - '[ -n "$TOKEN" ] || echo missing $${TOKEN:+x}'
        - name: none
          image: alpine:3.20
          commands: [env, set -x, echo $TOKEN]
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        secrets = _secrets(step)
        script = script_of(step)
        if not secrets or not step.commands or not script.mentions(*_PRINT, "env", "set", "export", *_SHOW):
            return
        for command in script.commands:
            what = _exposes(command, secrets)
            if what is not None:
                yield self.finding(script.place(command.start, command.end), what)


def _secrets(step: Step) -> frozenset[str]:
    """Variables of the step that hold a secret."""
    found = {name for name, value in step.environment.items() if value.get("from_secret") is not None}
    found |= {f"PLUGIN_{name.upper()}" for name, value in step.settings.items() if value.get("from_secret") is not None}
    return frozenset(found)


def _exposes(command: SimpleCommand, secrets: frozenset[str]) -> str | None:
    words = [word.text for word in command.arguments]
    program = command.program
    if program == "set":
        traces = any(word.startswith("-") and not word.startswith("--") and "x" in word for word in words) or (
            "-o" in words and "xtrace" in words
        )
        if traces:
            return "`set -x` prints every command with its secrets filled in"
    if not _reaches_log(command):
        return None
    if program == "printenv" and words:
        shown = next((word for word in words if word in secrets), None)
        return f"`printenv` prints the secret in `{shown}`" if shown is not None else None
    if (program in ("env", "printenv", "set") and not words) or (
        program in ("export", "declare") and words in ([], ["-p"], ["-x"], ["-px"])
    ):
        return f"`{' '.join([program, *words])}` prints the step's whole environment, secrets included"
    texts = (
        command.arguments
        if program in _PRINT
        else [word for redirection in command.redirections for word in redirection.body]
        if program in _SHOW
        else []
    )
    for word in texts:
        for part in word.variables():
            if part.name in secrets and not part.operator.startswith(("#", "+", ":+")):
                return f"`{program}` prints the secret in `{part.name}`"
    return None


def _reaches_log(command: SimpleCommand) -> bool:
    """Whether what a command prints ends in the log: not in a file, a variable or a program that keeps it."""
    if command.captured is not None or any(_to_file(one.operator, one.descriptor, one.target.text) for one in command.all_redirections):
        return False
    return all(_passes_on(stage) for stage in command.feeds)


def _to_file(operator: str, descriptor: str, target: str) -> bool:
    if target in ("/dev/stdout", "/dev/stderr", "/dev/tty") or descriptor not in ("", "1", "&"):
        return False
    return operator.startswith((">", "&>")) and operator not in (">&",) and not target.isdigit()


def _passes_on(stage: Stage) -> bool:
    return all(
        other.program in _SHOW
        and not any(_to_file(one.operator, one.descriptor, one.target.text) for one in other.redirections)
        and not (other.program in ("grep", "egrep") and any(word.text.startswith("-") and "q" in word.text for word in other.arguments))
        for other in stage.commands
    )
