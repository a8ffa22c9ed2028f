"""Settings that Drone refuses in untrusted repositories."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, Example, Finding, Jsonnet, Pipeline, Rule, Scalar, Settings, Severity, Step, Trigger, Value, Volume
from drone_lint_rules.drone import CONTAINERS, refused

_UNTRUSTED = Settings(trust="untrusted", profile="pedantic")
_LISTS = (
    ("devices", "mount devices"),
    ("dns", "configure dns"),
    ("dns_search", "configure dns_search"),
    ("extra_hosts", "configure extra_hosts"),
)
_VOLUMES = (
    ("host", "mount host volumes", CONTAINERS),
    ("claim", "mount PVC", ("kubernetes",)),
    ("config_map", "mount configMap volumes", ("kubernetes",)),
    ("secret", "mount secret volumes", ("kubernetes",)),
)


class RequiresTrusted(Rule):
    """A pipeline uses a setting that Drone allows only in trusted repositories.

    The rule is active if the configuration sets `trust: untrusted` (or with `--trust untrusted`). The runner then refuses the pipeline
    with the error quoted here, but only when the build reaches that pipeline. Only an administrator of the Drone server can mark a repository as trusted.

    The Docker runner checks `privileged`, host volumes, volumes in memory, `devices`, `dns`, `dns_search`, `extra_hosts`, any `network_mode`,
    `shm_size`. The Kubernetes runner checks `privileged`, host volumes, volumes in memory, `claim`, `config_map` and `secret` volumes. The other
    runners do not check trust.
    """

    name = "requires-trusted"
    severity = Severity.ERROR
    why = "the runner refuses the pipeline in a repository that is not trusted"
    help = "remove it, or ask an administrator of the Drone server to trust the repository"
    references = (OWASP.CICD_SEC_5, CWE(250))
    trigger = Trigger(keys=("privileged", "volumes", "devices", "dns", "dns_search", "extra_hosts", "network_mode", "shm_size", "ports"))

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22.1
              privileged: true  # <- requires-trusted
              devices: [{name: a, path: /dev/a}]  # <- requires-trusted
              dns: [1.1.1.1]  # <- requires-trusted
              dns_search: [example.com]  # <- requires-trusted
              extra_hosts: ["a:1.1.1.1"]  # <- requires-trusted
              network_mode: bridge  # <- requires-trusted
              shm_size: 1g  # <- requires-trusted
            volumes:
            - name: socket
              host:  # <- requires-trusted
                path: /var/run/docker.sock
            - name: fast
              temp:
                medium: memory  # <- requires-trusted
            - name: none
              host: {}  # <- requires-trusted
            """,
            settings=_UNTRUSTED,
        ),
        Example(
            """
            kind: pipeline
            type: kubernetes
            name: default
            steps:
            - name: test
              image: golang:1.22.1
              privileged: true  # <- requires-trusted
            volumes:
            - name: a
              claim: {name: a}  # <- requires-trusted
            - name: b
              config_map: {name: b}  # <- requires-trusted
            - name: c
              secret: {name: c}  # <- requires-trusted
            """,
            settings=_UNTRUSTED,
        ),
        Jsonnet(
            """
            local volume = { name: 'a', host: { path: '/srv' } };  // <- requires-trusted
            [{ kind: 'pipeline', type: 'docker', name: name, steps: [], volumes: [volume] } for name in ['a', 'b']]
            """,
            settings=_UNTRUSTED,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: trust-is-unknown
          image: golang:1.22.1
          privileged: true
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22.1
              privileged: false
              devices: []
              network_mode: ""
              shm_size: 0
            volumes:
            - name: socket
              host:
            - name: slow
              temp: {medium: Memory}
            ---
            kind: pipeline
            type: vm
            name: vm
            pool: {use: a}
            volumes:
            - name: host
              host: {path: /srv}
            ---
            kind: pipeline
            type: kubernetes
            name: k
            steps:
            - name: test
              image: golang:1.22.1
              network_mode: host
              dns: [1.1.1.1]
            """,
            settings=_UNTRUSTED,
        ),
    )
    view = "runner"

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if not self.settings.untrusted or pipeline.type not in CONTAINERS:
            return
        for step in pipeline.containers:
            for value, words in _uses(step, pipeline):
                yield self._finding(value, words, pipeline, step.title)
        for volume in pipeline.volumes:
            for value, words in _sources(volume, pipeline):
                yield self._finding(value, words, pipeline, f"volume `{volume.name}`")

    def _finding(self, value: Value, words: str, pipeline: Pipeline, what: str) -> Finding:
        drone = refused(pipeline, f"linter: untrusted repositories cannot {words}", CONTAINERS)
        return self.finding(value.key, f"{what}: untrusted repositories cannot {words}", drone=drone)


def _uses(step: Step, pipeline: Pipeline) -> Iterator[tuple[Value, str]]:
    if step.privileged:
        yield step["privileged"], "enable privileged mode"
    if pipeline.type != "docker":
        return
    for key, words in _LISTS:
        value = step.get(key)
        if value is not None and any(True for _ in value):
            yield value, words
    network, size = step.get("network_mode"), step.get("shm_size")
    if network is not None and network.text:
        yield network, "configure network_mode"
    if size is not None and isinstance(size.node, Scalar) and _positive(size.node):
        yield size, "configure shm_size"


def _positive(node: Scalar) -> bool:
    from drone_lint.api import parse_size

    return (parse_size(node) or 0) > 0


def _sources(volume: Volume, pipeline: Pipeline) -> Iterator[tuple[Value, str]]:
    medium = volume.value.at("temp", "medium")
    if medium is not None and medium.text == "memory":
        yield medium, "mount in-memory volumes"
    for key, words, runners in _VOLUMES:
        value = volume.value.get(key)
        if value is not None and not value.is_null and pipeline.type in runners:
            yield value, words
