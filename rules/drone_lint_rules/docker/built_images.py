"""What is known of an image from the Dockerfile of this repository that builds it: its base, its user, whether it has a Docker client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.api import AnyPlace, ConfigFile, ImageReference, ImageSettings, Step, Surroundings, data_lines, parse_image
from drone_lint_rules.docker.client import brings, in_image, is_client_path
from drone_lint_rules.docker.dockerfile import Dockerfile, DockerWord, Instruction, Stage
from drone_lint_rules.docker.image_builds import building, dockerfile_at
from drone_lint_rules.docker.runs import surroundings

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)(?::?-([^}]*))?\}|([A-Za-z_]\w*))")
_DEEPEST = 20
"""Stages that are built on stages."""


class BuiltImage(NamedTuple):
    """An image that a Dockerfile of the repository makes."""

    dockerfile: Dockerfile
    instructions: tuple[Instruction, ...]
    """Those that make it, the base stage's first."""
    base: ImageReference | None
    """The image on which all is built; None where a variable decides it."""
    place: AnyPlace
    """What builds it."""


class User(NamedTuple):
    """Who runs in a container."""

    name: str
    """As written: `1000:1000`, `node`."""
    place: AnyPlace | None
    """Where that is said; None where it is known of the image."""
    reason: str
    """For messages: ``its `user` ``, `its image's user`."""

    @property
    def is_root(self) -> bool:
        """Whether it is root by name or number."""
        return self.name.partition(":")[0] in ("root", "0", "")

    @property
    def may_have_group(self) -> bool:
        """Whether a group is given that may be the socket's."""
        _, colon, group = self.name.partition(":")
        return bool(colon) and group != self.name.partition(":")[0]


def built_image_of(image: str, file: ConfigFile) -> BuiltImage | None:
    """The Dockerfile that a build of this configuration makes an image from; None where none is known."""
    build = building(image, file)
    content = dockerfile_at(build.dockerfile, surroundings(file)) if build is not None else None
    if build is None or content is None or content.foreign or not content.stages:
        return None
    number = content.stage(build.target) if build.target else len(content.stages) - 1
    if number is None:
        return None
    stages = _chain(content, number)
    base = stages[0].base
    instructions = tuple(one for stage in stages for one in stage.instructions)
    return BuiltImage(content, instructions, base_of(content, base) if base is not None else None, build.place)


def _chain(content: Dockerfile, number: int) -> list[Stage]:
    """A stage and those on which it is built, the first of them first."""
    found = [content.stages[number]]
    while len(found) < _DEEPEST and found[0].base is not None:
        parent = content.stage(found[0].base.text, number)
        if parent is None:
            break
        number = parent
        found.insert(0, content.stages[number])
    return found


def base_of(content: Dockerfile, word: DockerWord) -> ImageReference | None:
    """The image that a `FROM` names, with the defaults of `ARG`s; None where one has none."""
    values: dict[str, str] = {}
    for one in content.instructions:
        if one.name == "from":
            break
        if one.name == "arg":
            values.update({name: value.strip("\"'") for name, equals, value in (part.text.partition("=") for part in one.words) if equals})
    text = _VARIABLE.sub(lambda match: values.get(match[1] or match[3], match[2] if match[2] is not None else "$"), word.text)
    return parse_image(text) if "$" not in text and text else None


def base_images(content: Dockerfile) -> Iterator[tuple[Stage, ImageReference]]:
    """The images of other makers on which stages are built."""
    for number, stage in enumerate(content.stages):
        if stage.base is None or content.stage(stage.base.text, number) is not None:
            continue
        reference = base_of(content, stage.base)
        if reference is not None and reference.text != "scratch":
            yield stage, reference


# -- the user


def user_of(step: Step, file: ConfigFile) -> User | None:
    """Who runs the commands of a step; None where that is not known."""
    own = step.get("user")
    if own is not None and own.text:
        return User(own.text, own.place, "its `user`") if "$" not in own.text else None
    return image_user(step.image.text, file) if step.image is not None else None


def image_user(image: str, file: ConfigFile) -> User | None:
    """The user of an image: that of the Dockerfile here that builds it, or a known one; None where it is not known."""
    built = built_image_of(image, file)
    if built is None:
        return _known_user(parse_image(image))
    last = next((one for one in reversed(built.instructions) if one.name == "user"), None)
    if last is None:
        return _known_user(built.base) if built.base is not None else None
    return User(last.text, last.keyword, f"`USER {last.text}` in its Dockerfile") if "$" not in last.text else None


def _known_user(reference: ImageReference) -> User | None:
    from fnmatch import fnmatchcase

    for line in data_lines(__file__, "image_users.txt"):
        pattern, name = line.split()
        text = f"{reference.familiar}:{reference.tag}" if ":" in pattern else reference.familiar
        if fnmatchcase(text, pattern):
            return User(name, None, f"its image's user `{name}`")
    return None


# -- the client


def has_client(step: Step, what: str, settings: ImageSettings, around: Surroundings) -> bool | None:
    """Whether a step's image carries the client or a form of Compose: by its name, or by the Dockerfile here that builds it."""
    known = in_image(step.reference, what, settings)
    file: ConfigFile | None = around.memo.get("file")
    if known is not None or file is None or step.image is None or "$" in step.image.text:
        return known
    built = built_image_of(step.image.text, file)
    if built is None:
        return None
    if any(_puts_client(one, what, settings) for one in built.instructions):
        return True
    base = in_image(built.base, what, settings) if built.base is not None else None
    return base if base or all(_is_harmless(one) for one in built.instructions) else None


def _puts_client(one: Instruction, what: str, settings: ImageSettings) -> bool:
    if one.name in ("copy", "add"):
        flag = one.flag("from")
        whole = (
            flag is not None
            and in_image(parse_image(flag.value), what, settings) is True
            and any(word.text.endswith(("/bin/", "/bin")) for word in one.words)
        )
        return whole or any(is_client_path(word.text, what) for word in one.words)
    if one.name != "run" or "docker" not in one.text + "".join(one.heredocs):
        return False
    from drone_lint_rules.shell.parser import parse

    return any(brings(command, what) for text in (one.text, *one.heredocs) for command in parse(text[:20_000]).commands)


def _is_harmless(one: Instruction) -> bool:
    """Whether an instruction surely brings no program from elsewhere."""
    if one.name in ("copy", "add"):
        return one.name == "copy" and one.flag("from") is None and not any(word.text.endswith("/bin/") for word in one.words)
    return one.name != "run" or bool(
        re.match(r"(?:mkdir|chmod|chown|useradd|adduser|groupadd|addgroup|ln|rm|echo|go|npm|yarn|pip|make|cargo)\b[^&|;]*$", one.text)
    )
