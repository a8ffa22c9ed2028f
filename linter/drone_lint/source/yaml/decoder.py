"""A text to nodes as Drone decodes it: split by lines, each document read as go-yaml v2.1.0 reads it."""

from __future__ import annotations

import re
from typing import NamedTuple

from drone_lint.model.node import Node, Scalar
from drone_lint.source.yaml.composer import Composer, Remark, YamlError
from drone_lint.source.yaml.split import Chunk, Split, split


class Decoded(NamedTuple):
    """One document that could be read."""

    number: int
    """Of its chunk."""
    root: Node
    anchors: tuple[int, ...] = ()
    """Offsets of what has an anchor."""


class Text:
    """What one text gave: the server's text or a runner's."""

    def __init__(self, split: Split) -> None:
        self.split = split
        self.decoded: list[Decoded] = []
        self.failures: list[tuple[YamlError, int]] = []
        """What go-yaml refuses, with the number of the chunk."""
        self.empty: list[int] = []
        """Numbers of chunks without content."""
        self.remarks: list[Remark] = []
        self.unread: list[int] = []
        """Offsets of what follows in a chunk after its document has ended: go-yaml reads one document and stops."""


def decode(text: str) -> Text:
    """Split a text and read each of its documents. Offsets of nodes are offsets in `text`."""
    found = Text(split(text))
    for number, chunk in enumerate(found.split.chunks):
        composer = Composer(chunk.start)
        try:
            node = _compose(composer, text, chunk)
        except YamlError as error:
            found.failures.append((error, number))
            continue
        if composer.end is not None and text[composer.end : chunk.end].strip():
            found.unread.append(composer.end)
        if node is None or (isinstance(node, Scalar) and node.value is None):
            found.empty.append(number)
            continue
        found.decoded.append(Decoded(number, node, tuple(composer.anchored)))
        found.remarks += composer.remarks
    return found


def _compose(composer: Composer, text: str, chunk: Chunk) -> Node | None:
    piece = text[chunk.start : chunk.end]
    _refuse_version(piece, chunk.start)
    node = composer.compose(piece if piece.endswith("\n") else piece + "\n")
    _refuse_what_libyaml_takes(text[chunk.start : min(composer.end or chunk.start, chunk.end)], chunk.start)
    return node


# -- what go-yaml v2.1.0's older scanner refuses and libyaml 0.2.5 reads


def _refuse_version(text: str, base: int) -> None:
    """A directive fails in any case, as Drone has taken away the `---` below it; this gives the first reason, where it stands."""
    if not text.lstrip().startswith(("%", "#")) or "%YAML" not in text:
        return
    directive = re.match(r"(?:[ \t]*(?:#.*|%(?!YAML).*)?\r?\n)*%YAML[ \t]+(\S+)", text)
    if directive and directive[1] != "1.1":
        raise YamlError("found incompatible YAML document", base + text.index("%YAML"))


def _refuse_what_libyaml_takes(text: str, base: int) -> None:
    if "\\/" in text:
        _refuse_escaped_slashes(text, base)
    if "?" in text and ("[" in text or "{" in text):
        _refuse_question_marks(text, base)


def _refuse_escaped_slashes(text: str, base: int) -> None:
    if text.count('"') < 2:
        return
    for match in re.finditer(r'"(?:[^"\\\n]|\\.|\n)*?"', text):
        slash = re.search(r"(?<!\\)(?:\\\\)*\\/", match.group())
        if slash and _is_double_quoted(text, match.start()):
            raise YamlError("found unknown escape character", base + match.start() + slash.end() - 2)


def _refuse_question_marks(text: str, base: int) -> None:
    """In flow collections go-yaml v2.1.0 takes any `?` for the beginning of a key."""
    import yaml

    depth = 0
    try:
        for token in _tokens(text):
            if isinstance(token, (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken)):
                depth += 1
            elif isinstance(token, (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken)):
                depth -= 1
            elif depth and isinstance(token, yaml.ScalarToken) and token.plain and "?" in token.value:
                raise YamlError("did not find expected ',' or ']'", base + token.start_mark.index)
    except yaml.YAMLError:
        return


def _is_double_quoted(text: str, at: int) -> bool:
    """Whether libyaml, too, sees a double-quoted scalar begin at an offset."""
    import yaml

    try:
        return any(isinstance(token, yaml.ScalarToken) and token.style == '"' and token.start_mark.index == at for token in _tokens(text))
    except yaml.YAMLError:
        return True


def _tokens(text: str):  # type: ignore[no-untyped-def]
    import yaml

    return yaml.scan(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
