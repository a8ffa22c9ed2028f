"""The images that a step builds: their contexts, and what their Dockerfiles copy from them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.api import AnyPlace, ConfigFile, SourceFile, Step, Surroundings, TextPlace
from drone_lint_rules.docker.compose_needs import built_image
from drone_lint_rules.docker.containers import containers
from drone_lint_rules.docker.named import named_files
from drone_lint_rules.docker.runs import Run, docker_runs, surroundings


class Build(NamedTuple):
    """An image that a command builds."""

    run: Run
    place: AnyPlace
    """The command, or the service of the compose file."""
    context: str | None
    """Relative to the repository's root; None where it is not known."""
    dockerfile: SourceFile
    shown: str
    """The Dockerfile, relative to the root."""


class Copy(NamedTuple):
    """One source of `COPY` or `ADD` from the context."""

    source: str
    """Relative to the context, without `./`; empty for all of it."""
    stage: str
    """The name of the stage, or its number."""
    last: bool
    """Whether it is the last stage, which becomes the image."""
    place: TextPlace


def builds(step: Step, file: ConfigFile) -> tuple[Build, ...]:
    """The images that a step builds from Dockerfiles which can be read."""
    if "builds" not in step.memo:
        around = surroundings(file)
        step.memo["builds"] = (*_by_command(step, around), *_by_compose(step, file, around))
    found: tuple[Build, ...] = step.memo["builds"]
    return found


def _by_command(step: Step, around: Surroundings) -> Iterator[Build]:
    for run, docker in docker_runs(step, around):
        if docker.compose:
            continue
        named = list(named_files(run.command, run.folder, run.root))
        contexts = [one.paths[0] for one in named if one.kind == "build context"]
        for one in named:
            path = around.first(one.paths) if one.kind == "Dockerfile" else None
            source = around.read(path) if path is not None else None
            if source is not None and path is not None:
                place = run.at(run.command.start, run.command.end, step)
                yield Build(run, place, contexts[0] if contexts else None, source, path)


def _by_compose(step: Step, file: ConfigFile, around: Surroundings) -> Iterator[Build]:
    for one in containers(step, file):
        built = built_image(one.service.composed, one.run.root) if one.service is not None else None
        source = around.read(built.dockerfile) if built is not None and built.dockerfile else None
        if source is not None and built is not None:
            yield Build(one.run, one.place, built.context, source, built.dockerfile)


def copies(dockerfile: SourceFile) -> tuple[Copy, ...]:
    """What a Dockerfile takes from its context."""
    instructions = list(_instructions(dockerfile.text))
    stages = [one for one in instructions if one[0] == "FROM"]
    found: list[Copy] = []
    number, name = -1, ""
    for keyword, rest, start, end in instructions:
        if keyword == "FROM":
            number += 1
            named = re.search(r"\sAS\s+(\S+)\s*$", rest, re.IGNORECASE)
            name = named[1] if named else str(number)
        elif keyword in ("COPY", "ADD") and "--from=" not in rest:
            for source in _sources(rest):
                if "://" not in source and not source.startswith("git@"):
                    cleaned = source.removeprefix("/").removeprefix("./").rstrip("/")
                    found.append(
                        Copy("" if cleaned == "." else cleaned, name, number == len(stages) - 1, TextPlace(dockerfile, start, end))
                    )
    return tuple(found)


def _instructions(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Keyword, rest, and where it stands; comments and the lines of here-documents are passed over."""
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        first = text[at:end]
        while first.rstrip().endswith("\\") and end < len(text):
            following = text.find("\n", end + 1)
            end = len(text) if following < 0 else following
            first = text[at:end]
        found = re.match(r"\s*([A-Za-z]+)\s+(.*)$", first, re.DOTALL)
        if found and not first.lstrip().startswith("#"):
            yield found[1].upper(), re.sub(r"\\\s*\n", " ", found[2]), at, end
            here = re.search(r"<<-?[\"']?(\w+)[\"']?", found[2])
            if here and found[1].upper() in ("RUN", "COPY", "ADD"):
                close = re.compile(rf"^\s*{re.escape(here[1])}\s*$", re.MULTILINE).search(text, end)
                end = close.end() if close else len(text)
        at = end + 1


def _sources(rest: str) -> list[str]:
    words = re.sub(r"--[\w-]+(?:=\S+)?\s+", "", rest).strip()
    if words.startswith("["):
        try:
            listed = json.loads(words)
        except ValueError:
            return []
        return [one for one in listed[:-1] if isinstance(one, str)] if isinstance(listed, list) else []
    return words.split()[:-1]
