"""Volumes with several sources, or without any."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Trigger, Volume

_SOURCES = {
    "docker": ("temp", "host"),
    "vm": ("temp", "host"),
    "kubernetes": ("temp", "host", "claim", "config_map", "secret"),
}


class AmbiguousVolume(Rule):
    """A volume has several sources, no source, or the name of another volume.

    A volume needs exactly one of `temp` and `host` (or, on kubernetes, `claim`, `config_map` and `secret`). With two of them the
    runner uses one and ignores the other; with none, it silently ignores mounts of the volume; of two volumes with the same name, it
    mounts only the first.

    A misspelled key, such as `tmp: {}`, is reported by `unknown-key`.
    """

    name = "ambiguous-volume"
    severity = Severity.ERROR
    why = "the runner silently uses only one of them, or mounts nothing"
    help = "give the volume a unique name and exactly one source, such as `temp: {}` or `host: {path: ...}`"
    trigger = Trigger(keys=("volumes",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          volumes: [{name: both, path: /a}, {name: nothing, path: /b}, {name: twice, path: /c}]
        volumes:
        - name: both  # <- ambiguous-volume
          temp: {}
          host: {path: /srv/x}
        - name: nothing  # <- ambiguous-volume
        - name: twice
          temp: {}
        - name: twice  # <- ambiguous-volume
          host: {path: /srv/y}
        - name: null-host  # <- ambiguous-volume
          host:
        - name: null-temp  # <- ambiguous-volume
          temp:
        """,
        Jsonnet("""
        local setup() = {
          name: 'sock',  // <- ambiguous-volume
          temp: {},
          host: { path: '/srv/x' },
        };
        { kind: 'pipeline', type: 'docker', name: 'default', steps: [], volumes: [setup()] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps: []
        volumes:
        - {name: a, temp: {}}
        - {name: b, host: {path: /srv/x}}
        - {name: c, temp: {medium: memory}, host: null}
        ---
        kind: pipeline
        type: kubernetes
        name: kube
        steps: []
        volumes:
        - {name: a, claim: {name: data}}
        - {name: b, config_map: {name: data}}
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        known = _SOURCES.get(pipeline.type)
        if known is None:
            return
        seen: dict[str, Volume] = {}
        for volume in pipeline.volumes:
            if not volume.value.is_map:
                continue
            yield from self._sources(volume, known)
            first = seen.setdefault(volume.name, volume)
            if first is not volume and volume.name:
                related = [("this one is mounted", first.value.place)]
                yield self.finding(
                    volume.value.place,
                    f"volume `{volume.name}` is defined more than once; only the first definition is mounted",
                    related=related,
                )

    def _sources(self, volume: Volume, known: tuple[str, ...]) -> Iterator[Finding]:
        found = [source for source in volume.sources if source.path[-1] in known]
        names = [f"`{source.path[-1]}`" for source in found]
        if len(found) > 1:
            related = [(f"{name} is given here", source.key) for name, source in zip(names, found, strict=True)]
            yield self.finding(
                volume.value.place, f"volume `{volume.name}` has more than one source: {' and '.join(names)}", related=related
            )
        elif not found and not _misspelt(volume, known):
            message = f"volume `{volume.name}` has no source ({' or '.join(f'`{name}`' for name in known)}), so it is never mounted"
            empty = volume.value.get("temp") is not None
            yield self.finding(
                volume.value.place, message, help="write `temp: {}`; without the braces, `temp` is null" if empty else self.help
            )


def _misspelt(volume: Volume, known: tuple[str, ...]) -> bool:
    """Whether the volume has an unknown key in place of a source, which `unknown-key` reports."""
    return any(key not in ("name", *known) for key, _ in volume.value.items())
