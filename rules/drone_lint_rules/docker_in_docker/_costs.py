"""Answers about the network, and about what Docker costs in safety and leaves behind."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import AnyPlace, Row, parse_image, step_events
from drone_lint_rules.docker.binds import unshared_binds
from drone_lint_rules.docker.clients import by_environment, reaches
from drone_lint_rules.docker.compose import compose_uses, host_paths, is_true, services_of
from drone_lint_rules.docker.compose_risks import compose_risks
from drone_lint_rules.docker.connection import is_machine
from drone_lint_rules.docker.containers import containers, passed_secrets
from drone_lint_rules.docker.daemons import daemons
from drone_lint_rules.docker.left_behind import cleanups, shared_names, taken_down
from drone_lint_rules.docker.needs import driver_runs, libraries, programs, unfollowed
from drone_lint_rules.docker.ports import HostNetwork, host_network
from drone_lint_rules.docker.test_programs import Dialled
from drone_lint_rules.docker.workspace_secrets import copied_secrets, written_secrets
from drone_lint_rules.docker_in_docker._answers import Asked
from drone_lint_rules.docker_in_docker.dind_insecure_tcp import DindInsecureTcp
from drone_lint_rules.docker_in_docker.redundant_host_network import RedundantHostNetwork
from drone_lint_rules.host import host_mounts, is_sensitive, socket_of

_BEHIND = "a `docker:dind` service, whose ports are at its name, or the host's gateway address in the configuration, would do without"


# -- the network


def network(asked: Asked) -> Iterator[Row]:
    """Whether the step reaches what it starts."""
    mode = asked.step.get("network_mode")
    on_host = mode is not None and mode.text == "host"
    redundant = list(RedundantHostNetwork(asked.settings).check_step(asked.step, asked.pipeline))
    decided = host_network(asked.step, asked.file)
    published = _published(asked)
    dialled = _dialled(asked)
    if redundant:
        yield from asked.found("network", "risk", redundant)
    elif on_host and mode is not None:
        yield _on_host(asked, mode.key, published, dialled, decided)
    elif mode is None and asked.pipeline.type == "docker" and any(not address.guess for address, _ in decided.reached):
        yield _unreachable(asked, decided)
    elif published and dialled:
        sentence = (
            f"port {published[0][0]} is published on the host, and `{dialled[0].host}`, which the tests dial, is the step's own container"
        )
        yield asked.row(
            "network",
            "unknown",
            sentence,
            published[0][1],
            related=[("dialled here", dialled[0].place)],
            remedy="dial the host's gateway address, or a service's name",
        )
    elif published:
        sentence = (
            f"port {published[0][0]} is published on the host, which is not at `localhost` of the step; no file says how it is reached"
        )
        yield asked.row("network", "unknown", sentence, published[0][1])
    elif daemons(asked.pipeline) and not asked.is_daemon:
        yield asked.row("network", "ok", f"the pipeline's: ports of containers that it starts are at `{daemons(asked.pipeline)[0].name}`")
    else:
        yield asked.row("network", "ok", "the pipeline's: no port of a container that it starts is published on the host")


def _on_host(asked: Asked, place: AnyPlace, published: list[tuple[str, AnyPlace]], dialled: list[Dialled], decided: HostNetwork) -> Row:
    if not published and unfollowed(asked.step, asked.around) is None and not _starts_more(asked):
        sentence = (
            "`network_mode: host` is not needed for Docker: every command was followed, and none starts a container with a published port"
        )
        return asked.row("network", "risk", sentence, place, rule="host-network", remedy="remove it")
    listed = list(dict.fromkeys(port for port, _ in published))
    ports = f"port {listed[0]} is" if len(listed) == 1 else f"ports {', '.join(listed)} are"
    if decided.reached:
        address, port = decided.reached[0]
        looks = "the tests dial" if address.guess else "the step looks at"
        sentence = f"`network_mode: host` is needed: {ports} published on the host, and {looks} `{address.shown}`; everything else of the host is within reach, too"
        related = [("published here", port.place), ("dialled here", address.place)]
        return asked.row("network", "risk", sentence, place, rule="host-network", remedy=_BEHIND, related=related)
    if published and dialled:
        known = [one for one in dialled if one.port is not None and any(str(one.port) == port for port, _ in published)]
        one = (known or dialled)[0]
        shown = f"`{one.host}:{one.port}`" if one.port is not None else f"`{one.host}`"
        sentence = f"`network_mode: host` is needed: {ports} published on the host, and the tests dial {shown}; everything else of the host is within reach, too"
        related = [("published here", published[0][1]), ("dialled here", one.place)]
        return asked.row("network", "risk", sentence, place, rule="host-network", remedy=_BEHIND, related=related)
    if published:
        sentence = f"`network_mode: host`: {ports} published on the host, but no file says that the step dials them"
        return asked.row(
            "network", "risk", sentence, place, rule="host-network", remedy=_BEHIND, related=[("published here", published[0][1])]
        )
    sentence = "`network_mode: host`: no container that it starts is known to publish a port, so that it is not known to be needed"
    return asked.row("network", "risk", sentence, place, rule="host-network", remedy="remove it, and see whether the step still works")


def _starts_more(asked: Asked) -> bool:
    """Whether programs may start containers that no command names."""
    step, around = asked.step, asked.around
    return any(True for _ in programs(step, around)) or any(True for _ in driver_runs(step, around)) or bool(libraries(step, around))


def _unreachable(asked: Asked, decided: HostNetwork) -> Row:
    address, port = next(one for one in decided.reached if not one[0].guess)
    sentence = f"the step looks for {port.container.title} at `{address.shown}`, which is its own container: the port is on the host"
    return asked.row(
        "network",
        "missing",
        sentence,
        address.place,
        rule="unreachable-published-port",
        remedy="use the host's gateway address, or run the container as a service of the pipeline and use its name",
        related=[("published here", port.place)],
    )


def _published(asked: Asked) -> list[tuple[str, AnyPlace]]:
    return [port for one in containers(asked.step, asked.file) if one.is_of_host for port in one.ports]


def _dialled(asked: Asked) -> list[Dialled]:
    found = [one for _, program in programs(asked.step, asked.around) for one in program.dialled]
    return sorted(
        found, key=lambda one: "test" not in one.place.source.path
    )  # what tests name is dialled; what others name may be listened on


# -- safety


def safety(asked: Asked) -> Iterator[Row]:
    """What it costs."""
    rows = [*_root(asked), *_started(asked), *_left(asked), *_secrets(asked), *_open_daemons(asked)]
    yield from rows
    root = next((row for row in rows if row.rule in _ROOT), None)
    if root is not None and "pull_request" in step_events(asked.step) and not asked.settings.server.ignore_pull_requests:
        yield asked.row(
            "safety", "risk", "pull requests can run it, and so take over the host", root.place, rule="privileged-on-pull-request"
        )
    if not rows:
        yield asked.row("safety", "ok", "no socket, privilege or folder of the host is within its reach")


_ROOT = ("docker-socket-mount", "privileged-step", "sensitive-host-path", "implicit-privileged-plugin")


def _root(asked: Asked) -> Iterator[Row]:
    """What makes the step, or what it commands, root on the host."""
    step = asked.step
    for mount, path in host_mounts(step):
        if socket_of(path.text) is not None and path.text.startswith(("/run/user/", "/var/run/user/")):
            sentence = f"any code in it has the rights of the host's user whose socket `{path.text}` is"
            yield asked.row("safety", "risk", sentence, mount.value.place, rule="docker-socket-mount")
        elif socket_of(path.text) is not None:
            yield asked.row(
                "safety",
                "risk",
                f"any code in it is root on the host, through `{path.text}`",
                mount.value.place,
                rule="docker-socket-mount",
            )
        elif is_sensitive(path.text):
            yield asked.row(
                "safety", "risk", f"`{path.text}` of the host decides over the host", mount.value.place, rule="sensitive-host-path"
            )
    if step.privileged:
        yield asked.row(
            "safety", "risk", "any code in it is root on the host, by `privileged: true`", step["privileged"].key, rule="privileged-step"
        )
    elif asked.plugin is not None and step.image is not None:
        yield asked.row(
            "safety",
            "risk",
            f"the runner makes `{asked.plugin}` privileged: root on the host",
            step.image.place,
            rule="implicit-privileged-plugin",
        )
    yield from _commanded(asked)


def _commanded(asked: Asked) -> Iterator[Row]:
    """The daemons that the step commands: whoever commands one that is privileged can reach the host through it."""
    connections = [reach.connection for reach in reaches(asked.step, asked.around)] or [by_environment(asked.step)]
    seen: set[str] = set()
    for one in connections:
        other = one.daemon.step if one.daemon is not None and one.whose == "service" else None
        if one.status == "missing" or asked.is_daemon:
            continue
        if other is not None and other.privileged and other.name not in seen:
            seen.add(other.name)
            sentence = f"it commands the privileged daemon `{other.name}`: `docker run --privileged` there reaches the host"
            yield asked.row("safety", "risk", sentence, other["privileged"].key, rule="privileged-step")
        elif one.fault == "elsewhere" and one.detail not in seen:
            seen.add(one.detail)
            whose = "of the host" if one.whose == "host" else f"at `{one.detail}`"
            yield asked.row(
                "safety",
                "risk",
                f"it commands the Docker daemon {whose}: whoever does is root on that machine",
                one.client.place,
                rule="host-daemon-by-network" if one.client.place is not None and is_machine(one) else "",
            )


def _started(asked: Asked) -> Iterator[Row]:
    """What services of its compose files have of the host."""
    for use in compose_uses(asked.file):
        if use.step is not asked.step or not use.starts:
            continue
        for service in services_of(use, asked.file):
            value, related = service.value, [("started by this", use.place)]
            privileged, mode = value.get("privileged"), value.get("network_mode")
            if is_true(privileged) and privileged is not None:
                yield asked.row("safety", "risk", f"{service.title} is privileged", privileged.key, rule="privileged-step", related=related)
            if mode is not None and mode.text == "host":
                yield asked.row(
                    "safety", "risk", f"{service.title} is in the host's network", mode.key, rule="host-network", related=related
                )
            for risk in compose_risks(service.composed):
                yield asked.row(
                    "safety",
                    "risk",
                    f"{service.title} {risk.sentence}",
                    risk.place,
                    rule="compose-host-access",
                    remedy=risk.help,
                    related=related,
                )
            for item, path in host_paths(service):
                if socket_of(path) is not None:
                    yield asked.row(
                        "safety", "risk", f"{service.title} mounts `{path}`", item.place, rule="docker-socket-mount", related=related
                    )
                elif is_sensitive(path):
                    yield asked.row(
                        "safety",
                        "risk",
                        f"{service.title} mounts `{path}` of the host",
                        item.place,
                        rule="sensitive-host-path",
                        related=related,
                    )


def _left(asked: Asked) -> Iterator[Row]:
    """What the daemon's machine resolves, keeps, and shares with other builds."""
    for bind in unshared_binds(asked.step, asked.file):
        after = "an empty folder instead of the clone's files" if bind.exists else "made there by root, and still there in the next build"
        sentence = f"{bind.container.title} mounts `{bind.written}`, which is a folder of the {bind.machine}: {after}"
        yield asked.row(
            "safety",
            "risk",
            sentence,
            bind.place,
            rule="unshared-bind-mount",
            related=bind.started_by,
            remedy="use a named volume, `docker cp` or `--volumes-from`",
        )
    for container, names in shared_names(asked.step, asked.file):
        place = container.name_place if container.service is None and container.name_place is not None else container.place
        left = "" if taken_down(container, asked.step, asked.around) else "; no command takes it down"
        down = "" if left else "; taken down only where the commands get that far"
        sentence = f"{container.title} has {', '.join(names)} on the host: two builds at once break each other{left or down}"
        related = [("started by this", container.run.place)] if container.service is not None else container.run.related
        yield asked.row(
            "safety",
            "risk",
            sentence,
            place,
            rule="colliding-container",
            related=related,
            remedy="let Docker choose names and ports, and take containers down in a step that also runs on failure",
        )
    for cleanup in cleanups(asked.step, asked.around):
        yield asked.row(
            "safety",
            "risk",
            f"removes {cleanup.what} of the host's daemon, those of other builds as well",
            cleanup.place,
            rule="daemon-wide-cleanup",
            related=cleanup.run.related,
        )
    for one in driver_runs(asked.step, asked.around):
        tail = ", and mounts the source folder through the daemon" if one.driver.mounts else ""
        yield asked.row("safety", "risk", f"`{one.driver.name}` {one.driver.does}{tail}", one.run.place, related=one.run.related)
    yield from _floating(asked)


