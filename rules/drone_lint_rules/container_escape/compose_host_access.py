"""Services of compose files that get parts of the host."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CIS_DOCKER, CWE, OWASP, AnyPlace, ConfigFile, Example, Finding, Jsonnet, Rule, Severity, Trigger
from drone_lint_rules.drone import MAY_RUN_DOCKER
from drone_lint_rules.host import PathOptions


class ComposeHostAccess(Rule):
    """A service of a compose file gets parts of the host: its processes, capabilities, devices, or no protection of the kernel.

    What a step starts through the host's socket runs on the host, beside Drone, whatever the pipeline itself is allowed: the server's check of trusted repositories
    sees nothing of it. `pid: host`, capabilities such as `SYS_ADMIN`, disks, and `use_api_socket` lead to the whole host (errors); `ipc`, `uts`, `userns_mode` and `cgroup: host`,
    other devices, and `security_opt` that switches seccomp, AppArmor or SELinux off weaken what separates them (warnings).

    `privileged`, sockets, host paths and `network_mode: host` have rules of their own. Where only a daemon of the pipeline is concerned, all of this is a notice.
    """

    name = "compose-host-access"
    trigger = Trigger(commands=MAY_RUN_DOCKER)
    severity = Severity.WARNING
    why = "code in the container reaches the host"
    help = "remove it"
    references = (OWASP.CICD_SEC_7, CWE(250), CIS_DOCKER("Ensure that Linux kernel capabilities are restricted within containers"))
    options = PathOptions

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: docker:27.3.1
              commands: [docker compose -f test.yml up -d]
              volumes: [{name: socket, path: /var/run/docker.sock}]
            volumes: [{name: socket, host: {path: /var/run/docker.sock}}]
            """,
            files=(
                (
                    "test.yml",
                    """services:
  app:
    image: app:1
    pid: host
    ipc: host
    uts: host
    userns_mode: host
    cap_add:
    - SYS_ADMIN
    - cap_net_admin
    - CHOWN
    devices:
    - /dev/sda:/dev/xvda:r
    - {source: /dev/kvm}
    security_opt:
    - seccomp:unconfined
    - no-new-privileges:true
    device_cgroup_rules:
    - 'a *:* rwm'
    use_api_socket: true
""",
                ),
            ),
            lines=(4, 5, 6, 7, 9, 10, 13, 14, 16, 19, 20),
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'docker:27.3.1', commands: ['docker compose -f a.yml -f b.yml up -d'] },
            ] }
            """,
            files=(
                ("a.yml", "services: {a: {image: 'a:1', pid: host, ipc: host}}\n"),
                ("b.yml", "services:\n  a:\n    pid: !reset null\n    cap_add: [ALL]\n"),
            ),
            lines=(1, 4),
        ),
    )
    good = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: test, image: "docker:27.3.1", commands: [docker compose -f test.yml up -d]}
            """,
            files=(
                (
                    "test.yml",
                    """services:
  app: {image: 'app:1', pid: 'service:b', ipc: shareable, cap_add: [CHOWN], cap_drop: [SYS_ADMIN], security_opt: ['no-new-privileges:true']}
  b: {image: 'b:1', devices: ['vendor.com/class=name'], use_api_socket: false}
""",
                ),
            ),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        from drone_lint_rules.docker.compose import compose_services
        from drone_lint_rules.docker.compose_risks import compose_risks

        seen: set[AnyPlace] = set()
        for service in compose_services(file):
            for risk in compose_risks(service.composed):
                if (
                    risk.place in seen
                    or service.allowed(self.option.allow)
                    or (risk.path and service.allowed(self.option.allow, risk.path))
                ):
                    continue
                seen.add(risk.place)
                yield self.finding(
                    risk.place,
                    f"{service.title} {risk.sentence}",
                    severity=service.severity(risk.severity),
                    related=[("started by this", service.use.place)],
                    why=risk.why,
                    help=risk.help,
                )
