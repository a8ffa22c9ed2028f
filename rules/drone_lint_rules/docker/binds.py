"""Bind mounts of the clone through a daemon on whose machine it is not."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.api import AnyPlace, ConfigFile, Step
from drone_lint_rules.docker.containers import Container, containers
from drone_lint_rules.docker.runs import surroundings
from drone_lint_rules.host import host_mounts


class UnsharedBind(NamedTuple):
    """A mount whose source the daemon looks for on its own machine."""

    container: Container
    path: str
    """Relative to the repository's root."""
    written: str
    place: AnyPlace
    exists: bool
    """Whether the repository has it, so that files are missed; otherwise it is a folder for what the container writes."""
    machine: str
    """`host`, or the machine's name, for messages."""

    @property
    def started_by(self) -> list[tuple[str, AnyPlace]]:
        """For findings in compose files: the command that starts the service."""
        return [("started by this", self.container.run.place)] if self.container.service is not None else []


def unshared_binds(step: Step, file: ConfigFile) -> tuple[UnsharedBind, ...]:
    """The bind mounts of containers of a step whose sources lie in the clone, which the daemon's machine does not have."""
    if "unshared binds" not in step.memo:
        step.memo["unshared binds"] = tuple(_unshared(step, file))
    found: tuple[UnsharedBind, ...] = step.memo["unshared binds"]
    return found


def _unshared(step: Step, file: ConfigFile) -> Iterator[UnsharedBind]:
    around = surroundings(file)
    for container in containers(step, file):
        if not container.is_of_host or container.connection is None:
            continue
        for bind in container.binds:
            if bind.path is None or _is_same_on_host(posixpath.join(container.run.root, bind.path), step):
                continue
            exists = around.exists(bind.path) is not False or bind.path == ""
            machine = "host" if container.connection.whose != "elsewhere" else "daemon's machine"
            yield UnsharedBind(container, bind.path, bind.written, bind.place, exists, machine)


def _is_same_on_host(path: str, step: Step) -> bool:
    """Whether the step has a folder of the host there under the same path."""
    for mount, source in host_mounts(step):
        at = posixpath.normpath(mount.path)
        if (path == at or path.startswith(at + "/")) and posixpath.normpath(source.text) == at:
            return True
    return False
