"""Volumes that nobody mounts."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Trigger
from drone_lint_rules.drone import NAMESPACE


class UnusedVolume(Rule):
    """A pipeline defines a volume that no step or service mounts.

    It does no harm but one: a host volume that nobody needs is still refused in a repository that is not trusted.

    Remove it, or mount it.
    """

    name = "unused-volume"
    severity = Severity.NOTICE
    why = "nothing mounts it"
    help = "remove it, or mount it"
    trigger = Trigger(keys=("volumes",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          volumes: [{name: cache, path: /go}]
        volumes:
        - name: cache
          temp: {}
        - name: old  # <- unused-volume
          temp: {}
        """,
        Jsonnet("""
        local cache = { name: 'cache', temp: {} };  // <- unused-volume
        [{ kind: 'pipeline', type: 'docker', name: name, steps: [], volumes: [cache] } for name in ['a', 'b']]
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        services:
        - name: db
          image: postgres:16.2
          volumes: [{name: data, path: /data}]
          devices: [{name: kvm, path: /dev/kvm}]
        volumes:
        - {name: data, temp: {}}
        - {name: kvm, host: {path: /dev/kvm}}
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in NAMESPACE:
            return
        used = {mount.name for step in pipeline.containers for mount in step.mounts}
        used |= {name.text for step in pipeline.containers for device in step.get("devices") or () if (name := device.get("name"))}
        for volume in pipeline.volumes:
            if volume.name and volume.name not in used and "${" not in volume.name:
                yield self.finding(
                    (volume.value.get("name") or volume.value).place, f"no step of {pipeline.title} mounts volume `{volume.name}`"
                )
