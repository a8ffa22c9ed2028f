"""Mounts that Docker or Kubernetes refuse, or that hide the clone."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Mount, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.drone import CONTAINERS, clones


class InvalidMount(Rule):
    """A volume is mounted at a path that cannot be used.

    The runner passes `path` on as it is written. Docker refuses a relative path and two mounts at the same path, Kubernetes refuses a pod whose mount has no path. A mount at the workspace
    itself (`/drone/src`) hides the clone: the step finds an empty folder.
    """

    name = "invalid-mount"
    trigger = Trigger(keys=("volumes",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: node:20.11.0
          commands: [npm ci]
          volumes:
          - name: modules
            path: node_modules  # <- invalid-mount
          - {name: modules, path: /cache}
          - name: other
            path: /cache/  # <- invalid-mount
          - name: hiding
            path: /drone/src  # <- invalid-mount
        volumes:
        - {name: modules, temp: {}}
        - {name: other, temp: {}}
        - {name: hiding, temp: {}}
        """,
        """
        kind: pipeline
        type: kubernetes
        name: kubernetes
        steps:
        - name: build
          image: node:20.11.0
          commands: [npm ci]
          volumes:
          - name: cache  # <- invalid-mount
        volumes: [{name: cache, temp: {}}]
        """,
        Jsonnet("""
        local mount(path) = { name: 'v', path: path };
        { kind: 'pipeline', type: 'docker', name: 'a', volumes: [{ name: 'v', temp: {} }], steps: [
          { name: 'a', image: 'golang:1.22', commands: ['go test'], volumes: [
            mount('./cache'),  // <- invalid-mount
          ] },
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: node:20.11.0
          commands: [npm ci]
          volumes: [{name: a, path: /drone/src/node_modules}, {name: a, path: /root/.npm}, {name: a, path: "${DRONE_X}"}]
        volumes: [{name: a, temp: {}}]
        ---
        kind: pipeline
        type: docker
        name: windows
        platform: {os: windows}
        steps: [{name: a, image: "acme/a:1", commands: [make], volumes: [{name: a, path: 'C:/cache'}]}]
        volumes: [{name: a, temp: {}}]
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        platform = pipeline.value.at("platform", "os")
        if pipeline.type not in CONTAINERS or not step.mounts or (platform is not None and platform.text == "windows"):
            return
        seen: dict[str, Mount] = {}
        for mount in step.mounts:
            if "$" in mount.path or mount.volume is None or mount.path.startswith("/dev/"):
                continue
            yield from self._of(mount, step, seen)

    def _of(self, mount: Mount, step: Step, seen: dict[str, Mount]) -> Iterator[Finding]:
        value = mount.value.get("path")
        if not mount.path:
            refuses = "Kubernetes refuses the pod" if step.pipeline.type == "kubernetes" else "Docker refuses the container"
            place = mount.value.place if value is None else value.place
            yield self.finding(place, f"the mount of `{mount.name}` has no `path`", why=refuses, help="add `path: /folder`")
            return
        place = (value or mount.value).place
        if not mount.path.startswith("/"):
            if step.pipeline.type == "docker":
                meant = posixpath.normpath(f"/drone/src/{mount.path}")
                why = "Docker refuses to start a container with a relative mount path"
                message = f"`{mount.path}` is a relative path: a mount needs an absolute one"
                yield self.finding(
                    place, message, why=why, help=f"write the absolute path: `{meant}` for a folder of the clone", severity=Severity.ERROR
                )
            return
        path = posixpath.normpath(mount.path)
        if path in seen:
            related = (("the first mount there", seen[path].value.place),)
            why, help_ = "Docker refuses a container with two mounts at one path", "mount one of them at another path, or remove it"
            yield self.finding(place, f"two volumes are mounted at the same path `{path}`", why=why, help=help_, related=related)
        seen.setdefault(path, mount)
        if path in ("/drone/src", "/drone") and clones(step.pipeline) and step.pipeline.get("workspace") is None and not _is_kept(mount):
            why = "the volume hides the clone: the step finds no files of the repository"
            yield self.finding(
                place, f"the mount at `{path}` hides the workspace", why=why, help="mount it at a folder below, or beside it"
            )


def _is_kept(mount: Mount) -> bool:
    """Whether the volume may hold the repository by other means."""
    return mount.volume is None or not mount.volume.is_temp
