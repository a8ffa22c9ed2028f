"""What a step runs of Docker, also inside the make targets and shell scripts of the repository that it calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from drone_lint.api import AnyPlace, ConfigFile, Pipeline, SourceFile, Step, Surroundings, TextPlace
from drone_lint_rules.docker.commands import DockerCommand, read
from drone_lint_rules.docker.folders import folders, join, tracked, workspace, written_path
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand, Word

_DEEPEST = 3
"""Scripts that call scripts."""
_MOST = 400
"""Recipe lines of one make command that are read."""
_last: list[tuple[ConfigFile, Surroundings]] = []
"""The file that was looked at last; files are linted one after the other."""


def surroundings(file: ConfigFile) -> Surroundings:
    """The files around a configuration; the same object for all rules that ask in turn."""
    if not _last or _last[0][0] is not file:
        _last[:] = [(file, Surroundings(file.root, file.source.path))]
    return _last[0][1]


def steps_of(file: ConfigFile) -> Iterator[tuple[Step, Pipeline]]:
    """Every step and service with its pipeline, for all evaluations."""
    for evaluation in file.evaluations:
        for document in evaluation.server:
            pipeline = document.pipeline
            if pipeline is not None:
                for step in pipeline.containers:
                    yield step, pipeline


class Run(NamedTuple):
    """A command that a step runs."""

    command: SimpleCommand
    folder: str | None
    """Relative to the repository's root; None when unknown."""
    place: AnyPlace
    """The command of the step, or the call that leads to it."""
    inner: TextPlace | None = None
    """Where it is written in a Makefile or script."""
    root: str = "/drone/src"
    """The absolute path of the clone."""
    via: str = ""
    """The call: `make test`, `ci/test.sh`."""
    exact: bool = True
    """Whether offsets of the command are those of the file; not in a Makefile, whose variables are put in."""

    def at(self, start: int, end: int, step: Step) -> AnyPlace:
        """A range of the script in which the command stands; the whole line in a Makefile."""
        if self.inner is None:
            return script_of(step).place(start, end)
        return self.inner._replace(start=start, end=end) if self.exact else self.inner

    @property
    def shown(self) -> str:
        """The command in a few words."""
        return " ".join(word.text for word in self.command.words[:4])

    @property
    def docker(self) -> DockerCommand | None:
        """The command as one of Docker's."""
        return read(self.command)


def runs(step: Step, around: Surroundings) -> tuple[Run, ...]:
    """The commands of a step, and those of make targets and scripts of the repository that they call; the same objects each time."""
    if "runs" not in step.memo:
        step.memo["runs"] = tuple(_all_runs(step, around))
    found: tuple[Run, ...] = step.memo["runs"]
    return found


def _all_runs(step: Step, around: Surroundings) -> Iterator[Run]:
    script = script_of(step)
    root = workspace(step)
    for command, folder in folders(step):
        place = script.place(command.start, command.end)
        run = Run(command, folder, place, root=root)
        yield run
        yield from _below(run, root, around, 0)


def may_run_docker(step: Step) -> bool:
    """Whether a command may be Docker's, or call a file that runs it: the cheap question, before anything is parsed."""
    script = script_of(step)
    return script.mentions("docker", "make", "compose", "podman", "buildah", "nerdctl") or script.calls_files


def docker_runs(step: Step, around: Surroundings) -> Iterator[tuple[Run, DockerCommand]]:
    """Those of `runs` that are Docker's."""
    if not may_run_docker(step):
        return
    for run in runs(step, around):
        found = run.docker
        if found is not None:
            yield run, found


def unread(step: Step, around: Surroundings) -> Run | None:
    """A call of make or of a script of the repository whose content is not there to be read."""
    found = runs(step, around)
    read = {run.place for run in found if run.inner is not None}
    for run in found:
        if run.inner is None and run.place not in read and (run.command.program in ("make", "gmake") or _is_script(run.command)):
            return run
    return None


def _is_script(command: SimpleCommand) -> bool:
    word = script_word(command)
    return word is not None and (word.text.startswith(("./", "../")) or word.text.endswith(".sh"))


class _Text(NamedTuple):
    """A script inside of a file."""

    text: str
    source: SourceFile
    start: int
    end: int
    folder: str | None


