"""Everything that is wrong with the compose files that a command uses."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, OtherYaml, Surroundings, TextPlace, Value
from drone_lint_rules.docker.compose import ComposeUse, project_of
from drone_lint_rules.docker.compose_faults import ComposeFault
from drone_lint_rules.docker.compose_project import SECTIONS, ComposedService, Project, is_version_1
from drone_lint_rules.docker.compose_variables import dotenv, variable_faults, variables_of
from drone_lint_rules.docker.folders import join, written_path
from drone_lint_rules.docker.produced import may_be_changed, may_be_made
from drone_lint_rules.docker.runs import surroundings
from drone_lint_rules.shell import script_of

REFUSED = ("yaml", "schema", "reference", "circle", "conflict", "port")
"""Kinds of faults for which Compose refuses the files."""
_OF_STACKS = ("yaml", "circle")
"""What `docker stack deploy`, whose reader differs, refuses as well."""
_SHELL = ("CI", "HOME", "HOSTNAME", "PATH", "PWD", "SHELL", "TERM", "USER")
"""What a step's shell has besides Drone's variables."""
_MAKING = ("image", "build", "provider")


def compose_faults(use: ComposeUse, file: ConfigFile) -> tuple[ComposeFault, ...]:
    """What is wrong with the files of one command, in the order in which Compose looks; the same objects each time.

    Nothing is said of files that an earlier command may have rewritten.
    """
    around = surroundings(file)
    if any(may_be_changed(path, use.step, use.run, around) for path, _ in use.files):
        return ()
    key = ("compose faults", tuple(path for path, _ in use.files), use.folder, use.complete, use.legacy, use.stack, use.line, id(use.step))
    if key not in around.memo:
        around.memo[key] = tuple(_all_faults(use, file, around))
    found: tuple[ComposeFault, ...] = around.memo[key]
    return found


def _all_faults(use: ComposeUse, file: ConfigFile, around: Surroundings) -> Iterator[ComposeFault]:
    project = project_of(use, file)
    found = list(_of_files(project, use))
    broken = any(content.error for _, content in project.files)
    found += project.faults
    if not broken:
        found += _of_services(project)
        found += _of_project(project, use)
        found += variable_faults(project, lambda name: _has_value(name, use, around))
        found += _inactive(project, use)
    yield from (fault for fault in found if not use.stack or fault.kind in _OF_STACKS)


# -- each file


def _of_files(project: Project, use: ComposeUse) -> Iterator[ComposeFault]:
    single = len(project.files) == 1 and use.complete
    for path, content in project.files:
        if content.error:
            end = content.source.text.find("\n", content.at)
            place = TextPlace(content.source, content.at, max(end, content.at))
            yield ComposeFault(
                "yaml", place, f"`{path}` is not valid YAML: {content.error}", "mend the line; Compose reads nothing of the file"
            )
            continue
        for key in content.repeated:
            message = f"the key `{key.key}` is written twice"
            yield ComposeFault("yaml", key.place, message, "merge the two into one", (("first written here", key.first),))
        yield from _of_documents(path, content, use, single)


def _of_documents(path: str, content: OtherYaml, use: ComposeUse, single: bool) -> Iterator[ComposeFault]:
    from drone_lint_rules.docker.compose_schema import schema_faults

    if not content.documents:
        start = TextPlace(content.source, 0, max(content.source.text.find("\n"), 0))
        if single:
            yield ComposeFault("schema", start, f"`{path}` is empty", "add `services`")
    for document in content.documents:
        root = document.value
        if not root.is_map:
            yield ComposeFault("schema", root.place, f"`{path}` is not a compose file: it holds no map with `services`", "add `services`")
        elif not is_version_1(root, use.legacy):
            for fault in schema_faults(document):
                if single or not fault.only_whole:
                    yield ComposeFault("schema", fault.place, fault.message, fault.help)
    roots = [document.value for document in content.documents]
    if single and roots and all(root.is_map and not _holds_anything(root, use) for root in roots):
        yield ComposeFault("schema", _place_of(roots[0]), f"`{path}` has no services", "add `services`")


def _holds_anything(root: Value, use: ComposeUse) -> bool:
    """Whether a file has services, or leaves them to others; a misspelt `services` is said already."""
    if is_version_1(root, use.legacy):
        return any(value.is_map for _, value in root.items())
    services = root.get("services")
    others = any(root.get(key) is not None for key in ("include", *SECTIONS))
    strange = any(key not in ("version", "name", "services") and not key.startswith("x-") for key, _ in root.items())
    return others or strange if services is None else bool(not services.is_map or next(services.items(), None) is not None)


def _place_of(root: Value) -> TextPlace:
    services = root.get("services")
    source = root.document.source
    if services is not None and services.node.start >= 0:
        return TextPlace(source, services.node.start, max(services.node.end, services.node.start))
    return TextPlace(source, 0, max(source.text.find("\n"), 0))


# -- the whole


def _of_services(project: Project) -> Iterator[ComposeFault]:
    for service in project.services.values():
        if project.complete and service.complete and not any(_is_filled(service.get(key)) for key in _MAKING):
            help_ = "add `image: NAME:TAG`, or `build: FOLDER`"
            yield ComposeFault("schema", service.key, f"{service.title} has neither `image` nor `build`", help_)


def _is_filled(value: Value | None) -> bool:
    return value is not None and not value.is_null and (not value.is_scalar or bool(value.text))


def _of_project(project: Project, use: ComposeUse) -> Iterator[ComposeFault]:
    from drone_lint_rules.docker.compose_check import consistency_faults

    started = _started(project, use)
    for fault in consistency_faults(project):
        if fault.kind != "taken" or (use.starts and started is None):
            yield fault


def _started(project: Project, use: ComposeUse) -> tuple[str, ...] | None:
    """The services that a command names, where it does not start all of them."""
    named = tuple(name for name in use.line.services if name in project.services)
    return named or (() if use.line.open or use.line.verb not in ("up", "create", "start") else None)


def _inactive(project: Project, use: ComposeUse) -> Iterator[ComposeFault]:
    """Services that others wait for and that no profile of the command starts."""
    from drone_lint_rules.docker.compose_check import profiles_of

    if (
        not project.complete
        or use.line.open
        or use.line.services
        or use.line.profiles
        or not use.starts
        or use.line.verb not in ("up", "create")
    ):
        return
    if script_of(use.step).mentions("COMPOSE_PROFILES") or any("COMPOSE_PROFILES" in one for one in _environment(use)):
        return
    for service in project.services.values():
        if profiles_of(service):
            continue
        for _, name, value in service.entries("depends_on"):
            other: ComposedService | None = project.services.get(name)
            required = value.get("required")
            if other is not None and profiles_of(other) and (required is None or required.text.lower() != "false"):
                shown = " or ".join(f"`--profile {one}`" for one in sorted(profiles_of(other)))
                place = value.key if value.path[-1] == name else value.place
                yield ComposeFault(
                    "reference",
                    place,
                    f"{service.title} depends on `{name}`, which starts in a profile only",
                    f"give the command {shown}, or remove its `profiles`",
                )


# -- variables


def _environment(use: ComposeUse) -> Iterator[str]:
    yield from use.step.environment
    outer = use.pipeline.value.get("environment")
    yield from (name for name, _ in outer.items()) if outer is not None else ()
    yield from (one.name for one in use.run.command.assignments)


def _has_value(name: str, use: ComposeUse, around: Surroundings) -> bool:
    """Whether a variable may have a value where the command runs."""
    if name in _environment(use) or name.startswith(("DRONE_", "CI_")) or name in _SHELL:
        return True
    if script_of(use.step).mentions(name) or (use.run.inner is not None and name in use.run.inner.source.text):
        return True
    return _in_env_file(name, use, around)


def _in_env_file(name: str, use: ComposeUse, around: Surroundings) -> bool:
    if use.line.env_files:
        paths = [
            (path := written_path(word, use.run.folder, use.run.root)) and join(use.run.folder, path, use.run.root)
            for word in use.line.env_files
        ]
        sources = [around.read(path) if path else None for path in paths]
        return any(source is None or name in variables_of(source) for source in sources)
    path = f"{use.folder}/.env" if use.folder else ".env"
    known = dotenv(use.folder, around)
    if known is None or name in known:
        return True
    return not around.exists(path) and may_be_made(path, use.step, use.run, around)
