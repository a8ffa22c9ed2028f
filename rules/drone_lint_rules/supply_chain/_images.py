"""Which images a file runs, and which of their tags move."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.api import ConfigFile, ImageReference, Settings, Step, Value, data_lines, parse_image


class Use(NamedTuple):
    """An image that a step or service runs."""

    step: Step
    value: Value
    reference: ImageReference


def uses(file: ConfigFile) -> Iterator[Use]:
    """Every image that a container of the file runs, as written; those with `${}` are not known and left out."""
    for evaluation in file.evaluations:
        for document in evaluation.server:
            pipeline = document.pipeline
            if pipeline is None:
                continue
            for step in pipeline.containers:
                if step.image is not None and step.image.text and "${" not in step.image.text.replace("$${", ""):
                    yield Use(step, step.image, step.reference)


_IMAGE_SETTINGS = ("image", "base_image", "from_image", "builder_image", "run_image", "scanner_image", "docker_image")
"""Settings in which plugins take the name of an image that they run or build on."""


def in_settings(file: ConfigFile) -> Iterator[Use]:
    """Images that plugins are told to run or to build on."""
    for evaluation in file.evaluations:
        for document in evaluation.server:
            for step in document.pipeline.containers if document.pipeline else ():
                for key in _IMAGE_SETTINGS:
                    value = step.settings.get(key)
                    if value is not None and value.is_string and "$" not in value.text and parse_image(value.text).valid:
                        yield Use(step, value, parse_image(value.text))


def moving_tag(reference: ImageReference, settings: Settings) -> str | None:
    """Why what the image's name stands for can change: the tag that moves, or empty for no tag; None where it cannot."""
    if reference.digest or not reference.repository:
        return None
    if not reference.tag:
        return ""
    moving = {*data_lines(__file__, "moving_tags.txt"), *settings.images.moving_tags}
    if reference.tag.lower() in moving:
        return reference.tag
    if settings.profile == "pedantic" and reference.tag.isdigit():
        return reference.tag
    return None


def built_here(file: ConfigFile) -> set[str]:
    """Repositories of images that the file itself builds: what a plugin pushes as `settings.repo`."""
    found = set()
    for evaluation in file.evaluations:
        for document in evaluation.server:
            for step in document.pipeline.containers if document.pipeline else ():
                for key in ("repo", "repository"):
                    repo = step.settings.get(key)
                    if repo is not None and repo.is_scalar and repo.text:
                        found.add(parse_image(repo.text).canonical)
    return found


def with_secrets(file: ConfigFile) -> set[str]:
    """Names of images, as written, that some step gives a secret."""
    return {use.value.text for use in uses(file) if use.step.secrets}
