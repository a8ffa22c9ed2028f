"""Which images a file runs, and which of their tags are mutable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from drone_lint.api import ConfigFile, ImageReference, Settings, Step, Value, data_lines, drone_variables, expansions_in, parse_image


class Use(NamedTuple):
    """An image that a step or service runs, or that a plugin's settings name."""

    step: Step
    value: Value
    reference: ImageReference
    """The parsed name, with an `x` in place of each `${}`."""
    literal: bool = True
    """Whether there is no `${}` in the name."""

    @property
    def tag_is_open(self) -> bool:
        """Whether a `${}` sets the tag, or may contain one."""
        if self.literal:
            return False
        name = self.value.text.partition("@")[0]
        if self.reference.tag:
            return not name.endswith(f":{self.reference.tag}")
        own = drone_variables(Settings())
        return not all(expansion.name in own for expansion in expansions_in(name.rpartition("/")[2]))

    @property
    def only_tag_is_open(self) -> bool:
        """Whether registry and repository are literal, and a `${}` sets only the tag."""
        head = self.reference.text.rpartition(f":{self.reference.tag}")[0]
        return not self.literal and bool(self.reference.tag) and self.value.text.startswith(f"{head}:")

    @property
    def host_is_open(self) -> bool:
        """Whether a `${}` is part of the registry's host or, for Docker Hub, of the image's namespace."""
        name = self.value.text
        return not self.literal and "${" in (name.partition("/")[0] if "/" in name else name.partition(":")[0])


def steps_of(file: ConfigFile) -> Iterator[Step]:
    """Every step and service, as the server reads them."""
    for evaluation in file.evaluations:
        for document in evaluation.server:
            yield from document.pipeline.containers if document.pipeline else ()


def uses(file: ConfigFile) -> Iterator[Use]:
    """Every image that a container of the file runs."""
    for step in steps_of(file):
        if step.image is not None and step.image.text:
            yield Use(step, step.image, step.reference) if "$" not in step.image.text else _use(step, step.image)


def _use(step: Step, value: Value, text: str = "") -> Use:
    text = text or value.text
    known = _known(text)
    return Use(step, value, parse_image(known), known == text)


def _known(text: str) -> str:
    """A name with an `x` in place of each `${}`."""
    inner = len(text)
    for expansion in sorted(expansions_in(text), key=lambda one: (one.start, -one.end), reverse=True):
        if expansion.end <= inner:
            inner = expansion.start
            text = f"{text[: expansion.start]}x{text[expansion.end :]}"
    return text


_IMAGE_SETTINGS = (
    "image",
    "base_image",
    "from_image",
    "builder_image",
    "run_image",
    "scanner_image",
    "docker_image",
    "images",
    "cache_from",
)
"""Settings with the name of an image that a plugin runs, builds on or takes layers from."""
_IMAGE_ARGUMENTS = ("image", "base", "from")
"""Words in the names of build arguments that contain an image."""
_OTHER_FILES = (".png", ".jpg", ".jpeg", ".svg", ".gif", ".webp", ".tar", ".gz", ".zip", ".img", ".iso", ".qcow2", ".txt")


def in_settings(file: ConfigFile) -> Iterator[Use]:
    """Images that plugins' settings name, to run or to build on."""
    for step in steps_of(file):
        for key in _IMAGE_SETTINGS:
            for value in _strings(step.settings.get(key)):
                yield from _named(step, value, value.text)
        for key in ("build_args", "args"):
            for value in _strings(step.settings.get(key)):
                name, equals, text = value.text.partition("=")
                if equals and any(word in _IMAGE_ARGUMENTS for word in name.lower().split("_")):
                    yield from _named(step, value, text)


def _strings(value: Value | None) -> Iterator[Value]:
    if value is not None:
        yield from (one for one in ([value] if value.is_scalar else value) if one.is_string)


def _named(step: Step, value: Value, text: str) -> Iterator[Use]:
    use = _use(step, value, text)
    if not text.startswith("$") and use.reference.valid and not text.endswith(_OTHER_FILES):
        yield use


def moving_tag(use: Use, settings: Settings, *, pedantic: bool) -> str | None:
    """The mutable tag of an image, or empty for no tag; None if the image cannot change, or its tag is not known."""
    return None if use.tag_is_open else is_moving(use.reference, settings, pedantic=pedantic)


