"""What BuildKit refuses in a Dockerfile before it runs anything, and variables that are empty there.

Read from BuildKit (frontend/dockerfile/instructions, dockerfile2llb) and the Dockerfile reference, 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.api import AnyPlace, TextPlace, did_you_mean
from drone_lint_rules.docker.dockerfile import Dockerfile, DockerWord, Instruction, Stage

_FLAGS = {
    "add": ("chown", "chmod", "link", "keep-git-dir", "checksum", "unpack", "exclude"),
    "copy": ("from", "chown", "chmod", "link", "parents", "exclude"),
    "from": ("platform",),
    "healthcheck": ("interval", "timeout", "start-period", "start-interval", "retries"),
    "run": ("mount", "network", "security", "device"),
}
"""The flags of each instruction; those that are not here have none."""
_REPEATED = ("exclude", "mount", "device")
_INSTRUCTIONS = (
    "add",
    "arg",
    "cmd",
    "copy",
    "entrypoint",
    "env",
    "expose",
    "from",
    "healthcheck",
    "label",
    "maintainer",
    "onbuild",
    "run",
    "shell",
    "stopsignal",
    "user",
    "volume",
    "workdir",
)
_NEED_ONE = ("arg", "env", "expose", "label", "maintainer", "onbuild", "shell", "stopsignal", "user", "volume", "workdir", "healthcheck")
_PLATFORM = frozenset(
    f"{side}{what}" for side in ("TARGET", "BUILD") for what in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT", "STAGE")
) | frozenset(("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY", "SOURCE_DATE_EPOCH"))
"""Arguments that BuildKit sets by itself."""
_VARIABLE = re.compile(r"(?<!\\)\$(?:\{([A-Za-z_]\w*)(:?[-+?#%/][^}]*)?\}|([A-Za-z_]\w*))")


class DockerfileFault(NamedTuple):
    """One thing that is wrong."""

    kind: str
    """`refused`: the build fails at once; `stage`: it takes a stage's name for an image; `empty`: a variable has no value there."""
    place: AnyPlace
    message: str
    help: str


def dockerfile_faults(file: Dockerfile) -> Iterator[DockerfileFault]:
    """What is wrong with a Dockerfile, in written order; nothing for files that another front end reads."""
    if file.foreign or file.truncated or _is_template(file):
        return
    if not file.instructions:
        end = max(file.source.text.find("\n"), 0)
        yield _refused(TextPlace(file.source, 0, end), "the Dockerfile has no instructions", "begin with `FROM IMAGE:TAG`")
        return
    yield from _beginning(file)
    known = True
    for instruction in file.instructions:
        was_known, known = known, instruction.name in _INSTRUCTIONS
        if known or was_known:  # of lines in a row that are none, the first is the mistake
            yield from _of_instruction(instruction)
    for number, stage in enumerate(file.stages):
        yield from _base(file, number, stage)
        for instruction in stage.instructions:
            yield from _from_stages(file, number, instruction)
    yield from _lost_arguments(file)


def _is_template(file: Dockerfile) -> bool:
    """Whether another program makes a Dockerfile of it."""
    return any(one.name.startswith(("{{", "{%", "<%", "%%", "@@", "__", "#{")) for one in file.instructions)


def _refused(place: AnyPlace, message: str, help_: str) -> DockerfileFault:
    return DockerfileFault("refused", place, message, help_)


def _beginning(file: Dockerfile) -> Iterator[DockerfileFault]:
    for instruction in file.instructions:
        if instruction.name == "from":
            return
        if instruction.name != "arg" and instruction.name in _INSTRUCTIONS:
            yield _refused(
                instruction.keyword,
                f"`{instruction.name.upper()}` stands before the first `FROM`",
                "move it below `FROM`; only `ARG` may stand above",
            )
            return
    last = file.instructions[0]
    if not any(instruction.name not in _INSTRUCTIONS for instruction in file.instructions):
        yield _refused(last.keyword, "the Dockerfile has no `FROM`", "add `FROM IMAGE:TAG`")


# -- one instruction


