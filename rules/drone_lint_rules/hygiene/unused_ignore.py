"""Ignore comments that silence nothing."""

from __future__ import annotations

from drone_lint.api import (
    Example,
    Jsonnet,
    Rule,
)


class UnusedIgnore(Rule):
    """An ignore comment silences nothing.

    What it was written for is gone, or moved away from it. If it stayed, it would one day silence something new that nobody has looked at.

    Remove it. A comment silences what is found on its own line, or on the next when it stands alone; on a line that opens a step, a pipeline or an
    object, all of that. `ignore-file[...]` belongs into the comment at the head of the file.
    """

    name = "unused-ignore"
    why = "it may one day silence something that nobody has looked at"
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
