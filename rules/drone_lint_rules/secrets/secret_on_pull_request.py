"""Secrets in steps that pull requests run."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    CWE,
    OWASP,
    Confidence,
    Example,
    Finding,
    Jsonnet,
    Pipeline,
    Rule,
    SecretSettings,
    Settings,
    Severity,
    Step,
    Trigger,
    step_events,
)


class SecretOnPullRequest(Rule):
    """A step that pull requests can run asks for a secret.

    Drone withholds a secret from pull requests unless it was created with `--allow-pull-request`. So either the step gets an empty variable and breaks, or everyone who
    opens a pull request can read the secret: the configuration comes from the pull request. Secrets of extensions (Vault, Kubernetes) have a switch of their own, and
    an encrypted secret of a private repository reaches pull requests from forks.

    Guard the step (`when: {event: {exclude: [pull_request]}}`). Secrets that pull requests may see can be named: `secrets: {allowed-on-pull-requests: [codecov_token]}`,
    which switches this rule on in the default profile too.
    """

    name = "secret-on-pull-request"
    severity = Severity.NOTICE
    confidence = Confidence.MEDIUM
    profile = "pedantic"
    listed_in = "secrets.allowed_on_pull_requests"
    why = "it is either empty for pull requests, or readable by whoever opens one"
    help = "add `when: {event: {exclude: [pull_request]}}`"
    references = (OWASP.CICD_SEC_4, OWASP.CICD_SEC_6, CWE(522))
    trigger = Trigger(keys=("from_secret",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: publish
          image: plugins/s3:1.5
          settings:
            access_key:
              from_secret: access_key  # <- secret-on-pull-request
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', trigger: { event: ['pull_request'] }, steps: [
          { name: 'a', image: 'alpine:3.20', environment: {
            TOKEN: { from_secret: 'token' },  // <- secret-on-pull-request
          } },
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: cover
              image: alpine:3.20
              environment:
                A: {from_secret: codecov}
                B: {from_secret: other}  # <- secret-on-pull-request
            """,
            settings=Settings(secrets=SecretSettings(allowed_on_pull_requests=("codecov",))),
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger: {event: {exclude: [pull_request]}}
        steps:
        - {name: publish, image: "plugins/s3:1.5", settings: {access_key: {from_secret: access_key}}}
        ---
        kind: pipeline
        type: docker
        name: other
        steps:
        - {name: publish, image: "plugins/s3:1.5", settings: {access_key: {from_secret: access_key}}, when: {event: push}}
        - {name: plain, image: "plugins/s3:1.5", settings: {access_key: {from: access_key}}}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if self.settings.server.ignore_pull_requests or not step.secrets or "pull_request" not in step_events(step):
            return
        for name, value in step.secrets:
            if name not in self.settings.secrets.allowed_on_pull_requests:
                yield self.finding(value.place, f"{step.title} asks for the secret `{name}` and can run for pull requests")
