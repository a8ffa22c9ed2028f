"""The images that steps build from Dockerfiles of the repository: by `docker build`, by Compose, by plugins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.api import AnyPlace, ConfigFile, Pipeline, Step, Surroundings, automatic_plugin, parse_image
from drone_lint_rules.docker.compose import compose_uses, project_of
from drone_lint_rules.docker.compose_needs import built_image
from drone_lint_rules.docker.dockerfile import Dockerfile, parse_dockerfile
from drone_lint_rules.docker.folders import join
from drone_lint_rules.docker.named import named_files
from drone_lint_rules.docker.runs import Run, may_run_docker, runs, steps_of, surroundings
from drone_lint_rules.drone import clones

_VALUES = (
    "-t --tag -f --file --build-arg --label --target --cache-from --cache-to --platform -o --output --progress --secret --ssh --network "
    "--add-host --iidfile --metadata-file --builder --build-context --allow --annotation --attest -H --host --context --config -l --log-level "
    "--shm-size --ulimit -m --memory"
)
_VERBS = ("up", "build", "create", "run", "watch")
_PLUGINS_TAKING_REPO = ("repo", "repository", "destination")


class ImageBuild(NamedTuple):
    """An image that is built from a Dockerfile of the repository."""

    step: Step
    pipeline: Pipeline
    place: AnyPlace
    """What builds it: a command, a service of a compose file, a setting."""
    context: str | None
    """The folder, relative to the repository's root; None when it is not known."""
    dockerfile: str
    """The file, relative to the repository's root."""
    target: str
    """The stage at which it stops; empty: the last."""
    names: tuple[str, ...]
    """Names that it gets, without tags, as far as they are known."""
    run: Run | None
    """The command; None for a plugin."""


def builds(file: ConfigFile) -> tuple[ImageBuild, ...]:
    """The images that the steps of a configuration build; the same objects each time."""
    memo = surroundings(file).memo
    if "image builds" not in memo:
        memo["image builds"] = tuple(_all(file))
    found: tuple[ImageBuild, ...] = memo["image builds"]
    return found


def _all(file: ConfigFile) -> Iterator[ImageBuild]:
    around = surroundings(file)
    for step, pipeline in steps_of(file):
        if not clones(pipeline):
            continue
        yield from _of_plugin(step, pipeline, around)
        if may_run_docker(step):
            for run in runs(step, around):
                yield from _of_command(run, step, pipeline, around)
    for use in compose_uses(file):
        if use.line.verb in _VERBS and not use.stack:
            for service in project_of(use, file).services.values():
                built = built_image(service, use.run.root)
                if built is not None and built.dockerfile and (not use.line.services or service.name in use.line.services):
                    image = service.get("image")
                    names = (_name(image.text),) if image is not None and image.text else ()
                    yield ImageBuild(use.step, use.pipeline, built.value.key, built.context, built.dockerfile, built.target, names, use.run)


def _of_command(run: Run, step: Step, pipeline: Pipeline, around: Surroundings) -> Iterator[ImageBuild]:
    named = [one for one in named_files(run.command, run.folder, run.root) if one.kind in ("Dockerfile", "build context")]
    dockerfile = next((around.first(one.paths) for one in named if one.kind == "Dockerfile"), None)
    if dockerfile is None:
        return
    context = next((one.paths[0] for one in named if one.kind == "build context"), None)
    names, target = [], ""
    from drone_lint_rules.shell.options import options

    for option in options(run.command, _VALUES):
        if option.name in ("-t", "--tag") and option.value:
            names.append(_name(option.value))
        elif option.name == "--target" and option.value and "$" not in option.value:
            target = option.value
    open_context = any(option.name == "--build-context" for option in options(run.command, _VALUES))
    yield ImageBuild(step, pipeline, run.place, None if open_context else context, dockerfile, target, tuple(names), run)


def _of_plugin(step: Step, pipeline: Pipeline, around: Surroundings) -> Iterator[ImageBuild]:
    if step.commands or automatic_plugin(step.reference) is None:
        return
    settings = {key: value.text for key, value in step.settings.items() if value.is_scalar}
    context = join("", settings.get("context") or ".", "/drone/src")
    dockerfile = join("", settings.get("dockerfile") or "Dockerfile", "/drone/src")
    if context is None or dockerfile is None or "$" in dockerfile + context or around.exists(dockerfile) is not True:
        return
    names = tuple(_name(settings[key]) for key in _PLUGINS_TAKING_REPO if settings.get(key))
    target = settings.get("target", "")
    yield ImageBuild(step, pipeline, step.value.place, context, dockerfile, "" if "$" in target else target, names, None)


def _name(image: str) -> str:
    """An image's name without tag and digest; empty where variables decide it."""
    reference = parse_image(image)
    return "" if "$" in reference.repository or "$" in image.partition(":")[0] else reference.familiar


def dockerfile_at(path: str, around: Surroundings) -> Dockerfile | None:
    """A Dockerfile of the repository, read once; None when it cannot be read."""
    key = ("dockerfile", path)
    if key not in around.memo:
        source = around.read(path)
        around.memo[key] = parse_dockerfile(source) if source is not None else None
    found: Dockerfile | None = around.memo[key]
    return found


def building(image: str, file: ConfigFile) -> ImageBuild | None:
    """The build of this configuration that makes an image of this name; None when nothing here is known to."""
    name = _name(image)
    return next((build for build in builds(file) if name and name in build.names), None)
