"""Secrets that a command prints."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, Confidence, Example, Finding, Jsonnet, Pipeline, Rule, Settings, Severity, Step, Trigger
from drone_lint_rules.shell import Script, script_of


class SecretExposedInLog(Rule):
    """A command prints a secret to the build's log.

    Drone masks secrets in logs only where they appear verbatim: anyone who can see the build can read a secret that is encoded (`base64`, `rev`), cut, or contains a line break.
    In steps with secrets in their environment, the rule reports `echo` and `printf` of a variable that comes `from_secret` where the text is changed before it is printed, `env`, `printenv`
    and `set` without arguments, and `set -x`. `echo $TOKEN` alone, which Drone masks, is reported with `--pedantic` only.

    Remove the command, or pipe the secret directly to the program that needs it.
    """

    name = "secret-exposed-in-log"
    confidence = Confidence.MEDIUM
    why = "Drone masks a secret in the log only where it appears verbatim"
    help = "remove the command, or pipe the secret directly to the program that needs it"
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
          - set -eo pipefail -o xtrace; bash -ex build.sh  # <- secret-exposed-in-log, secret-exposed-in-log
          - COPY="a $TOKEN"; echo "$(echo $COPY | base64)"  # <- secret-exposed-in-log
          - cat /proc/self/environ | tr x y  # <- secret-exposed-in-log
          - python3 -c 'import os; print(os.environ)'  # <- secret-exposed-in-log
          - echo "$TOKEN" | tee /dev/stderr > token  # <- secret-exposed-in-log
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
          - printenv PLAIN; env | grep ^DRONE_
          - echo "$TOKEN" | grep -c x; echo "$TOKEN" | tee token > /dev/null
          - set -e
          - set +x
          - '[ -n "$TOKEN" ] || echo missing $${TOKEN:+x}'
        - name: none
          image: alpine:3.20
          commands: [env, set -x, echo $TOKEN]
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: debug
              image: alpine:3.20
              environment:
                TOKEN: {from_secret: token}
              commands:
              - echo $TOKEN
              - echo "the token is $TOKEN" | tee -a log.txt
              - printf 'the token is %s' "$TOKEN"
              - printenv TOKEN
            """,
            settings=Settings(),
        ),
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        secrets = _secrets(step)
        script = script_of(step)
        if not secrets or not _may_expose(script, secrets) or not script.commands:
            return
        from drone_lint_rules.secrets._printed import exposures

        for command, what, masked in exposures(script.commands, secrets):
            if masked and self.pedantic:
                message = f"{what}, which Drone masks"
                yield self.finding(script.place(command.start, command.end), message, severity=Severity.NOTICE, help=_MASKED)
            elif not masked:
                yield self.finding(script.place(command.start, command.end), what)


_MASKED = "remove the command: who stores the secret in another form, or cuts it, loses the mask"


def _may_expose(script: Script, secrets: frozenset[str]) -> bool:
    """Whether a command may name a secret, the environment or tracing: a cheap test before anything is parsed."""
    return script.mentions(*secrets, *_SIGNS) or re.search(r"\s[\"']?-\w*x", script.text) is not None


_SIGNS = ("env", "ENV", "set", "export", "declare", "typeset", "readonly", "xtrace")


def _secrets(step: Step) -> frozenset[str]:
    """Variables of the step that hold a secret."""
    found = {name for name, value in step.environment.items() if value.get("from_secret") is not None}
    found |= {f"PLUGIN_{name.upper()}" for name, value in step.settings.items() if value.get("from_secret") is not None}
    return frozenset(found)
