"""A program: compiled once, run for each build."""

from __future__ import annotations

from typing import Any

from drone_lint.source.starlark.engine.context import Context
from drone_lint.source.starlark.engine.failure import CancelledError, Failure
from drone_lint.source.starlark.engine.machine import UNLIMITED, Machine
from drone_lint.source.starlark.engine.places import PlaceWriter
from drone_lint.source.starlark.engine.statements import Compiler
from drone_lint.source.starlark.engine.values import UNSET, Builtin, Dict, Function, List, freeze
from drone_lint.source.starlark.engine.writer import TOO_LARGE, BytesError, Writer
from drone_lint.source.starlark.syntax import nodes
from drone_lint.source.starlark.syntax.errors import DepthError, StaticError
from drone_lint.source.starlark.syntax.literals import from_bytes
from drone_lint.source.starlark.syntax.parser import parse
from drone_lint.source.starlark.syntax.resolver import resolve

SIZE_LIMIT = 1_000_000
"""Bytes of output that the server takes unless it is configured otherwise."""
_TOO_MANY_STEPS = "Starlark computation cancelled: too many steps"
_TOO_DEEP = {"limit": "is nested too deep to evaluate"}
_CRASHES = {"limit": "gives a `bytes` value, and writing that crashes the server"}
Answer = dict[str, Any]


class Program:
    """A compiled program, or why there is none (`refused`)."""

    def __init__(self, text: str) -> None:
        self._machine = Machine()
        self._compiler = Compiler(self._machine)
        self._text = text
        self._given: dict[tuple[Any, ...], int] = {}
        """What it gave before: the same documents are not told again, but the number of the evaluation that did, of those with documents."""
        self.refused: Answer | None = None
        try:
            self._compile(parse(text))
        except StaticError as error:
            self.refused = _static(error)
        except (DepthError, RecursionError):
            self.refused = _TOO_DEEP

    def _compile(self, program: nodes.Program) -> None:
        errors = resolve(program, self._text)
        if errors:
            self.refused = _static(errors[0])
            return
        self._names = {name: binding.index for name, binding in program.globals.items()}
        self._locals = program.toplevel.locals
        self._run = self._compiler.program(program)
        self._values = self._compiler.values

    def evaluate(self, given: dict[str, dict[str, Any]], step_limit: int = 0, size_limit: int = SIZE_LIMIT) -> Answer:
        """What the server makes of the program for one build.

        Args:
            given: the fields of `ctx`, by group.
            step_limit: how many steps `main` may take; 0 for any number.
            size_limit: bytes of output that are taken.
        """
        if self.refused is not None:
            return self.refused
        context = Context(given)
        try:
            answer = self._result(self._main(context, step_limit), context, size_limit)
        except Failure as error:
            answer = {"error": from_bytes(error.message), "sites": [list(site) for site in error.sites], "functions": error.functions}
        except CancelledError:
            answer = {"error": _TOO_MANY_STEPS, "cancelled": True}
        except BytesError:
            answer = dict(_CRASHES)
        except (RecursionError, OverflowError):
            answer = dict(_TOO_DEEP)
        return {**answer, **self._told(context)}

    def _told(self, context: Context) -> Answer:
        """What is told of every run."""
        machine, reads = self._machine, self._machine.reads
        compared = [[context.names[-1 - source], offset, length, text] for source, offset, length, text in reads.compared]
        return {"read": list(reads.fields), "compared": compared, "printed": machine.output, "steps": machine.steps}

    def _main(self, context: Context, step_limit: int) -> Any:
        """Run the program, then its `main`."""
        machine = self._machine
        machine.reset(len(self._names))
        self._run([[UNSET] if local.scope == "cell" else UNSET for local in self._locals])
        freeze([value for value in machine.globals if value is not UNSET])
        main = machine.globals[self._names["main"]] if "main" in self._names else UNSET
        if main is UNSET:
            raise Failure("starlark: missing main function")
        if type(main) is not Function and type(main) is not Builtin:
            raise Failure("starlark: main must be a function")
        machine.limit = step_limit or UNLIMITED
        result = machine.call(main, [context.value], [])
        machine.check_steps()
        return result

    def _result(self, value: Any, context: Context, size_limit: int) -> Answer:
        if type(value) is not List and type(value) is not Dict:
            raise Failure("starlark: main returns an invalid type")
        listed = type(value) is List
        items = value.items if listed else [value]
        writer = Writer()
        documents, size = [], 0
        for item in items:
            documents.append(writer.document(item))
            size += len(documents[-1].encode("utf-8", "surrogatepass")) + (5 if listed else 0)
            if size > max(size_limit, SIZE_LIMIT) * 4:
                break
        if size > size_limit:
            raise Failure(TOO_LARGE)
        same = self._given.get((listed, *documents))
        if same is not None:
            return {"same": same}
        self._given[(listed, *documents)] = len(self._given)
        places = PlaceWriter({**self._values, **context.values})
        sources = ",".join([f"{start}-{end}" for start, end in self._compiler.sources])
        origins = [places.document(item) for item in items]
        return {"documents": documents, "listed": listed, "places": origins, "fields": context.names, "sources": sources}


def _static(error: StaticError) -> Answer:
    return {"error": error.message, "static": error.at, "sites": [[error.at, error.start, error.end]], "functions": []}
