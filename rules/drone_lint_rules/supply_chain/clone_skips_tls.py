"""`clone.skip_verify`."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, Finding, Jsonnet, Pipeline, Rule, Trigger
from drone_lint_rules.drone import clones


class CloneSkipsTls(Rule):
    """`clone: {skip_verify: true}` turns off the check of TLS certificates.

    Not for the clone alone: the runner sets `GIT_SSL_NO_VERIFY=true` in every step, so each `git` in the pipeline takes whatever answers for the server.

    Give the runner the certificate of your server's authority instead (`DRONE_RUNNER_VOLUMES`, or an image that has it).
    """

    name = "clone-skips-tls"
    why = "every `git` of the pipeline takes any certificate"
    help = "give the runner the certificate of your authority"
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
            what = "is cloned" if clones(pipeline) else "lets every `git` run"
            yield self.finding(value.key, f"{pipeline.title} {what} without a check of the server's certificate")
