"""Volumes that look shared and are not."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Document, Finding, Jsonnet, Mount, Pipeline, Rule, Severity, Trigger, Volume


class UnsharedVolume(Rule):
    """Two containers or pipelines use one volume as if they shared it, and each has its own.

    A `temp` volume belongs to one pipeline's run: a pipeline that waits for another one and declares a volume of the same name gets an empty folder. On docker, `temp: {medium: memory}` is a
    tmpfs that every container gets for itself: nothing that one step writes there is seen by the next. (On kubernetes the pod's containers share it.)

    Remove `medium: memory` to share files between steps. Between pipelines, use a `host` volume, an artifact store, or put the steps into one pipeline.

    For two pipelines it is a notice, unless one waits for the other: using the same name for two folders is common.
    """

    name = "unshared-volume"
    trigger = Trigger(keys=("temp",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: build
        steps:
        - {name: make, image: "golang:1.22", commands: [go build -o /out/app], volumes: [{name: out, path: /out}]}
        volumes:
        - name: out
          temp: {}
        ---
        kind: pipeline
        type: docker
        name: package
        depends_on: [build]
        steps:
        - {name: ship, image: "alpine:3.20", commands: [cp /out/app .], volumes: [{name: out, path: /out}]}
        volumes:
        - name: out  # <- unshared-volume
          temp: {}
        """,
        """
        kind: pipeline
        type: docker
        name: memory
        steps:
        - {name: make, image: "golang:1.22", commands: [go build -o /out/app], volumes: [{name: out, path: /out}]}
        - {name: ship, image: "alpine:3.20", commands: [cp /out/app .], volumes: [{name: out, path: /out}]}
        volumes:
        - name: out
          temp:
            medium: memory  # <- unshared-volume
        """,
        Jsonnet("""
        local step(name) = { name: name, image: 'golang:1.22', commands: ['make'], volumes: [{ name: 'v', path: '/v' }] };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [step('a'), step('b')], volumes: [
          { name: 'v', temp: { medium: 'memory' } },  // <- unshared-volume
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: one
        steps:
        - {name: make, image: "golang:1.22", commands: [make], volumes: [{name: m, path: /m}, {name: go, path: /go}]}
        - {name: test, image: "golang:1.22", commands: [make], volumes: [{name: go, path: /go}]}
        volumes: [{name: m, temp: {medium: memory}}, {name: go, temp: {}}]
        ---
        kind: pipeline
        type: docker
        name: two
        depends_on: [one]
        steps:
        - {name: a, image: "golang:1.22", commands: [make], volumes: [{name: go, path: /go}]}
        - {name: b, image: "golang:1.22", commands: [make], volumes: [{name: go, path: /go}]}
        volumes: [{name: go, temp: {}}]
        ---
        kind: pipeline
        type: kubernetes
        name: pod
        steps:
        - {name: make, image: "golang:1.22", commands: [make], volumes: [{name: m, path: /m}]}
        - {name: test, image: "golang:1.22", commands: [make], volumes: [{name: m, path: /m}]}
        volumes: [{name: m, temp: {medium: memory}}]
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for evaluation in file.evaluations:
            pipelines = [document.pipeline for document in evaluation.server if isinstance(document, Document) and document.pipeline]
            for pipeline in pipelines:
                yield from self._in_memory(pipeline)
            yield from self._between(pipelines)

    def _in_memory(self, pipeline: Pipeline) -> Iterator[Finding]:
        for volume in pipeline.volumes if pipeline.type == "docker" else ():
            medium = volume.value.at("temp", "medium")
            mounts = _mounts(pipeline, volume)
            if (
                medium is not None
                and medium.text == "memory"
                and len({mount.step.index + 1000 * mount.step.is_service for mount in mounts}) > 1
            ):
                yield self.finding(
                    medium.place,
                    f"each container gets a `{volume.name}` of its own: `medium: memory` is not shared between steps",
                    why="on docker it is a tmpfs of each container: what one step writes there is not seen by the next",
                    help="remove `medium: memory`: `temp: {}` is one folder for all steps",
                    related=tuple((f"mounted by {mount.step.title}", mount.value.place) for mount in mounts[:2]),
                )

    def _between(self, pipelines: list[Pipeline]) -> Iterator[Finding]:
        """A file that only another pipeline could have written: one mount in the one, one in the pipeline that waits for it."""
        named = {pipeline.name: pipeline for pipeline in pipelines}
        for pipeline in pipelines:
            for item in pipeline.depends_on:
                earlier = named.get(item.text)
                for volume in pipeline.volumes if earlier is not None else ():
                    other = earlier.volume(volume.name) if earlier is not None else None
                    if other is None or earlier is None or not (volume.is_temp and other.is_temp):
                        continue
                    if len(_mounts(pipeline, volume)) == 1 and _mounts(earlier, other):
                        yield self._apart(pipeline, volume, earlier, other)

    def _apart(self, pipeline: Pipeline, volume: Volume, earlier: Pipeline, other: Volume) -> Finding:
        return self.finding(
            (volume.value.get("name") or volume.value).place,
            f"the `temp` volume `{volume.name}` is not that of {earlier.title}: {pipeline.title} finds it empty",
            why="each pipeline has its own `temp` volumes, and only one step uses it here",
            help="use a `host` volume or an artifact store, or put the steps into one pipeline",
            related=((f"the volume of {earlier.title}", other.value.place),),
            severity=Severity.NOTICE,
        )


def _mounts(pipeline: Pipeline, volume: Volume) -> list[Mount]:
    return [mount for step in pipeline.containers for mount in step.mounts if mount.name == volume.name]