def _of_instruction(one: Instruction) -> Iterator[DockerfileFault]:
    shown = one.name.upper()
    if one.name not in _INSTRUCTIONS:
        yield _refused(
            one.keyword,
            f"`{_short(shown)}` is not an instruction{did_you_mean(shown, [name.upper() for name in _INSTRUCTIONS])}",
            "mend its name; a line that continues needs `\\` at the end of the one before",
        )
        return
    yield from _flags(one)
    if one.open_heredoc:
        yield _refused(
            one.keyword, f"the here-document `{one.open_heredoc}` does not end", f"write `{one.open_heredoc}` alone on a line where it ends"
        )
    if one.name in _NEED_ONE and not one.text:
        yield _refused(one.keyword, f"`{shown}` needs an argument", "give it one, or remove the line")
    elif one.name == "from":
        yield from _from(one)
    elif one.name in ("copy", "add") and len(one.words) < 2:
        yield _refused(one.keyword, f"`{shown}` needs a source and a destination", f"write `{shown} SOURCE DESTINATION`")
    elif one.name in ("env", "label"):
        yield from _pairs(one)
    elif one.name == "healthcheck" and one.words[0].text.upper() not in ("CMD", "NONE"):
        yield _refused(
            one.at(one.words[0]),
            f"`HEALTHCHECK` is followed by `{_short(one.words[0].text)}`",
            "write `HEALTHCHECK CMD COMMAND`, or `HEALTHCHECK NONE`",
        )
    elif one.name == "shell" and not one.json:
        yield _refused(one.keyword, "`SHELL` needs a JSON list", 'write `SHELL ["/bin/bash", "-c"]`')
    elif one.name == "onbuild":
        yield from _onbuild(one)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."


def _flags(one: Instruction) -> Iterator[DockerfileFault]:
    known = _FLAGS.get(one.name, ())
    seen: set[str] = set()
    for flag in one.flags:
        if flag.name not in known:
            guess = did_you_mean(flag.name, known)
            help_ = f"flags of `{one.name.upper()}`: {', '.join(f'`--{name}`' for name in known)}" if known else "it has no flags"
            yield _refused(one.at(flag.word), f"`--{_short(flag.name)}` is not a flag of `{one.name.upper()}`{guess}", help_)
        elif flag.name in seen and flag.name not in _REPEATED:
            yield _refused(one.at(flag.word), f"`--{flag.name}` is given twice", "keep one of them")
        seen.add(flag.name)


def _from(one: Instruction) -> Iterator[DockerfileFault]:
    words = one.words
    if len(words) not in (1, 3) or (len(words) == 3 and words[1].text.lower() != "as"):
        yield _refused(one.keyword, "`FROM` takes an image, or an image and `AS NAME`", "write `FROM IMAGE:TAG AS NAME`")
    elif len(words) == 3 and not re.fullmatch(r"[a-z][a-z0-9_.-]*", words[2].text.lower()):
        yield _refused(
            one.at(words[2]),
            f"`{_short(words[2].text)}` is not a name for a stage",
            "begin with a letter, and use letters, digits, `-`, `_` and `.`",
        )


def _pairs(one: Instruction) -> Iterator[DockerfileFault]:
    first = one.words[0]
    if "=" not in first.text:
        if len(one.words) < 2:
            yield _refused(
                one.at(first),
                f"`{one.name.upper()} {_short(first.text)}` has no value",
                f"write `{one.name.upper()} {_short(first.text)}=VALUE`",
            )
        return
    for word in one.words[1:]:
        if "=" not in word.text:
            yield _refused(one.at(word), f"`{_short(word.text)}` has no `=`", "write `NAME=VALUE`, and put values with spaces in quotes")


def _onbuild(one: Instruction) -> Iterator[DockerfileFault]:
    inner = one.words[0].text
    if inner.lower() in ("onbuild", "from", "maintainer"):
        yield _refused(one.at(one.words[0]), f"`ONBUILD {inner.upper()}` is not allowed", "use another instruction")
    elif inner.lower() not in _INSTRUCTIONS:
        guess = did_you_mean(inner.upper(), [name.upper() for name in _INSTRUCTIONS])
        yield _refused(one.at(one.words[0]), f"`{_short(inner)}` is not an instruction{guess}", "mend its name")


# -- stages and images


def _base(file: Dockerfile, number: int, stage: Stage) -> Iterator[DockerfileFault]:
    if stage.base is None:
        return
    name = stage.base.text
    yield from _undeclared(file, stage, stage.base)
    if file.stage(name, number) is None and not name.isdigit():
        yield from _later(file, number, name, stage.begin, stage.base, "FROM")


