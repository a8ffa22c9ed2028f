"""Publishing steps that run for any push or pull request."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Step, data_lines, step_events
from drone_lint_rules.shell import script_of


class UnguardedDeploy(Rule):
    """A step publishes or deploys for any pull request or any branch.

    Without a condition on events and branches, the step runs for every push and publishes code that was not reviewed. (Drone withholds secrets from pull requests by
    default, so for pull requests the step usually fails.)

    Add `when: {event: [tag]}`, or `when: {event: [push], branch: [main]}`, to the step, or `trigger` to the pipeline.
    """

    name = "unguarded-deploy"
    severity = Severity.NOTICE
    confidence = Confidence.MEDIUM
    profile = "pedantic"
    why = "the step publishes code that was not reviewed"
    help = "restrict events and branches, for example `when: {event: [push], branch: [main]}`"
    references = (OWASP.CICD_SEC_1, CWE(862))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: publish  # <- unguarded-deploy
          image: plugins/docker:20.18
          settings: {repo: acme/app}
        - name: deploy  # <- unguarded-deploy
          image: bitnami/kubectl:1.30.1
          commands: [make, kubectl -n prod apply -f k8s/]
          when: {event: [push]}
        - name: pull requests to main  # <- unguarded-deploy
          image: plugins/docker:20.18
          when: {branch: [main]}
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'node:20.1', commands: ['sh -c "cd x && npm --prefix y publish"'] },  // <- unguarded-deploy
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: dry
          image: plugins/docker:20.18
          settings: {repo: acme/app, dry_run: true}
        - name: tag
          image: plugins/docker:20.18
          when: {event: [tag]}
        - name: main
          image: docker:27.3.1
          commands: [docker push acme/app]
          when: {event: [push], branch: [main]}
        - name: ref
          image: plugins/docker:20.18
          when: {ref: [refs/heads/main, "refs/tags/**"]}
        - name: build
          image: docker:27.3.1
          commands: [docker build ., kubectl get pods, npm install, docker run app push, kubectl apply --dry-run=client -f x, docker push localhost:5000/x, "# npm publish"]
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        what = _publishes(step)
        whom = _open_to(step, pipeline) if what is not None else ""
        if whom:
            yield self.finding((step.get("name") or step.value).place, f"{step.title} publishes with `{what}` for {whom}")


def _publishes(step: Step) -> str | None:
    dry = step.settings.get("dry_run")
    if step.reference.familiar in data_lines(__file__, "publishing_plugins.txt") and not step.commands:
        return None if dry is not None and (dry.true or dry.text == "true") else step.reference.familiar
    script = script_of(step)
    if not step.commands:
        return None
    from drone_lint_rules.injection._publishing import programs, published_by

    return next(filter(None, map(published_by, script.commands)), None) if script.mentions(*programs()) else None


def _open_to(step: Step, pipeline: Pipeline) -> str:
    """What can run the step without a review, as a noun phrase for the message; empty if nothing can."""
    events = step_events(step)
    conditions = (step.when, pipeline.trigger)
    pushed = "push" in events and not any(one[name] for one in conditions for name in ("branch", "ref"))
    if "pull_request" not in events:
        return "pushes to any branch" if pushed else ""
    if pushed:
        return "any pull request or branch"
    return "pull requests to the same branches" if any(one["branch"] for one in conditions) else "pull requests"
