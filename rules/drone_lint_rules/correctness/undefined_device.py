"""Devices that no volume brings."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Step, Trigger


class UndefinedDevice(Rule):
    """A step's `devices` names no volume of the pipeline with a host path below `/dev/`.

    A device is given to a step in two places: a pipeline volume whose `host.path` begins with `/dev/`, and the step's `devices` entry that names it. Without
    the volume the runner does nothing, and says nothing.
    """

    name = "undefined-device"
    why = "the runner ignores the entry, and the step runs without the device"
    help = "define a volume of that name with a host path below `/dev/`"
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
                yield self.finding(device.place, f"{step.title} wants {wanted}, but no volume of that name brings one from `/dev/`")
