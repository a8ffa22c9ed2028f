"""Devices of the host."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CIS_DOCKER, CWE, OWASP, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger, runner_text
from drone_lint_rules.host import Options, allowed, clean, in_container, untrusted

_WORST = (
    "/dev/mem",
    "/dev/kmem",
    "/dev/kmsg",
    "/dev/port",
    "/dev/sd",
    "/dev/nvme",
    "/dev/vd",
    "/dev/xvd",
    "/dev/hd",
    "/dev/dm-",
    "/dev/mapper",
    "/dev/disk",
    "/dev/loop",
    "/dev/md",
    "/dev/mmcblk",
    "/dev/nbd",
    "/dev/rbd",
    "/dev/zd",
    "/dev/sr",
    "/dev/bcache",
    "/dev/block",
)
"""Memory and disks: these give access to the host's data without any permission check."""
_COMMON = ("/dev/kvm", "/dev/fuse", "/dev/dri", "/dev/net/tun", "/dev/null", "/dev/zero")


class HostDevice(Rule):
    """A step gets access to a device of the host.

    The container can read, write and create the device. A disk or `/dev/mem` gives access to the whole host (an error); `/dev/kvm`,
    `/dev/fuse`, `/dev/dri` and `/dev/net/tun` are commonly needed and only reported as a notice.

    Drone takes the device's path from the pipeline's host volume with the same name, and refuses both in untrusted repositories.
    """

    name = "host-device"
    severity = Severity.WARNING
    why = "the container can read, write and create the device"
    help = "remove the device, or run the pipeline on a runner that is dedicated to it"
    references = (OWASP.CICD_SEC_7, CWE(250), CIS_DOCKER("Ensure that host devices are not directly exposed to containers"))
    options = Options
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
          - name: disk  # <- host-device
            path: /dev/xvdb
          - name: kvm  # <- host-device
            path: /dev/kvm
        volumes:
        - name: disk
          host: {path: /dev/sda1}
        - name: kvm
          host: {path: /dev/kvm}
        """,
        Jsonnet("""
        {
          kind: 'pipeline',
          type: 'docker',
          name: 'default',
          steps: [{ name: 'a', image: 'golang:1.22.1', devices: [
            { name: 'usb', path: '/dev/bus/usb' },  // <- host-device
          ] }],
          volumes: [{ name: 'usb', host: { path: '/dev/bus/usb' } }],
        }
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
          devices: []
          settings:
            devices: [{name: disk, path: /dev/sda}]
        - name: nothing is given
          image: golang:1.22.1
          devices:
          - {name: unknown, path: /dev/sda}
          - {name: folder, path: /dev/sda}
        volumes:
        - {name: folder, host: {path: /srv}}
        - {name: disk, host: {path: /dev/sda}}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        devices = step.get("devices")
        if devices is None or not in_container(pipeline) or pipeline.type == "kubernetes" or allowed(step, self.option.allow):
            return
        for device in devices:
            name = device.get("name")
            volume = pipeline.volume(name.text) if name is not None else None
            host = volume.host_path if volume is not None else None
            path = runner_text(host.text, self.settings) if host is not None else ""
            if host is not None and path.startswith("/dev/"):
                yield self.finding(
                    device.place,
                    f"{step.title} gets the host's device `{host.text}`",
                    severity=_severity(path),
                    related=[("the host's device is named here", host.place)],
                    note=untrusted("mount devices"),
                )


def _severity(path: str) -> Severity:
    cleaned = clean(path)
    if cleaned == "/dev" or cleaned.startswith(_WORST):
        return Severity.ERROR
    return Severity.NOTICE if cleaned.startswith(_COMMON) else Severity.WARNING
