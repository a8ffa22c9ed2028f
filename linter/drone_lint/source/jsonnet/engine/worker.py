"""Evaluator processes of Jsonnet's engines."""

from __future__ import annotations

import os
import sys
from typing import Any

from drone_lint.source.jsonnet.engine.child import LARGEST
from drone_lint.source.process import worker


class Worker(worker.Worker):
    """A process with one engine.

    Args:
        engine: `jsonnet` or `rjsonnet`.
        memory: bytes that an evaluation may use.
        watched: whether this side looks after the memory; None: where the system does not.
    """

    def __init__(self, engine: str, memory: int, *, watched: bool | None = None) -> None:
        script = os.path.join(os.path.dirname(__file__), "child.py")
        super().__init__(script, [engine], memory, engine="Jsonnet", watched=watched)

    def start(self) -> None:
        """Start the process, if there is none, with the folders in which engines are now."""
        self._arguments[1:] = engine_folders()
        super().start()

    def receive(self, seconds: float) -> dict[str, Any]:
        """Wait for the answer to what was sent."""
        answer = super().receive(seconds)
        return {"limit": f"gave more than {LARGEST >> 20} MiB of JSON"} if answer.get("large") else answer


def engine_folders() -> list[str]:
    """Folders from which the engines are imported: site-packages, which `-S` leaves out."""
    return [folder for folder in sys.path if folder and os.path.basename(folder) in ("site-packages", "dist-packages")]


def has_fast_engine() -> bool:
    """Whether `rjsonnet` is installed."""
    return any(os.path.isdir(os.path.join(folder, "rjsonnet")) for folder in engine_folders())
