"""What a step runs of Docker, also inside the make targets and shell scripts of the repository that it calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from drone_lint.api import AnyPlace, ConfigFile, Pipeline, Step, Surroundings, TextPlace
from drone_lint_rules.docker.commands import DockerCommand, read
from drone_lint_rules.docker.folders import folders, workspace
from drone_lint_rules.host import host_mounts, socket_of
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_last: list[tuple[ConfigFile, Surroundings]] = []
"""The file that was looked at last; files are linted one after the other."""

_VIEWS = 4


def surroundings(file: ConfigFile) -> Surroundings:
    """The files around a configuration; the same object for all rules that ask in turn."""
    for known, around in _last:
        if known is file:
            return around
    around = Surroundings(file.root, file.source.path)
    around.memo["file"] = file
    of_same = [one for one in _last if one[0].source is file.source]  # other views of the file, which rules see in turn
    _last[:] = [(file, around), *of_same[:_VIEWS]]
    return around


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
    """Where it is written in a Makefile, script or program."""
    root: str = "/drone/src"
    """The absolute path of the clone."""
    via: str = ""
    """The call: `make test`, `ci/test.sh`."""
    exact: bool = True
    """Whether offsets of the command are those of the file; not in a Makefile, whose variables are put in."""
    chain: tuple[TextPlace, ...] = ()
    """The calls between the step's command and `inner`, outermost first."""
    guess: str = ""
    """Why it is not certain that it runs: it stands in the text of a program that the command runs. Empty where it is certain."""

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

    @property
    def related(self) -> list[tuple[str, AnyPlace]]:
        """For findings: the way from the step's command to the line that runs it."""
        if self.inner is None:
            return []
        word = "in this text, which it may run" if self.guess else "run by this line"
        return [*(("called by this line", place) for place in self.chain), (word, self.inner)]


def runs(step: Step, around: Surroundings) -> tuple[Run, ...]:
    """The commands of a step, and those of files of the repository that they call; the same objects each time."""
    if "runs" not in step.memo:
        step.memo["runs"] = tuple(_all_runs(step, around))
    found: tuple[Run, ...] = step.memo["runs"]
    return found


def _all_runs(step: Step, around: Surroundings) -> Iterator[Run]:
    from drone_lint_rules.docker.following import Following, with_variables

    script = script_of(step)
    root = workspace(step)
    environment = {name: value.text for name, value in step.environment.items() if value.is_scalar and "$" not in value.text}
    following = Following(around, root, environment, programs=may_reach(step))
    for command, folder in folders(step):
        place = script.place(command.start, command.end)
        resolved = with_variables(command)
        yield Run(resolved, folder, place, root=root)
        for run in following.below(resolved, folder):
            yield run._replace(place=place)


def may_reach(step: Step) -> bool:
    """Whether something in the configuration gives a step a daemon, so that it is worth reading what its programs may do with one."""
    from drone_lint_rules.docker.access import docker_host
    from drone_lint_rules.docker.daemons import daemons

    if docker_host(step, step.pipeline) is not None or daemons(step.pipeline):
        return True
    return any(socket_of(path.text) is not None for _, path in host_mounts(step))


def may_run_docker(step: Step) -> bool:
    """Whether a command may be Docker's, or call a file that runs it: the cheap question, before anything is parsed."""
    script = script_of(step)
    return script.mentions("docker", "make", "compose", "podman", "buildah", "nerdctl") or script.calls_files or may_reach(step)


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
    from drone_lint_rules.docker.following import script_word

    word = script_word(command)
    return word is not None and (word.text.startswith(("./", "../")) or word.text.endswith(".sh"))
