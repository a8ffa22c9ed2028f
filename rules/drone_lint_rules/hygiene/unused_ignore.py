"""Ignore comments that do not silence anything."""

from __future__ import annotations

from drone_lint.api import (
    Example,
    Jsonnet,
    Rule,
)


class UnusedIgnore(Rule):
    """An ignore comment does not silence anything.

    The problem that it was written for has been fixed, or has moved to another line. If the comment stays, it may silence a new problem that nobody has reviewed.

    Remove it. A comment silences findings on its own line, or on the next line if it is on a line by itself; on the first line of a step, a pipeline or an
    object, it silences findings in all of it. `ignore-file[...]` belongs in the comment at the top of the file.
    """

    name = "unused-ignore"
    why = "the comment may later silence a new problem that nobody has reviewed"
    help = "remove it"
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
              privileged: true  # drone-lint: ignore[unused-ignore] -- nothing is silenced by this
            """,
            lines=(7,),
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              {
                name: 'test',
                image: 'golang:1.22.1',
                privileged: true,  // drone-lint: ignore[unused-ignore] -- nothing is silenced by this
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
            # drone-lint: ignore[unused-ignore] -- alone
            steps:
            - name: test
              image: golang:1.22.1  # drone-lint: ignore[unused-ignore] -- beside
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22.1
            """,
            lines=(4, 7),
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              // drone-lint: ignore[unused-ignore] -- alone
              { name: 'test', image: 'golang:1.22.1' },  /* drone-lint: ignore[hygiene, unused-ignore] -- beside */
            ] }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'test', image: 'golang:1.22.1' },
            ] }
            """,
            lines=(2, 3, 3),
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
          privileged: true  # drone-lint: ignore[privileged-step] -- the rule does not run here
        """,
    )
