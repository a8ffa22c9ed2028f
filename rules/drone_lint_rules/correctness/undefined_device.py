"""Devices without a volume."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Step, Trigger


class UndefinedDevice(Rule):
    """An entry of a step's `devices` does not name a volume of the pipeline with a host path below `/dev/`.

    A step gets a device through two settings: a pipeline volume whose `host.path` begins with `/dev/`, and an entry of the step's `devices` that names it. Without
    the volume, the runner silently ignores the entry.
    """

    name = "undefined-device"
    why = "the runner ignores the entry, and the step runs without the device"
    help = "define a volume with that name and a host path below `/dev/`"
    trigger = Trigger(keys=("devices",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          devices:
          - name: kvm
            path: /dev/kvm
          - name: fuse  # <- undefined-device
            path: /dev/fuse
          - name: cache  # <- undefined-device
            path: /dev/cache
          - path: /dev/kvm  # <- undefined-device
        volumes:
        - {name: kvm, host: {path: /dev/kvm}}
        - {name: cache, temp: {}}
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'alpine:3.20', devices: [
            { name: 'kvm', path: '/dev/kvm' },  // <- undefined-device
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
        - name: test
          image: golang:1.22.1
          devices:
          - {name: kvm, path: /dev/kvm}
        volumes:
        - {name: kvm, host: {path: /dev/kvm}}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type != "docker":
            return
        for device in step.get("devices") or ():
            if not device.is_map:
                continue
            name = device.get("name")
            volume = pipeline.volume(name.text) if name is not None and name.text else None
            path = volume.host_path if volume is not None else None
            if path is None or not path.text.startswith("/dev/"):
                wanted = f"device `{name.text}`" if name is not None and name.text else "a device without naming it"
                yield self.finding(
                    device.place, f"{step.title} requests {wanted}, but no volume with that name has a host path below `/dev/`"
                )
