"""From an edit of a place to changes of the source's text, in the place's own style: quoting, flow or block, indentation, line ends."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from drone_lint.findings.finding import Edit
from drone_lint.fix import starlark
from drone_lint.lint.locating import resolve
from drone_lint.model.node import Mapping, Node, Scalar, descend
from drone_lint.model.node import Sequence as SequenceNode
from drone_lint.model.value import Part, Place, TextPlace
from drone_lint.source.loaded import ConfigFile
from drone_lint.text.position import Precision, Span


class Change(NamedTuple):
    """A replacement of source text."""

    start: int
    end: int
    text: str


def changes_of(edit: Edit, file: ConfigFile) -> tuple[Change, ...] | None:
    """An edit as changes of the file's own text; None where its place is not known exactly, is in another file, or has no room for it."""
    place = edit.place
    if isinstance(place, TextPlace):
        change = _text_change(edit, place, file)
        return (change,) if change is not None else None
    if edit.action == "replace":
        change = _replacement(edit, place, file)
        return (change,) if change is not None else None
    shape = _shape(place, file)
    if shape is None:
        return None
    if edit.action == "remove":
        return _remove(shape)
    if edit.action == "quote":
        return _quote(shape)
    return _after(edit, shape) if edit.action == "after" else _before(edit, shape)


# -- values, keys, ranges


def _text_change(edit: Edit, place: TextPlace, file: ConfigFile) -> Change | None:
    if place.source is not file.source:
        return None
    start, end = (place.start, place.end) if edit.text else _whole_line(file.source.text, place.start, place.end)
    return Change(start, end, edit.text)


def _whole_line(text: str, start: int, end: int) -> tuple[int, int]:
    """What to remove with a comment: its line when it stands alone, else the blanks before it."""
    line = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    if not text[line:start].strip() and not text[end : len(text) if stop < 0 else stop].strip():
        return line, len(text) if stop < 0 else stop + 1
    return len(text[:start].rstrip(" \t")), end


def _replacement(edit: Edit, place: Place, file: ConfigFile) -> Change | None:
    span = _own_span(place, file)
    if span is None:
        return None
    if edit.raw:
        return Change(span.start, span.end, edit.text)
    if place.range is not None:
        return Change(span.start, span.end, _inside(edit.text, place, file, span.start))
    if place.part is Part.VALUE and file.language != "yaml" and not _is_string(place):
        return _bare(edit.text, place, file, span.start, span.end)
    written = span.text
    if file.language == "starlark" and not starlark.is_whole(place, written):
        return None
    literal = _key(edit.text, written, file.language) if place.part is Part.KEY else _literal(edit.text, written, file.language)
    return Change(span.start, span.end, literal) if literal is not None else None


def _own_span(place: Place, file: ConfigFile) -> Span | None:
    span = resolve(place).primary
    return span if span.file is file.source and span.precision is Precision.EXACT else None


def _is_string(place: Place) -> bool:
    found = place.document.value.at(*place.path)
    return found is not None and found.is_string


def _inside(text: str, place: Place, file: ConfigFile, at: int) -> str:
    """Text to put into a string, with the escapes of that string's quoting."""
    if file.language == "jsonnet":
        from drone_lint.source.jsonnet.syntax.tokens import structure

        found = [one for one in structure(file.source.text).strings.values() if one.start < at <= one.end]
        quote = file.source.text[found[-1].start] if found and not found[-1].block else ""
        return json.dumps(text, ensure_ascii=False)[1:-1].replace("'", "\\'") if quote in ("'", '"') else text
    if file.language == "starlark":
        return starlark.inside(text, file.source.text, at)
    node = descend(place.document.root, place.path)
    quote = file.source.text[node.start : node.start + 1] if isinstance(node, Scalar) and node.quoted else ""
    if quote == '"':
        return json.dumps(text, ensure_ascii=False)[1:-1]
    return text.replace("'", "''") if quote == "'" else text


