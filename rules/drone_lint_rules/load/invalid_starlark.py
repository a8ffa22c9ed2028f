"""Starlark that does not evaluate."""

from __future__ import annotations

from drone_lint.api import Rule, Severity, Starlark


class InvalidStarlark(Rule):
    """The Starlark program does not evaluate.

    The cause may be a syntax error, an unknown name, a `fail`, a field that `ctx` does not have, or a result that the server cannot write. The server fails the
    build with the engine's message. drone-lint also shows the calls that led to the error.

    The dialect is that of Drone's server: no `load`, `while`, recursion or sets; `if` and `for` only inside of functions; a variable of the file is assigned once, and its
    value cannot change once `main` runs. A server with `DRONE_STARLARK_STEP_LIMIT` stops long programs: `starlark: {step-limit: 50000}` in the configuration has drone-lint
    count the steps, nearly as the server does.
    """

    name = "invalid-starlark"
    severity = Severity.ERROR
    why = "the server fails every build"

    bad = (
        Starlark("""
        def main(ctx):
          return {"kind": "pipeline", "steps": setps}  # <- invalid-starlark
        """),
        Starlark("""
        def image(names, key):
          return names[key]  # <- invalid-starlark

        def main(ctx):
          return {"kind": "pipeline", "name": image({"a": "b"}, "c")}
        """),
        Starlark("""
        steps = []

        def main(ctx):
          steps.append({"name": "a"})  # <- invalid-starlark
          return {"kind": "pipeline", "steps": steps}
        """),
        Starlark("""
        load("//lib:steps.star", "step")  # <- invalid-starlark

        def main(ctx):
          return step()
        """),
        Starlark("""
        def main(ctx):
          while True:  # <- invalid-starlark
            pass
        """),
        Starlark("""
        def main(ctx):
          return {"kind": "pipeline", "name": ctx.build.number}  # <- invalid-starlark
        """),
    )
    good = (
        Starlark("""
        def step(name, **more):
          return dict(name = name, **more)

        def main(ctx):
          return [{"kind": "pipeline", "type": "docker", "name": "default", "steps": [step("a", image = "alpine:3.20", commands = ["true"])]}]
        """),
    )
