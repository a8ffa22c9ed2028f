"""Secrets given to `docker build` as build arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import CWE, ConfigFile, Finding, Jsonnet, Rule, Severity, Step, Surroundings, Trigger
from drone_lint_rules.docker.runs import Run, docker_runs, steps_of, surroundings
from drone_lint_rules.docker.workspace_secrets import secret_variables
from drone_lint_rules.drone import CONTAINERS

if TYPE_CHECKING:
    from drone_lint_rules.shell.options import Option


class SecretBuildArgument(Rule):
    """A secret is a build argument of an image.

    Build arguments are no secrets: they stand in the image's history (`docker history --no-trunc`), in its provenance and in the builder's cache, and everyone who pulls the image
    reads them there.

    Give the secret to the one command that needs it: `docker build --secret id=token,env=TOKEN .`, and `RUN --mount=type=secret,id=token ...` in the Dockerfile.
    """

    name = "secret-build-argument"
    severity = Severity.WARNING
    references = (CWE(538), CWE(522))
    why = "build arguments stand in the image's history, where everyone who has the image reads them"
    help = "write `docker build --secret id=NAME,env=VARIABLE`, and `RUN --mount=type=secret,id=NAME` in the Dockerfile"
    trigger = Trigger(keys=("from_secret",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: docker:27.3.1
          environment: {TOKEN: {from_secret: token}}
          commands:
          - docker build --build-arg TOKEN=$TOKEN .  # <- secret-build-argument
          - docker buildx build --build-arg=NPM_TOKEN="$${TOKEN}" .  # <- secret-build-argument
          - docker build --build-arg TOKEN .  # <- secret-build-argument
          - docker compose build --build-arg TOKEN=$TOKEN  # <- secret-build-argument
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'docker:27.3.1', environment: { TOKEN: { from_secret: 'token' } }, commands: [
            'docker build --build-arg X=$TOKEN .',  // <- secret-build-argument
          ] },
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: build
          image: docker:27.3.1
          environment: {TOKEN: {from_secret: token}, VERSION: "1"}
          commands:
          - docker build --secret id=token,env=TOKEN --build-arg VERSION=$VERSION .
          - docker build --build-arg VERSION .
          - echo --build-arg $TOKEN
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        around = surroundings(file)
        for step, pipeline in steps_of(file):
            names = secret_variables(step) if pipeline.type in CONTAINERS else frozenset()
            if names:
                yield from self._of_step(step, names, around)

    def _of_step(self, step: Step, names: frozenset[str], around: Surroundings) -> Iterator[Finding]:
        for run, docker in docker_runs(step, around):
            if docker.verb not in ("build", "buildx", "image", "builder"):
                continue
            for option in _arguments(run):
                secret = next((part.name for part in option.variables if part.name in names), None)
                if secret is None and option.value in names:
                    secret = option.value
                if secret is not None:
                    place = run.at(option.start, option.end, step)
                    message = f"{step.title} gives the secret `{secret}` to `{docker.shown}` as a build argument"
                    yield self.finding(place, message, related=run.related)


def _arguments(run: Run) -> Iterator[Option]:
    from drone_lint_rules.shell.options import options

    return (
        one
        for one in options(run.command, "-t -f --tag --file --build-arg --secret --ssh --target --platform")
        if one.name == "--build-arg"
    )
