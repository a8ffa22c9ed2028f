"""Whether compose files that were put together are consistent: what Compose refuses after it has read them.

Read from compose-go (loader/validate.go, loader/normalize.go, validation, graph) and the Compose specification, 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import AnyPlace, Value, did_you_mean
from drone_lint_rules.docker.compose_faults import ComposeFault
from drone_lint_rules.docker.compose_project import ComposedService, Project
from drone_lint_rules.docker.compose_values import Port, is_open, mount_of, names_in, port_of

_NAMESPACES = ("network_mode", "ipc", "pid", "uts", "cgroup")
_DECLARED = {"volumes": "volume", "networks": "network", "secrets": "secret", "configs": "config", "models": "model"}


def consistency_faults(project: Project) -> Iterator[ComposeFault]:
    """What is inconsistent in a project, service by service."""
    for service in project.services.values():
        yield from _of_service(service)
        if project.complete and service.complete:
            yield from _undefined_services(service, project)
            yield from _undefined_resources(service, project)
    yield from _circles(project)
    for section in ("secrets", "configs"):
        yield from _sources(project, section)
    if project.complete:
        yield from _ports_twice(project)
        yield from _names_twice(project)


# -- one service by itself


def _of_service(service: ComposedService) -> Iterator[ComposeFault]:
    mode, networks = service.get("network_mode"), service.get("networks")
    if mode is not None and mode.text and networks is not None and (next(names_in(networks), None) is not None):
        yield _fault(
            "conflict", mode.key, f"{service.title} has both `network_mode` and `networks`", "keep one of them", ("the other", networks.key)
        )
    file, inline = service.get("build", "dockerfile"), service.get("build", "dockerfile_inline")
    if file is not None and inline is not None:
        yield _fault(
            "conflict",
            file.key,
            f"{service.title} has both `dockerfile` and `dockerfile_inline`",
            "keep one of them",
            ("the other", inline.key),
        )
    yield from _health(service)
    yield from _scale(service)
    yield from _mounts(service)
    for port in _ports(service):
        if isinstance(port, ComposeFault):
            yield port


def _health(service: ComposedService) -> Iterator[ComposeFault]:
    test = service.get("healthcheck", "test")
    first = test.get(0) if test is not None and test.is_list else None
    if first is not None and not is_open(first) and first.text not in ("CMD", "CMD-SHELL", "NONE"):
        yield _fault(
            "schema",
            first.place,
            f"the `test` of {service.title} begins with `{first.text}`",
            "begin the list with `CMD` or `CMD-SHELL`, or write one text",
        )


def _scale(service: ComposedService) -> Iterator[ComposeFault]:
    name = service.get("container_name")
    for keys in (("scale",), ("deploy", "replicas")):
        count = service.get(*keys)
        if name is not None and count is not None and count.text.isdigit() and int(count.text[:9]) > 1:
            message = f"{service.title} has a `container_name` and runs {count.text} containers"
            yield _fault("conflict", name.key, message, "remove `container_name`: names of containers are unique", ("this many", count.key))


def _mounts(service: ComposedService) -> Iterator[ComposeFault]:
    targets: dict[str, AnyPlace] = {}
    for _, _, item in service.entries("tmpfs"):
        targets[item.text.partition(":")[0]] = item.place
    for _, value in service.layers("volumes"):
        for item in value:
            mount = mount_of(item)
            if mount is None:
                continue
            if mount.problem:
                yield _fault(
                    "schema", item.place, f"`{item.text}` is not a mount: {mount.problem}", "write `SOURCE:TARGET` or `SOURCE:TARGET:ro`"
                )
            elif item.is_map and not mount.target:
                yield _fault("schema", item.place, f"a mount of {service.title} has no `target`", "add `target`: the path in the container")
            elif mount.target in targets:
                yield _fault(
                    "conflict",
                    item.place,
                    f"`{mount.target}` is mounted twice",
                    "keep one of the mounts",
                    ("mounted here, too", targets[mount.target]),
                )


def _ports(service: ComposedService) -> Iterator[Port | ComposeFault]:
    seen: set[str] = set()
    for _, value in service.layers("ports"):
        for item in value:
            port = port_of(item)
            if isinstance(port, str):
                yield _fault(
                    "port",
                    item.place,
                    f"`{item.text}` is not a port mapping: {port}" if item.text else f"a port of {service.title} is not valid: {port}",
                    'write `"HOST:CONTAINER"`, as in `"8080:80"`',
                )
            elif port is not None and (item.is_map or item.text not in seen):
                seen.add(item.text)  # what is written alike in two files is one
                yield port


# -- what names something else


def _undefined_services(service: ComposedService, project: Project) -> Iterator[ComposeFault]:
    seen: set[str] = set()
    for name, value, needed in _needs(service):
        if name in project.services or "$" in name or name in seen:
            continue
        seen.add(name)
        if needed:
            place = value.key if value.path and value.path[-1] == name else value.place
            word = _verb(value)
            yield _fault(
                "reference",
                place,
                f"{service.title} {word} `{name}`, which is not a service{did_you_mean(name, [other for other in project.services if other != service.name])}",
                "name a service of the file",
            )


def _verb(value: Value) -> str:
    keys = [key for key in value.path if isinstance(key, str)]
    word = keys[2] if len(keys) > 2 else ""
    return {"depends_on": "depends on", "links": "links to", "volumes_from": "takes the volumes of", "build": "builds from"}.get(
        word, f"has the `{word}` of"
    )


def _needs(service: ComposedService) -> Iterator[tuple[str, Value, bool]]:
    """The services that one names: name, value, and whether it has to be there."""
    for _, name, value in service.entries("depends_on"):
        required = value.get("required")
        yield name, value, required is None or required.text.lower() != "false"
    for key in ("links", "volumes_from"):
        for _, value in service.layers(key):
            for item in value:
                if key == "links" or not item.text.startswith("container:"):
                    yield item.text.partition(":")[0], item, True
    for key in _NAMESPACES:
        found = service.get(key)
        if found is not None and found.text.startswith("service:"):
            yield found.text.partition(":")[2], found, True
    for _, _, value in service.entries("build", "additional_contexts"):
        text = value.text.partition("=")[2] or value.text
        if text.startswith("service:"):
            yield text.partition(":")[2], value, True


def _undefined_resources(service: ComposedService, project: Project) -> Iterator[ComposeFault]:
    for section, name, value in _resources(service):
        if name in project.resources[section] or "$" in name or (section == "networks" and name == "default"):
            continue
        word = _DECLARED[section]
        place = value.key if value.path and value.path[-1] == name else value.place
        message = f"{service.title} uses the {word} `{name}`, which is not declared{did_you_mean(name, list(project.resources[section]))}"
        yield _fault("reference", place, message, _declare(section, name))


def _declare(section: str, name: str) -> str:
    if section == "secrets":
        return f"declare it at the top of the file: `secrets: {{{name}: {{file: PATH}}}}`"
    if section == "configs":
        return f"declare it at the top of the file: `configs: {{{name}: {{file: PATH}}}}`"
    if section == "models":
        return f"declare it at the top of the file: `models: {{{name}: {{model: NAME}}}}`"
    path = " (a folder begins with `./`)" if section == "volumes" else ""
    return f"declare it at the top of the file: `{section}: {{{name}: {{}}}}`{path}"


def _resources(service: ComposedService) -> Iterator[tuple[str, str, Value]]:
    for section in ("networks", "models"):
        for _, name, value in service.entries(section):
            yield section, name, value
    for section, keys in (("secrets", ("secrets",)), ("configs", ("configs",)), ("secrets", ("build", "secrets"))):
        for _, value in service.layers(*keys):
            yield from ((section, name, item) for name, item in names_in(value))
    for _, value in service.layers("volumes"):
        for item in value:
            mount = mount_of(item)
            if mount is not None and mount.kind == "volume" and mount.source and not mount.problem:
                yield "volumes", mount.source, mount.value


# -- circles


def _circles(project: Project) -> Iterator[ComposeFault]:
    edges = {
        service.name: {
            name: value
            for name, value, _ in reversed(list(_needs(service)))
            if name in project.services and _run_together(service, project.services[name])
        }
        for service in project.services.values()
    }
    done: set[str] = set()
    for start in edges:
        chain = _circle(start, edges, done)
        if chain:
            value = edges[chain[0]][chain[1 % len(chain)]]
            place = value.key if value.path[-1] == chain[1 % len(chain)] else value.place
            shown = " -> ".join(f"`{name}`" for name in (*chain, chain[0]))
            yield _fault("circle", place, f"services wait for each other: {shown}", "remove one of the dependencies")


def _circle(start: str, edges: dict[str, dict[str, Value]], done: set[str]) -> list[str]:
    """The first circle that is reached from a service, each service once."""
    path: list[str] = []
    stack: list[tuple[str, Iterator[str]]] = [(start, iter(edges[start]))] if start not in done else []
    if stack:
        path.append(start)
    while stack:
        name, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            done.add(name)
            stack.pop()
            path.pop()
        elif following in path:
            done.update(path)
            return path[path.index(following) :]
        elif following not in done:
            path.append(following)
            stack.append((following, iter(edges[following])))
    return []


# -- what stands at the top


def _sources(project: Project, section: str) -> Iterator[ComposeFault]:
    """Secrets and configs that say nowhere, or twice, where they come from."""
    keys = ("file", "environment") if section == "secrets" else ("file", "environment", "content")
    for name, value in project.resources[section].items():
        if not value.is_map or value.get("driver") is not None:
            continue
        there = [found for key in keys if (found := value.get(key)) is not None]
        shown = " or ".join(f"`{key}`" for key in keys)
        word = _DECLARED[section]
        if len(there) > 1:
            yield _fault(
                "conflict",
                there[1].key,
                f"{word} `{name}` has both {' and '.join(f'`{one.path[-1]}`' for one in there[:2])}",
                "keep one of them",
                ("the other", there[0].key),
            )
        elif not there and value.get("external") is None:
            yield _fault("schema", value.key, f"{word} `{name}` does not say what it holds", f"give it {shown}, or `external: true`")


# -- what two services cannot have both


def _ports_twice(project: Project) -> Iterator[ComposeFault]:
    found = [(service, port) for service in project.services.values() for port in _ports(service) if isinstance(port, Port)]
    for number, (service, port) in enumerate(found[:500]):
        for other_service, other in found[:number]:
            if (
                port.overlaps(other)
                and _run_together(service, other_service)
                and not (service is other_service and port.target == other.target and port.address == other.address)
            ):
                shown = port.published[0] if port.published is not None else 0
                mine = "also" if service is other_service else f"`{other_service.name}`"
                message = f"{service.title} publishes port {shown} of the host, which {mine} {'is published here' if mine == 'also' else 'publishes, too'}"
                yield _fault(
                    "taken", port.value.place, message, "publish it at another port of the host", ("published here", other.value.place)
                )
                break


def _names_twice(project: Project) -> Iterator[ComposeFault]:
    seen: dict[str, tuple[ComposedService, Value]] = {}
    for service in project.services.values():
        name = service.get("container_name")
        if name is None or not name.text or is_open(name):
            continue
        other = seen.setdefault(name.text, (service, name))
        if other[0] is not service and _run_together(service, other[0]):
            message = f"{service.title} has the `container_name` `{name.text}`, which `{other[0].name}` has, too"
            yield _fault(
                "taken", name.place, message, "names of containers are unique: change or remove one", ("named here", other[1].place)
            )


def profiles_of(service: ComposedService) -> frozenset[str]:
    """The profiles in which a service starts; none: always."""
    return frozenset(item.text for _, value in service.layers("profiles") for item in value)


def _run_together(one: ComposedService, other: ComposedService) -> bool:
    """Whether two services surely start together, where they start at all."""
    first, second = profiles_of(one), profiles_of(other)
    return one is other or (not first and not second) or bool(first & second)


def _fault(kind: str, place: AnyPlace, message: str, help_: str, *related: tuple[str, AnyPlace]) -> ComposeFault:
    return ComposeFault(kind, place, message, help_, related)
