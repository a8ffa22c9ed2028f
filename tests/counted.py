"""Work that is counted, so that growth does not depend on the machine."""

from __future__ import annotations

import sys
from collections.abc import Callable


def work(act: Callable[[], object]) -> int:
    """Lines that run and calls that are made, Python's and C's: comprehensions and loops count by their rounds."""
    count = 0

    def trace(_frame: object, event: str, _argument: object) -> object:
        nonlocal count
        count += 1
        return trace

    before, profile = sys.gettrace(), sys.getprofile()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        act()
    finally:
        sys.settrace(before)
        sys.setprofile(profile)
    return count
