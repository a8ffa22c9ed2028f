"""The containers that a step starts through a daemon: by `docker run`, and as services of compose files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from drone_lint.api import AnyPlace, ConfigFile, Step, Surroundings, Value
from drone_lint_rules.docker.clients import reach_of
from drone_lint_rules.docker.commands import DOCKER_VALUES, first_operand
from drone_lint_rules.docker.compose import ComposeService, compose_uses, services_of
from drone_lint_rules.docker.compose_project import ComposedService
from drone_lint_rules.docker.compose_values import Port, mount_of, port_of
from drone_lint_rules.docker.connection import Connection
from drone_lint_rules.docker.folders import join, written_path
from drone_lint_rules.docker.runs import Run, docker_runs, surroundings

if TYPE_CHECKING:
    from drone_lint_rules.shell.options import Option
    from drone_lint_rules.shell.syntax import SimpleCommand, Word

_FLAGS = frozenset(
    (
        "-d", "--detach", "-i", "--interactive", "-t", "--tty", "--rm", "--privileged", "--init", "-P", "--publish-all", "--read-only", "--no-healthcheck",
        "--oom-kill-disable", "--sig-proxy", "-q", "--quiet", "--disable-content-trust", "--help", "--use-api-socket",
    )
)  # fmt: skip
"""Options of `docker run` without a value; every other takes one (docker/cli, `cli/command/container/opts.go`)."""
VALUES = (
    "-a -c -e -h -l -m -p -u -v -w --add-host --annotation --attach --blkio-weight --blkio-weight-device --cap-add --cap-drop --cgroup-parent --cgroupns --cidfile "
    "--cpu-count --cpu-percent --cpu-period --cpu-quota --cpu-rt-period --cpu-rt-runtime --cpu-shares --cpus --cpuset-cpus --cpuset-mems --detach-keys "
    "--device --device-cgroup-rule --device-read-bps --device-write-bps --dns --dns-option --dns-search --domainname --entrypoint --env --env-file "
    "--expose --gpus --group-add --health-cmd --health-interval --health-retries --health-timeout --hostname --ip --ip6 --ipc --isolation --kernel-memory "
    "--label --label-file --link --log-driver --log-opt --mac-address --memory --memory-reservation --memory-swap --mount --name --net --network "
    "--network-alias --pid --pids-limit --platform --publish --pull --restart --runtime --security-opt --shm-size --stop-signal --stop-timeout "
    "--storage-opt --sysctl --tmpfs --ulimit --user --userns --uts --volume --volume-driver --volumes-from --workdir"
)


class Bind(NamedTuple):
    """A folder or file that a container gets from the machine on which the daemon runs."""

    path: str | None
    """Relative to the repository's root, where it lies in the clone as the step sees it; None where it does not."""
    written: str
    place: AnyPlace


class Container(NamedTuple):
    """What is to be started."""

    title: str
    """`docker run`, or ``compose service `db```."""
    place: AnyPlace
    """The command, or the service's key."""
    step: Step
    run: Run
    connection: Connection | None
    image: str
    name: str
    """A fixed name; empty where the daemon chooses one."""
    name_place: AnyPlace | None
    ports: tuple[tuple[str, AnyPlace], ...]
    """Fixed ports of the daemon's machine."""
    binds: tuple[Bind, ...]
    restart: str
    removed: bool
    """Whether it is removed when it ends: `--rm`."""
    detached: bool
    service: ComposeService | None = None
    """For one of a compose file."""

    @property
    def is_of_host(self) -> bool:
        """Whether a daemon starts it that serves other builds, too: the host's, a user's of the host, or one elsewhere."""
        return (
            self.connection is not None and self.connection.status != "missing" and self.connection.whose in ("host", "user", "elsewhere")
        )


