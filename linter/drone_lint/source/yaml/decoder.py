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


def decode(text: str, *, marked: bool = False) -> Text:
    """Split a text and read each of its documents. Offsets of nodes are offsets in `text`.

    Args:
        text: the file's text, without a byte order mark.
        marked: whether there was one before it.
    """
    found = Text(split(text, marked=marked))
    for number, chunk in enumerate(found.split.chunks):
        composer = Composer(chunk.start)
        try:
            if "\ufeff" in text:
                from drone_lint.source.yaml.marks import without_marks

                composer, read, bounds = without_marks(text, chunk, marked=marked)
                node = _compose(composer, read, bounds)
            else:
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


_MOST_DOCUMENTS = 50
"""Of a file that Drone does not read: each begins a new look at the rest of the text."""


class Plain(NamedTuple):
    """The documents of a file that Drone does not read."""

    documents: tuple[Node, ...]
    remarks: tuple[Remark, ...]
    """Keys that are repeated."""
    error: YamlError | None = None
    """Why reading ended."""


def decode_plain(text: str) -> Plain:
    """Read a YAML file as other programs do: split where YAML says, and nothing refused that libyaml takes."""
    documents: list[Node] = []
    remarks: list[Remark] = []
    at = 0
    while text[at:].strip():
        if len(documents) >= _MOST_DOCUMENTS:
            return Plain(tuple(documents), tuple(remarks), YamlError(f"more than {_MOST_DOCUMENTS} documents", at))
        composer = Composer(at, plain=True)
        try:
            root = composer.compose(text[at:] if text.endswith("\n") else text[at:] + "\n")
        except YamlError as error:
            return Plain(tuple(documents), tuple(remarks), error)
        if root is not None and not (isinstance(root, Scalar) and root.value is None):
            documents.append(root)
        remarks += [remark for remark in composer.remarks if remark.kind == "duplicate"]
        end = composer.end
        if end is None or end <= at:
            break
        at = end + 3 if text.startswith("...", end) else end
    return Plain(tuple(documents), tuple(remarks))


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