def _bare(value: str, place: Place, file: ConfigFile, start: int, end: int) -> Change | None:
    """In place of `true` or a number of a program, which is found behind its key."""
    text = file.source.text
    if file.language == "starlark":
        found = starlark.bare(text, place.path[-1], start, end)
        return Change(*found, starlark.value(value)) if found is not None else None
    literal = re.compile(r"\s*:{1,3}\s*(true|false|null|[-+]?[0-9][\w.]*)(?=\s*[,}\n])").match(text, end)
    if text[start:end].strip("'\"") != place.path[-1] or literal is None:
        return None
    return Change(*literal.span(1), value if value in ("true", "false") else quoted(value, "'", file.language))


def _key(name: str, written: str, language: str) -> str | None:
    """A key in the quoting of the one it replaces."""
    if written[:1] in "'\"":
        return quoted(name, written[0], language)
    if language != "yaml":
        return name if re.fullmatch(r"[A-Za-z_]\w*", name) else None
    return name if re.fullmatch(r"[A-Za-z_][\w.-]*", name) else json.dumps(name)


def _literal(value: str, written: str, language: str) -> str | None:
    """A string in the quoting of the value it replaces; None for a block scalar or text block, which a new text cannot take the form of."""
    if written[:1] in ("|", ">", "@"):
        return None
    if written[:1] in "'\"":
        return quoted(value, written[0], language)
    if language != "yaml":
        return None
    return value if re.fullmatch(r"[A-Za-z_][\w./:-]*[\w]|[A-Za-z_]", value) and not value.endswith(":") else json.dumps(value)


def quoted(value: str, quote: str, language: str) -> str:
    """A string literal of a language."""
    if quote == '"':
        return json.dumps(value, ensure_ascii=False)
    if language != "yaml":
        return "'" + json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"
    return "'" + value.replace("'", "''") + "'"


# -- entries and items


class Shape(NamedTuple):
    """An entry of a mapping or an item of a list, as it is written."""

    text: str
    language: str
    start: int
    """Of the key, or of the item."""
    end: int
    """Of the value, without trailing white space."""
    flow: bool
    """Whether commas separate it from its neighbours."""
    item: bool
    following: int | None = None
    """Block style: where the next entry begins."""
    opened: tuple[int, int] | None = None
    """Jsonnet: the array literal that holds the item."""
    named: bool = False
    """Starlark: an argument `name=value`, and not `key: value`."""


def _shape(place: Place, file: ConfigFile) -> Shape | None:
    if file.language == "jsonnet":
        return _jsonnet_shape(place, file)
    return _starlark_shape(place, file) if file.language == "starlark" else _yaml_shape(place, file)


def _starlark_shape(place: Place, file: ConfigFile) -> Shape | None:
    """By the tree: the entry or argument whose key the place has, or the item of a list that it is."""
    item = bool(place.path) and isinstance(place.path[-1], int)
    span = _own_span(place if item else place._replace(part=Part.KEY), file)
    if span is None or not place.path:
        return None
    if item:
        found = starlark.item(file.source.text, span.start, span.end)
        return Shape(file.source.text, "starlark", *found, True, True) if found is not None else None
    entry = starlark.entry(file.source.text, span.start)
    return Shape(file.source.text, "starlark", entry.start, entry.end, True, False, named=entry.named) if entry is not None else None