def is_moving(reference: ImageReference, settings: Settings, *, pedantic: bool) -> str | None:
    """The mutable tag of a literal name, or empty for no tag; None if the image cannot change."""
    if reference.digest or not reference.repository or reference.text == "scratch":
        return None  # `scratch` is no image: Docker refuses to pull it
    tag = reference.tag.lower()
    words = _moving_words()
    if not tag or tag in words or _is_variant(tag, words) or _is_listed(tag, settings.images.moving_tags):
        return reference.tag
    if _is_only_variant(reference.familiar, tag):
        return reference.tag
    major = tag.removeprefix("v")
    return reference.tag if pedantic and major.isdigit() and len(major) <= _YEAR else None


@lru_cache(maxsize=1)
def _moving_words() -> frozenset[str]:
    return frozenset(data_lines(__file__, "moving_tags.txt"))


_YEAR = 4
"""The maximum number of digits of a major version (`2022`); a longer number is a date or a build."""


def _is_listed(tag: str, patterns: tuple[str, ...]) -> bool:
    if not patterns:
        return False
    from fnmatch import fnmatchcase

    return any(fnmatchcase(tag, pattern.lower()) for pattern in patterns)


_FIRST = frozenset(
    ("latest", "lts", "stable", "edge", "nightly", "canary", "main", "master", "mainline", "unstable", "rolling", "snapshot")
)
_LAST = frozenset(("latest", "edge", "nightly", "canary", "unstable"))


def _is_variant(tag: str, words: frozenset[str]) -> bool:
    """Whether a tag is a mutable one with a variant: `lts-alpine`, `latest-amd64`, `20-edge`; not `stable-346` or `main-3f9c2b1`."""
    first, *rest = tag.replace("_", "-").split("-")
    if not rest:
        return False
    if first in _FIRST and first in words:
        return not any(_is_version(part) for part in rest)
    return rest[-1] in _LAST and "." not in tag


_DISTRIBUTIONS = ("debian", "ubuntu", "buildpack-deps")
"""Images whose releases have the names that are variants of others: `debian:bookworm` is a version."""


_RELEASES = ("stretch", "buster", "bullseye", "bookworm", "trixie", "bionic", "focal", "jammy", "noble")
"""Releases of distributions: as the tag of an image that is not Docker's own, one may be its version."""


def _is_only_variant(name: str, tag: str) -> bool:
    """Whether a tag names a variant and no version: `golang:alpine`, `docker:dind`, `plugins/docker:linux-arm`."""
    if name.rpartition("/")[2] in _DISTRIBUTIONS:
        return False
    parts = tag.replace("_", "-").split("-")
    return all(part in _variants() for part in parts) and not ("/" in name and all(part in _RELEASES for part in parts))


@lru_cache(maxsize=1)
def _variants() -> frozenset[str]:
    return frozenset(data_lines(__file__, "variant_tags.txt"))


def _is_version(part: str) -> bool:
    is_commit = len(part) >= 7 and all(char in "0123456789abcdef" for char in part)
    return is_commit or part.removeprefix("v")[:1].isdigit()


def built_here(file: ConfigFile) -> set[str]:
    """Repositories of images that the file itself builds: those that a plugin pushes (`settings.repo`) or commands tag."""
    return {parse_image(_known(name)).canonical for step in steps_of(file) for name in (*_pushed(step), *_tagged(step))}


def _pushed(step: Step) -> Iterator[str]:
    for key in ("repo", "repository", "repos", "destination", "destinations"):
        for repo in _strings(step.settings.get(key)):
            yield repo.text
            registry = step.settings.get("registry")
            if registry is not None and registry.text and not repo.text.startswith(registry.text):
                yield f"{registry.text.rstrip('/')}/{repo.text}"


_BUILDERS = ("docker", "podman", "buildah", "nerdctl", "img")


def _tagged(step: Step) -> Iterator[str]:
    """Names with which commands tag the images that they build."""
    from drone_lint_rules.shell import script_of

    script = script_of(step)
    if not script.mentions(*_BUILDERS) or not script.mentions("-t", "tag"):
        return
    from drone_lint_rules.shell.options import operands, options

    for command in script.commands:
        words = [word.text for word in command.arguments]
        if command.program not in _BUILDERS:
            continue
        if any(verb in words[:2] for verb in ("build", "bud", "b")):
            yield from (option.value for option in options(command, "-t --tag") if option.name in ("-t", "--tag") and option.value)
        elif "tag" in words[:2]:
            yield from (word.text for word in operands(command)[-1:])


def with_secrets(images: Iterable[Use]) -> frozenset[str]:
    """Names of images, as written, that run in at least one step with a secret."""
    return frozenset(use.value.text for use in images if use.step.secrets)
