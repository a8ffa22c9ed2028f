"""Connections without verification of the server's identity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from drone_lint.api import CWE, AnyPlace, Finding, Jsonnet, Pipeline, Rule, Step, Trigger, Value, remembered
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.script import Script

_SETTINGS = ("insecure", "skip_verify", "insecure_skip_verify", "skip_tls_verify")
_SIGNS = (
    *("curl", "wget", "insecure", "erify", "VERIFY", "ssl", "SSL", "tls", "TLS", "ostKey", "ostkey", "HOST_KEY", "HOSTKEY"),
    *("trusted", "TRUSTED", "INSECURE", "ertificate", "certs"),
)


@remembered
def _names(pipeline: Pipeline) -> frozenset[str]:
    """The lower-case names of a pipeline's containers."""
    return frozenset(one.name.lower() for one in pipeline.containers)


class TlsVerificationDisabled(Rule):
    """A step does not verify the certificate or host key of a server that it connects to.

    `curl -k`, `wget --no-check-certificate`, `git -c http.sslVerify=false`, `NODE_TLS_REJECT_UNAUTHORIZED=0`, `ssh -o StrictHostKeyChecking=no`, a plugin's
    `insecure: true`: with these, an attacker on the network path can impersonate the server, read the data that the step sends, and change the data that it gets.

    Instead, configure the certificate of your certificate authority (`--cacert`, `GIT_SSL_CAINFO`, `NODE_EXTRA_CA_CERTS`), or the host's key. The rule does not report connections to the step's
    own machine. `clone.skip_verify` is reported by `clone-skips-tls`.
    """

    name = "tls-verification-disabled"
    why = "an attacker on the network path can impersonate the server"
    help = "configure the certificate of your certificate authority, or the host's key, instead"
    references = (CWE(295),)
    trigger = Trigger(keys=("commands", "settings", "environment"))

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
          - sshpass -e rsync -e 'ssh -oStrictHostKeyChecking=no' a b:/c  # <- tls-verification-disabled
          - sh -c 'curl -"k" https://localhost.example.com'; npm config set strict-ssl false  # <- tls-verification-disabled, tls-verification-disabled
          - pip install --trusted-host pypi.example.com x  # <- tls-verification-disabled
          - echo insecure | tee -a ~/.curlrc  # <- tls-verification-disabled
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
          - ssh -o StrictHostKeyChecking=accept-new deploy@example.com 'echo StrictHostKeyChecking=no'
          - tar -k x; curl --key k -k https://fetch:8443; podman push --tls-verify=true x
          settings: {insecure: false}
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        found = pipeline.get("environment")
        yield from self._variables(found.items() if found is not None else ())

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        yield from self._variables(step.environment.items())
        for name in _SETTINGS:
            setting = step.settings.get(name)
            if setting is not None and (setting.true or setting.text == "true"):
                yield self._finding(setting.key, f"`{name}: true`")
        script = script_of(step)
        if script.mentions(*_SIGNS):
            yield from self._commands(script, _names(pipeline))

    def _variables(self, items: Iterable[tuple[str, Value]]) -> Iterator[Finding]:
        for name, value in items:
            if name.isupper() or name.startswith("npm_"):
                from drone_lint_rules.supply_chain._tls import variable_offends

                if variable_offends(name, value.text):
                    yield self._finding(value.key, f"`{name}={value.text}`")

    def _commands(self, script: Script, near: frozenset[str]) -> Iterator[Finding]:
        from drone_lint_rules.supply_chain._tls import offences

        for command in script.commands:
            for start, end, what in offences(command, near):
                yield self._finding(script.place(start, end), f"`{what}`")

    def _finding(self, place: AnyPlace, what: str) -> Finding:
        return self.finding(place, f"{what} disables verification of the server's identity")
