"""Connections whose certificates are not checked."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import CWE, AnyPlace, Finding, Jsonnet, Pipeline, Rule, Step
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.script import Script
    from drone_lint_rules.shell.syntax import SimpleCommand

_CURL = "-o -H -d -X -u -F -A -e -b -c -T -w -m -x -Y -y -z -r -C -E -K -Q -t -U --output --header --data --request --user"
_FLAGS = {"curl": ("-k", "--insecure"), "wget": ("--no-check-certificate",)}
_VARIABLES = {
    "GIT_SSL_NO_VERIFY": ("1", "true"),
    "NODE_TLS_REJECT_UNAUTHORIZED": ("0",),
    "PYTHONHTTPSVERIFY": ("0",),
    "GIT_SSL_VERIFY": ("false", "0"),
}
_SETTINGS = ("insecure", "skip_verify", "insecure_skip_verify", "skip_tls_verify")
_HERE = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0")  # noqa: S104 - a name to compare with


class TlsVerificationDisabled(Rule):
    """A step talks to a server whose certificate or host key it does not check.

    `curl -k`, `wget --no-check-certificate`, `git -c http.sslVerify=false`, `NODE_TLS_REJECT_UNAUTHORIZED=0`, `ssh -o StrictHostKeyChecking=no`, a plugin's
    `insecure: true`: whoever is on the way can answer in the server's place, read what is sent, and choose what is fetched.

    Give the step the certificate of your authority (`--cacert`, `GIT_SSL_CAINFO`, `NODE_EXTRA_CA_CERTS`), or the host's key. Connections to the step's own machine are
    left alone. `clone.skip_verify` is `clone-skips-tls`.
    """

    name = "tls-verification-disabled"
    why = "whoever is on the way can answer in the server's place"
    help = "give the step the certificate of the authority, or the host's key"
    references = (CWE(295),)

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: fetch
          image: alpine:3.20
          environment:
            NODE_TLS_REJECT_UNAUTHORIZED: "0"  # <- tls-verification-disabled
          commands:
          - curl -sSkL https://example.com/x  # <- tls-verification-disabled
          - wget --no-check-certificate https://example.com/x  # <- tls-verification-disabled
          - git -c http.sslVerify=false clone https://example.com/x  # <- tls-verification-disabled
          - git config --global http.sslVerify false  # <- tls-verification-disabled
          - export GIT_SSL_NO_VERIFY=true  # <- tls-verification-disabled
          - ssh -o StrictHostKeyChecking=no deploy@example.com uptime  # <- tls-verification-disabled
        - name: publish
          image: plugins/docker:20.18
          settings:
            insecure: true  # <- tls-verification-disabled
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'alpine:3.20', commands: [
            'curl --insecure https://example.com',  // <- tls-verification-disabled
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
        - name: fetch
          image: alpine:3.20
          environment: {GIT_SSL_NO_VERIFY: "false"}
          commands:
          - curl -sS -o k https://example.com/x
          - curl -k https://localhost:8443/health
          - curl -H "-k" --cacert ca.pem https://example.com
          - echo curl -k https://example.com
          - git config --global http.sslVerify true
          - ssh -o StrictHostKeyChecking=yes deploy@example.com
          settings: {insecure: false}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        for name, value in step.environment.items():
            if value.text.lower() in _VARIABLES.get(name, ()):
                yield self._finding(value.key, f"`{name}={value.text}`")
        for name in _SETTINGS:
            setting = step.settings.get(name)
            if setting is not None and (setting.true or setting.text == "true"):
                yield self._finding(setting.key, f"`{name}: true`")
        script = script_of(step)
        if script.mentions("curl", "wget", "git", "GIT_", "NODE_TLS", "PYTHONHTTPS", "StrictHostKeyChecking"):
            yield from self._commands(script)

    def _commands(self, script: Script) -> Iterator[Finding]:
        for command in script.commands:
            for start, end, what in _offences(command):
                yield self._finding(script.place(start, end), f"`{what}`")

    def _finding(self, place: AnyPlace, what: str) -> Finding:
        return self.finding(place, f"{what} turns off the check of the server's identity")


def _offences(command: SimpleCommand) -> Iterator[tuple[int, int, str]]:
    from drone_lint_rules.shell.options import options

    for assignment in command.assignments:
        if assignment.value.text.lower() in _VARIABLES.get(assignment.name, ()):
            yield assignment.start, assignment.end, f"{assignment.name}={assignment.value.text}"
    program = command.program
    if program in _FLAGS:
        flag = next(
            (option for option in options(command, _CURL if program == "curl" else "-O -o") if option.name in _FLAGS[program]), None
        )
        if flag is not None and not _is_local(command):
            yield flag.start, flag.end, f"{program} {flag.name}"
    elif program == "git":
        yield from _git(command)
    elif program in ("ssh", "scp", "sftp", "rsync"):
        for option in options(command, "-o -i -p -P -l -F -J -L -R -e"):
            value = (option.value or "").lower().replace(" ", "=")
            if option.name in ("-o", "-e") and "stricthostkeychecking=no" in value:
                yield option.start, option.end, f"{program} {option.name} StrictHostKeyChecking=no"


def _git(command: SimpleCommand) -> Iterator[tuple[int, int, str]]:
    from drone_lint_rules.shell.options import options

    words = command.arguments
    for option in options(command, "-c -C"):
        if option.name == "-c" and (option.value or "").lower() in ("http.sslverify=false", "http.sslverify=0"):
            yield option.start, option.end, f"git -c {option.value}"
    for key, value in itertools.pairwise(words):
        if words[0].text == "config" and key.text.lower() == "http.sslverify" and value.text.lower() in ("false", "0"):
            yield key.start, value.end, "git config http.sslVerify false"


def _is_local(command: SimpleCommand) -> bool:
    """Whether all addresses are the step's own machine."""
    from drone_lint_rules.shell.options import operands

    urls = [
        word.text.partition("://")[2] or word.text
        for word in operands(command, _CURL)
        if "://" in word.text or "." in word.text or "localhost" in word.text
    ]
    return bool(urls) and all(url.startswith(_HERE) for url in urls)
