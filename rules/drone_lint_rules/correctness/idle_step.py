"""Steps with nothing to do."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Step, data_lines
from drone_lint_rules.drone import CONTAINERS

_MACHINES = ("exec", "ssh", "digitalocean", "macstadium")


class IdleStep(Rule):
    """A step has nothing to do: no `commands`, and an image whose own program does nothing by itself.

    `golang`, `node`, `alpine` and the like start a shell or an interpreter, which reads an empty input and ends. The step is green, and nothing was built or tested. The runners that
    work without containers have nothing but `commands` in any case.

    Write `commands`. An image that is not known is taken for a plugin, whose own program does the work.
    """

    name = "idle-step"
    severity = Severity.WARNING
    why = "the step is green, and nothing was done"
    help = "write what it is to run in `commands`"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1  # <- idle-step
        - name: empty
          image: docker.io/library/node:20-alpine  # <- idle-step
          commands: []
          settings: {target: test}
        ---
        kind: pipeline
        type: exec
        name: exec
        steps:
        - name: nothing  # <- idle-step
        """,
        Jsonnet("""
        local step(name, image) = { name: name, image: image };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          step('a', 'python:3.12'),  // <- idle-step
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: test, image: "golang:1.22.1", commands: [go test ./...]}
        - {name: entry, image: "alpine:3.20", entrypoint: [/bin/true]}
        - {name: command, image: "python:3.12", command: [python, -m, this]}
        - {name: plugin, image: "acme/golang"}
        - {name: other, image: "registry.example.com/node:1"}
        services:
        - {name: shell, image: "alpine:3.20"}
        ---
        kind: pipeline
        type: vm
        name: vm
        pool: {use: ubuntu}
        steps:
        - {name: a, commands: [make]}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if step.is_service or any(_given(step, key) for key in ("commands", "command", "entrypoint")):
            return
        if pipeline.type in _MACHINES and (step.get("commands") is None or step.value["commands"].is_list):
            yield self.finding((step.get("name") or step.value).place, f"{step.title} has no `commands`, so it does nothing")
        elif pipeline.type in CONTAINERS and step.image is not None and step.reference.familiar in data_lines(__file__, "idle_images.txt"):
            image = step.reference.familiar
            yield self.finding(
                step.image.place, f"{step.title} does nothing: `{image}` by itself runs no program, and there are no `commands`"
            )


def _given(step: Step, key: str) -> bool:
    value = step.get(key)
    return value is not None and not value.is_null and (not value.is_list or any(True for _ in value))