def _floating(asked: Asked) -> Iterator[Row]:
    seen: set[str] = set()
    for one in containers(asked.step, asked.file):
        if one.service is None and one.image and "$" not in one.image and one.image not in seen and _moves(one.image):
            seen.add(one.image)
            yield asked.row(
                "safety",
                "risk",
                f"the image `{one.image}`, which {one.title} starts, moves: it is another one tomorrow",
                one.place,
                related=one.run.related,
            )


def _moves(image: str) -> bool:
    """Whether an image has no version: no tag and no digest, or `latest`."""
    reference = parse_image(image)
    return not reference.digest and reference.tag in ("", "latest")


def _secrets(asked: Asked) -> Iterator[Row]:
    for one in written_secrets(asked.step, asked.around):
        sentence = f"the secret `{one.variable}` is written to `{one.path}` in the workspace, where later steps with other images read it"
        yield asked.row("safety", "risk", sentence, one.place, related=one.run.related)
    for variable, place, run in passed_secrets(asked.step, asked.around):
        sentence = f"the secret `{variable}` is in the environment of a container: `docker inspect` shows it to all who reach the daemon"
        yield asked.row("safety", "risk", sentence, place, related=run.related, remedy="mount it as a file, or give it on standard input")
    for copied in copied_secrets(asked.file, asked.pipeline.steps):
        if copied.build.run.place in _own_places(asked):
            where = "a layer of the image" if copied.copied.last else f"a layer of stage `{copied.copied.stage}`, on the daemon's machine"
            sentence = f"`{copied.build.shown}` copies `{copied.written.path}` with the secret `{copied.written.variable}` into {where}"
            yield asked.row(
                "safety",
                "risk",
                sentence,
                copied.copied.place,
                rule="secret-in-image-layer",
                related=[("written here", copied.written.place)],
                remedy="`RUN --mount=type=secret`",
            )


def _own_places(asked: Asked) -> set[AnyPlace]:
    from drone_lint_rules.docker.builds import builds

    return {build.run.place for build in builds(asked.step, asked.file)}


def _open_daemons(asked: Asked) -> Iterator[Row]:
    """Daemons that anyone in the pipeline's network may command."""
    rule = DindInsecureTcp(asked.settings)
    yield from asked.found("safety", "risk", rule.check_step(asked.step, asked.pipeline))
    if asked.is_daemon:
        yield from asked.found("safety", "risk", rule.check_pipeline(asked.pipeline))
