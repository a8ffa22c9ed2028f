"""One YAML document's events to nodes, as go-yaml v2.1.0 decodes them: merge keys in position order, duplicate keys, anchors.

libyaml does the parsing, so marks are exact; no recursion, so nesting cannot crash the process.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from drone_lint.model.node import DEEPEST, Entry, Mapping, Node, Scalar, Sequence, plain
from drone_lint.source.yaml.scalars import resolve

LOOP = "!loop"
"""The tag of an alias inside of what it names: go-yaml refuses it only where something decodes it."""
_TAG = "tag:yaml.org,2002:"
_REPLACED = frozenset(("settings", "environment", "when", "trigger", "node", "data", "labels", "annotations", "args", "node_selector"))
"""Keys whose entries are decoded one by one, so that a second entry replaces the first: maps of values and conditions.
Everything else is a struct, whose fields a second mapping only overlays."""


LARGEST = 500_000
"""Values that aliases may make of one document. Drone has no such limit: it would fill its memory."""


class YamlError(ValueError):
    """A document that go-yaml refuses."""

    def __init__(self, message: str, at: int) -> None:
        self.message = message
        self.at = at
        super().__init__(message)


class TooDeepError(YamlError):
    """A document that is not read though Drone may read it: nested deeper than `DEEPEST`, larger than `LARGEST`, with marks that cost characters."""


class Remark(NamedTuple):
    """Something odd about keys, for a rule to judge."""

    kind: str
    """`duplicate` or `override`."""
    key: str
    start: int
    end: int
    other: tuple[int, int]
    """The key that it repeats or overrides."""


class _Pair(NamedTuple):
    key: Node
    value: Node
    merge: bool
    alias: bool
    """Whether the value is an alias: one that stands for a list is not merged."""


class _Frame:
    __slots__ = ("anchor", "expanded", "is_map", "items", "pending", "start")

    def __init__(self, is_map: bool, start: int, anchor: str | None) -> None:
        self.is_map = is_map
        self.start = start
        self.anchor = anchor
        self.items: list[Any] = []
        self.pending: tuple[Node, bool] | None = None
        self.expanded = 1
        """How many values this is with all aliases written out."""


class Composer:
    """Builds the nodes of one document. `base` is added to all offsets; `hidden` stands in the text for byte order marks.

    `plain` is for files that Drone does not read: keys count as the YAML specification says, written ones before merged ones.
    """

    def __init__(self, base: int, *, plain: bool = False, hidden: str = "") -> None:
        self._base = base
        self._plain = plain
        self._hidden = hidden
        self._anchors: dict[str, Node | None] = {}
        self._sizes: dict[str, int] = {}
        self.remarks: list[Remark] = []
        self.anchored: list[int] = []
        """Offsets of what has an anchor."""
        self.end: int | None = None
        """Where the document ends and go-yaml stops reading, whatever follows."""

    def compose(self, text: str) -> Node | None:
        """The document's root; None for a document without content.

        Raises:
            YamlError: go-yaml refuses the text.
        """
        try:
            return self._build(_events(text))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise YamlError(str(error.problem or error.context), self._base + (mark.index if mark else 0)) from error
        except yaml.YAMLError as error:  # a reader error: a character that YAML does not know
            at = getattr(error, "position", 0)
            raise YamlError("control characters are not allowed", self._base + _character(text, at)) from error

    def _build(self, events: Iterator[Any]) -> Node | None:
        frames: list[_Frame] = []
        root: Node | None = None
        for event in events:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                node: Node = self._scalar(event)
                merge = node.text == "<<" and (event.implicit[0] or event.tag == _TAG + "merge")  # type: ignore[union-attr]
            elif kind is yaml.AliasEvent:
                node, merge = self._alias(event), False
                self._count(frames, self._sizes.get(event.anchor, 1), event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._open(frames, event, kind is yaml.MappingStartEvent)
                continue
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                frame = frames.pop()
                node, merge = self._close(frame, event), False
                self._count(frames, frame.expanded, event)
            elif kind is yaml.DocumentEndEvent:
                self.end = self._base + event.start_mark.index
                break
            else:
                continue
            if frames:
                self._add(frames[-1], node, merge, kind is yaml.AliasEvent)
            else:
                root = node
        return root

    def _scalar(self, event: Any) -> Scalar:
        start, end = self._base + event.start_mark.index, self._base + event.end_mark.index
        text: str = event.value
        if self._hidden:
            text = text.replace(self._hidden, "\ufeff")
        if event.tag is None or event.tag == "!":
            if event.implicit[0]:
                tag, value = resolve(text)
                node = Scalar("" if value is None else text, value, start, end, False, tag)
            else:
                node = Scalar(text, text, start, end, True, "!!str")
        else:
            node = _tagged(text, event.tag, start, end, event.style is not None)
        if event.anchor:
            self._anchors[event.anchor] = node
            self.anchored.append(start)
        return node

    def _alias(self, event: Any) -> Node:
        name, at = event.anchor, self._base + event.start_mark.index
        if name not in self._anchors:
            raise YamlError(f"unknown anchor '{name}' referenced", at)
        node = self._anchors[name]
        if node is None:
            return Scalar(f"*{name}", f"*{name}", at, at + len(name) + 1, True, LOOP)
        return node

    def _open(self, frames: list[_Frame], event: Any, is_map: bool) -> None:
        if len(frames) >= DEEPEST:
            raise TooDeepError(f"nested deeper than {DEEPEST} levels", self._base + event.start_mark.index)
        if event.anchor:
            self._anchors[event.anchor] = None
            self.anchored.append(self._base + event.start_mark.index)
        frames.append(_Frame(is_map, self._base + event.start_mark.index, event.anchor))

    def _close(self, frame: _Frame, event: Any) -> Node:
        end = self._base + event.end_mark.index
        node: Node = self._mapping(frame, end) if frame.is_map else Sequence(tuple(frame.items), frame.start, end)
        if frame.anchor:
            self._anchors[frame.anchor] = node
            self._sizes[frame.anchor] = frame.expanded
        return node

    def _count(self, frames: list[_Frame], size: int, event: Any) -> None:
        """Add to what a container expands to; shared nodes are walked once for each alias, so this bounds all that follows."""
        if not frames:
            return
        frames[-1].expanded += size
        if frames[-1].expanded > LARGEST:
            raise TooDeepError(f"aliases make more than {LARGEST:,} values of this document", self._base + event.start_mark.index)

    def _add(self, frame: _Frame, node: Node, merge: bool, alias: bool) -> None:
        if not frame.is_map:
            frame.items.append(node)
        elif frame.pending is None:
            frame.pending = (node, merge)
        else:
            key, is_merge = frame.pending
            frame.items.append(_Pair(key, node, is_merge, alias))
            frame.pending = None

    # -- mappings

    def _mapping(self, frame: _Frame, end: int) -> Mapping:
        entries: dict[str, Entry] = {}
        replaced: list[tuple[str, Entry]] = []
        written: dict[str, tuple[int, int]] = {}
        for pair in sorted(frame.items, key=lambda pair: not pair.merge) if self._plain else frame.items:
            if pair.merge:
                self._merge(entries, pair, written, replaced)
                continue
            if not isinstance(pair.key, Scalar):
                raise YamlError("invalid map key", pair.key.start)
            name = pair.key.text
            if name in written:
                self.remarks.append(Remark("duplicate", name, pair.key.start, pair.key.end, written[name]))
            written[name] = (pair.key.start, pair.key.end)
            entry = Entry(pair.value, pair.key.start, pair.key.end)
            if self._plain:
                entries[name] = entry
            else:
                _put(entries, name, entry, replaced)
        return Mapping(entries, frame.start, end, tuple(replaced))

    def _merge(
        self, entries: dict[str, Entry], pair: _Pair, written: dict[str, tuple[int, int]], replaced: list[tuple[str, Entry]]
    ) -> None:
        for source in self._merged(pair):
            if self._plain:
                entries.update(source.entries)
                continue
            for name, entry in source.entries.items():
                before = entries.get(name)
                if name in written and before is not None and not same(before.node, entry.node):
                    self.remarks.append(Remark("override", name, pair.key.start, pair.key.end, written[name]))
                _put(entries, name, entry, replaced)
            replaced += source.replaced

    def _merged(self, pair: _Pair) -> list[Mapping]:
        """What a merge key brings, the first of a list last: earlier ones take precedence."""
        node = pair.value
        found = list(reversed(node.items)) if isinstance(node, Sequence) and not pair.alias else [node]
        maps = [item for item in found if isinstance(item, Mapping)]
        if len(maps) != len(found):
            raise YamlError("map merge requires map or sequence of maps as the value", pair.key.start)
        return maps


def same(one: Node, other: Node) -> bool:
    """Whether two nodes hold the same, wherever they are written."""
    return bool(plain(one) == plain(other))


def _put(entries: dict[str, Entry], name: str, entry: Entry, replaced: list[tuple[str, Entry]]) -> None:
    before = entries.get(name)
    if before is not None:
        if isinstance(before.node, Mapping) and isinstance(entry.node, Mapping):
            entry = entry._replace(node=_overlaid(before.node, entry.node, name))
        else:
            replaced.append((name, before))
    entries[name] = entry


def _overlaid(before: Mapping, after: Mapping, name: str) -> Mapping:
    merged = dict(before.entries)
    replaced = [*before.replaced, *after.replaced]
    for key, entry in after.entries.items():
        if name not in _REPLACED:
            _put(merged, key, entry, replaced)
            continue
        if key in merged:
            replaced.append((key, merged[key]))
        merged[key] = entry
    return after._replace(entries=merged, replaced=tuple(replaced))


def _tagged(text: str, tag: str, start: int, end: int, quoted: bool) -> Scalar:
    short = "!!" + tag[len(_TAG) :] if tag.startswith(_TAG) else tag
    if short in ("!!bool", "!!int", "!!float", "!!null", "!!timestamp"):
        resolved, value = resolve(text)
        if short == "!!timestamp" and resolved == "!!str":
            return Scalar(text, text, start, end, quoted, "!!str")
        if resolved != short:
            raise YamlError(f"cannot decode {resolved} `{text}` as a {short}", start)
        return Scalar("" if value is None else text, value, start, end, quoted, resolved)
    if short == "!!binary":
        return _binary(text, start, end)
    return Scalar(text, text, start, end, True, short if short != "!!merge" else "!!str")


def _binary(text: str, start: int, end: int) -> Scalar:
    import base64
    import binascii

    try:
        value = base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError) as error:
        raise YamlError("!!binary value contains invalid base64 data", start) from error
    return Scalar(value, value, start, end, True, "!!binary")


def _character(text: str, position: int) -> int:
    """A reader error's byte position as a character offset."""
    return len(text.encode("utf-8", "surrogatepass")[:position].decode("utf-8", "ignore"))


def _events(text: str) -> Iterator[Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: Iterator[Any] = yaml.parse(text, Loader=loader)
    return found
