"""Comments of a file in any language, and the blocks that lines open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from drone_lint.model.node import Node
from drone_lint.source.load import language_of
from drone_lint.text.position import SourceFile


def comments_in(source: SourceFile, roots: Sequence[Node], sign: str) -> Iterable[tuple[int, int]]:
    """Where comments begin and end, at least those that have a sign in them.

    Args:
        source: the file.
        roots: the roots of its documents, if it is YAML.
        sign: what is looked for.
    """
    if language_of(source.path) == "jsonnet":
        from drone_lint.source.jsonnet.comments import comments

        return comments(source.text)
    if language_of(source.path) == "starlark":
        from drone_lint.source.starlark.syntax.outline import outline

        return outline(source.text).comments
    from drone_lint.source.yaml import comments as yaml

    return yaml.comments(source.text, roots, sign)


def blocks_in(source: SourceFile, roots: Sequence[Node]) -> list[tuple[int, int]]:
    """Where maps, lists and objects begin (for a key's value: where the key does) and end, in order."""
    if language_of(source.path) == "jsonnet":
        from drone_lint.source.jsonnet.comments import blocks

        return sorted(blocks(source.text))
    if language_of(source.path) == "starlark":
        from drone_lint.source.starlark.syntax import outline as starlark

        return sorted(starlark.blocks(source.text))
    from drone_lint.source.yaml import comments as yaml

    return sorted(yaml.blocks(roots))
