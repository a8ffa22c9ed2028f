"""Root on the host for whoever opens a pull request."""

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
    ServerSettings,
    Settings,
    Severity,
    Step,
    Trigger,
    Value,
    step_events,
)
from drone_lint_rules.container_escape._options import Options, allowed, host_mounts, is_sensitive, socket_of


class PrivilegedOnPullRequest(Rule):
    """A step that is root on the runner's host can run for pull requests.

    Drone takes the configuration from the pull request itself: whoever opens one chooses the commands of a privileged step, or of one that mounts the host's
    socket or a sensitive path. Unless the repository's settings ignore pull requests (or forks), that is a stranger who takes over the host.

    Guard the pipeline or the step with `event: {exclude: [pull_request]}`, or with the events that need it. If your server ignores pull requests of this
    repository, say so: `server: {ignore-pull-requests: true}`. Reported once for each pipeline.
    """

    name = "privileged-on-pull-request"
    severity = Severity.ERROR
    confidence = Confidence.MEDIUM
    why = "whoever opens a pull request can take over the runner's host"
    help = "add `when: {event: {exclude: [pull_request]}}`"
    references = (OWASP.CICD_SEC_4, CWE(94), CWE(250))
    options = Options
    trigger = Trigger(keys=("privileged", "volumes"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: lint
          image: golang:1.22.1
        - name: build
          image: docker:27.3.1
          privileged: true  # <- privileged-on-pull-request
        - name: again
          image: docker:27.3.1
          privileged: true
        ---
        kind: pipeline
        type: docker
        name: socket
        trigger: {event: [push, pull_request]}
        steps:
        - name: build
          image: docker:27.3.1
          volumes:
          - name: run  # <- privileged-on-pull-request
            path: /run
        volumes:
        - {name: run, host: {path: /var/run}}
        """,
        Jsonnet("""
        local step(name) = {
          name: name,
          image: 'docker:27.3.1',
          privileged: true,  // <- privileged-on-pull-request
        };
        [{ kind: 'pipeline', type: 'docker', name: name, steps: [step(name)] } for name in ['a', 'b']]
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger: {event: [push, tag]}
        steps:
        - {name: build, image: "docker:27.3.1", privileged: true}
        ---
        kind: pipeline
        type: docker
        name: other
        steps:
        - {name: build, image: "docker:27.3.1", privileged: true, when: {event: {exclude: [pull_request]}}}
        ---
        kind: pipeline
        type: docker
        name: main-only
        trigger: {ref: [refs/heads/main, "refs/tags/**"], event: {exclude: [pull_request]}}
        steps:
        - {name: build, image: "docker:27.3.1", privileged: true}
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: build, image: "docker:27.3.1", privileged: true}
            """,
            settings=Settings(server=ServerSettings(ignore_pull_requests=True)),
        ),
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if self.settings.server.ignore_pull_requests:
            return
        found = [(step, *root) for step in pipeline.containers if (root := self._root(step)) is not None]
        if found:
            step, value, how = found[0]
            others = f", and {len(found) - 1} more like it," if len(found) > 1 else ""
            yield self.finding(
                value.key if how == "is privileged" else value.place, f"{step.title} {how}{others} and can run for pull requests"
            )

    def _root(self, step: Step) -> tuple[Value, str] | None:
        """What makes a step root on the host, if a pull request can run it."""
        if allowed(step, self.option.allow):
            return None
        found: tuple[Value, str] | None = (step["privileged"], "is privileged") if step.privileged else None
        for mount, path in host_mounts(step) if found is None else ():
            if socket_of(path.text) is not None or is_sensitive(path.text):
                found = mount.value, f"mounts `{path.text}` of the host"
                break
        return found if found is not None and "pull_request" in step_events(step) else None
