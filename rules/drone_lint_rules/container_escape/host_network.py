"""`network_mode: host`."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    CIS_DOCKER,
    CWE,
    OWASP,
    ConfigFile,
    Example,
    Finding,
    Jsonnet,
    Pipeline,
    Rule,
    Severity,
    Step,
    Trigger,
    runner_text,
)
from drone_lint_rules.drone import MAY_RUN_DOCKER
from drone_lint_rules.host import Options, allowed, in_container, untrusted


class HostNetwork(Rule):
    """A step runs in the host's network, or in another container's.

    With `network_mode: host` the step can reach every server that listens on the runner's loopback interface (the Docker daemon, the
    cloud's metadata service, other builds) and can listen on its ports. The step also leaves the pipeline's own network, so it cannot
    reach services by name. `container:X` joins another container's network in the same way.

    Drone refuses any `network_mode` in untrusted repositories.

    Use a service's name as its host name, and run a daemon that the step needs as a service of the pipeline.
    """

    name = "host-network"
    severity = Severity.ERROR
    why = "the step can reach every server on the runner's host, and cannot reach the pipeline's services by name"
    help = "remove `network_mode` and use the names of services as host names"
    references = (OWASP.CICD_SEC_7, CWE(668), CIS_DOCKER("Ensure that the host's network namespace is not shared"))
    options = Options
    trigger = (Trigger(keys=("network_mode",)), Trigger(commands=MAY_RUN_DOCKER))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          network_mode: host  # <- host-network
        services:
        - name: db
          image: postgres:16.2
          network_mode: "container:redis"  # <- host-network
        - name: default
          image: postgres:16.2
          network_mode: ${NETWORK:-host}  # <- host-network
        """,
        Jsonnet("""
        local step(name, mode) = {
          name: name,
          image: 'golang:1.22.1',
          network_mode: mode,  // <- host-network
        };
        { kind: 'pipeline', type: 'docker', name: 'default', steps: [step('a', 'host'), step('b', 'host')] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: test, image: "docker:27.3.1", commands: [docker compose -f ci/test.yml up -d]}
            """,
            files=(("ci/test.yml", "services:\n  a:\n    image: b\n    network_mode: host\n  c: {image: d, network_mode: bridge}\n"),),
            lines=(4,),
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          network_mode: none
        - name: bridge
          image: golang:1.22.1
          network_mode: bridge
        - name: named
          image: golang:1.22.1
          network_mode: hosting
          environment:
            network_mode: host
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        mode = step.get("network_mode")
        if mode is None or not in_container(pipeline) or pipeline.type == "kubernetes" or allowed(step, self.option.allow):
            return
        text = runner_text(mode.text, self.settings).strip()
        note = untrusted("configure network_mode")
        if text.lower() == "host":
            yield self.finding(mode.key, f"{step.title} runs in the host's network", note=note)
        elif text.lower().startswith("container:"):
            yield self.finding(mode.key, f"{step.title} runs in the network of container `{text.partition(':')[2]}`", note=note)

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        """The services of compose files that steps use."""
        from drone_lint_rules.docker.compose import compose_services

        for service in compose_services(file):
            mode = service.composed.get("network_mode")
            if mode is not None and mode.text == "host" and not service.allowed(self.option.allow):
                yield self.finding(
                    mode.key,
                    f"{service.title} runs in the host's network",
                    severity=service.severity(self.severity),
                    related=[("started by this", service.use.place)],
                )
