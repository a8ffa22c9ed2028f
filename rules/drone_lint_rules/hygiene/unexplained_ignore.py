"""Ignore comments without a reason."""

from __future__ import annotations

from drone_lint.api import Example, Jsonnet, Rule


class UnexplainedIgnore(Rule):
    """An ignore comment silences an error without giving a reason.

    Later readers need the reason to decide whether the comment is still needed. Write it after two dashes:
    `# drone-lint: ignore[privileged-step] -- the daemon of the integration tests`.
    """

    name = "unexplained-ignore"
    why = "later readers cannot tell whether the comment is still needed"
    help = "add the reason after ` -- `"

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: golang:1.22.1
              privileged: true  # drone-lint: ignore[privileged-step]
            """,
            lines=(7,),
            also=("privileged-step",),
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              {
                name: 'test',
                image: 'golang:1.22.1',
                privileged: true,  // drone-lint: ignore[privileged-step]
              },
            ] }
            """,
            lines=(5,),
            also=("privileged-step",),
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
          privileged: true  # drone-lint: ignore[privileged-step] -- starts its own daemon
        """,
    )
