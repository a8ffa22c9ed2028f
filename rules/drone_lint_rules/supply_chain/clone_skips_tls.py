"""`clone.skip_verify`."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, Finding, Jsonnet, Pipeline, Rule, Trigger
from drone_lint_rules.drone import clones


class CloneSkipsTls(Rule):
    """`clone: {skip_verify: true}` disables the verification of TLS certificates.

    This affects not only the clone step: the runner sets `GIT_SSL_NO_VERIFY=true` in every step, so every `git` command in the pipeline accepts any server.

    Instead, install the certificate of your server's certificate authority on the runner (`DRONE_RUNNER_VOLUMES`, or an image that contains it).
    """

    name = "clone-skips-tls"
    why = "every `git` command in the pipeline accepts any certificate, so an attacker on the network path can impersonate the server"
    help = "remove `skip_verify`, and install the certificate of your certificate authority on the runner"
    references = (CWE(295),)
    trigger = Trigger(keys=("skip_verify",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        clone:
          skip_verify: true  # <- clone-skips-tls
        """,
        """
        kind: pipeline
        type: docker
        name: no clone
        clone: {disable: true, skip_verify: Yes}  # <- clone-skips-tls
        """,
        Jsonnet("""
        {
          kind: 'pipeline',
          type: 'exec',
          name: 'a',
          clone: {
            skip_verify: true,  // <- clone-skips-tls
          },
        }
        """),
    )
    good = ("kind: pipeline\ntype: docker\nname: default\nclone: {skip_verify: false, depth: 1}\n",)

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        value = pipeline.value.at("clone", "skip_verify")
        if value is not None and value.true:
            what = "is cloned" if clones(pipeline) else "runs every `git` command"
            yield self.finding(value.key, f"{pipeline.title} {what} without verifying the server's certificate")
