"""How many instructions go.starlark.net's compiler makes of what is compiled here (internal/compile/compile.go).

Counted as exactly as can be told without laying out its code: only the padding behind a jump that is not taken, which the virtual
machine runs as instructions of their own, depends on addresses; it is taken from the length of the code so far.
"""

from __future__ import annotations


class Costs:
    """Counts the instructions of what is being compiled; `code` estimates the bytes before it in its function."""

    def __init__(self) -> None:
        self.count = 0
        self.code = 0

    def add(self, instructions: int = 1, size: int = 2) -> None:
        """Instructions that are run whenever what is being compiled runs."""
        self.count += instructions
        self.code += instructions * size

    def jump(self) -> None:
        """A conditional jump."""
        self.count += 1
        self.code += 5

    @property
    def padding(self) -> int:
        """Instructions that are run behind a jump that is not taken."""
        return 3 if self.code < 128 else 2 if self.code < 16384 else 1

    def start(self) -> int:
        """Begin something that does not always run; `taken` gives what it costs."""
        before, self.count = self.count, 0
        return before

    def taken(self, before: int) -> int:
        """The cost since `start`, and go on with what was counted before."""
        cost, self.count = self.count, before
        return cost