def _yaml_shape(place: Place, file: ConfigFile) -> Shape | None:
    """By the nodes of the server's documents, whose offsets are those of the source."""
    if not place.path or place.document.index >= len(file.evaluations[0].server):
        return None
    root, text = file.evaluations[0].server[place.document.index].root, file.source.text
    parent, node = descend(root, place.path[:-1]), descend(root, place.path)
    if node is None or node.start < 0 or parent is None or parent.start < 0:
        return None
    flow = text[parent.start : parent.start + 1] in ("{", "[")
    end = _content_end(text, node)
    if isinstance(parent, Mapping):
        entry = parent.entries[str(place.path[-1])]
        if not parent.start <= entry.start <= end <= parent.end:  # merged from elsewhere, or an alias
            return None
        later = [one.start for one in parent.entries.values() if one.start > entry.start]
        return Shape(text, "yaml", entry.start, end, flow, False, min(later, default=None))
    assert isinstance(parent, SequenceNode)
    if not parent.start <= node.start <= end <= parent.end:
        return None
    return Shape(text, "yaml", node.start, end, flow, True)


def _content_end(text: str, node: Node) -> int:
    end = min(node.end, len(text))
    while end > node.start and text[end - 1] in " \t\r\n":
        end -= 1
    return end


def _jsonnet_shape(place: Place, file: ConfigFile) -> Shape | None:
    """By the tokens: the field whose key the place has, or the item of an array literal that it is."""
    from drone_lint.source.jsonnet.syntax.tokens import structure

    text, found = file.source.text, structure(file.source.text)
    item = bool(place.path) and isinstance(place.path[-1], int)
    span = _own_span(place if item else place._replace(part=Part.KEY), file)
    if span is None or not place.path:
        return None
    if not item:
        for literal in found.objects:
            for field in literal.fields:
                if field.start == span.start:
                    return Shape(text, "jsonnet", field.start, field.value_end, True, False)
        return None
    whole = next(
        ((one.start, one.end) for one in found.objects if one.fields and one.fields[0].start == span.start), (span.start, span.end)
    )
    for array in found.arrays.values():
        if whole in array.items:
            return Shape(text, "jsonnet", *whole, True, True, opened=(array.start, array.end))
    return None


def _remove(shape: Shape) -> tuple[Change, ...] | None:
    text = shape.text
    if shape.language == "jsonnet" and shape.item and re.match(r"if\b", text[shape.start :]):
        return _without_else(shape)
    if shape.flow:
        return (_from_flow(shape),)
    line = text.rfind("\n", 0, shape.start) + 1
    before = text[line : shape.start]
    if re.fullmatch(r"\s*-[ \t]+|\s*-" if shape.item else r"[ \t]*", before):
        return (Change(line, _line_end(text, shape.end) + 1, ""),)
    if not shape.item and shape.following is not None and re.fullmatch(r"\s*(- *)+", before):
        return (Change(shape.start, shape.following, ""),)
    return None


def _from_flow(shape: Shape) -> Change:
    """With its comma, and with its line where it has one to itself."""
    text, start, end = shape.text, shape.start, shape.end
    comma = re.compile(r"\s*,").match(text, end)
    if comma is not None:
        end = comma.end()
        line = text.rfind("\n", 0, start) + 1
        stop = _line_end(text, end)
        if not text[line:start].strip() and re.fullmatch(r"[ \t\r]*((//|#).*)?", text[end:stop]):
            return Change(line, stop + 1, "")
        return Change(start, end + len(text[end:stop]) - len(text[end:stop].lstrip(" \t")), "")
    earlier = re.compile(r",\s*$").search(text[:start])
    return Change(earlier.start() if earlier is not None else start, end, "")


def _without_else(shape: Shape) -> tuple[Change, ...] | None:
    """`[a, if c then b, d]` as `[a] + (if c then [b] else []) + [d]`."""
    from drone_lint.source.jsonnet.syntax.tokens import tokenise

    text = shape.text
    written = text[shape.start : shape.end]
    depth, then = 0, None
    for token in tokenise(written):
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}")) if token.kind == "punctuation" else 0
        if depth == 0 and token.kind == "identifier" and token.text in ("then", "else"):
            if token.text == "else" or then is not None:
                return None
            then = token
    if then is None:
        return None
    condition, value = written[: then.start].rstrip(), written[then.end :].strip()
    assert shape.opened is not None
    opened, closed = shape.opened
    rest = re.compile(r"\s*,?[ \t]*").match(text, shape.end)
    before = re.compile(r",?\s*$").search(text[: shape.start])
    assert rest is not None
    assert before is not None
    first, last = not text[opened + 1 : before.start()].strip(), not text[rest.end() : closed - 1].strip()
    start, head = (opened, "") if first else (before.start(), "] + ")
    end, tail = (closed, "") if last else (rest.end(), " + [")
    return (Change(start, end, f"{head}({condition} then [{value}] else []){tail}"),)


