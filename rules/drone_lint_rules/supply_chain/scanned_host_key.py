"""Host keys that each build takes from the network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import CWE, OWASP, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_KNOWN = "known_hosts"
_CHECKS = ("ssh-keygen", "diff", "cmp", "sha256sum", "grep", "egrep")
"""Programs with which a script compares the keys that it was given."""


class ScannedHostKey(Rule):
    """A build trusts whatever host key the network gives it.

    `ssh-keyscan HOST >> ~/.ssh/known_hosts` in every build accepts the key of whoever answers, so the check of the host's key protects from nothing: an attacker on the network path gets what is sent, and what `git`
    fetches may come from elsewhere.

    Run `ssh-keyscan` once, compare the fingerprint with one that the host's owner publishes, and write the line into the repository or a secret. The rule is silent where the
    script compares the keys.
    """

    name = "scanned-host-key"
    severity = Severity.NOTICE
    why = "whoever answers in the host's place is trusted, in every build anew"
    help = "write the host's key, once compared, into the repository or a secret, and copy it to `known_hosts`"
    references = (OWASP.CICD_SEC_7, CWE(322))
    trigger = Trigger(commands=("ssh-keyscan",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: deploy
          image: alpine:3.20
          commands:
          - ssh-keyscan -H example.com >> ~/.ssh/known_hosts  # <- scanned-host-key
          - ssh-keyscan -p 2222 $HOST 2>/dev/null | tee -a /root/.ssh/known_hosts  # <- scanned-host-key
          - echo "$(ssh-keyscan example.com)" > /etc/ssh/ssh_known_hosts  # <- scanned-host-key
        """,
        Jsonnet("""
        local trust(host) = 'ssh-keyscan %s > ~/.ssh/known_hosts' % host;  // <- scanned-host-key
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'alpine:3.20', commands: [trust('example.com')] },
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: deploy
          image: alpine:3.20
          environment: {KEY: {from_secret: host_key}}
          commands:
          - echo "$KEY" >> ~/.ssh/known_hosts
          - ssh-keyscan example.com
          - echo "ssh-keyscan example.com >> ~/.ssh/known_hosts"
        - name: compared
          image: alpine:3.20
          commands:
          - ssh-keyscan example.com > known_hosts
          - ssh-keygen -lf known_hosts | grep SHA256:uNiVztksCsDhcc0u9e8BrQXVlUpWQPDnzOcNxEoZ9ZI
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        script = script_of(step)
        if not script.mentions("ssh-keyscan") or any(one.program in _CHECKS for one in script.commands):
            return
        for command in script.commands:
            if command.program == "ssh-keyscan" and _is_trusted(command):
                yield self.finding(script.place(command.start, command.end), "the host's key is taken from the network in every build")


def _is_trusted(command: SimpleCommand) -> bool:
    """Whether what a command writes ends in a file of known hosts."""
    if any(one.operator.startswith(">") and _KNOWN in one.target.text for one in command.all_redirections):
        return True
    later = [other for stage in command.feeds for other in stage.commands]
    if any(_KNOWN in word.text for other in later if other.program == "tee" for word in other.arguments):
        return True
    if any(_KNOWN in one.target.text for other in later for one in other.all_redirections):
        return True
    outer = command.captured.outer if command.captured is not None else None
    return outer is not None and any(
        _KNOWN in one.target.text for other in outer.commands if other is not command for one in other.all_redirections
    )
