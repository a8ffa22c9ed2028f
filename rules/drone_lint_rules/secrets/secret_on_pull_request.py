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
    pipeline_events,
    step_events,
)


class SecretOnPullRequest(Rule):
    """A step that pull requests can run uses a secret.

    Drone withholds a secret from pull requests unless it was created with `--allow-pull-request`. Either the step gets an empty variable and fails, or anyone who
    can open a pull request can read the secret, because the configuration comes from the pull request. Secret extensions (Vault, Kubernetes) have a separate setting for this, and
    encrypted secrets of a private repository are available to pull requests from forks.

    Exclude pull requests from the step (`when: {event: {exclude: [pull_request]}}`). Declare secrets that pull requests may read with `secrets: {allowed-on-pull-requests: [codecov_token]}`,
    which reports all others. Otherwise the default profile has only pipelines that run for nothing but pull requests; the pedantic one has all steps.
    """

    name = "secret-on-pull-request"
    severity = Severity.NOTICE
    confidence = Confidence.MEDIUM
    why = "the secret is either empty for pull requests, or anyone who can open one can read it"
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
        only = pipeline_events(pipeline) == {"pull_request"} and not _is_dry(step)
        if not only and not self.pedantic and not self.settings.secrets.allowed_on_pull_requests:
            return
        allowed = self.settings.secrets.allowed_on_pull_requests
        for name, value in step.secrets:
            if name not in allowed and only:
                yield self.finding(
                    value.place,
                    f"{pipeline.title} runs for pull requests only, which get the secret `{name}` only if it allows them",
                    why="unless the secret was created for pull requests too, the variable is always empty here; otherwise anyone who opens a pull request can read it",
                    help="use the secret in another pipeline, or name it in `secrets: {allowed-on-pull-requests: [...]}` if pull requests may see it",
                )
            elif name not in allowed:
                yield self.finding(value.place, f"{step.title} uses the secret `{name}` and can run for pull requests")


def _is_dry(step: Step) -> bool:
    """Whether a plugin only tries what it would do, for which most need no secret."""
    return any((found := step.settings.get(key)) is not None and found.text == "true" for key in ("dry_run", "dry-run", "dryrun"))
