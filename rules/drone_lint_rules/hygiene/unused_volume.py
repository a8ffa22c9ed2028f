"""Volumes that are never mounted."""

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
    Trigger,
    Volume,
)
from drone_lint_rules.drone import NAMESPACE


class UnusedVolume(Rule):
    """A pipeline defines a volume that no step or service mounts.

    The volume has no effect, with one exception: Drone refuses an unused host volume, too, in a repository that is not trusted.

    Remove it, or mount it.
    """

    name = "unused-volume"
    fixable = "safe"
    severity = Severity.NOTICE
    why = "the volume has no effect; an unused host volume still requires a trusted repository"
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
        Example(
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
            ---
            kind: pipeline
            type: docker
            name: other
            volumes:
            - name: a  # <- unused-volume
              temp: {}
            - {name: b, temp: {}}  # <- unused-volume
            steps: []
            """,
            fixed="""
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
            ---
            kind: pipeline
            type: docker
            name: other
            steps: []
            """,
        ),
        Jsonnet(
            """
            local mount(name) = { name: name, path: '/cache' };
            {
              kind: 'pipeline',
              type: 'docker',
              name: 'a',
              steps: [{ name: 'b', image: 'golang:1.22.1', volumes: [mount('cache')] }],
              volumes: [
                { name: 'cache', temp: {} },
                { name: 'old', temp: {} },  // <- unused-volume
              ],
            }
            """,
            fixed="""
            local mount(name) = { name: name, path: '/cache' };
            {
              kind: 'pipeline',
              type: 'docker',
              name: 'a',
              steps: [{ name: 'b', image: 'golang:1.22.1', volumes: [mount('cache')] }],
              volumes: [
                { name: 'cache', temp: {} },
              ],
            }
            """,
        ),
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
        unused = [volume for volume in pipeline.volumes if volume.name and volume.name not in used and "${" not in volume.name]
        for volume in unused:
            place = (volume.value.get("name") or volume.value).place
            message = f"no step of {pipeline.title} mounts volume `{volume.name}`"
            yield self.finding(place, message, fix=_removal(volume, pipeline, every=len(unused) == len(pipeline.volumes)))


def _removal(volume: Volume, pipeline: Pipeline, *, every: bool) -> Fix:
    """Removes the volume, or the whole list if every volume in it is unused."""
    place = pipeline.value["volumes"].key if every else volume.value.place
    return Fix(f"remove `{volume.name}`", (Edit(place, action="remove"),))