def _below(run: Run, root: str, around: Surroundings, depth: int) -> Iterator[Run]:
    from drone_lint_rules.shell.parser import parse

    if depth >= _DEEPEST:
        return
    call = " ".join(word.text for word in run.command.words[-3:])
    for one in _texts(run.command, run.folder, root, around):
        whole = one.end < 0
        for command, folder in tracked(parse(one.text).commands, one.folder, root):
            start, end = (command.start, command.end) if whole else (one.start, one.end)
            inner = Run(command, folder, run.place, TextPlace(one.source, start, end), root, run.via or call, whole)
            yield inner
            yield from _below(inner, root, around, depth + 1)


def _texts(command: SimpleCommand, folder: str | None, root: str, around: Surroundings) -> Iterator[_Text]:
    """The texts that a command has make or a shell run."""
    if command.program in ("make", "gmake"):
        from drone_lint_rules.docker.named import make_targets

        where, files, targets = make_targets(command, folder, root)
        path = around.first(files)
        source = around.read(path) if path is not None and where is not None else None
        if source is not None:
            yield from _recipes(source, targets, where)
        return
    word = script_word(command)
    path = written_path(word, folder, root) if word is not None else None
    found = join(folder, path, root) if path else None
    source = around.read(found) if found else None
    if source is not None and (source.path.endswith((".sh", ".bash")) or re.match(r"#!.*\b(?:ba|da|z|k)?sh\b", source.text)):
        yield _Text(source.text, source, 0, -1, folder)


def script_word(command: SimpleCommand) -> Word | None:
    """The word that names the script which a command runs."""
    from drone_lint_rules.shell.programs import SHELLS

    word = command.program_word
    if command.program in SHELLS or command.program in (".", "source"):
        return next((one for one in command.arguments if not one.text.startswith(("-", "+"))), None)
    return word if word is not None and "/" in word.text else None


# -- Makefiles


class _Rule(NamedTuple):
    needs: list[str]
    lines: list[tuple[int, int, str]]


def _recipes(source: SourceFile, targets: tuple[str, ...], folder: str | None) -> Iterator[_Text]:
    """The recipe lines of targets and of what they need, variables with one plain definition put in."""
    rules, variables, first = _read_makefile(source.text)
    wanted = list(targets) or ([first] if first else [])
    seen: set[str] = set()
    count = 0
    while wanted:
        name = wanted.pop(0)
        if name in seen or name not in rules:
            continue
        seen.add(name)
        wanted += rules[name].needs
        for start, end, text in rules[name].lines:
            count += 1
            if count > _MOST:
                return
            yield _Text(_expanded(text, variables).lstrip("@-+ \t"), source, start, end, folder)


def _read_makefile(text: str) -> tuple[dict[str, _Rule], dict[str, str], str]:
    rules: dict[str, _Rule] = {}
    variables: dict[str, str] = {}
    current: list[_Rule] = []
    first = ""
    for start, end, line in _logical_lines(text):
        if line.startswith("\t"):
            for rule in current:
                rule.lines.append((start + 1, end, line[1:]))
            continue
        body = line.partition("#")[0].rstrip()
        assigned = re.match(r"(?:export\s+)?([\w.-]+)\s*(\?=|::?:?=|=)\s*(.*)$", body, re.DOTALL)
        if assigned:
            variables.setdefault(assigned[1], assigned[3])
            current = []
            continue
        found = re.match(r"([^\s:=#][^:=#]*?)\s*::?(?!=)\s*([^;]*)(?:;(.*))?$", body, re.DOTALL)
        if found:
            needs = [name for name in found[2].split() if name != "|"]
            current = [rules.setdefault(name, _Rule([], [])) for name in found[1].split()]
            for rule in current:
                rule.needs.extend(needs)
                if found[3]:
                    rule.lines.append((start, end, found[3]))
            if not first and not found[1].startswith("."):
                first = found[1].split()[0]
    return rules, variables, first


def _logical_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Lines with those joined that a backslash continues."""
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        while end > at and text[end - 1] == "\\" and end < len(text):
            following = text.find("\n", end + 1)
            end = len(text) if following < 0 else following
        yield at, end, text[at:end]
        at = end + 1


def _expanded(text: str, variables: dict[str, str], depth: int = 0) -> str:
    def value(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        name = match[1] or match[2]
        if name == "MAKE":
            return "make"
        if name not in variables or depth > 4 or len(variables[name]) > 1000:
            return "${MAKE_VARIABLE}"
        return _expanded(variables[name], variables, depth + 1)

    return re.sub(r"\$\$|\$\(([\w.-]+)\)|\$\{([\w.-]+)\}", value, text)[:20000]
