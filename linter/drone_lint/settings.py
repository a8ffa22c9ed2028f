"""Every setting with its default, as the configuration file and the command line leave it. Frozen; no parsing here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ServerSettings:
    """Facts about the user's Drone server."""

    version: str = "2.25"
    ignore_pull_requests: bool = False
    paths_extension: bool = False
    plugin_volumes: bool = False
    extra_types: tuple[str, ...] = ()


@dataclass(frozen=True)
class JsonnetSettings:
    """How Jsonnet is evaluated."""

    server_evaluates: bool = True
    """False: the repository commits generated YAML, so the server's import rules do not matter."""
    import_limit: int = 0
    jpath: tuple[str, ...] = ()
    ext_str: Mapping[str, str] = field(default_factory=dict)
    ext_code: Mapping[str, str] = field(default_factory=dict)
    tla_str: Mapping[str, str] = field(default_factory=dict)
    tla_code: Mapping[str, str] = field(default_factory=dict)
    engine: str = "auto"


@dataclass(frozen=True)
class ImageSettings:
    """What is known of images."""

    trusted_registries: tuple[str, ...] = ()
    privileged: tuple[str, ...] = ()
    """Images that the runner privileges besides its built-in ones (`DRONE_RUNNER_PRIVILEGED_IMAGES`)."""
    docker_client: tuple[str, ...] = ()
    moving_tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class SecretSettings:
    """What is known of secrets."""

    allowed_on_pull_requests: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class SubstitutionSettings:
    """What is known of `${}` variables."""

    variables: tuple[str, ...] = ()
    """Names that the runner or build parameters add."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Values given on the command line."""


@dataclass(frozen=True)
class Settings:
    """The settings that hold for one file."""

    trust: str | None = None
    """`trusted`, `untrusted` or None (unknown, counts as trusted)."""
    runner: str = "docker"
    profile: str = "default"
    fail_on: str = "warning"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    server: ServerSettings = field(default_factory=ServerSettings)
    jsonnet: JsonnetSettings = field(default_factory=JsonnetSettings)
    images: ImageSettings = field(default_factory=ImageSettings)
    secrets: SecretSettings = field(default_factory=SecretSettings)
    substitution: SubstitutionSettings = field(default_factory=SubstitutionSettings)
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Options by rule name, as written."""
    per_path: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    packs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    baseline: str | None = None
    event: str | None = None
    """`--event`; None: all, or for the drone profile none."""
    max_seconds: float = 30.0
    max_memory: int = 1 << 30
    """Bytes that one evaluation may use."""

    @property
    def untrusted(self) -> bool:
        """Whether the repository is known to be untrusted."""
        return self.trust == "untrusted"
