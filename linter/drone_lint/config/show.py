"""`--show-config`: the settings that hold for a file, as a configuration would say them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drone_lint.settings import Settings


def show(path: str, settings: Settings) -> str:
    """The settings as YAML, under a comment with the file's name."""
    import yaml

    text = yaml.safe_dump(_plain(settings), sort_keys=False, default_flow_style=None, allow_unicode=True, width=120)
    return f"# {path}\n{text}"


def _plain(value: Any) -> Any:
    if hasattr(value, "_fields"):
        return {name.replace("_", "-"): _plain(getattr(value, name)) for name in value._fields}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
