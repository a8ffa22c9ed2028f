"""Where programs that a rule asks are installed."""

from __future__ import annotations

import os


def find_program(name: str) -> str | None:
    """The absolute path of a program. Relative folders of `PATH` are passed over: they may be the linted repository's."""
    name = f"{name}.exe" if os.name == "nt" else name
    for folder in os.get_exec_path():
        path = os.path.join(folder, name)
        if os.path.isabs(folder) and os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    return None
