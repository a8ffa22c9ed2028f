"""Caches that save nothing for the next build."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from drone_lint.api import Confidence, Finding, Jsonnet, Pipeline, Rule, Step, Trigger, Value
from drone_lint_rules.plugins import Plugin, plugin_steps
from drone_lint_rules.plugins.knowledge import Keeper

_WORKSPACE = "/drone/src"


class CacheNotKept(Rule):
    """A cache is lost with its build, or does not contain what it is asked to keep.

    A cache plugin that keeps files in a folder needs a volume there that outlives the build: `host` on docker, `claim` or `host` on kubernetes. A `temp` volume is new for every build, and
    without a volume the folder goes with the plugin's container: every restore finds it empty.

    The plugin sees only its own container and the workspace (`/drone/src`), which all steps share. A folder such as `/root/.m2` of the build step is in another container; let the
    build write below the workspace instead (`mvn -Dmaven.repo.local=.m2`, `GOMODCACHE`, `npm_config_cache`, `PIP_CACHE_DIR`), or mount one volume at the folder in all steps.
    """

    name = "cache-not-kept"
    confidence = Confidence.MEDIUM
    trigger = Trigger(keys=("mount",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: restore
          image: drillster/drone-volume-cache:1.0.0
          volumes:
          - name: cache
            path: /cache  # <- cache-not-kept
          settings: {restore: true, mount: [node_modules]}
        - name: restore-home
          image: meltwater/drone-cache
          settings:
            backend: s3
            restore: true
            mount:
            - vendor
            - /root/.m2  # <- cache-not-kept
        - name: nowhere
          image: plugins/cache:1
          settings: {backend: filesystem, restore: true, mount: [vendor]}  # <- cache-not-kept
        volumes:
        - name: cache
          temp: {}
        """,
        Jsonnet("""
        local cache(kind) = { name: kind, image: 'drillster/drone-volume-cache', volumes: [{ name: 'c', path: '/cache' }], settings: {
          [kind]: true,
          mount: '/usr/local/bundle',  // <- cache-not-kept
        } };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [cache('restore'), cache('rebuild')], volumes: [{ name: 'c', host: { path: '/var/lib/cache' } }] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: restore
          image: drillster/drone-volume-cache:1.0.0
          volumes: [{name: cache, path: /cache}, {name: gems, path: /usr/local/bundle}]
          settings: {restore: true, mount: [./node_modules, /drone/src/vendor, /usr/local/bundle]}
        - name: bucket
          image: meltwater/drone-cache
          settings: {bucket: b, restore: true, mount: [vendor]}
        - name: elsewhere
          image: plugins/cache:1
          volumes: [{name: cache, path: /data}]
          settings: {backend: filesystem, filesystem_cache_root: /data/ci, restore: true, mount: [vendor]}
        volumes:
        - {name: cache, host: {path: /var/lib/cache}}
        - {name: gems, temp: {}}
        """,
        """
        kind: pipeline
        type: docker
        name: workspace
        workspace: {path: /go/src/app}
        steps:
        - {name: a, image: meltwater/drone-cache, settings: {restore: true, mount: [/go/src/app/vendor]}}
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        for step, plugin in plugin_steps(pipeline, self.settings):
            if plugin.fact("workspace"):
                yield from self._lost(step, plugin)
                yield from self._unseen(step, plugin)

    def _lost(self, step: Step, plugin: Plugin) -> Iterator[Finding]:
        """A folder of the cache that goes with the build."""
        keeper = plugin.keeper
        path = _folder(step, keeper) if keeper is not None else None
        if path is None:
            return
        mount = next((mount for mount in step.mounts if _is_below(path, mount.path)), None)
        if mount is None:
            yield self.finding(
                (step.settings.get("mount") or step.value).key,
                f"{step.title} keeps its cache in `{path}` of its own container, where no volume is mounted",
                why="the folder is gone with the step: every restore finds it empty",
                help=f"mount a `host` volume at `{path}`",
            )
        elif mount.volume is not None and mount.volume.is_temp:
            yield self.finding(
                (mount.value.get("path") or mount.value).place,
                f"{step.title} keeps its cache in the `temp` volume `{mount.name}`",
                why="a `temp` volume is gone with the build: the next one finds the cache empty",
                help="make it a volume that outlives the build: `host: {path: /var/lib/cache}`",
                related=((f"`{mount.name}` is a `temp` volume", mount.volume.value.place),),
                group=f"temp {mount.name}",
            )

    def _unseen(self, step: Step, plugin: Plugin) -> Iterator[Finding]:
        """Folders that the plugin's container does not share with the build."""
        root = _workspace(step.pipeline)
        for name in plugin.fact("workspace"):
            value = step.settings.get(name)
            for item in _texts(value) if value is not None and root is not None else ():
                path = item.text
                if path.startswith(("/", "~", "$HOME")) and not _is_shared(path, root or "", step):
                    yield self.finding(
                        item.place,
                        f"`{path}` is outside of the workspace: {step.title} does not see that folder of other steps",
                        why="steps share only the workspace; the plugin looks into its own container, where the folder is another one",
                        help=f"let the build write below `{root}`, and name that folder here",
                        group=f"outside {path}",
                    )


def _folder(step: Step, keeper: Keeper) -> str | None:
    """Where a step keeps its cache; None where it is not a folder, or not known."""
    if keeper.only:
        name, _, wanted = keeper.only.partition("=")
        value = step.settings.get(name)
        if value is None or value.text != wanted:
            return None
    named = step.settings.get(keeper.setting) if keeper.setting else None
    path = named.text if named is not None else keeper.path
    return path if path.startswith("/") and "$" not in path else None


def _workspace(pipeline: Pipeline) -> str | None:
    """The folder that steps share; None where a variable is part of it."""
    parts = [pipeline.value.at("workspace", key) for key in ("base", "path")]
    base, path = (part.text if part is not None else "" for part in parts)
    root = posixpath.join(base or ("/drone" if path else _WORKSPACE), path)
    return root if "$" not in root else None


def _texts(value: Value) -> list[Value]:
    return [value] if value.is_string else [item for item in value if item.is_string]


def _is_shared(path: str, root: str, step: Step) -> bool:
    return _is_below(path, root) or any(_is_below(path, mount.path) or _is_below(mount.path, path) for mount in step.mounts)


def _is_below(path: str, folder: str) -> bool:
    inner, outer = posixpath.normpath(path), posixpath.normpath(folder or "/-")
    return inner == outer or inner.startswith(outer.rstrip("/") + "/")
