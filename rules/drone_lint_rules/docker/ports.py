"""Ports that containers of a step publish, where the step looks for them, and whether it needs the host's network for that.

A published port is on the machine of the daemon. With the host's daemon that is the host, which `localhost` of a step is only in
`network_mode: host`; with a daemon that is a service, it is at the service's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from drone_lint.api import AnyPlace, ConfigFile, Step, Surroundings
from drone_lint_rules.docker.containers import Container, containers
from drone_lint_rules.docker.runs import Run, runs, surroundings
from drone_lint_rules.docker.test_programs import program_of

_LOCAL = re.compile(r"(?:^|[@/=\s'\"])(localhost|127\.0\.0\.1|\[::1\]):([0-9]{2,5})(?![0-9])")
_NOT_DIALLING = ("docker", "docker-compose", "podman", "echo", "printf", "cat", "export", "sed", "grep")


class PublishedPort(NamedTuple):
    """Ports of the daemon's machine that a container gets."""

    container: Container
    first: int
    last: int
    place: AnyPlace


class LocalAddress(NamedTuple):
    """An address of the step itself at which it looks for something."""

    shown: str
    """`localhost:8080`."""
    port: int
    place: AnyPlace
    run: Run | None
    """The command; None for a variable."""
    guess: bool
    """Whether it stands in the text of a program, so that it is not certain to be used."""


class HostNetwork(NamedTuple):
    """Whether a step needs the host's network to reach the containers that it starts."""

    verdict: Literal["needed", "missing", "not needed", "unknown"]
    """`needed` and there; `missing`: needed and not there; `not needed`: nothing is published; `unknown`: the files do not tell."""
    published: tuple[PublishedPort, ...]
    reached: tuple[tuple[LocalAddress, PublishedPort], ...]
    """Addresses that the step looks at, with what is published there."""


def host_network(step: Step, file: ConfigFile) -> HostNetwork:
    """Decide, as far as the files tell, whether a step needs `network_mode: host` for what it starts through the host's daemon."""
    published = tuple(port for port in published_ports(step, file) if port.container.is_of_host)
    if not published:
        return HostNetwork("not needed", (), ())
    reached = tuple(_reached(step, published, surroundings(file)))
    mode = step.get("network_mode")
    if not reached:
        return HostNetwork("unknown", published, ())
    return HostNetwork("needed" if mode is not None and mode.text == "host" else "missing", published, reached)


def published_ports(step: Step, file: ConfigFile) -> Iterator[PublishedPort]:
    """The fixed ports that containers which a step starts publish."""
    for container in containers(step, file):
        for text, place in container.ports:
            match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", text)
            if match is not None:
                yield PublishedPort(container, int(match[1]), int(match[2] or match[1]), place)


def _reached(step: Step, published: tuple[PublishedPort, ...], around: Surroundings) -> Iterator[tuple[LocalAddress, PublishedPort]]:
    seen: set[AnyPlace] = set()
    for address in local_addresses(step, around):
        port = next((one for one in published if one.first <= address.port <= one.last), None)
        if port is not None and address.place not in seen:
            seen.add(address.place)
            yield address, port


def local_addresses(step: Step, around: Surroundings) -> Iterator[LocalAddress]:
    """The addresses `localhost:PORT` in a step's environment, its commands, and the programs that these run."""
    for value in step.environment.values():
        for match in _LOCAL.finditer(value.text):
            yield LocalAddress(f"{match[1]}:{match[2]}", int(match[2]), value.place, None, False)
    for run in runs(step, around):
        if run.command.program not in _NOT_DIALLING:
            for word in run.command.arguments:
                for match in _LOCAL.finditer(word.text):
                    place = run.at(word.start, word.end, step)
                    yield LocalAddress(f"{match[1]}:{match[2]}", int(match[2]), place, run, bool(run.guess))
        if not run.guess:
            program = program_of(run.command, run.folder, run.root, around)
            for dialled in program.dialled if program is not None else ():
                if dialled.port is not None and dialled.host != "0.0.0.0":  # noqa: S104 - what is compared, not bound
                    yield LocalAddress(f"{dialled.host}:{dialled.port}", dialled.port, dialled.place, run, True)
