"""Mounts of host directories that are not sensitive by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.host import PathOptions, allowed_path, is_sensitive, mounts_of_host, socket_of, untrusted


class HostVolume(Rule):
    """A step mounts a directory of the host.

    The directory outlives the build and is shared by every pipeline that mounts it: one build can leave files there that
    another one runs, and its content depends on which runner runs the build.

    Drone refuses host volumes in untrusted repositories.

    Use a `temp` volume within a build, and a cache plugin or an artifact store between builds. To share a cache on purpose,
    allow its path with `rules: {host-volume: {allow: [/var/cache/go]}}`.
    """

    name = "host-volume"
    severity = Severity.WARNING
    why = "builds share the directory: one build can leave files there that another one runs"
    help = "use a `temp` volume, or allow the path with `rules: {host-volume: {allow: [...]}}`"
    references = (OWASP.CICD_SEC_7, CWE(653))
    options = PathOptions
    trigger = Trigger(keys=("volumes",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: golang:1.22.1
          volumes:
          - name: cache  # <- host-volume
            path: /go/pkg
        volumes:
        - name: cache
          host:
            path: /srv/cache/go
        """,
        Jsonnet("""
        local cache = { name: 'cache', path: '/go' };  // <- host-volume
        {
          kind: 'pipeline',
          type: 'docker',
          name: 'default',
          steps: [
            { name: 'a', image: 'golang:1.22.1', volumes: [cache] },
            { name: 'b', image: 'golang:1.22.1', volumes: [cache] },
          ],
          volumes: [{ name: 'cache', host: { path: '/srv/cache/go' } }],
        }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: golang:1.22.1
          volumes:
          - {name: scratch, path: /a}
          - {name: claim, path: /b}
          - {name: etc, path: /c}
          - {name: nothing, path: /d}
        volumes:
        - {name: scratch, temp: {}}
        - {name: claim, claim: {name: data}}
        - {name: etc, host: {path: /etc}}
        - {name: nothing, host: null}
        - {name: unused, host: {path: /srv/cache}}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        for mount, value, path in mounts_of_host(step, self.settings):
            if socket_of(path) or is_sensitive(path) or allowed_path(step, path, self.option.allow):
                continue
            yield self.finding(
                mount.value.place,
                f"{step.title} mounts `{value.text}` of the host",
                label=f"mounted here, at {mount.path}" if mount.path else "mounted here",
                related=[("the host path is given here", value.place)],
                note=untrusted("mount host volumes"),
            )