def _undeclared(file: Dockerfile, stage: Stage, word: DockerWord) -> Iterator[DockerfileFault]:
    """Variables of a `FROM` that no `ARG` above the first `FROM` declares."""
    known = {name for name, _ in _global_arguments(file)} | _PLATFORM
    for match in _VARIABLE.finditer(word.text):
        name = match[1] or match[3]
        if name not in known and not match[2]:
            later = any(one.name == "arg" and one.text.partition("=")[0] == name for one in file.instructions)
            help_ = f"move `ARG {name}` above the first `FROM`" if later else f"declare `ARG {name}=VALUE` above the first `FROM`"
            yield DockerfileFault(
                "empty",
                stage.begin.at(word),
                f"`{name}` is empty in `FROM`: no `ARG` above the first `FROM` declares it{did_you_mean(name, known - _PLATFORM)}",
                help_,
            )


def _global_arguments(file: Dockerfile) -> list[tuple[str, bool]]:
    """Arguments that are declared above the first `FROM`, and whether each has a value there."""
    found: list[tuple[str, bool]] = []
    for one in file.instructions:
        if one.name == "from":
            break
        if one.name == "arg":
            found += [(word.text.partition("=")[0], "=" in word.text) for word in one.words]
    return found


def _from_stages(file: Dockerfile, number: int, one: Instruction) -> Iterator[DockerfileFault]:
    """Names in `COPY --from` and `RUN --mount=...,from=`."""
    for flag in one.flags:
        name = flag.value if flag.name == "from" else ""
        if flag.name == "mount":
            name = next((part[5:] for part in flag.value.split(",") if part.startswith("from=")), "")
        if not name or "$" in name or file.stage(name, number) is not None:
            continue
        if name.isdigit():
            yield _refused(one.at(flag.word), f"there is no stage {name} above this one", "name a stage that stands above; the first is 0")
        else:
            yield from _later(file, number, name, one, flag.word, f"--{flag.name}")


def _later(file: Dockerfile, number: int, name: str, one: Instruction, word: DockerWord, what: str) -> Iterator[DockerfileFault]:
    """A name that is no stage above: Docker pulls an image of that name, which is wrong where a stage is meant."""
    if re.search(r"[/:@$]", name):
        return
    names = [stage.name for stage in file.stages if stage.name]
    if name.lower() in names:
        same = file.stages[number].name == name.lower() and what != "FROM"
        words = f"`{name}` is this stage itself" if same else f"the stage `{name}` stands below"
        if what == "FROM" and file.stages[number].name == name.lower():
            return  # FROM nginx AS nginx
        yield DockerfileFault("stage", one.at(word), words, "name a stage that stands above: Docker looks for an image of that name")
    else:
        guess = did_you_mean(name, [stage.name for stage in file.stages[:number] if stage.name], 0.75)
        if guess:
            yield DockerfileFault(
                "stage", one.at(word), f"`{name}` is not a stage{guess}", "mend the name: Docker looks for an image of that name"
            )


# -- arguments above FROM that are used below


def _lost_arguments(file: Dockerfile) -> Iterator[DockerfileFault]:
    names = {name for name, _ in _global_arguments(file)} - _PLATFORM
    if not names:
        return
    declared: list[set[str]] = []
    for number, stage in enumerate(file.stages):
        parent = file.stage(stage.base.text, number) if stage.base is not None else None
        known = set(declared[parent]) if parent is not None else set()
        said: set[str] = set()
        for one in stage.instructions:
            yield from _uses(one, names - known - said, said)
            if one.name in ("arg", "env"):
                known |= {word.text.partition("=")[0] for word in one.words}
        declared.append(known)


def _uses(one: Instruction, lost: set[str], said: set[str]) -> Iterator[DockerfileFault]:
    if not lost or "$" not in one.text or one.name not in ("run", "copy", "add", "env", "workdir", "label", "expose", "user", "volume"):
        return
    for match in _VARIABLE.finditer(one.text):
        name = match[1] or match[3]
        if (
            name in lost
            and name not in said
            and not match[2]
            and not re.search(rf"\b(?:{name}=|read\s+.*\b{name}\b|for\s+{name}\b)", one.text)
        ):
            said.add(name)
            word = next((word for word in one.words if f"${name}" in word.text or f"${{{name}" in word.text), None)
            place = one.at(word) if word is not None else one.keyword
            yield DockerfileFault(
                "empty",
                place,
                f"`{name}` is empty here: its `ARG` stands above `FROM`",
                f"repeat `ARG {name}` in this stage, above its use",
            )
