"""The configuration: `.drone-lint.yaml` or `[tool.drone-lint]`, read strictly, and the settings it leaves for a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from drone_lint.lint.packs import PackError, known_rules
from drone_lint.lint.registry import Rules
from drone_lint.settings import PluginSettings, Settings
from drone_lint.text.files import LARGEST, inside, read_text, relative_path

NAMES = (".drone-lint.yaml", ".drone-lint.yml")


MakeSchema = Callable[[Rules, Collection[str]], dict[str, Any]]
"""Makes the JSON Schema of a configuration: of the rules that there are, and those whose options are wanted."""


class ConfigError(ValueError):
    """A configuration that does not hold; the message names file and key."""


class Config(NamedTuple):
    """A configuration file as read and checked."""

    path: str | None = None
    """Absolute path of the file; None when there is none."""
    data: Mapping[str, Any] | None = None

    @property
    def folder(self) -> str:
        """The folder that the file's own paths and patterns are relative to."""
        return os.path.dirname(self.path) if self.path else os.getcwd()


def in_folder(folder: str) -> str | None:
    """The configuration file that a folder has."""
    for name in NAMES:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    project = os.path.join(folder, "pyproject.toml")
    return project if os.path.isfile(project) and _tool_table(project) is not None else None


def read(path: str, known: Rules | None = None, within: str | None = None) -> Config:
    """Read and check a configuration file.

    Args:
        path: the file.
        known: rules that it may name.
        within: the folder that neither the file itself nor what it names may lead out of; None where it is trusted.

    Raises:
        ConfigError: it cannot be read, or a key, rule, option or value in it is unknown.
    """
    if within is not None and inside(within, path) is None:
        raise ConfigError(f"{path}: a symbolic link to a place outside the repository")
    data = _tool_table(path, required=True) if path.endswith(".toml") else _yaml(path)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: the configuration is not a mapping")
    _check(path, data, _known(path, data) if known is None else known, _schema)
    if within is not None:
        _confine(path, data, within)
    return Config(os.path.abspath(path), data)


def _schema(known: Rules, named: Collection[str]) -> dict[str, Any]:
    from drone_lint.config.schema import schema

    return schema(known, named)


def read_with(path: str, make: MakeSchema) -> Config:
    """Read a configuration of another shape, from a place that is trusted.

    Raises:
        ConfigError: it cannot be read, or something in it is unknown.
    """
    data = _yaml(path)
    if data is not None and not isinstance(data, dict):
        raise ConfigError(f"{path}: the configuration is not a mapping")
    _check(path, data or {}, _known(path, data or {}), make)
    return Config(os.path.abspath(path), data or {})


def _confine(path: str, data: Mapping[str, Any], within: str) -> None:
    """Refuse library paths and a baseline outside of the repository: whoever may change the file could have others read."""
    named = [("jsonnet.jpath", item) for item in data.get("jsonnet", {}).get("jpath", ())]
    named += [("templates", item) for item in data.get("templates", {}).values()]
    named += [("baseline", data["baseline"])] if "baseline" in data else []
    for key, item in named:
        if inside(within, os.path.join(os.path.dirname(os.path.abspath(path)), item)) is None:
            raise ConfigError(f"{path}: {key}: {item!r} is outside the repository, which only the command line may name")


def _known(path: str, data: Mapping[str, Any]) -> Rules:
    packs = data.get("packs", [])
    if not isinstance(packs, list) or not all(isinstance(name, str) for name in packs):
        raise ConfigError(f"{path}: packs: expected a list of strings")
    try:
        return known_rules(tuple(packs))
    except PackError as error:
        raise ConfigError(f"{path}: packs: {error}") from error


