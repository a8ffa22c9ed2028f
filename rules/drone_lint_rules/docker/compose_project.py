"""Compose files put together as Compose does: `-f` files in their order, `include`, `extends`, `!reset` and `!override`.

Read from the Compose specification (chapters merge, include, extends, profiles) and compose-go's loader, 2026-11.
"""

from __future__ import annotations

from typing import NamedTuple

from drone_lint.api import AnyPlace, OtherYaml, Scalar, Surroundings, Value, did_you_mean
from drone_lint_rules.docker.compose_faults import ComposeFault
from drone_lint_rules.docker.compose_values import is_open, is_remote, items_of
from drone_lint_rules.docker.folders import join

SECTIONS = ("volumes", "networks", "secrets", "configs", "models")
_MOST_FILES = 40
"""Files that others include or extend."""
_DEEPEST = 20
"""Services that extend services."""
_ROOT = "/drone/src"


class Part(NamedTuple):
    """A service as one file writes it."""

    value: Value
    folder: str | None
    """What its relative paths are relative to, from the repository's root; None when unknown."""


class ComposedService(NamedTuple):
    """A service as Compose sees it: the parts of which it is made, the weakest first."""

    name: str
    parts: tuple[Part, ...]
    complete: bool = True
    """Whether all that it extends could be read."""

    @property
    def key(self) -> AnyPlace:
        """Where it is named, in the file that counts most."""
        return self.parts[-1].value.key

    @property
    def title(self) -> str:
        """For messages."""
        return f"compose service `{self.name}`"

    def layers(self, *keys: str) -> list[tuple[Part, Value]]:
        """What each part says at a key, without what a later `!reset` or `!override` takes away."""
        found: list[tuple[Part, Value]] = []
        for part in self.parts:
            value = part.value.at(*keys)
            if value is None:
                continue
            tag = tag_of(value)
            if tag:
                found.clear()
            if tag != "!reset" and not value.is_null:
                found.append((part, value))
        return found

    def get(self, *keys: str) -> Value | None:
        """The value that counts where one replaces another; None when there is none."""
        found = self.layers(*keys)
        return found[-1][1] if found else None

    def entries(self, *keys: str) -> list[tuple[Part, str, Value]]:
        """The items of lists and maps that are put together: part, name or text, and value; later ones of the same name count."""
        found: dict[str, tuple[Part, str, Value]] = {}
        for part, value in self.layers(*keys):
            for number, (name, item) in enumerate(items_of(value)):
                found[name or f"{len(found)}/{number}"] = (part, name, item)
        return list(found.values())


class Project(NamedTuple):
    """All that a command of Compose reads."""

    services: dict[str, ComposedService]
    resources: dict[str, dict[str, Value]]
    """`volumes`, `networks`, `secrets`, `configs`, `models`: by section and name."""
    complete: bool
    """Whether every file could be read, so that what is not there is missing."""
    faults: tuple[ComposeFault, ...]
    """What kept files from being put together."""
    files: tuple[tuple[str, OtherYaml], ...]
    """Every file that took part, with its path."""


def tag_of(value: Value) -> str:
    """`!reset` or `!override`, where a value has that tag; else nothing."""
    node = value.node
    if isinstance(node, Scalar):
        return node.tag if node.tag in ("!reset", "!override") else ""
    start = node.start
    if start < 0:
        return ""
    text = value.document.source.text
    return next((tag for tag in ("!reset", "!override") if text.startswith(tag, start)), "")


def composed(
    files: tuple[tuple[str, OtherYaml], ...], folder: str | None, around: Surroundings, *, complete: bool = True, legacy: bool = False
) -> Project:
    """Put the files of one command together.

    Args:
        files: paths relative to the repository's root, in the order of `-f`, with their contents.
        folder: the project's folder (that of the first file, or `--project-directory`), relative to the root; None when unknown.
        around: the files of the repository.
        complete: whether the command names no file besides these.
        legacy: whether it may be Compose 1, which reads files whose services stand at the top.
    """
    loader = _Loader(around, complete, legacy)
    model = _Model({}, {section: {} for section in SECTIONS})
    for path, content in files:
        loader.add(path, content, folder, model, (path,))
    services = {name: ComposedService(name, tuple(parts), name not in loader.open) for name, parts in model.services.items()}
    return Project(services, model.resources, loader.complete, tuple(loader.faults), tuple(loader.files.items()))


class _Model(NamedTuple):
    services: dict[str, list[Part]]
    resources: dict[str, dict[str, Value]]


