"""The child process in which Starlark runs: compiles a program once, runs it for each build."""

from __future__ import annotations

import gc
import os
import sys

if __name__ == "__main__":  # an isolated interpreter does not have our own folder
    sys.path[:0] = [os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 4))]

from drone_lint.source.process.child import serve
from drone_lint.source.starlark.engine.program import Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from drone_lint.source.process.child import Request

_FRAMES = 1_000_000
"""Functions of ours in each other: those of this version of Python take no room on the system's stack."""
_STACK = 96 << 20
_OLD_FRAMES = 60_000
"""The same where they do, on a stack of `_STACK` bytes."""


def evaluate(request: Request) -> Request:
    """The answers for the builds of a request; those after the first are left out where the program reads nothing of the build."""
    try:
        program = Program(request["source"])
        answers: list[Request] = []
        for context in request["contexts"]:
            answers.append(program.evaluate(context, request["step_limit"], request["size_limit"]))
            if not request["every"] and not any(name.startswith("build.") for name in answers[0].get("read", ())):
                break
    except MemoryError:
        return {"memory": True}
    return {"answers": answers}


def main() -> None:
    """Answer requests."""
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    gc.set_threshold(100_000)  # values hardly ever refer to themselves
    memory = int(sys.argv[1])
    if sys.version_info >= (3, 11):
        sys.setrecursionlimit(_FRAMES)
        serve(memory, evaluate)
        return
    import _thread

    sys.setrecursionlimit(_OLD_FRAMES)
    _thread.stack_size(_STACK)
    done = _thread.allocate_lock()
    done.acquire()

    def run() -> None:
        try:
            serve(memory, evaluate)
        finally:
            done.release()

    _thread.start_new_thread(run, ())
    done.acquire()


if __name__ == "__main__":
    main()
