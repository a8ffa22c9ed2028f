"""The child process in which Jsonnet engines run: reads requests on standard input, answers on standard output.

It is started as a script with an isolated interpreter, so it imports next to nothing and nothing of ours. Whatever a hostile
program does to an engine (crash, endless loop, all memory) ends this process and not the linter.

A message is four bytes of length (big endian) and a value: text, a whole number, true, false, none, a list or a mapping, each with its
length before it. That is JSON's job, but importing `json` takes this process as long as starting does.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is as slow to import as `json`
if TYPE_CHECKING:
    from typing import Any, BinaryIO, TypeAlias

    Request: TypeAlias = dict[str, Any]

_LONGEST = 1 << 29
"""Bytes of a message."""
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
        absolute = name.startswith(("/", "\\")) or name[1:2] == ":"
        for how, folder in self._folders(base):
            path = os.path.normpath(os.path.join(folder, name.lstrip("/") if absolute else name))
            if os.path.isfile(path) and not (absolute and how == "jpath"):  # the server joins absolute paths to the importing folder
                return self._open(path, "absolute" if absolute else how, name, base)
        if absolute:
            raise RuntimeError("an absolute path, and there is no such file in the repository")
        raise RuntimeError("no match locally or in the Jsonnet library paths")

    def _folder(self, base: str) -> str:
        """The importing file's folder, as the engine names it."""
        folder = os.path.normpath(base or self._main)
        return os.path.normpath(self._main) if folder == os.getcwd() else folder  # what rjsonnet says of the main program

    def _folders(self, base: str) -> list[tuple[str, str]]:
        folder = self._folder(base)
        found = [("relative", folder)]
        if folder == os.path.normpath(self._main):
            found = [("root", self._roots[0]), ("own", folder)] if self._roots else found
        return [*found, *(("jpath", item) for item in reversed(self._jpath))]

    def _open(self, path: str, how: str, name: str, base: str) -> tuple[str, str]:
        real = os.path.realpath(path)
        if not any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in self._roots):
            raise RuntimeError("the file is outside of the repository")
        text = self._texts.get(path)
        if text is None:
            with open(real, "rb") as file:
                data = file.read(64 << 20)
            text = data.decode("utf-8", "replace")
        if path not in self.opened:
            self.opened[path] = [path, how, name, text if path not in self._texts else None, self._folder(base)]
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
    try:  # noqa: SIM105 - contextlib is one import more
        os.chdir(os.sep)
    except OSError:
        pass
    if sys.platform == "win32":
        return
    import resource

    bounds = {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0, "RLIMIT_NPROC": 0, "RLIMIT_NOFILE": 16, **({"RLIMIT_AS": memory} if memory else {})}
    for name, bound in bounds.items():
        try:
            resource.setrlimit(getattr(resource, name), (bound, bound))
        except (AttributeError, ValueError, OSError):
            continue


def read(stream: BinaryIO) -> Request | None:
    """The next message; None at the end, or where it is none."""
    head = stream.read(4)
    length = length_of(head)
    return None if length is None else decoded(head + stream.read(length - 4))


def length_of(data: bytes | bytearray) -> int | None:
    """How long the message is that begins with these bytes, its own length included; None: they are too few to tell."""
    if len(data) < 4:
        return None
    length = int.from_bytes(data[:4], "big")
    return 4 + (length if length <= _LONGEST else 0)


def decoded(data: bytes) -> Request | None:
    """A whole message; None where it is none."""
    if len(data) < 5 or len(data) != length_of(data):
        return None
    try:
        message, end = _decode(data, 4)
    except (ValueError, IndexError, KeyError, TypeError, RecursionError):
        return None
    return message if isinstance(message, dict) and end == len(data) else None


def write(stream: BinaryIO, message: Request) -> None:
    """Send a message."""
    parts: list[bytes] = []
    _encode(message, parts)
    data = b"".join(parts)
    stream.write(len(data).to_bytes(4, "big") + data)
    stream.flush()


def _encode(value: Any, parts: list[bytes]) -> None:
    if isinstance(value, str):
        text = value.encode("utf-8", "surrogatepass")
        parts += [b"s%d:" % len(text), text]
    elif isinstance(value, dict):
        parts.append(b"m%d:" % len(value))
        for key, item in value.items():
            _encode(key, parts)
            _encode(item, parts)
    elif isinstance(value, (list, tuple)):
        parts.append(b"l%d:" % len(value))
        for item in value:
            _encode(item, parts)
    elif value is None or isinstance(value, bool):
        parts.append({None: b"n0:", True: b"b1:", False: b"b0:"}[value])
    else:
        parts.append(b"i%d:" % value)


def _decode(data: bytes, at: int) -> tuple[Any, int]:
    """The value that begins at an offset, and where it ends. Raises ValueError or IndexError for what is none."""
    kind, colon = data[at : at + 1], data.index(b":", at)
    number = int(data[at + 1 : colon])
    at = colon + 1
    if kind == b"s":
        return data[at : at + number].decode("utf-8", "surrogatepass"), at + number
    if kind == b"l":
        items = []
        for _ in range(number):
            item, at = _decode(data, at)
            items.append(item)
        return items, at
    if kind == b"m":
        found = {}
        for _ in range(number):
            key, at = _decode(data, at)
            found[key], at = _decode(data, at)
        return found, at
    return {b"i": number, b"b": bool(number), b"n": None}[kind], at


def close_inherited() -> None:
    """Close what the linter's own parent had open; on Windows nothing is inherited."""
    if sys.platform == "win32":
        return
    try:
        numbers = [int(name) for name in os.listdir("/dev/fd")]
    except OSError:
        numbers = list(range(256))
    for number in numbers:
        if number > 2:
            try:  # noqa: SIM105
                os.close(number)
            except OSError:  # the one that listed the folder
                pass


def serve() -> None:
    """Answer requests until standard input ends."""
    close_inherited()
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
