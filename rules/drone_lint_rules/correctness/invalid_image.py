"""Image names that can never be pulled."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drone_lint.api import Example, Finding, ImageReference, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.drone import CONTAINERS


class InvalidImage(Rule):
    """An image's name is not one that Docker accepts.

    Repository names are lower case, without white space; a tag follows the colon directly. White space mostly means that `commands:` or another key is missing: YAML continues `image:` with
    the indented lines below it. The server accepts any text; the step fails when the image is pulled.
    """

    name = "invalid-image"
    severity = Severity.ERROR
    why = "the image cannot be pulled: Docker refuses it as an invalid reference"
    trigger = Trigger(keys=("image",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: upper
          image: registry.example.com/Team/App:1.0  # <- invalid-image
          commands: [make]
        - name: space
          image: alpine 3.20  # <- invalid-image
          commands: [make]
        - name: empty
          image: "golang:"  # <- invalid-image
          commands: [make]
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: forgotten
              image: alpine:3.20
                - echo hello
            """,
            lines=(6,),
        ),
        Jsonnet("""
        local image(name) = 'acme/' + name;
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: image('My Tool:1'), commands: ['make'] },  // <- invalid-image
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: port, image: "registry.example.com:5000/team/app_x.y-z:Release-1.0", commands: [make]}
        - {name: local, image: "localhost/tools/lint:2", commands: [make]}
        - {name: variable, image: "acme/${DRONE_REPO_NAME}:1", commands: [make]}
        - {name: host, image: "Registry/app:1", commands: [make]}
        ---
        kind: pipeline
        type: vm
        name: vm
        steps: [{name: a, commands: [make]}]
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        image = step.image
        if pipeline.type not in CONTAINERS or image is None or not image.text or "$" in image.text or step.reference.valid:
            return
        fault, remedy = _fault(image.text, step.reference)
        yield self.finding(image.place, f"`{_shown(image.text)}` is not a valid image name: {fault}", help=remedy)


def _fault(text: str, reference: ImageReference) -> tuple[str, str]:
    """What is wrong with a name, and what to write."""
    if re.search(r"\s", text.strip()):
        if re.search(r"\s-\s", text):
            return "the lines below belong to it, since `commands:` is missing", "write `commands:` above the list"
        return "it contains white space", "write the image's name without white space"
    if text != text.strip():
        return "it begins or ends with white space", f"write `{text.strip()}`"
    if text.endswith((":", "@")):
        return "the tag is empty", f"write a tag behind the colon, or `{text[:-1]}`"
    lower = reference.repository.lower()
    if reference.repository != lower:
        return "repository names are lower case", f"write `{text.replace(reference.repository, lower, 1)}`"
    if "://" in text:
        return "it is an address", f"write `{text.partition('://')[2]}`"
    return "Docker refuses it as an invalid reference", "write `host/name:tag`"


def _shown(text: str) -> str:
    short = " ".join(text.split())
    return short if len(short) <= 60 else f"{short[:57]}..."
