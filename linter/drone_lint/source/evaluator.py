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


class _Imports:
    """Resolves and reads imports, confined to the repository and the library paths."""

    def __init__(self, request: Request) -> None:
        self._main = os.path.dirname(request["filename"])
        self._roots = [os.path.realpath(folder) for folder in request["roots"]]
        self._jpath = request["jpath"]
        self._texts: dict[str, str] = request["texts"]
        self.opened: dict[str, list[Any]] = {}

    def __call__(self, base: str, name: str) -> tuple[str, bytes]:
        if os.path.isabs(name) or (len(name) > 1 and name[1] == ":"):
            raise RuntimeError(f"absolute path, which leaves the repository: {name}")
        for how, folder in self._folders(base):
            path = os.path.normpath(os.path.join(folder, name))
            if os.path.isfile(path):
                return self._open(path, how, name)
        raise RuntimeError("no match locally or in the Jsonnet library paths")

    def _folders(self, base: str) -> list[tuple[str, str]]:
        folder = base.rstrip("/") or "/"
        found = [("relative", folder)]
        if os.path.normpath(folder) == os.path.normpath(self._main):
            found = [("root", self._roots[0]), ("own", folder)] if self._roots else found
        return [*found, *(("jpath", item) for item in reversed(self._jpath))]

    def _open(self, path: str, how: str, name: str) -> tuple[str, bytes]:
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
        return path, text.encode("utf-8", "surrogatepass")


def _evaluate(request: Request) -> Request:
    imports = _Imports(request)
    try:
        value = _engine(request["engine"])(
            request["filename"],
            request["source"],
            max_stack=request["max_stack"],
            ext_vars=request["ext_str"],
            ext_codes=request["ext_code"],
            tla_vars=request["tla_str"],
            tla_codes=request["tla_code"],
            import_callback=imports,
        )
    except MemoryError:
        return {"memory": True}
    except BaseException as error:  # noqa: BLE001 - an engine's panic is none of Exception
        return {"error": str(error), "opened": list(imports.opened.values())}
    return {"value": value, "opened": list(imports.opened.values())}


def _engine(name: str) -> Any:
    if name == "rjsonnet":
        import rjsonnet

        return rjsonnet.evaluate_snippet
    import _jsonnet

    return _jsonnet.evaluate_snippet


def limit(memory: int) -> None:
    """Bound this process's memory, in bytes, where the system can."""
    try:
        import resource
    except ImportError:  # Windows; the parent watches
        return
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_CORE):
        bound = memory if kind == resource.RLIMIT_AS else 0
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (bound, bound))


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
    _engine(sys.argv[2])
    limit(int(sys.argv[1]))
    while (request := read(source)) is not None:
        write(target, _evaluate(request))


if __name__ == "__main__":
    sys.path[:0] = sys.argv[3:]
    serve()
