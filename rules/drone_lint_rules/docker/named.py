"""The files and folders that commands of Docker, Compose and make name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from drone_lint.api import AnyPlace, Step
from drone_lint_rules.docker.commands import COMPOSE_VALUES, DOCKER_VALUES, first_operand
from drone_lint_rules.docker.folders import join, written_path

if TYPE_CHECKING:
    from drone_lint_rules.docker.runs import Run
    from drone_lint_rules.shell.options import Option
    from drone_lint_rules.shell.syntax import SimpleCommand, Word

COMPOSE_DEFAULTS = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_BAKE_DEFAULTS = ("docker-bake.hcl", "docker-bake.json", "docker-bake.override.hcl", "docker-bake.override.json", *COMPOSE_DEFAULTS)
_MAKE_DEFAULTS = ("GNUmakefile", "makefile", "Makefile")
_BUILD_VALUES = (
    "-H --host --context --config -l --log-level --tlscacert --tlscert --tlskey "
    "-t --tag -f --file --build-arg --label --target --cache-from --cache-to --platform -o --output --progress --secret --ssh --network "
    "--add-host --iidfile --metadata-file --builder --build-context --allow --annotation --attest --call --cgroup-parent --cpu-period "
    "--cpu-quota -c --cpu-shares --cpuset-cpus --cpuset-mems -m --memory --memory-swap --isolation --security-opt --shm-size --ulimit "
    "--no-cache-filter --policy --format --volume -v --authfile --storage-driver --root --set --var --print"
)
_MAKE_VALUES = "-C -f -I -o -W -j? -l? -O? --directory --file --makefile --include-dir --old-file --what-if --eval -E"
_BUILDERS = {
    "docker": ("Dockerfile",),
    "nerdctl": ("Dockerfile",),
    "podman": ("Containerfile", "Dockerfile"),
    "buildah": ("Containerfile", "Dockerfile"),
}


class Named(NamedTuple):
    """A file or folder that a command needs."""

    kind: str
    """`Dockerfile`, `build context`, `compose file`, `bake file`, `folder`, `Makefile`."""
    paths: tuple[str, ...]
    """Relative to the repository's root; one of them has to be there."""
    shown: str
    """As the user knows it."""
    start: int
    end: int
    """Where in the script it is named, or the command that looks for it by itself."""
    explicit: bool = True
    """Whether the command names it; otherwise the program's default."""
    place: AnyPlace | None = None
    """Where it is named, when that is not in the script."""


class _Place(NamedTuple):
    command: SimpleCommand
    folder: str | None
    root: str

    def named(self, kind: str, word: Word, text: str | None = None) -> Named | None:
        """What a word names; None where it is not known, or no file."""
        path = written_path(word, self.folder, self.root) if text is None else text
        found = join(self.folder, path, self.root) if path and path != "-" and not _is_remote(path) else None
        return Named(kind, (found,), word.text, word.start, word.end) if found is not None else None

    def default(self, kind: str, folder: str | None, names: tuple[str, ...], shown: str) -> Named | None:
        """What the program looks for by itself."""
        paths = tuple(path for path in (join(folder, name, self.root) for name in names) if path is not None)
        return Named(kind, paths, shown, self.command.start, self.command.end, False) if paths else None


def named_files(command: SimpleCommand, folder: str | None, root: str) -> Iterator[Named]:
    """What a command needs of the repository.

    Args:
        command: any command.
        folder: where it runs, relative to the repository's root; None when unknown.
        root: the absolute path of the clone.
    """
    place = _Place(command, folder, root)
    program = command.program
    if program in ("make", "gmake"):
        found = _make(place)
    elif program in ("docker-compose", "docker-compose-v1", "podman-compose"):
        found = _compose(place, 0)
    elif program in _BUILDERS:
        found = _docker(place)
    else:
        return
    yield from (one for one in found if one is not None)


def _docker(place: _Place) -> Iterator[Named | None]:
    words = [word.text for word in place.command.arguments]
    at = first_operand(words, DOCKER_VALUES)
    verb = words[at] if at < len(words) else ""
    if verb in ("buildx", "image", "builder"):
        at += 1 + first_operand(words[at + 1 :], DOCKER_VALUES)
        verb = words[at] if at < len(words) else ""
    if verb in ("build", "b", "bud"):
        yield from _build(place, at)
    elif verb == "bake":
        yield from _bake(place)
    elif verb == "compose":
        yield from _compose(place, at + 1)
    elif verb == "stack":
        for option in _options(place.command, "-c --compose-file"):
            if option.name in ("-c", "--compose-file"):
                yield place.named("compose file", _value(option))


def _options(command: SimpleCommand, valued: str) -> Iterator[Option]:
    from drone_lint_rules.shell.options import options

    return options(command, valued)


def _value(option: Option) -> Word:
    from drone_lint_rules.shell.syntax import Word

    return Word(option.parts, option.parts[0].start if option.parts else option.start, option.parts[-1].end if option.parts else option.end)


def _build(place: _Place, at: int) -> Iterator[Named | None]:
    from drone_lint_rules.shell.options import operands

    files = [_value(option) for option in _options(place.command, _BUILD_VALUES) if option.name in ("-f", "--file")]
    rest = operands(place.command, _BUILD_VALUES)
    verbs = len([word for word in place.command.arguments[: at + 1] if word in rest])
    contexts = rest[verbs:]
    known = len(contexts) == 1 and not _may_be_options(place.command)
    context = written_path(contexts[0], place.folder, place.root) if known else None
    if context is not None and (_is_remote(context) or context == "-"):
        return
    if known:
        yield place.named("build context", contexts[0])
    either = place.command.program in ("podman", "buildah") and context is not None
    for word in files:
        found = place.named("Dockerfile", word)
        if found is not None and either:  # podman looks into the context first
            inside = join(join(place.folder, context or "", place.root), word.text, place.root)
            found = found._replace(paths=(*found.paths, *((inside,) if inside is not None else ())))
        yield found
    if not files and context is not None and not _reads_input(place.command):
        folder = join(place.folder, context, place.root)
        yield place.default("Dockerfile", folder, _BUILDERS[place.command.program], _in("Dockerfile", context))


