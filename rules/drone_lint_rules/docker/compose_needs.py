"""The files and folders of the repository that services of a project need: contexts, Dockerfiles, files with variables, configs, secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.api import AnyPlace, Value
from drone_lint_rules.docker.compose_project import ComposedService, Part, Project
from drone_lint_rules.docker.compose_values import is_open, is_remote
from drone_lint_rules.docker.folders import join


class Needed(NamedTuple):
    """A file or folder that a service needs."""

    kind: str
    """`build context`, `Dockerfile`, `env file`, `label file`, `secret`, `config`."""
    path: str
    """Relative to the repository's root."""
    shown: str
    value: Value
    service: str
    """Its name; empty for what stands at the top of the file."""
    explicit: bool = True
    """Whether the file names it; otherwise Compose's default."""
    within: str = ""
    """The folder that has to be there first: a Dockerfile's context."""

    @property
    def place(self) -> AnyPlace:
        """Where it is named, or the key of what needs it."""
        return self.value.place if self.explicit else self.value.key


class BuiltImage(NamedTuple):
    """A service whose image is built from files of the repository."""

    service: ComposedService
    context: str
    """Relative to the repository's root."""
    dockerfile: str
    """Relative to the repository's root; empty where the text stands in the compose file."""
    target: str
    value: Value
    """`build`."""


def needed_files(project: Project, root: str) -> Iterator[Needed]:
    """What the services of a project need of the repository, each as Compose looks for it."""
    for service in project.services.values():
        yield from _build_files(service, root)
        for key, kind in (("env_file", "env file"), ("label_file", "label file")):
            for part, value in service.layers(key):
                for item in [value] if value.is_scalar else value:
                    found = _listed(item, part, kind, service.name, root)
                    if found is not None:
                        yield found


def _listed(item: Value, part: Part, kind: str, service: str, root: str) -> Needed | None:
    required = item.get("required")
    path = item.get("path") if item.is_map else item
    if path is None or (required is not None and required.text.lower() == "false"):
        return None
    return _needed(kind, path, part.folder, service, root)


def _needed(kind: str, value: Value, folder: str | None, service: str, root: str) -> Needed | None:
    if is_open(value) or not value.text or is_remote(value.text):
        return None
    path = join(folder, value.text, root)
    return Needed(kind, path, value.text, value, service) if path is not None else None


def _build_files(service: ComposedService, root: str) -> Iterator[Needed]:
    built = built_image(service, root)
    if built is None:
        return
    context = _context(service)
    if context is not None:
        yield Needed("build context", built.context, context[1].text, context[1], service.name)
    if built.dockerfile:
        file = service.get("build", "dockerfile")
        shown = file.text if file is not None else "Dockerfile"
        yield Needed(
            "Dockerfile", built.dockerfile, shown, file if file is not None else built.value, service.name, file is not None, built.context
        )


def built_image(service: ComposedService, root: str) -> BuiltImage | None:
    """What a service builds; None where it builds nothing, or variables and URLs decide."""
    build = service.get("build")
    if build is None:
        return None
    context = _context(service)
    if context is None:
        folder = service.layers("build")[-1][0].folder
        path = folder
    else:
        part, value = context
        if is_open(value) or is_remote(value.text) or value.text.endswith(".git"):
            return None
        path = join(part.folder, value.text, root)
    file, target = service.get("build", "dockerfile"), service.get("build", "target")
    if path is None or (file is not None and is_open(file)):
        return None
    inline = service.get("build", "dockerfile_inline")
    dockerfile = "" if inline is not None else join(path, file.text if file is not None else "Dockerfile", root)
    if dockerfile is None:
        return None
    stage = target.text if target is not None and not is_open(target) else ""
    return BuiltImage(service, path, dockerfile, stage, build)


def _context(service: ComposedService) -> tuple[Part, Value] | None:
    """The build's context and the part that says it: as text, or below `context`."""
    found = [(part, value if value.is_scalar else value.get("context")) for part, value in service.layers("build")]
    written = [(part, value) for part, value in found if value is not None and value.text]
    return written[-1] if written else None