def _after(edit: Edit, shape: Shape) -> tuple[Change, ...] | None:
    """A new entry after this one."""
    written = (
        f"{edit.key}={_value(edit.text, shape.language)}"
        if shape.named
        else f"{_new_key(edit.key, shape)}: {_value(edit.text, shape.language)}"
    )
    text = shape.text
    line = text.rfind("\n", 0, shape.start) + 1
    indent = re.sub(r"[^\t]", " ", text[line : shape.start])
    if not shape.flow:
        stop = _line_end(text, shape.end)
        stop -= text[stop - 1 : stop] == "\r"
        return (Change(stop, stop, f"{_newline(text)}{indent}{written}"),)
    comma = re.compile(r"[ \t]*,").match(text, shape.end)
    stop = _line_end(text, shape.end)
    if not indent.strip() and not text[line : shape.start].strip() and comma is not None and _is_rest(text[comma.end() : stop]):
        stop -= text[stop - 1 : stop] == "\r"
        return (Change(stop, stop, f"{_newline(text)}{indent}{written},"),)
    return (Change(shape.end, shape.end, f", {written}"),)


def _new_key(name: str, shape: Shape) -> str:
    if shape.language != "starlark":
        return name
    return quoted(name, shape.text[shape.start] if shape.text[shape.start] in "'\"" else '"', "starlark")


def _before(edit: Edit, shape: Shape) -> tuple[Change, ...] | None:
    """A new item before this one."""
    text = shape.text
    line = text.rfind("\n", 0, shape.start) + 1
    lead = text[line : shape.start]
    if shape.flow:
        value = quoted(edit.text, "'", shape.language) if shape.language != "yaml" else _flow_text(edit.text)
        gap = _newline(text) + lead if not lead.strip() else " "
        return (Change(shape.start, shape.start, f"{value},{gap}"),)
    if not re.fullmatch(r"[ \t]*-[ \t]+", lead):
        return None
    return (Change(line, line, f"{lead}{_yaml_text(edit.text)}{_newline(text)}"),)


def _quote(shape: Shape) -> tuple[Change, ...] | None:
    """A text of one line that YAML did not read as one, in quotes."""
    written = shape.text[shape.start : shape.end]
    if shape.flow or shape.language != "yaml" or "\n" in written or " #" in written or written[:1] in "{[&*!|>\"'%@`?":
        return None
    return (Change(shape.start, shape.end, _yaml_quoted(written)),)


def _value(text: str, language: str) -> str:
    if language == "starlark":
        return starlark.value(text)
    if text in ("true", "false"):
        return text
    return quoted(text, "'", language) if language == "jsonnet" else _yaml_text(text)


def _yaml_text(text: str) -> str:
    plain = re.fullmatch(r"[A-Za-z][^\n]*", text) and not re.search(r": |:$| #|\s$", text)
    return text if plain else _yaml_quoted(text)


def _flow_text(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z][\w ./-]*", text) else _yaml_quoted(text)


def _yaml_quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if "'" in text and '"' not in text and "\\" not in text else quoted(text, "'", "yaml")


def _is_rest(text: str) -> bool:
    return re.fullmatch(r"[ \t\r]*((//|#).*)?", text) is not None


def _line_end(text: str, at: int) -> int:
    stop = text.find("\n", at)
    return len(text) if stop < 0 else stop


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
