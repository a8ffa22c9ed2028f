"""Jsonnet that does not evaluate."""

from __future__ import annotations

from drone_lint.api import Jsonnet, Rule, Severity


class InvalidJsonnet(Rule):
    """The Jsonnet program does not evaluate.

    A mistake of syntax, an unknown name, a failed `assert`, a field that does not exist: the server fails the build with the engine's
    message. drone-lint shows the lines of its trace.
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
