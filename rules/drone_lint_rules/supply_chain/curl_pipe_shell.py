"""Scripts that are run directly from the network."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.shell import script_of

_WORDS = ("curl", "wget", "http", "xh", "fetch", "aria2c", "lynx", "url", "URI")


class CurlPipeShell(Rule):
    """A command downloads a script and runs it without verifying it.

    `curl ... | sh`, `bash <(curl ...)`, `sh -c "$(curl ...)"`, `curl -o x ... && sh x`: anyone who controls the server, or an attacker on the network path, can run commands in the step, with its secrets. An interrupted
    download runs an incomplete script.

    It is an error in a step that asks for a secret, which the script can read and send away.

    Download a fixed version to a file, verify its checksum (`echo "$SUM  file" | sha256sum -c`), then run it; or use an image that contains the tool. The pedantic profile also reports
    a program that is run as `./tool` without a checksum.
    """

    name = "curl-pipe-shell"
    why = "anyone who controls that server can run commands in the step, with its secrets"
    help = "download a fixed version to a file, verify it with `sha256sum -c`, then run it"
    references = (OWASP.CICD_SEC_3, OWASP.CICD_SEC_9, CWE(494))
    trigger = Trigger(commands=_WORDS)

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
          - env CI=1 bash -x < <(wget -qO- https://example.com/i)  # <- curl-pipe-shell
          - SCRIPT="$(curl -s https://example.com/i)" && eval "$SCRIPT"  # <- curl-pipe-shell
          - wget -q https://example.com/get.sh && chmod +x get.sh && ./get.sh  # <- curl-pipe-shell
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
          - bash build.sh <(curl -s https://example.com/list) && sh -c 'echo "$1"' -- "$(curl -s https://example.com/version)"
          - echo "curl https://example.com | sh"
          - VERSION=$(curl -s https://example.com/version); bash build.sh "$VERSION"
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        script = script_of(step)
        if not script.mentions(*_WORDS):
            return
        from drone_lint_rules.supply_chain._downloads import FETCH, run_later, runner, runs_download

        secrets = step.secrets
        beside = f" beside the secret `{secrets[0][0]}`" if secrets else ""
        severity = Severity.ERROR if secrets else None
        for command in script.commands:
            place = script.place(command.start, command.end)
            if command.program in FETCH:
                by = runner(command, script.commands) or run_later(command, script.commands, programs=self.pedantic)
                if by is not None:
                    yield self.finding(
                        place, f"`{command.program}` downloads a script that `{by}` runs unverified{beside}", severity=severity
                    )
            elif runs_download(command):
                yield self.finding(place, f"`{command.program}` downloads code and runs it unverified{beside}", severity=severity)
