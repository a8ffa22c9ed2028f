"""Base images of Dockerfiles, and images of compose files and of `docker run`, with a mutable tag."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, AnyPlace, ConfigFile, Example, Finding, ImageReference, Jsonnet, Rule, Severity, Trigger, parse_image
from drone_lint_rules.drone import MAY_RUN_DOCKER
from drone_lint_rules.supply_chain._images import built_here, is_moving


class FloatingBaseImage(Rule):
    """A Dockerfile, a compose file or a `docker run` of a step names an image without a tag, or with a mutable one.

    The image that a step builds or starts is another one tomorrow, though nothing in the repository changed, just as with the images of steps (`floating-image-tag`). Read are the
    `FROM` lines of the Dockerfiles that steps build (with the defaults of their `ARG`s) and the services of compose files and the `docker run` commands that they start.

    Silent: stages, `scratch`, digests, images that the same configuration or compose file builds, and names that a variable decides. The finding stands at the first place of each image.
    """

    name = "floating-base-image"
    trigger = (Trigger(words=("plugins/",)), Trigger(commands=MAY_RUN_DOCKER))
    severity = Severity.NOTICE
    why = "the same name may refer to a different image tomorrow, without any change in the repository"
    help = "use a fixed version such as `image:1.2.3`, or a digest"
    references = (OWASP.CICD_SEC_3, CWE(1357))

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: build
              image: docker:27.3.1
              commands:
              - docker build .
              - docker compose -f test.yml up -d
              - docker run --rm alpine:latest true  # <- floating-base-image
              - docker run --rm alpine:3.20.1 true
            """,
            files=(
                (
                    "Dockerfile",
                    "ARG TAG=latest\nARG NONE\nFROM golang:1.22.1 AS golang\nFROM alpine:${TAG}\nFROM golang\nFROM debian AS d\nFROM a:${NONE}\nFROM scratch\n",
                ),
                ("test.yml", "services:\n  a:\n    image: redis\n  b: {image: 'redis:7.2.4'}\n  c: {image: own, build: .}\n"),
            ),
            lines=(3, 4, 6),
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'plugins/docker:20.18', settings: { repo: 'acme/app' } },
            ] }
            """,
            files=(("Dockerfile", "FROM node:lts\n"),),
            lines=(1,),
        ),
    )
    good = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: base, image: "docker:27.3.1", commands: [docker build -t acme/base base, docker build .]}
            """,
            files=(("base/Dockerfile", "FROM alpine:3.20.1\n"), ("Dockerfile", "FROM acme/base\n")),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        own = built_here(file)
        seen: set[AnyPlace] = set()
        for reference, place, related, title in _images(file):
            tag = is_moving(reference, self.settings, pedantic=self.pedantic)
            if tag is None or reference.canonical in own or place in seen:
                continue
            seen.add(place)
            what = f"the mutable tag `{tag}`" if tag else "no tag, which means `latest`"
            yield self.finding(
                place, f"{title.format(f'`{reference.text}`')} has {what}", related=[related], group=f"{title} {reference.text}"
            )


def _images(file: ConfigFile) -> Iterator[tuple[ImageReference, AnyPlace, tuple[str, AnyPlace], str]]:
    from drone_lint_rules.docker.built_images import base_images
    from drone_lint_rules.docker.compose import compose_services
    from drone_lint_rules.docker.containers import containers
    from drone_lint_rules.docker.image_builds import builds, dockerfile_at
    from drone_lint_rules.docker.runs import may_run_docker, steps_of, surroundings

    for build in builds(file):
        content = dockerfile_at(build.dockerfile, surroundings(file))
        for stage, reference in base_images(content) if content is not None and not content.foreign else ():
            if stage.base is not None and reference.valid:
                yield reference, stage.begin.at(stage.base), ("built by this", build.place), "base image {}"
    for service in compose_services(file):
        image = service.composed.get("image")
        if image is not None and image.text and "$" not in image.text and service.composed.get("build") is None and service.use.starts:
            yield parse_image(image.text), image.place, ("started by this", service.use.place), "image {} of a compose service"
    for step, _ in steps_of(file):
        for container in containers(step, file) if may_run_docker(step) else ():
            if container.service is None and container.image and "$" not in container.image:
                related = ("run by this step", container.run.place)
                yield parse_image(container.image), container.place, related, "image {} of `docker run`"