def _may_be_options(command: SimpleCommand) -> bool:
    """Whether variables that stand alone may bring options of their own."""
    return any(word.literal is None and word.parts[0].kind != "text" and not word.quoted for word in command.arguments)


def _reads_input(command: SimpleCommand) -> bool:
    return any(one.operator.startswith("<") for one in command.redirections)


def _bake(place: _Place) -> Iterator[Named | None]:
    from drone_lint_rules.shell.options import operands

    files = [_value(option) for option in _options(place.command, _BUILD_VALUES) if option.name in ("-f", "--file")]
    if any(_is_remote(word.text) for word in operands(place.command, _BUILD_VALUES)):
        return
    for word in files:
        path = word.text.removeprefix("cwd://")
        yield place.named("bake file", word, path if path != word.text else None)
    if not files and not _may_be_options(place.command):
        yield place.default("bake file", place.folder, _BAKE_DEFAULTS, "docker-bake.hcl")


def _compose(place: _Place, first: int) -> Iterator[Named | None]:
    files, project, verb = _compose_options(place.command.arguments[first:])
    for word in files:
        yield place.named("compose file", word)
    if (
        files
        or verb not in ("up", "build", "run", "pull", "push", "create", "start", "config", "convert")
        or _may_be_options(place.command)
    ):
        return
    folder = place.folder
    if project is not None:
        path = written_path(project, place.folder, place.root)
        folder = join(place.folder, path, place.root) if path else None
    if folder is None:
        return
    parents = [folder, *(folder.rsplit("/", number)[0] for number in range(1, folder.count("/") + 1)), ""]
    names = tuple(f"{parent}/{name}" if parent else name for parent in dict.fromkeys(parents) for name in COMPOSE_DEFAULTS)
    yield place.default("compose file", "", names, "docker-compose.yml")


def _compose_options(words: list[Word]) -> tuple[list[Word], Word | None, str]:
    """The files, the project's folder and the verb of a Compose command line; `-f` after the verb means something else."""
    files: list[Word] = []
    project = None
    at = 0
    while at < len(words) and words[at].text.startswith("-"):
        name, equals, _ = words[at].text.partition("=")
        value = words[at].after(len(name) + 1) if equals else words[at + 1] if at + 1 < len(words) else None
        if name.startswith("-f") and not name.startswith("--") and name != "-f":
            name, value, equals = "-f", words[at].after(2), "="
        if name in ("-f", "--file") and value is not None:
            files.append(value)
        elif name == "--project-directory":
            project = value
        at += 2 if name in COMPOSE_VALUES and not equals else 1
    return files, project, words[at].text if at < len(words) else ""


def environment_files(run: Run, step: Step) -> Iterator[Named]:
    """The compose files that `COMPOSE_FILE` names for a command that names none itself."""
    docker = run.docker
    if docker is None or not docker.compose:
        return
    words = run.command.arguments
    first = next((at + 1 for at, word in enumerate(words) if word.text == "compose"), 0) if run.command.program == "docker" else 0
    value = step.environment.get("COMPOSE_FILE") or step.pipeline.value.at("environment", "COMPOSE_FILE")
    if (
        _compose_options(words[first:])[0]
        or value is None
        or "$" in value.text
        or any(one.name == "COMPOSE_FILE" for one in run.command.assignments)
    ):
        return
    for part in value.text.split(":"):
        path = join(run.folder, part, run.root) if part else None
        if path:
            yield Named("compose file", (path,), part, 0, 0, place=value.place)


def _make(place: _Place) -> Iterator[Named | None]:
    options = list(_options(place.command, _MAKE_VALUES))
    folder, last = place.folder, None
    for option in options:
        if option.name in ("-C", "--directory"):
            last = place._replace(folder=folder).named("folder", _value(option))
            folder = last.paths[0] if last is not None else None
            yield last
    inner = place._replace(folder=folder)
    files = [_value(option) for option in options if option.name in ("-f", "--file", "--makefile")]
    for word in files:
        yield inner.named("Makefile", word)
    if last is not None and not files:
        found = inner.default("Makefile", folder, _MAKE_DEFAULTS, _in("Makefile", last.shown))
        yield found._replace(start=last.start, end=last.end) if found is not None else None


def make_targets(command: SimpleCommand, folder: str | None, root: str) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
    """The folder, the possible Makefiles and the targets of a make command."""
    from drone_lint_rules.shell.options import operands

    place = _Place(command, folder, root)
    files: list[str] = []
    for one in _make(place):
        if one is not None and one.kind == "folder":
            folder = one.paths[0]
        elif one is not None and one.explicit:
            files += one.paths
    defaults = tuple(path for path in (join(folder, name, root) for name in _MAKE_DEFAULTS) if path is not None)
    targets = tuple(word.text for word in operands(command, _MAKE_VALUES) if "=" not in word.text)
    return folder, tuple(files) or defaults, targets


def _in(name: str, folder: str) -> str:
    folder = folder.rstrip("/")
    return name if folder in (".", "") else f"{folder.removeprefix('./')}/{name}"


def _is_remote(text: str) -> bool:
    return "://" in text or text.startswith(("git@", "github.com/", "gitlab.com/", "bitbucket.org/")) or text.endswith(".git")
