"""Docker daemons without privilege."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Pipeline,
    Rule,
    Severity,
    Step,
    Trigger,
)
from drone_lint_rules.docker.daemons import STARTERS, is_daemon, is_service_start, runs_text
from drone_lint_rules.docker.folders import runs_elsewhere
from drone_lint_rules.drone import CONTAINERS
from drone_lint_rules.shell import script_of

_QUESTIONS = ("--version", "-v", "--help", "--validate")


class DindNotPrivileged(Rule):
    """A step or service runs a Docker daemon without `privileged: true`.

    The daemon in `docker:dind` mounts file systems and needs every capability: without privilege it dies at its start with `mount: permission denied`, and
    the steps that wait for it fail with "Cannot connect to the Docker daemon". The same holds for copies of the image in other registries, for images like
    `cruizba/ubuntu-dind`, and for commands that start `dockerd` themselves.

    Add `privileged: true` (which `privileged-step` will report, rightly), or use `docker:dind-rootless` where the runner's host lets it run.
    """

    name = "dind-not-privileged"
    fixable = "unsafe"
    trigger = Trigger(words=("docker", "dind"))
    severity = Severity.ERROR
    why = "the daemon cannot start without privilege"
    help = "add `privileged: true`, or use `docker:dind-rootless`"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        services:
        - name: daemon
          image: docker:27.3.1-dind  # <- dind-not-privileged
        - name: plain
          image: docker.io/library/docker:dind  # <- dind-not-privileged
          privileged: false
        - name: mirror
          image: registry.example.com/library/docker:27.3.1-dind@sha256:0123456789abcdef0123456789abcdef  # <- dind-not-privileged
          command: [--mtu=1400]
        - name: other
          image: cruizba/ubuntu-dind:noble-27.3.1  # <- dind-not-privileged
        steps:
        - name: detached
          image: docker:27.3.1-dind  # <- dind-not-privileged
          detach: true
        - name: own
          image: docker:27.3.1-dind
          commands:
          - (time /usr/local/bin/dockerd-entrypoint.sh &)  # <- dind-not-privileged
          - docker build .
        - name: system
          image: ubuntu:24.04
          commands: [apt-get install -y docker.io, sudo service docker start]  # <- dind-not-privileged
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [], services: [
          { name: 'daemon', image: 'docker:27.3.1-dind' },  // <- dind-not-privileged
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            services:
            - name: daemon
              image: docker:27.3.1-dind  # <- dind-not-privileged
            - image: docker:dind  # <- dind-not-privileged
              name: plain
              privileged: false
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            services:
            - name: daemon
              image: docker:27.3.1-dind
              privileged: true
            - image: docker:dind
              name: plain
              privileged: true
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [], services: [
              { name: 'daemon', image: 'docker:27.3.1-dind' },  // <- dind-not-privileged
            ] }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [], services: [
              { name: 'daemon', image: 'docker:27.3.1-dind', privileged: true },
            ] }
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        services:
        - {name: daemon, image: "docker:27.3.1-dind", privileged: true}
        - {name: rootless, image: "docker:27.3.1-dind-rootless"}
        - {name: client, image: "docker:27.3.1"}
        - {name: other, image: "acme/tool:dind"}
        - {name: script, image: "docker:27.3.1-dind", commands: [docker info]}
        - {name: asked, image: "docker:27.3.1-dind", commands: [dockerd --version, 'echo dockerd', dockerd-rootless.sh]}
        - {name: shell, image: "docker:27.3.1-dind", entrypoint: [sh, -c, "docker info"]}
        - {name: text, image: "docker:27.3.1-dind", commands: docker info}
        - {name: host, image: "ubuntu:24.04", commands: ['ssh host sh -c "service docker start"']}
        ---
        kind: pipeline
        type: exec
        name: exec
        steps:
        - {name: start, commands: [sudo service docker start]}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in CONTAINERS or step.image is None or step.privileged or _is_windows(pipeline):
            return
        if step.commands:
            yield from self._commands(step)
        elif is_daemon(step.reference) and not _runs_something_else(step) and not runs_text(step):
            found = step.get("privileged")
            edit = Edit(step.image.key, "true", action="after", key="privileged") if found is None else Edit(found.place, "true", raw=True)
            fix = Fix("add `privileged: true`", (edit,), safe=False)
            yield self.finding(step.image.place, f"{step.title} is a Docker daemon without `privileged: true`", fix=fix)

    def _commands(self, step: Step) -> Iterator[Finding]:
        script = script_of(step)
        if not script.mentions("docker"):
            return
        for command in script.commands:
            starts = command.program in STARTERS or is_service_start(command)
            if starts and not any(word.text in _QUESTIONS for word in command.arguments) and not runs_elsewhere(command):
                place = script.place(command.start, command.end)
                yield self.finding(place, f"{step.title} starts a Docker daemon without `privileged: true`")
                return


def _runs_something_else(step: Step) -> bool:
    """Whether an entrypoint or command of the step's own starts something other than a daemon."""
    given = [item.text for key in ("entrypoint", "command") if (value := step.get(key)) is not None for item in value.scalars()]
    first = given[0] if given else ""
    return bool(first) and not first.startswith("-") and not any("dockerd" in text for text in given)


def _is_windows(pipeline: Pipeline) -> bool:
    found = pipeline.value.at("platform", "os")
    return found is not None and found.text == "windows"
