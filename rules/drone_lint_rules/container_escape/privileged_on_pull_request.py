"""Steps with root access to the host that pull requests can run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drone_lint.api import (
    CWE,
    OWASP,
    Confidence,
    Example,
    Finding,
    Jsonnet,
    Pipeline,
    Place,
    Rule,
    ServerSettings,
    Settings,
    Severity,
    Step,
    Trigger,
    automatic_for,
    step_events,
)
from drone_lint_rules.host import Options, allowed, in_container, is_sensitive, mounts_of_host, socket_of, untrusted


class PrivilegedOnPullRequest(Rule):
    """A step with root access to the runner's host can run for pull requests.

    Drone takes the configuration from the pull request itself: its author chooses the commands of a privileged step, or of one that mounts the host's
    socket or a sensitive path. Unless the repository's settings ignore pull requests (or forks), untrusted contributors can take over the host.

    Restrict the pipeline or the step with `event: {exclude: [pull_request]}`, or list the events that need it. If your server ignores pull requests of this
    repository, declare it: `server: {ignore-pull-requests: true}`. The problem is reported once for each pipeline. If the only privileged steps are plugins that the runner
    starts in privileged mode automatically (`plugins/docker`), it is a notice of the pedantic profile.

    No condition distinguishes forks from the repository itself. `branch: [main]` matches the branch that a pull request targets, so it does not exclude pull requests; `ref` does:
    `ref: [refs/heads/main, refs/tags/**]`.
    """

    name = "privileged-on-pull-request"
    severity = Severity.ERROR
    confidence = Confidence.MEDIUM
    why = "anyone who can open a pull request can take over the runner's host"
    help = "add `when: {event: {exclude: [pull_request]}}`"
    references = (OWASP.CICD_SEC_4, CWE(94), CWE(250))
    options = Options
    trigger = (
        Trigger(keys=("privileged", "volumes", "settings", "environment")),
        Trigger(words=("plugins/",)),
        Trigger(configured="images.privileged"),
    )  # the last two for plugins, which do nothing without

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
        ---
        kind: pipeline
        type: docker
        name: merged into main
        trigger: {branch: [main], repo: [acme/app]}
        steps:
        - name: build
          image: docker:27.3.1
          privileged: true  # <- privileged-on-pull-request
        ---
        kind: pipeline
        type: docker
        name: plugin
        steps:
        - name: publish
          image: plugins/docker:20  # <- privileged-on-pull-request
          settings: {repo: acme/app}
        """,
        Jsonnet("""
        local step(name) = {
          name: name,
          image: 'docker:27.3.1',
          privileged: true,  // <- privileged-on-pull-request
        };
        [{ kind: 'pipeline', type: 'docker', name: name, steps: [step(name)] } for name in ['a', 'b']]
        """),
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: if std.extVar('build.event') == 'pull_request' then [
          { name: 'for pull requests', image: 'docker:27.3.1', privileged: true },  // <- privileged-on-pull-request
        ] else [] }
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
        ---
        kind: pipeline
        type: docker
        name: by-ref
        trigger: {ref: [refs/heads/main, "refs/tags/**"]}
        steps:
        - {name: build, image: "docker:27.3.1", privileged: true}
        - {name: publish, image: "plugins/docker:20"}
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'test', image: 'alpine:3.20' },
        ] + if std.extVar('build.event') == 'pull_request' then [] else [
          { name: 'not for pull requests', image: 'docker:27.3.1', privileged: true },
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: publish, image: "plugins/docker:20"}
            """,
            settings=Settings(),
        ),
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
        open_to_all = [step for step in pipeline.containers if not allowed(step, self.option.allow) and "pull_request" in step_events(step)]
        found = [(step, *root) for step in open_to_all if (root := self._root(step)) is not None]
        if found:
            yield from self._findings(found, pipeline, Severity.ERROR)
            return
        images = [
            (step, step.image.place, f"is started in privileged mode by the runner (`{plugin}`)")
            for step in open_to_all
            if (plugin := self._automatic(step)) and step.image
        ]
        if images and self.pedantic:
            yield from self._findings(images, pipeline, Severity.NOTICE)

    def _automatic(self, step: Step) -> str | None:
        return automatic_for(step, self.settings.images.privileged, plugin_volumes=self.settings.server.plugin_volumes)

    def _findings(self, found: Sequence[tuple[Step, Place, str]], pipeline: Pipeline, severity: Severity) -> Iterator[Finding]:
        """One finding for each step, shown as one: an ignore comment at one step does not silence the others."""
        for step, place, how in found:
            because = "" if pipeline.trigger["event"] or step.when["event"] else ": no `event` condition excludes them"
            gate = "enable privileged mode" if how == "is privileged" else "mount host volumes"
            yield self.finding(
                place,
                f"{step.title} {how} and can run for pull requests{because}",
                severity=severity,
                note="" if severity is Severity.NOTICE else untrusted(gate),
                lead=found[0][1],
            )

    def _root(self, step: Step) -> tuple[Place, str] | None:
        """The setting of the step that gives it root access to the host, and a verb phrase for it."""
        if step.privileged and in_container(step.pipeline):
            return step["privileged"].key, "is privileged"
        for mount, value, path in mounts_of_host(step, self.settings):
            if socket_of(path) is not None or is_sensitive(path):
                return mount.value.place, f"mounts `{value.text}` of the host"
        return None
