"""The fix that passes a `${}` to the shell: `$${}`."""

from __future__ import annotations

from drone_lint.api import AnyPlace, Edit, Fix, TextPlace


def escape(place: AnyPlace) -> Fix | None:
    """Insert another `$` before the `${...}` at a place. Only for commands: a plugin would get the literal `${...}`."""
    text, start, _ = _written(place)
    if not text.startswith("${", start):
        return None
    at: AnyPlace
    at = place._replace(end=place.start) if isinstance(place, TextPlace) else place._replace(range=(start, start))
    return Fix("write `$${...}`", (Edit(at, "$"),), changes_value=True)


def single_quoted(place: AnyPlace) -> bool:
    """Whether the place may be between single quotes, where the shell does not expand variables; approximate, to decline a fix."""
    text, start, first = _written(place)
    quote = ""
    while first < start:
        char = text[first]
        if char == "\\" and quote != "'":
            first += 1
        elif char in "'\"" and quote in ("", char):
            quote = "" if quote else char
        first += 1
    return quote == "'"


def _written(place: AnyPlace) -> tuple[str, int, int]:
    """The text that contains a place, the place's offset in it, and the offset at which its line or command begins."""
    if isinstance(place, TextPlace):
        text = place.source.text
        return text, place.start, text.rfind("\n", 0, place.start) + 1
    value = place.document.value.at(*place.path)
    return (value.text, place.range[0], 0) if value is not None and place.range is not None else ("", 0, 0)
