"""Mounts of volumes that no pipeline defines."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Edit, Finding, Fix, Jsonnet, Pipeline, Rule, Severity, Step, Trigger, nearest

_RESERVED = ("workspace", "_workspace", "_docker_socket", "_status")


class UndefinedVolume(Rule):
    """A step mounts a volume that its pipeline does not define.

    The runner ignores such a mount without a word: the step runs without the volume, finds an empty place where its cache, its socket
    or the files of an earlier step should be, and fails much later or not at all.

    Define the volume under the pipeline's `volumes` (`temp: {}` for one that lives as long as the build), in each pipeline that
    uses it.
    """

    name = "undefined-volume"
    severity = Severity.ERROR
    why = "the runner ignores the mount, and the step runs without it"
    help = "define the volume under the pipeline's `volumes`"
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
        """,
        Jsonnet("""
        local mount = { name: 'cache', path: '/go' };  // <- undefined-volume
        { kind: 'pipeline', type: 'docker', name: 'default', steps: [
          { name: 'a', image: 'golang:1.22.1', volumes: [mount] },
          { name: 'b', image: 'golang:1.22.1', volumes: [mount] },
        ] }
        """),
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
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        known = [volume.name for volume in pipeline.volumes if volume.name]
        for mount in step.mounts:
            if not mount.value.is_map or not mount.name or mount.name in _RESERVED or mount.volume is not None:
                continue
            guess = nearest(mount.name, known)
            hint = f"; did you mean `{guess}`?" if guess else ""
            fix = Fix(f"mount `{guess}`", (Edit(mount.value["name"].place, guess),), safe=False) if guess else None
            yield self.finding(
                mount.value.place, f"{step.title} mounts volume `{mount.name}`, which {pipeline.title} does not define{hint}", fix=fix
            )
