"""Jsonnet that does not evaluate."""

from __future__ import annotations

from drone_lint.api import Jsonnet, Rule, Severity


class InvalidJsonnet(Rule):
    """The Jsonnet program does not evaluate.

    The cause may be a syntax error, an unknown name, a failed `assert` or a field that does not exist. The server fails the build with
    the Jsonnet engine's message. drone-lint also shows the source lines of the engine's stack trace.
    """

    name = "invalid-jsonnet"
    severity = Severity.ERROR
    why = "the server fails every build"

    bad = (
        Jsonnet("""
        {
          kind: 'pipeline',
          steps: [
            'a'
            'b',  // <- invalid-jsonnet
          ],
        }
        """),
        Jsonnet("""
        local steps = [];
        { kind: 'pipeline', steps: setps }  // <- invalid-jsonnet
        """),
        Jsonnet("""
        {
          kind: 'pipeline',
          steps: [error 'not yet'],  // <- invalid-jsonnet
        }
        """),
    )
    good = (Jsonnet("{ kind: 'pipeline', name: 'default' }"),)