def _yaml(path: str) -> Any:
    import yaml

    from drone_lint.source.yaml.composer import Composer, TooDeepError, YamlError

    text = _text(path)
    try:
        with suppress(YamlError):  # the loader's own words are better
            Composer(0).compose(text)
    except TooDeepError as error:  # aliases that the loader would write out
        raise ConfigError(f"{path}: {error}") from error
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    except (yaml.YAMLError, RecursionError, ValueError, TypeError, LookupError, AttributeError) as error:  # `!!int ""`, `!!bool x`
        raise ConfigError(f"{path}: {' '.join(str(error).split())}") from error


def _text(path: str) -> str:
    try:
        return read_text(path, LARGEST)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def _tool_table(path: str, *, required: bool = False) -> Any:
    try:
        text = _text(path)
    except ConfigError:
        if required:
            raise
        return None
    if "drone-lint" not in text and not required:
        return None
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: {error}") from error
    tool = table.get("tool")
    return tool.get("drone-lint") if isinstance(tool, dict) else None


def _check(path: str, data: Mapping[str, Any], known: Rules, make: MakeSchema) -> None:
    """Raise ConfigError for the first thing that is wrong, with its line where that can be told."""
    from drone_lint.config.check import explain, holds, line_in_toml, line_of

    expected = make(known, set(_rules_named(data)))
    if holds(data, expected):
        return
    wrong = explain(data, expected)
    where = ".".join(str(key) for key in wrong.path if isinstance(key, str))
    toml = path.endswith(".toml")
    line = (line_in_toml if toml else line_of)(_text(path), wrong.path, wrong.at_key)
    raise ConfigError(": ".join((f"{path}:{line}" if line is not None else path, *([where] if where else []), str(wrong))))


def _rules_named(data: Mapping[str, Any]) -> Iterator[str]:
    """The rules that have options."""
    inner = [part for key in ("per-path", "repos") if isinstance(data.get(key), dict) for part in data[key].values()]
    for part in (data, *inner):
        rules = part.get("rules") if isinstance(part, dict) else None
        yield from (name for name in (rules if isinstance(rules, dict) else ()) if isinstance(name, str))


def settings_for(config: Config, path: str, base: Settings) -> Settings:
    """The settings for a file: `base` holds the profile's, then the file's, then what `per-path` says of `path` (absolute)."""
    if not config.data:
        return base
    settings = applied(base, config.data, config.folder)
    relative = relative_path(path, config.folder)
    for pattern, part in config.data.get("per-path", {}).items():
        if _glob(pattern, relative):
            settings = applied(settings, part, config.folder)
    return settings


def _glob(pattern: str, path: str) -> bool:
    from drone_lint.semantics.glob import matches

    return matches(pattern, path)


def applied(settings: Settings, data: Mapping[str, Any], folder: str) -> Settings:
    """Settings with what a part of a configuration says; its paths are relative to `folder`."""
    changes: dict[str, Any] = {}
    for key, value in data.items():
        name = key.replace("-", "_")
        current = getattr(settings, name)
        if key == "baseline":
            changes[name] = os.path.join(folder, value)
        elif key == "templates":
            changes[name] = {template: os.path.join(folder, item) for template, item in value.items()}
        elif hasattr(current, "_fields"):
            changes[name] = current._replace(**{inner.replace("-", "_"): _frozen(item) for inner, item in value.items()})
        elif key == "plugins":
            changes[name] = {**current, **{image.lower(): _plugin(part) for image, part in value.items()}}
        elif key in ("rules", "severity"):
            changes[name] = {**current, **value}
        elif key == "ignore":
            changes[name] = (*current, *value)
        else:
            changes[name] = _frozen(value)
    if "jsonnet" in changes:
        jpath = tuple(os.path.join(folder, item) for item in changes["jsonnet"].jpath)
        changes["jsonnet"] = changes["jsonnet"]._replace(jpath=jpath)
    return settings._replace(**changes)


def _plugin(data: Mapping[str, Any]) -> PluginSettings:
    return PluginSettings(**{field: _frozen(item) for field, item in data.items()})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