def containers(step: Step, file: ConfigFile) -> tuple[Container, ...]:
    """The containers that the commands of a step start."""
    if "containers" not in step.memo:
        around = surroundings(file)
        started = [*_by_run(step, around), *_by_compose(step, file, around)]
        step.memo["containers"] = tuple(started)
    found: tuple[Container, ...] = step.memo["containers"]
    return found


def passed_secrets(step: Step, around: Surroundings) -> Iterator[tuple[str, AnyPlace, Run]]:
    """Variables with a secret that `docker run -e` puts into a container's settings, where `docker inspect` shows them."""
    secret = {name for name, value in step.environment.items() if value.get("from_secret") is not None}
    for run, docker in docker_runs(step, around) if secret else ():
        at = _verb_at(run.command, docker.verb)
        if at is None or docker.compose:
            continue
        for option in _options(run.command, at):
            if option.name in ("-e", "--env") and option.value:
                name, equals, value = option.value.partition("=")
                used = set(re.findall(r"\$\{?([A-Za-z_]\w*)", value)) if equals else {name}
                for one in sorted(used & secret):
                    yield one, run.at(option.start, option.end, step), run


# -- docker run


def _by_run(step: Step, around: Surroundings) -> Iterator[Container]:
    for run, docker in docker_runs(step, around):
        at = _verb_at(run.command, docker.verb)
        if at is None or docker.compose:
            continue
        options = list(_options(run.command, at))
        image = _image(run.command, at)
        names = {option.name for option in options}
        name = next((option for option in options if option.name == "--name"), None)
        place = run.at(run.command.start, run.command.end, step)
        yield Container(
            f"`docker {docker.verb}`",
            place,
            step,
            run,
            reach_of(run, step, around),
            image,
            _fixed(name),
            run.at(name.start, name.end, step) if name is not None else None,
            tuple(_published(options, run, step)),
            tuple(_binds(options, run, step)),
            next((option.value or "" for option in options if option.name == "--restart"), "").replace("no", ""),
            "--rm" in names,
            bool(names & {"-d", "--detach"}),
        )


def _verb_at(command: SimpleCommand, verb: str) -> int | None:
    """The index of the first argument behind `run` or `create`."""
    words = [word.text for word in command.arguments]
    at = first_operand(words, DOCKER_VALUES)
    if verb == "container":
        at += 1
        verb = words[at] if at < len(words) else ""
    return at + 1 if verb in ("run", "create") else None


def _options(command: SimpleCommand, first: int) -> Iterator[Option]:
    from drone_lint_rules.shell.options import options

    image = _image_at(command, first)
    end = command.arguments[image].start if image is not None else command.end
    return (one for one in options(command, VALUES, first=first) if one.start < end)


def _image_at(command: SimpleCommand, first: int) -> int | None:
    at = first
    words = command.arguments
    while at < len(words):
        text = words[at].text
        if not text.startswith("-"):
            return at
        name = text.partition("=")[0]
        if text.startswith("--"):
            at += 1 if "=" in text or name in _FLAGS else 2
        else:
            at += 1 if all("-" + letter in _FLAGS for letter in text[1:]) or not _ends_valued(text) else 2
    return None


def _ends_valued(text: str) -> bool:
    """Whether a cluster of short options ends with one whose value is the next word: `-itv`."""
    for number, letter in enumerate(text[1:], 1):
        if "-" + letter not in _FLAGS:
            return number == len(text) - 1
    return False


def _image(command: SimpleCommand, first: int) -> str:
    at = _image_at(command, first)
    return command.arguments[at].text if at is not None else ""


def _fixed(option: Option | None) -> str:
    return option.value if option is not None and option.value and "$" not in option.value else ""


def _published(options: list[Option], run: Run, step: Step) -> Iterator[tuple[str, AnyPlace]]:
    for option in options:
        if option.name in ("-p", "--publish") and option.value and (port := host_port(option.value)):
            yield port, run.at(option.start, option.end, step)


