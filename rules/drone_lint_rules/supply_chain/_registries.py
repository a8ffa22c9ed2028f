"""Registries that the configuration trusts."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from drone_lint.api import ImageReference
from drone_lint_rules.supply_chain._images import Use


def is_trusted(use: Use, entries: Iterable[str]) -> bool:
    """Whether an image is below one of the entries of `images.trusted-registries`; not if a `${}` sets the registry."""
    return any(_covers(entry.strip().rstrip("/").lower(), use) for entry in entries)


def _covers(entry: str, use: Use) -> bool:
    host, _, path = entry.partition("/")
    if "." not in host and ":" not in host and host != "localhost" and "*" not in host:
        host, path = "docker.io", entry
    elif host == "index.docker.io":
        host = "docker.io"
    if use.host_is_open:
        return entry == "*"
    return fnmatchcase(use.reference.host.lower(), host) and _is_below(use.reference, path)


def _is_below(reference: ImageReference, path: str) -> bool:
    """Whether an image is below a path of its registry; an official image is also known by its bare name."""
    full = reference.canonical.partition("/")[2]
    bare = full.removeprefix("library/") if reference.host == "docker.io" else full
    return not path or path in (full, bare) or full.startswith(f"{path}/") or fnmatchcase(full, path)
