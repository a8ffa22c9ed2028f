"""Every setting with its default, as the configuration file and the command line leave it. Frozen; no parsing here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args

Trust = Literal["trusted", "untrusted"]
Profile = Literal["default", "pedantic", "drone"]
FailOn = Literal["error", "warning", "notice", "never"]
Engine = Literal["auto", "jsonnet", "rjsonnet"]

CHOICES: Mapping[str, tuple[str, ...]] = {
    "trust": get_args(Trust),
    "profile": get_args(Profile),
    "fail-on": get_args(FailOn),
    "engine": get_args(Engine),
}
"""What a setting may be, by its key in the configuration and its flag."""


class ServerSettings(NamedTuple):
    """Facts about the user's Drone server."""

    version: str = "2.25"
    ignore_pull_requests: bool = False
    paths_extension: bool = False
    plugin_volumes: bool = False
    extra_types: tuple[str, ...] = ()


class JsonnetSettings(NamedTuple):
    """How Jsonnet is evaluated."""

    server_evaluates: bool = True
    """False: the repository commits generated YAML, so the server's import rules do not matter."""
    import_limit: int = 0
    jpath: tuple[str, ...] = ()
    ext_str: Mapping[str, str] = {}
    ext_code: Mapping[str, str] = {}
    tla_str: Mapping[str, str] = {}
    tla_code: Mapping[str, str] = {}
    engine: Engine = "auto"


class StarlarkSettings(NamedTuple):
    """Facts about how the user's Drone server evaluates Starlark."""

    step_limit: int = 0
    """`DRONE_STARLARK_STEP_LIMIT`; 0: not known, so that no program is refused for its steps. A server without it allows 50,000."""
    size_limit: int = 1_000_000
    """`DRONE_STARLARK_SIZE_LIMIT`, in bytes."""


class ImageSettings(NamedTuple):
    """What is known of images."""

    trusted_registries: tuple[str, ...] = ()
    privileged: tuple[str, ...] = ()
    """Images that the runner privileges besides its built-in ones (`DRONE_RUNNER_PRIVILEGED_IMAGES`)."""
    docker_client: tuple[str, ...] = ()
    moving_tags: tuple[str, ...] = ()
    """Patterns of tags that move besides those that are known to (`latest`)."""


class SecretSettings(NamedTuple):
    """What is known of secrets."""

    allowed_on_pull_requests: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


class PluginSettings(NamedTuple):
    """What a plugin of the user's own does with its settings."""

    like: str = ""
    """A known plugin whose settings it takes as well: `plugins/docker`."""
    settings: tuple[str, ...] = ()
    """Names of settings; without any, and without `like`, every name counts as known."""
    secrets: tuple[str, ...] = ()
    """Names of settings that hold credentials."""
    events: tuple[str, ...] = ()
    """The only events for which it does not fail."""
    instead: str = ""
    """The image to use in its place."""


class SubstitutionSettings(NamedTuple):
    """What is known of `${}` variables."""

    variables: tuple[str, ...] = ()
    """Names that the runner or build parameters add."""
    env: Mapping[str, str] = {}
    """Values given on the command line."""


class Settings(NamedTuple):
    """The settings that hold for one file."""

    trust: Trust | None = None
    """`trusted`, `untrusted` or None (unknown, counts as trusted)."""
    runner: str = "docker"
    """What a pipeline without a type is taken for."""
    profile: Profile = "default"
    """`default`, `pedantic` (everything) or `drone` (only what Drone itself refuses)."""
    fail_on: FailOn = "warning"
    """The least severity that fails a run, or `never`."""
    select: tuple[str, ...] = ()
    """Exactly these rules or families, whatever the profile."""
    ignore: tuple[str, ...] = ()
    """Rules or families to leave out; beats `select`."""
    severity: Mapping[str, str] = {}
    """Another severity for rules or families."""
    server: ServerSettings = ServerSettings()
    jsonnet: JsonnetSettings = JsonnetSettings()
    starlark: StarlarkSettings = StarlarkSettings()
    images: ImageSettings = ImageSettings()
    secrets: SecretSettings = SecretSettings()
    substitution: SubstitutionSettings = SubstitutionSettings()
    rules: Mapping[str, Mapping[str, Any]] = {}
    """Options by rule name, as written."""
    per_path: Mapping[str, Mapping[str, Any]] = {}
    """What holds for files that match a pattern."""
    plugins: Mapping[str, PluginSettings] = {}
    """Plugins besides those that are known, by their images without tags."""
    packs: tuple[str, ...] = ()
    """Installed rule packs: names in the entry-point group `drone_lint.rules`."""
    templates: Mapping[str, str] = {}
    """Files with the texts of templates, by the name that `load` has."""
    files: tuple[str, ...] = ()
    """Patterns of what counts as a Drone configuration besides the usual names."""
    baseline: str | None = None
    """File of findings that are known; only new ones are reported."""
    event: str | None = None
    """`--event`; None: all, or for the drone profile none."""
    max_seconds: float = 30.0
    max_memory: int = 1 << 30
    """Bytes that one evaluation may use."""

    @property
    def untrusted(self) -> bool:
        """Whether the repository is known to be untrusted."""
        return self.trust == "untrusted"
