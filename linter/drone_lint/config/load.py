"""The configuration: `.drone-lint.yaml` or `[tool.drone-lint]`, read strictly, and the settings it leaves for a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from drone_lint.lint.packs import PackError, known_rules
from drone_lint.lint.registry import Rules
from drone_lint.settings import CHOICES, Settings, field_types
from drone_lint.text.files import LARGEST, inside, read_text, relative_path
from drone_lint.text.spelling import nearest

NAMES = (".drone-lint.yaml", ".drone-lint.yml")
SEVERITIES = ("error", "warning", "notice", "info")
_TOP = (
    "trust",
    "runner",
    "profile",
    "fail-on",
    "select",
    "ignore",
    "severity",
    "server",
    "jsonnet",
    "images",
    "secrets",
    "substitution",
    "rules",
)
TOP_KEYS = (*_TOP, "per-path", "packs", "files", "baseline")
PER_PATH_KEYS = ("trust", "runner", "profile", "fail-on", "select", "ignore", "severity", "rules")
_COMMAND_LINE_ONLY = {"jsonnet": ("tla_str", "tla_code", "ext_code"), "substitution": ("env",)}


def command_line_only(section: str) -> tuple[str, ...]:
    """Fields of a section that only the command line sets."""
    return _COMMAND_LINE_ONLY.get(section, ())


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
        raise ConfigError(f"{path}: a link that leads out of the repository")
    data = _tool_table(path, required=True) if path.endswith(".toml") else _yaml(path)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: the configuration is no mapping")
    _Checker(path, _known(path, data) if known is None else known).check(data)
    if within is not None:
        _confine(path, data, within)
    return Config(os.path.abspath(path), data)


def _confine(path: str, data: Mapping[str, Any], within: str) -> None:
    """Refuse library paths and a baseline outside of the repository: whoever may change the file could have others read."""
    named = [("jsonnet.jpath", item) for item in data.get("jsonnet", {}).get("jpath", ())]
    named += [("baseline", data["baseline"])] if "baseline" in data else []
    for key, item in named:
        if inside(within, os.path.join(os.path.dirname(os.path.abspath(path)), item)) is None:
            raise ConfigError(f"{path}: {key}: {item!r} leads out of the repository; only the command line may do that")


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


class _Checker:
    """Checks a configuration's keys and values; every message names the file and the key."""

    def __init__(self, path: str, known: Rules) -> None:
        self._path = path
        self._known = known

    def check(self, data: Mapping[str, Any]) -> None:
        self._keys("", data, TOP_KEYS)
        for key, value in data.items():
            self._top(key, value)

    def _top(self, key: str, value: Any) -> None:
        if key in ("server", "jsonnet", "images", "secrets", "substitution"):
            self._section(key, value)
        elif key == "per-path":
            for pattern, part in self._mapping(key, value).items():
                where = f"per-path.{pattern}"
                self._keys(where, self._mapping(where, part), PER_PATH_KEYS)
                for inner, item in part.items():
                    self._plain(f"{where}.{inner}", inner, item)
        else:
            self._plain(key, key, value)

    def _plain(self, where: str, key: str, value: Any) -> None:
        if key in CHOICES:
            self._choice(where, value, CHOICES[key])
        elif key in ("select", "ignore"):
            for name in self._strings(where, value):
                self._rule_or_family(where, name)
        elif key == "severity":
            for name, item in self._mapping(where, value).items():
                self._rule_or_family(where, name)
                self._choice(f"{where}.{name}", item, SEVERITIES)
        elif key == "rules":
            self._rules(where, value)
        elif key in ("packs", "files"):
            self._strings(where, value)
        else:
            self._typed(where, value, "str")

    def _section(self, key: str, value: Any) -> None:
        section = getattr(Settings(), key)
        hidden = _COMMAND_LINE_ONLY.get(key, ())
        kinds = {name.replace("_", "-"): kind for name, kind in field_types(section).items() if name not in hidden}
        self._keys(key, self._mapping(key, value), tuple(kinds))
        for inner, item in value.items():
            where = f"{key}.{inner}"
            if inner in CHOICES:
                self._choice(where, item, CHOICES[inner])
            else:
                self._typed(where, item, kinds[inner])

    def _rules(self, where: str, value: Any) -> None:
        for name, options in self._mapping(where, value).items():
            if name not in self._known:
                self._unknown(where, "rule", name, tuple(self._known))
            kind = self._known[name].options
            kinds = {name.replace("_", "-"): type_ for name, type_ in field_types(kind).items()}
            inner = f"{where}.{name}"
            self._keys(inner, self._mapping(inner, options), tuple(kinds))
            for key, item in options.items():
                self._typed(f"{inner}.{key}", item, kinds[key])

    def _typed(self, where: str, value: Any, kind: str) -> None:
        if kind.startswith("tuple"):
            self._strings(where, value)
        elif kind.startswith("Literal"):
            import re

            self._choice(where, value, tuple(found for _, found in re.findall(r"(['\"])(.+?)\1", kind)))
        elif kind.startswith("Mapping"):
            for item in self._mapping(where, value).values():
                self._typed(where, item, "str")
        elif kind == "bool" and not isinstance(value, bool):
            raise self._error(where, f"expected true or false, not {_shown(value)}")
        elif kind == "int" and (isinstance(value, bool) or not isinstance(value, int)):
            raise self._error(where, f"expected a whole number, not {_shown(value)}")
        elif kind.startswith("str") and not isinstance(value, str):
            raise self._error(where, f"expected a string, not {_shown(value)}" + (" (quote it)" if isinstance(value, (int, float)) else ""))

    def _strings(self, where: str, value: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._error(where, "expected a list of strings")
        return value

    def _mapping(self, where: str, value: Any) -> Mapping[str, Any]:
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise self._error(where, "expected a mapping")
        return value

    def _choice(self, where: str, value: Any, choices: tuple[str, ...]) -> None:
        if value not in choices:
            self._unknown(where, "value", value if isinstance(value, str) else _shown(value), choices)

    def _keys(self, where: str, data: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in data:
            if key not in known:
                self._unknown(where, "key", str(key), known)

    def _rule_or_family(self, where: str, name: str) -> None:
        families = self._known.families
        if name not in self._known and name not in families:
            self._unknown(where, "rule", name, (*self._known, *families))

    def _unknown(self, where: str, what: str, name: str, choices: tuple[str, ...]) -> None:
        guess = nearest(name, choices)
        hint = f"; did you mean `{guess}`?" if guess else f"; known: {', '.join(choices)}" if 0 < len(choices) <= 12 else ""
        raise self._error(where, f"unknown {what} `{name}`{hint}")

    def _error(self, where: str, message: str) -> ConfigError:
        return ConfigError(f"{self._path}: {where}: {message}" if where else f"{self._path}: {message}")


def _shown(value: Any) -> str:
    """A value in a message: shortened, since aliases can make it larger than memory."""
    import reprlib

    return reprlib.repr(value)


def settings_for(config: Config, path: str, base: Settings) -> Settings:
    """The settings for a file: `base` holds the profile's, then the file's, then what `per-path` says of `path` (absolute)."""
    if not config.data:
        return base
    settings = _apply(base, config.data, config.folder)
    relative = relative_path(path, config.folder)
    for pattern, part in config.data.get("per-path", {}).items():
        if _glob(pattern, relative):
            settings = _apply(settings, part, config.folder)
    return settings


def _glob(pattern: str, path: str) -> bool:
    from drone_lint.semantics.glob import matches

    return matches(pattern, path)


def _apply(settings: Settings, data: Mapping[str, Any], folder: str) -> Settings:
    changes: dict[str, Any] = {}
    for key, value in data.items():
        name = key.replace("-", "_")
        current = getattr(settings, name)
        if key == "baseline":
            changes[name] = os.path.join(folder, value)
        elif hasattr(current, "_fields"):
            changes[name] = current._replace(**{inner.replace("-", "_"): _frozen(item) for inner, item in value.items()})
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


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
