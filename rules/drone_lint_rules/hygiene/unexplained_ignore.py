"""Ignore comments without a reason."""

from __future__ import annotations

from drone_lint.api import Rule


class UnexplainedIgnore(Rule):
    """An ignore comment silences an error and does not say why.

    Who comes after you has to know whether the reason still holds. Write it behind two dashes:
    `# drone-lint: ignore[privileged-step] -- the daemon of the integration tests`.
    """

    name = "unexplained-ignore"
    why = "nobody will know whether it may go"
    help = "add ` -- ` and the reason"
