"""The configuration of a server's operator: settings for all repositories, and for some by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from drone_lint.config.load import applied, read_with
from drone_lint.config.schema import operator_schema
from drone_lint.settings import Settings


class Operator(NamedTuple):
    """What the operator says of repositories."""

    settings: Settings = Settings()
    """For all of them."""
    repos: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """Patterns of `owner/name`, with what holds besides; the first that matches counts."""
    folder: str = "."
    allowed_ignores: tuple[str, ...] = ()
    """Rules and families whose ignore comments in a configuration count."""
    skipped: tuple[str, ...] = ()
    """Patterns of repositories that are not checked."""

    def settings_of(self, slug: str, *, trusted: bool) -> Settings:
        """The settings for a repository; its trust is what Drone says."""
        part = next((part for pattern, part in self.repos if _takes(pattern, slug)), {})
        return applied(self.settings, part, self.folder)._replace(trust="trusted" if trusted else "untrusted", baseline=None)

    def skips(self, slug: str) -> bool:
        """Whether a repository is not checked."""
        return any(_takes(pattern, slug) for pattern in self.skipped)


def _takes(pattern: str, slug: str) -> bool:
    from drone_lint.semantics.glob import matches

    return matches(pattern, slug)


def read_operator(path: str | None, base: Settings) -> Operator:
    """Read the operator's configuration: the keys of `.drone-lint.yaml` that make sense without a repository, `repos`, `allow-ignores`, `skip-repos`.

    Raises:
        ConfigError: it cannot be read, or something in it is unknown.
    """
    if path is None:
        return Operator(base)
    config = read_with(path, operator_schema)
    data = dict(config.data or {})
    repos = tuple(data.pop("repos", {}).items())
    allowed, skipped = tuple(data.pop("allow-ignores", ())), tuple(data.pop("skip-repos", ()))
    return Operator(applied(base, data, config.folder), repos, config.folder, allowed, skipped)
