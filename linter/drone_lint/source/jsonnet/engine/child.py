"""The child process in which Jsonnet engines run: reads requests on standard input, answers on standard output.

It is started as a script with an isolated interpreter, so it imports next to nothing.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":  # an isolated interpreter has neither our own folder nor those of the engines
    sys.path[:0] = [os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 4)), *sys.argv[3:]]

from drone_lint.source.process.child import serve

TYPE_CHECKING = False  # `typing` is as slow to import as `json`
if TYPE_CHECKING:
    from typing import Any

    from drone_lint.source.process.child import Request

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
    try:
        import _jsonnet as reference
    except ModuleNotFoundError:  # Linux/aarch64, for which there is a wheel of gojsonnet only; its interface is the same
        import _gojsonnet as reference

    return reference.evaluate_snippet


if __name__ == "__main__":
    _engine(sys.argv[2])
    serve(int(sys.argv[1]), lambda request: _evaluate(sys.argv[2], request))
