"""The child process in which Jsonnet engines run: reads requests on standard input, answers on standard output.

It is started as a script with an isolated interpreter, so it imports next to nothing and nothing of ours. Whatever a hostile
program does to an engine (crash, endless loop, all memory) ends this process and not the linter.

A message is four bytes of length (big endian) and UTF-8 JSON.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from contextlib import suppress
from typing import Any, BinaryIO

Request = dict[str, Any]
LARGEST = 8 << 20
"""Characters of a result that are taken: 2,000 steps make one million."""


class _Imports:
    """Resolves and reads imports, confined to the repository and the library paths; answers names that stand for no file."""

    def __init__(self, request: Request) -> None:
        self._main = os.path.dirname(request["filename"])
        self._roots = [os.path.realpath(folder) for folder in request["roots"]]
        self._jpath = request["jpath"]
        self._texts: dict[str, str] = request["texts"]
        self._answers: dict[str, str] = request["answers"]
        self.opened: dict[str, list[Any]] = {}
        self.asked: dict[str, None] = {}

    def __call__(self, base: str, name: str) -> tuple[str, str]:
        if name in self._answers:
            self.asked[name] = None
            return name, self._answers[name]
        if os.path.isabs(name) or (len(name) > 1 and name[1] == ":"):
            raise RuntimeError(f"absolute path, which leaves the repository: {name}")
        for how, folder in self._folders(base):
            path = os.path.normpath(os.path.join(folder, name))
            if os.path.isfile(path):
                return self._open(path, how, name)
        raise RuntimeError("no match locally or in the Jsonnet library paths")

    def _folders(self, base: str) -> list[tuple[str, str]]:
        folder = os.path.normpath(base or self._main)
        if folder == os.getcwd():  # what rjsonnet says of the main program
            folder = os.path.normpath(self._main)
        found = [("relative", folder)]
        if folder == os.path.normpath(self._main):
            found = [("root", self._roots[0]), ("own", folder)] if self._roots else found
        return [*found, *(("jpath", item) for item in reversed(self._jpath))]

    def _open(self, path: str, how: str, name: str) -> tuple[str, str]:
        real = os.path.realpath(path)
        if not any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in self._roots):
            raise RuntimeError("the file is outside of the repository")
        text = self._texts.get(path)
        if text is None:
            with open(real, "rb") as file:
                data = file.read(64 << 20)
            text = data.decode("utf-8", "replace")
        if path not in self.opened:
            self.opened[path] = [path, how, name, text if path not in self._texts else None]
        return path, text


def _evaluate(engine: str, request: Request) -> Request:
    imports = _Imports(request)
    try:
        value = _engine(engine)(
            request["filename"],
            request["source"],
            max_stack=request["max_stack"],
            ext_vars=request["ext_str"],
            ext_codes=request["ext_code"],
            tla_vars=request["tla_str"],
            tla_codes=request["tla_code"],
            import_callback=imports if engine == "rjsonnet" else _as_bytes(imports),
        )
    except MemoryError:
        return {"memory": True}
    except BaseException as error:  # noqa: BLE001 - an engine's panic is none of Exception
        return {"error": str(error), "opened": list(imports.opened.values()), "asked": list(imports.asked)}
    if len(value) > LARGEST:
        return {"large": True}
    return {"value": value, "opened": list(imports.opened.values()), "asked": list(imports.asked)}


def _as_bytes(imports: _Imports) -> Any:
    """The arbiter wants bytes of an import, and rjsonnet text."""

    def read_bytes(base: str, name: str) -> tuple[str, bytes]:
        path, text = imports(base, name)
        return path, text.encode("utf-8", "surrogatepass")

    return read_bytes


def _engine(name: str) -> Any:
    if name == "rjsonnet":
        import rjsonnet

        return rjsonnet.evaluate_snippet
    import _jsonnet

    return _jsonnet.evaluate_snippet


def confine(memory: int) -> None:
    """Take from this process what it does not need: memory beyond `memory` bytes (0: the parent watches), writing, more processes."""
    os.environ.clear()
    with suppress(OSError):
        os.chdir(os.sep)
    try:
        import resource
    except ImportError:  # Windows
        return
    bounds = {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0, "RLIMIT_NPROC": 0, "RLIMIT_NOFILE": 16, **({"RLIMIT_AS": memory} if memory else {})}
    for name, bound in bounds.items():
        with suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (bound, bound))


def read(stream: BinaryIO) -> Request | None:
    """The next message; None at the end."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack(">I", head)
    data = stream.read(length)
    if len(data) < length:
        return None
    message: Request = json.loads(data)
    return message


def write(stream: BinaryIO, message: Request) -> None:
    """Send a message."""
    data = json.dumps(message).encode("utf-8", "surrogatepass")
    stream.write(struct.pack(">I", len(data)) + data)
    stream.flush()


def serve() -> None:
    """Answer requests until standard input ends."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what an engine prints never mixes with answers
    engine = sys.argv[2]
    _engine(engine)
    confine(int(sys.argv[1]))
    while (request := read(source)) is not None:
        _alarm(int(request.get("seconds", 0)))
        answer = _evaluate(engine, request)
        _alarm(0)
        write(target, answer)


def _alarm(seconds: int) -> None:
    """Be killed when the linter, which would have stopped this, is gone itself; 0 calls it off."""
    import _signal  # `signal` takes longer to import than an evaluation

    if hasattr(_signal, "alarm"):
        _signal.alarm(seconds + 2 if seconds else 0)


if __name__ == "__main__":
    sys.path[:0] = sys.argv[3:]
    serve()
