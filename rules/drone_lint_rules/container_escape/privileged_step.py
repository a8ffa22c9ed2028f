"""`privileged: true`."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CIS_DOCKER, CWE, OWASP, ConfigFile, Edit, Example, Finding, Fix, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.drone import MAY_RUN_DOCKER
from drone_lint_rules.host import Options, allowed, in_container, untrusted


class PrivilegedStep(Rule):
    """A step runs with `privileged: true`.

    A privileged container has access to all of the host's devices and every Linux capability: anyone who controls its commands is root
    on the machine that runs the builds, and can read every other build and secret there.

    Drone refuses privileged mode in untrusted repositories; in a trusted one, anyone who can push a branch can use it.

    Build images with kaniko, buildah or rootless BuildKit instead, or limit privileged mode to one `docker:dind` service
    that does not run commands of the repository.
    """

    name = "privileged-step"
    fixable = "unsafe"
    severity = Severity.ERROR
    why = "any code in the step can become root on the runner's host"
    help = "build images with kaniko or buildah, or limit privileged mode to a `docker:dind` service"
    references = (OWASP.CICD_SEC_7, CWE(250), CIS_DOCKER("Ensure that privileged containers are not used"))
    options = Options
    trigger = (Trigger(keys=("privileged",)), Trigger(commands=MAY_RUN_DOCKER))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: docker:27.3.1
          privileged: true  # <- privileged-step
        services:
        - name: daemon
          image: docker:27.3.1-dind
          privileged: yes  # <- privileged-step
        """,
        """
        kind: pipeline
        type: kubernetes
        name: disguised
        x-root: &root {privileged: on}  # <- privileged-step
        steps:
        - name: merged last
          image: golang:1.22.1
          privileged: false
          <<: *root
        - name: merged first
          <<: *root
          image: golang:1.22.1
          privileged: false
        - name: twice
          image: golang:1.22.1
          privileged: false
          privileged: Y  # <- privileged-step
        """,
        Jsonnet("""
        local step(name, privileged) = {
          name: name,
          image: 'golang:1.22.1',
          privileged: privileged,
          commands: ['make'],
        };
        {
          kind: 'pipeline',
          type: 'docker',
          name: 'default',
          steps: [
            step('unit', false),
            step('integration', false) + { privileged: true },  // <- privileged-step
          ],
        }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: test, image: "docker:27.3.1", commands: [docker compose -f ci/test.yml up -d]}
            """,
            files=(("ci/test.yml", "services:\n  a:\n    image: b\n    privileged: true\n  c: {image: d, privileged: false}\n"),),
            lines=(4,),
        ),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - privileged: true  # <- privileged-step
              name: build
              image: golang:1.22.1
            - {name: test, image: "golang:1.22.1", privileged: true}  # <- privileged-step
            - name: last
              image: golang:1.22.1
              privileged: true  # <- privileged-step
            services:
            - name: daemon
              image: docker:27.3.1-dind
              privileged: true  # <- privileged-step
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: build
              image: golang:1.22.1
            - {name: test, image: "golang:1.22.1"}
            - name: last
              image: golang:1.22.1
            services:
            - name: daemon
              image: docker:27.3.1-dind
              privileged: true
            """,
        ),
        Jsonnet(
            """
            local step(name, privileged) = { name: name, image: 'golang:1.22.1', privileged: privileged };  // <- privileged-step
            local base = {
              image: 'golang:1.22.1',
              privileged: true,  // <- privileged-step
              commands: ['make'],
            };
            { kind: 'pipeline', type: 'docker', name: 'default', steps: [
              step('unit', false),
              step('other', true),
              base { name: 'a' },
              { name: 'b', image: 'golang:1.22.1', privileged: true },  // <- privileged-step
            ] }
            """,
            fixed="""
            local step(name, privileged) = { name: name, image: 'golang:1.22.1', privileged: privileged };
            local base = {
              image: 'golang:1.22.1',
              commands: ['make'],
            };
            { kind: 'pipeline', type: 'docker', name: 'default', steps: [
              step('unit', false),
              step('other', true),
              base { name: 'a' },
              { name: 'b', image: 'golang:1.22.1' },
            ] }
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: docker:27.3.1
          privileged: false
          environment:
            privileged: true
        ---
        kind: pipeline
        type: exec
        name: no container
        steps:
        - {name: build, privileged: true, commands: [make]}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if step.privileged and in_container(pipeline) and not allowed(step, self.option.allow):
            flag = step["privileged"].key
            fix = Fix("remove `privileged`", (Edit(flag, action="remove"),), safe=False)
            daemon = "dind" in step.reference.tag  # would not start without privileged mode
            note = untrusted("enable privileged mode")
            yield self.finding(flag, f"{step.title} runs in privileged mode", note=note, fix=None if daemon else fix)

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        """The services of compose files that steps use."""
        from drone_lint_rules.docker.compose import compose_services, is_true

        for service in compose_services(file):
            if is_true(service.composed.get("privileged")) and not service.allowed(self.option.allow):
                yield self.finding(
                    service.value["privileged"].key,
                    f"{service.title} runs in privileged mode",
                    severity=service.severity(self.severity),
                    related=[("started by this", service.use.place)],
                )
