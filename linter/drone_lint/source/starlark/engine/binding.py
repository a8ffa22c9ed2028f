"""Arguments to parameters (setArgs in go.starlark.net starlark/eval.go)."""

from __future__ import annotations

from typing import Any

from drone_lint.source.starlark.engine.arguments import Named
from drone_lint.source.starlark.engine.failure import Failure
from drone_lint.source.starlark.engine.values import MANDATORY, UNSET, Dict, Function
from drone_lint.source.starlark.syntax.literals import to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from drone_lint.source.starlark.syntax import nodes


def bind_arguments(function: Function, given: list[Any], named: Named) -> list[Any]:
    """A function's frame: its parameters, its other locals, then the cells of the functions around it. Raises Failure."""
    code = function.code
    if not code.varargs and not code.varkw and not code.kwonly and not named and len(given) == len(code.params):
        frame = [*given, *[UNSET] * (len(code.locals) - len(given))]
    else:
        frame = [UNSET] * len(code.locals)
        _bind(function, code, frame, given, named)
    for index, local in enumerate(code.locals):
        if local.scope == "cell":
            frame[index] = [frame[index]]
    return frame + function.free if function.free else frame


def _bind(function: Function, code: nodes.Function, frame: list[Any], given: list[Any], named: Named) -> None:
    count = sum(1 for param in code.params if not param.kind)
    if not count and not code.varargs and not code.varkw:
        if given or named:
            raise Failure(f"function {code.name} accepts no arguments ({len(given) + len(named)} given)")
        return
    ordinary = count - code.kwonly
    bound = min(len(given), ordinary)
    if len(given) > ordinary and not code.varargs:
        most = "at most " if len(function.defaults) > code.kwonly else ""
        plural = "" if ordinary == 1 else "s"
        raise Failure(f"function {code.name} accepts {most}{ordinary} positional argument{plural} ({len(given)} given)")
    frame[:bound] = given[:bound]
    if code.varargs:
        frame[count] = tuple(given[bound:])
    _bind_named(code, frame, named, count)
    if bound < count or code.kwonly:
        _bind_defaults(function, code, frame, bound, count)


def _bind_named(code: nodes.Function, frame: list[Any], named: Named, count: int) -> None:
    names = {to_bytes(local.first.name): index for index, local in enumerate(code.locals[:count]) if local.first is not None}
    rest = Dict() if code.varkw else None
    if rest is not None:
        frame[count + code.varargs] = rest
    for name, value in named:
        index = names.get(name)
        if index is not None:
            if frame[index] is not UNSET:
                raise Failure(f"function {code.name} got multiple values for parameter {name}")
            frame[index] = value
        elif rest is None:
            raise Failure(f"function {code.name} got an unexpected keyword argument {name}")
        elif rest.get(name) is not None:
            raise Failure(f"function {code.name} got multiple values for parameter {name}")
        else:
            rest.set(name, value)


def _bind_defaults(function: Function, code: nodes.Function, frame: list[Any], bound: int, count: int) -> None:
    first = count - len(function.defaults)
    missing = []
    for index in range(bound, count):
        if frame[index] is UNSET:
            default = function.defaults[index - first] if index >= first else MANDATORY
            if default is MANDATORY:
                local = code.locals[index].first
                missing.append(to_bytes(local.name) if local is not None else "")
            else:
                frame[index] = default
    if missing:
        plural = "s" if len(missing) > 1 else ""
        raise Failure(f"function {code.name} missing {len(missing)} argument{plural} ({', '.join(missing)})")
