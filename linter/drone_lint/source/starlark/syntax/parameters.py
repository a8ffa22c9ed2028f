"""The parameters of a function, as go.starlark.net's resolver takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drone_lint.source.starlark.syntax import nodes

if TYPE_CHECKING:
    from drone_lint.source.starlark.syntax.resolver import Resolver


def bind_parameters(resolver: Resolver, code: nodes.Function) -> None:
    """Bind the parameters of a function: the ordinary ones first, then `*args` and `**kwargs`."""
    star: nodes.Param | None = None
    stars: nodes.Param | None = None
    optional = False
    for param in code.params:
        if param.kind == "*":
            star = _star(resolver, param, star, stars)
            continue
        if param.kind == "**":
            if stars is not None:
                resolver.refuse("multiple ** parameters not allowed", param.at, param.end)
            stars = param
            continue
        _ordinary(resolver, code, param, star, stars, optional=optional)
        optional = optional or param.default is not None
    _bind_stars(resolver, code, star, stars)


def _star(resolver: Resolver, param: nodes.Param, star: nodes.Param | None, stars: nodes.Param | None) -> nodes.Param | None:
    if stars is not None and stars.name is not None:
        resolver.refuse(f"* parameter may not follow **{stars.name.name}", param.at, param.end)
    elif star is not None:
        resolver.refuse("multiple * parameters not allowed", param.at, param.end)
    else:
        return param
    return star


def _ordinary(
    resolver: Resolver, code: nodes.Function, param: nodes.Param, star: nodes.Param | None, stars: nodes.Param | None, *, optional: bool
) -> None:
    assert param.name is not None
    kind = "optional" if param.default is not None else "required"
    if stars is not None and stars.name is not None:
        resolver.refuse(f"{kind} parameter may not follow **{stars.name.name}", param.at, param.end)
    elif star is not None:
        code.kwonly += 1
    elif optional and param.default is None:
        resolver.refuse("required parameter may not follow optional", param.at, param.end)
    if resolver.bind(param.name):
        resolver.refuse(f"duplicate parameter: {param.name.name}", param.at, param.end)


def _bind_stars(resolver: Resolver, code: nodes.Function, star: nodes.Param | None, stars: nodes.Param | None) -> None:
    if star is not None and star.name is not None:
        if resolver.bind(star.name):
            resolver.refuse(f"duplicate parameter: {star.name.name}", star.name.start, star.name.end)
        code.varargs = True
    elif star is not None and not code.kwonly:
        resolver.refuse("bare * must be followed by keyword-only parameters", star.at, star.end)
    if stars is not None and stars.name is not None:
        if resolver.bind(stars.name):
            resolver.refuse(f"duplicate parameter: {stars.name.name}", stars.name.start, stars.name.end)
        code.varkw = True