class _Loader:
    """Reads what files name, and remembers what went wrong."""

    def __init__(self, around: Surroundings, complete: bool, legacy: bool) -> None:
        self._around = around
        self._legacy = legacy
        self.complete = complete
        self.faults: list[ComposeFault] = []
        self.files: dict[str, OtherYaml] = {}
        self.open: set[str] = set()
        """Services that extend something which could not be read."""

    def add(self, path: str, content: OtherYaml, folder: str | None, model: _Model, chain: tuple[str, ...]) -> None:
        """Add a file, and what it includes, to what is there."""
        self.files[path] = content
        if content.error:
            self.complete = False
        for document in content.documents:
            root = document.value
            for item in root.get("include") or ():
                self._include(item, folder, model, chain)
            self._services(root, path, folder, model)
            for section in SECTIONS:
                found = root.get(section)
                for name, value in found.items() if found is not None else ():
                    model.resources[section][name] = value

    # -- include

    def _include(self, item: Value, folder: str | None, model: _Model, chain: tuple[str, ...]) -> None:
        entry = item.get("path") if item.is_map else item
        if entry is None:
            return
        paths = [entry] if entry.is_scalar else list(entry)
        project = item.get("project_directory") if item.is_map else None
        inner: str | None = None
        for number, value in enumerate(paths):
            path = self._path(value, folder)
            if path is None:
                self.complete = False
                continue
            if number == 0:
                inner = path.rpartition("/")[0] if project is None else self._path(project, folder)
            if path in chain:
                self._say(
                    "circle",
                    value,
                    f"`{value.text}` includes itself",
                    f"remove it: {' includes '.join((*chain[chain.index(path) :], path))}",
                )
                continue
            content = self._read(path, value, "included file")
            if content is not None:
                self.add(path, content, inner, model, (*chain, path))

    # -- services, and what they extend

    def _services(self, root: Value, path: str, folder: str | None, model: _Model) -> None:
        services = root.get("services")
        if services is None and is_version_1(root, self._legacy):
            services = root
        for name, value in services.items() if services is not None else ():
            if value.is_map and not (services is root and name.startswith("x-")):
                if tag_of(value) in ("!reset", "!override"):
                    model.services.pop(name, None)
                if tag_of(value) == "!reset":
                    continue
                bases = self._bases(name, value, services, path, folder, model, ())
                model.services.setdefault(name, []).extend([*bases, Part(value, folder)])

    def _bases(
        self,
        name: str,
        value: Value,
        services: Value | None,
        path: str,
        folder: str | None,
        model: _Model,
        chain: tuple[tuple[str, str], ...],
    ) -> list[Part]:
        """The parts of what a service extends, the weakest first."""
        extends = value.get("extends")
        named = extends.get("service") if extends is not None and extends.is_map else extends
        if extends is None or named is None or not named.is_scalar or not named.text:
            return []
        if (path, name) in chain or len(chain) > _DEEPEST:
            self._say("circle", named, f"service `{name}` extends itself", "have it extend a service that does not lead back to it")
            return []
        file = extends.get("file") if extends.is_map else None
        where, base_folder, known = path, folder, True
        if file is not None:
            where, base_folder, services, known = self._other(file, folder, path)
        if is_open(named) or not known:
            self.open.add(name)
            return []
        base = services.get(named.text) if services is not None else None
        if base is None:
            return self._elsewhere(name, named, services, model, file)
        return [*self._bases(named.text, base, services, where, base_folder, model, (*chain, (path, name))), Part(base, base_folder)]

    def _elsewhere(self, name: str, named: Value, services: Value | None, model: _Model, file: Value | None) -> list[Part]:
        """A base that is not in the same file: an included file may have it."""
        if file is None and named.text in model.services:
            return list(model.services[named.text])
        self.open.add(name)
        if self.complete:
            known = [key for key, _ in services.items()] if services is not None else []
            where = f"in `{file.text}`" if file is not None else "in this file"
            self._say(
                "reference",
                named,
                f"service `{name}` extends `{named.text}`, which is not {where}{did_you_mean(named.text, known)}",
                "name a service that is there, and the `file` that has it",
            )
        return []

    def _other(self, file: Value, folder: str | None, path: str) -> tuple[str, str | None, Value | None, bool]:
        other = self._path(file, folder)
        content = self._read(other, file, "extended file") if other is not None else None
        if other is None or content is None or content.error or not content.documents:
            return path, folder, None, False
        services = next((one for document in content.documents if (one := document.value.get("services")) is not None), None)
        return other, other.rpartition("/")[0], services, True

    # -- files

    def _path(self, value: Value, folder: str | None) -> str | None:
        if is_open(value) or not value.text or is_remote(value.text):
            return None
        return join(folder, value.text, _ROOT)

    def _read(self, path: str, value: Value, kind: str) -> OtherYaml | None:
        if path in self.files:
            return self.files[path]
        if len(self.files) >= _MOST_FILES:
            self.complete = False
            return None
        content = self._around.read_yaml(path)
        if content is None:
            self.complete = False
            if self._around.exists(path) is False:
                fault = ComposeFault(
                    "file", value.place, f"{kind} `{value.text}` is not in the repository", "mend the path, or add the file", (), path
                )
                self.faults.append(fault)
            return None
        self.files[path] = content
        return content

    def _say(self, kind: str, value: Value, message: str, help_: str) -> None:
        fault = ComposeFault(kind, value.place, message, help_)
        if fault not in self.faults:
            self.faults.append(fault)


def is_version_1(root: Value, legacy: bool) -> bool:
    """Whether a file is of Compose's first format, whose services stand at the top; only the old program reads it."""
    return legacy and root.is_map and not any(root.get(key) is not None for key in ("version", "services", "include", *SECTIONS))
