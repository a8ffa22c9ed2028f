"""Volume names and paths that are reserved for Drone."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.drone import NAMESPACE, refused, reserved_mounts


class ReservedVolume(Rule):
    """A volume has a reserved name or no name, or is mounted below `/run/drone`.

    The names `workspace`, `_workspace` and `_docker_socket` are reserved, and on kubernetes also `_status` and `_addons`. The runner refuses every mount
    path that, once cleaned, begins with the characters `/run/drone`, including `/run/drone-cache`.
    """

    name = "reserved-volume"
    severity = Severity.ERROR
    why = "the runner refuses the pipeline"
    help = "choose another name or path"
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
          - name: _workspace  # <- reserved-volume
            path: /go
          - name: cache
            path: /run//drone-x  # <- reserved-volume
        volumes:
        - name: workspace  # <- reserved-volume
          temp: {}
        - temp: {}  # <- reserved-volume
        - name: cache
          temp: {}
        ---
        kind: pipeline
        type: kubernetes
        name: other
        steps:
        - name: test
          image: golang:1.22.1
          volumes:
          - name: _status  # <- reserved-volume
            path: /status
        volumes:
        - name: _addons  # <- reserved-volume
          temp: {}
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [], volumes: [
          { name: '_docker_socket', temp: {} },  // <- reserved-volume
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          volumes:
          - name: _status
            path: /run/dron
          - name: cache
            path: /run/drone/../cache
        volumes:
        - name: _status
          temp: {}
        - name: cache
          temp: {}
        """,
    )
    view = "runner"

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if not step.mounts or pipeline.type not in NAMESPACE:
            return
        reserved = reserved_mounts(pipeline)
        for mount in step.mounts:
            if mount.name in reserved:
                drone = refused(pipeline, f"linter: invalid volume name: {mount.name}", NAMESPACE)
                yield self.finding(mount.value["name"].place, f"the volume name `{mount.name}` is reserved for Drone", drone=drone)
            if "drone" in mount.path and clean(mount.path).startswith("/run/drone"):
                drone = refused(pipeline, "linter: cannot mount volume at /run/drone", NAMESPACE)
                message = f"{step.title} mounts a volume at `{mount.path}`: paths that begin with `/run/drone` are reserved"
                yield self.finding(mount.value["path"].place, message, drone=drone)

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in NAMESPACE:
            return
        reserved = (*reserved_mounts(pipeline), "_addons") if pipeline.type == "kubernetes" else reserved_mounts(pipeline)
        for volume in pipeline.volumes:
            if not volume.value.is_map:
                continue
            if not volume.name:
                drone = refused(pipeline, "linter: missing volume name", NAMESPACE)
                place = (volume.value.get("name") or volume.value).place
                yield self.finding(place, "the volume has no name", drone=drone, help="add a `name`, and use it to mount the volume")
            elif volume.name in reserved:
                drone = refused(pipeline, f"linter: invalid volume name: {volume.name}", NAMESPACE)
                yield self.finding(volume.value["name"].place, f"the volume name `{volume.name}` is reserved for Drone", drone=drone)


def clean(path: str) -> str:
    """The shortest equivalent path, as Go's `filepath.Clean` leaves it."""
    cleaned = posixpath.normpath(path) if path else "."
    return "/" + cleaned.lstrip("/") if cleaned.startswith("/") else cleaned