def host_port(text: str) -> str:
    """The port, or the range, of the daemon's machine in `[IP:]HOST:CONTAINER[/PROTOCOL]`; empty where the daemon chooses one."""
    parts = text.partition("/")[0].rpartition("]")[2].lstrip(":").split(":")
    port = parts[-2] if len(parts) > 1 else ""
    return port if port.replace("-", "").isdigit() and port != "0" else ""


def _binds(options: list[Option], run: Run, step: Step) -> Iterator[Bind]:
    from drone_lint_rules.shell.syntax import Word

    for option in options:
        if option.value is None:
            continue
        word = Word(option.parts, option.start, option.end)
        place = run.at(option.start, option.end, step)
        if option.name in ("-v", "--volume"):
            source = _before_colon(word)
            if source is not None:
                yield Bind(_in_clone(source, run, named=True), source.text, place)
        elif option.name == "--mount" and "type=bind" in option.value.split(","):
            at = next((option.value.find(key) + len(key) for key in ("source=", "src=") if key in option.value), None)
            if at is not None:
                source = word.after(at)
                cut = source.text.find(",")
                source = _first(source, cut) if cut >= 0 else source
                yield Bind(_in_clone(source, run, named=False), source.text, place)


def _before_colon(word: Word) -> Word | None:
    """What stands before the first colon of the literal text: the source; None where there is none."""
    count = 0
    for part in word.parts:
        if part.kind == "text" and ":" in part.text:
            return _first(word, count + part.text.index(":"))
        count += len(part.text)
    return None


def _first(word: Word, count: int) -> Word:
    from drone_lint_rules.shell.syntax import Word as Made

    kept, left = [], count
    for part in word.parts:
        if left <= 0:
            break
        kept.append(part if len(part.text) <= left else part._replace(text=part.text[:left], origins=part.origins[:left]))
        left -= len(part.text)
    return Made(kept, word.start, word.end)


def _in_clone(word: Word, run: Run, *, named: bool) -> str | None:
    """The path relative to the repository's root; None where it lies elsewhere, or is the name of a volume."""
    path = written_path(word, run.folder, run.root) if word.parts else None
    if path is None or (named and "/" not in path and not path.startswith(".")):
        return None
    return join(run.folder, path, run.root)


# -- compose files


def _by_compose(step: Step, file: ConfigFile, around: Surroundings) -> Iterator[Container]:
    seen: set[tuple[str, tuple[str | int, ...]]] = set()
    for use in compose_uses(file):
        if use.step is not step or not use.starts:
            continue
        for service in services_of(use, file):
            key = (service.value.document.source.path, service.value.path)
            if key not in seen and service.value.is_map:
                seen.add(key)
                yield _of_service(service, step, around)


def _of_service(service: ComposeService, step: Step, around: Surroundings) -> Container:
    composed, run = service.composed, service.use.run
    name = composed.get("container_name")
    restart = _text(composed.get("restart"))
    return Container(
        service.title,
        service.value.key,
        step,
        run,
        reach_of(run, step, around),
        _text(composed.get("image")),
        _text(name),
        name.key if name is not None else None,
        tuple(_service_ports(composed)),
        tuple(_service_binds(composed, run.root)),
        restart if restart != "no" else "",
        False,
        True,
        service,
    )


def _text(value: Value | None) -> str:
    """A text that no variable decides; empty otherwise."""
    return value.text if value is not None and "$" not in value.text else ""


def _service_ports(composed: ComposedService) -> Iterator[tuple[str, AnyPlace]]:
    for _, _, item in composed.entries("ports"):
        port = port_of(item)
        if isinstance(port, Port) and port.published is not None and port.published[0]:
            first, last = port.published
            yield str(first) if first == last else f"{first}-{last}", item.place


def _service_binds(composed: ComposedService, root: str) -> Iterator[Bind]:
    for part, _, item in composed.entries("volumes"):
        mount = mount_of(item)
        if mount is not None and mount.kind == "bind":
            yield Bind(join(part.folder, mount.source, root) if "$" not in mount.source else None, mount.source, item.place)
