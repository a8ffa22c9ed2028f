"""Ignore comments for rules that do not exist."""

from __future__ import annotations

from drone_lint.api import (
    Example,
    Jsonnet,
    Rule,
    Severity,
)


class UnknownRule(Rule):
    """An ignore comment names a rule that does not exist, so it does not silence anything.

    In the configuration and on the command line, an unknown rule is a usage error (exit code 2).
    """

    name = "unknown-rule"
    severity = Severity.ERROR
    why = "the comment does not silence anything"
    fixable = "safe"

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22.1
              privileged: true  # drone-lint: ignore[privileged-stp] -- misspelt
            """,
            lines=(7,),
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              {
                name: 'test',
                image: 'golang:1.22.1',
                privileged: true,  // drone-lint: ignore[privileged-stp] -- misspelt
              },
            ] }
            """,
            lines=(5,),
        ),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22.1
              privileged: true  # drone-lint: ignore[privileged-stp, floating-image-tag] -- misspelt
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22.1
              privileged: true  # drone-lint: ignore[privileged-step, floating-image-tag] -- misspelt
            """,
            lines=(7,),
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'test', image: 'golang:1.22.1', privileged: true },  // drone-lint: ignore[privileged-stp] -- misspelt
            ] }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'test', image: 'golang:1.22.1', privileged: true },  // drone-lint: ignore[privileged-step] -- misspelt
            ] }
            """,
            lines=(2,),
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          privileged: true  # drone-lint: ignore[privileged-step, container_escape] -- starts its own daemon
        """,
    )
