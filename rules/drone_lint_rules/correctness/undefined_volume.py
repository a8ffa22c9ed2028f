"""Mounts of volumes that the pipeline does not define."""

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
    nearest,
)
from drone_lint_rules.drone import NAMESPACE, reserved_mounts


class UndefinedVolume(Rule):
    """A step mounts a volume that its pipeline does not define.

    The runner silently ignores such a mount: the step runs without the volume, does not find its cache, its socket
    or the files of an earlier step, and fails much later or not at all.

    Define the volume under the pipeline's `volumes` (`temp: {}` for one that lasts as long as the build), in each pipeline that
    uses it.
    """

    name = "undefined-volume"
    severity = Severity.ERROR
    why = "the runner silently ignores the mount, and the step runs without the volume"
    help = "define the volume under the pipeline's `volumes`, for example with `temp: {}`"
    fixable = "unsafe"
    trigger = Trigger(keys=("volumes",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          volumes:
          - name: cahce  # <- undefined-volume
            path: /go
        services:
        - name: db
          image: postgres:16.2
          volumes:
          - path: /data  # <- undefined-volume
            name: Data
        volumes:
        - name: cache
          temp: {}
        - name: data
          temp: {}
        ---
        kind: pipeline
        type: docker
        name: other
        steps:
        - name: test
          image: golang:1.22.1
          volumes:
          - {name: cache, path: /go}  # <- undefined-volume
          - {name: _status, path: /status}  # <- undefined-volume
          - path: /root  # <- undefined-volume
        """,
        Jsonnet("""
        local mount = { name: 'cache', path: '/go' };  // <- undefined-volume
        { kind: 'pipeline', type: 'docker', name: 'default', steps: [
          { name: 'a', image: 'golang:1.22.1', volumes: [mount] },
          { name: 'b', image: 'golang:1.22.1', volumes: [mount] },
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: a
              image: golang:1.22.1
              volumes: [{name: cahce, path: /go}]  # <- undefined-volume
            volumes:
            - {name: cache, temp: {}}
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: a
              image: golang:1.22.1
              volumes: [{name: cache, path: /go}]
            volumes:
            - {name: cache, temp: {}}
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'golang:1.22.1', volumes: [{ name: 'cahce', path: '/go' }] },  // <- undefined-volume
            ], volumes: [{ name: 'cache', temp: {} }] }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'golang:1.22.1', volumes: [{ name: 'cache', path: '/go' }] },
            ], volumes: [{ name: 'cache', temp: {} }] }
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        volumes:
        - {name: cache, temp: {}}
        - {name: 1, temp: {}}
        steps:
        - name: test
          image: golang:1.22.1
          volumes:
          - {name: cache, path: /go}
          - {name: "1", path: /one}
          - {name: _workspace, path: /reserved}
        ---
        kind: pipeline
        type: kubernetes
        name: kube
        steps:
        - name: test
          image: golang:1.22.1
          volumes:
          - {name: _status, path: /reserved}
        ---
        kind: pipeline
        type: exec
        name: exec
        steps:
        - name: inert
          volumes:
          - {name: cache, path: /go}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in NAMESPACE:
            return
        known = [volume.name for volume in pipeline.volumes if volume.name]
        for mount in step.mounts:
            if not mount.value.is_map or mount.volume is not None or mount.name in reserved_mounts(pipeline):
                continue
            if not mount.name:
                yield self.finding(mount.value.place, f"{step.title} mounts a volume without naming it", help="add its `name`")
                continue
            guess = nearest(mount.name, known)
            hint = f"; did you mean `{guess}`?" if guess else ""
            fix = Fix(f"mount `{guess}`", (Edit(mount.value["name"].place, guess),), safe=False) if guess else None
            yield self.finding(
                mount.value.place, f"{step.title} mounts volume `{mount.name}`, which {pipeline.title} does not define{hint}", fix=fix
            )
