"""Keys that only other runners use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import ConfigFile, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Value
from drone_lint_rules.correctness.unknown_key import advice_for, elsewhere, is_harmless, unknown_keys

if TYPE_CHECKING:
    from drone_lint_rules.correctness._meant import Meant

_READ_AND_UNUSED = {
    ("docker", "shell"): "the docker runner always uses `/bin/sh` (PowerShell on Windows)",
}


class InertKey(Rule):
    """A key has no effect here, because only another runner uses it.

    Only the server's former built-in runner used `ports`, only the kubernetes runner uses `resources` and `tolerations`, only runners with
    containers use `privileged`, and only the docker runner uses `mem_limit`. In other types of pipelines, Drone silently ignores them. It also
    ignores `detach` on a service, which is detached anyway, `shell` in a docker pipeline, and `resources.requests` on a kubernetes step.

    Remove the key, or use the runner that supports it.
    """

    name = "inert-key"
    severity = Severity.WARNING
    why = "Drone silently ignores the key"
    help = "remove the key"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          resources: {limits: {memory: 1GiB}}  # <- inert-key
          shell: bash  # <- inert-key
          group: tests  # <- inert-key
        services:
        - name: db
          image: postgres:16.2
          ports: [5432]  # <- inert-key
          detach: true  # <- inert-key
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'exec', name: 'default', steps: [
          {
            name: 'a',
            commands: ['make'],
            privileged: true,  // <- inert-key
          },
        ] }
        """),
        """
        kind: pipeline
        type: exec
        name: default
        environment: {A: b}  # <- inert-key
        clone: {retries: 3}  # <- inert-key
        volumes: []  # <- inert-key
        ---
        kind: pipeline
        type: kubernetes
        name: kube
        steps:
        - name: test
          image: golang:1.22.1
          network_mode: host  # <- inert-key
          resources:
            requests: {cpu: 100}  # <- inert-key
        """,
    )
    good = (
        """
        kind: pipeline
        type: kubernetes
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          detach: true
          resources: {limits: {memory: 1GiB}}
        ---
        kind: pipeline
        type: docker
        name: emptied
        steps:
        - name: test
          image: golang:1.22.1
          resources: {}
        """,
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          resorces: {}
        """,
    )
    view = "runner"

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for evaluation in file.evaluations:
            for document in evaluation.runner:
                for fault in unknown_keys(document):
                    others = elsewhere(document, fault)
                    if others and document.pipeline is not None and not is_harmless(document, fault):
                        yield self._finding(Value(document, fault.path, fault.node), document.pipeline, others, advice_for(document, fault))

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        for (runner, key), reason in _READ_AND_UNUSED.items():
            value = step.get(key)
            if value is not None and not value.is_null and pipeline.type == runner:
                yield self.finding(value.key, f"`{key}` has no effect here: {reason}")
        requests = step.value.at("resources", "requests")
        if pipeline.type == "kubernetes" and requests is not None and not requests.is_null:
            yield self.finding(requests.key, "`requests` has no effect on a step: the runner reads requests only from the pipeline")
        detach = step.get("detach")
        if step.is_service and detach is not None and detach.true:
            yield self.finding(detach.key, "`detach` has no effect on a service, which runs in the background anyway")

    def _finding(self, value: Value, pipeline: Pipeline, others: tuple[str, ...], advice: Meant | None) -> Finding:
        key = value.path[-1]
        if advice is not None:
            return self.finding(value.key, f"`{key}` has no effect in `{pipeline.type}` pipelines", help=advice.advice)
        if others == ("server",):
            return self.finding(value.key, f"`{key}` has no effect: the server decodes it, but no runner uses it")
        known = " and ".join(f"`{name}`" for name in others).replace(" and ", ", ", len(others) - 2) if len(others) < 4 else "other"
        return self.finding(value.key, f"`{key}` has no effect in `{pipeline.type}` pipelines: it is for {known} pipelines")
