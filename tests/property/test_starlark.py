"""Generated programs: values are those of the server's engine, and every key and string is found where it is written."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drone_lint.model.node import Mapping, Scalar, from_data, walk
from drone_lint.model.value import Part, Place
from drone_lint.settings import Settings
from drone_lint.source.starlark.loader import Loader
from drone_lint.source.starlark.locator import Origins, sources_of
from drone_lint.source.starlark.syntax.literals import from_bytes, unquoted
from drone_lint.text.position import Precision, SourceFile
from starlark.generator import program


@given(st.integers(0, 1 << 32))
def test_values_are_the_servers(seed):
    check_values(program(Random(seed)))


@given(st.integers(0, 1 << 32))
def test_every_key_and_string_is_found_where_it_is_written(seed):
    check_places(program(Random(seed)))


def check_values(program):
    starlark_go = pytest.importorskip("starlark_go")
    loader = Loader(SourceFile("f.star", program), Settings(), {})
    (mine,) = loader.run([loader.context("push")])
    engine = starlark_go.Starlark(print=lambda _: None)
    error = None
    try:
        engine.exec(program.replace("ctx.build.branch", '"main"') + "\nresult = main(None)\n", filename="f.star")
        other = engine.get("result")
    except starlark_go.EvalError as raised:
        error = raised
    except starlark_go.ConversionError:  # of bytes that are no text
        return
    if error is not None:
        assert mine.error is not None, error.error
        return
    assert mine.documents is not None, mine.error
    assert [json.loads(one) if "\\x" not in one else None for one in mine.documents] == [
        one if "\\x" not in text else None for one, text in zip(other, mine.documents, strict=True)
    ]


def check_places(program):
    file = SourceFile("f.star", program)
    loader = Loader(file, Settings(), {})
    (outcome,) = loader.run([loader.context("push")])
    if outcome.documents is None or "\\x" in outcome.documents[0] or "�" in outcome.documents[0]:
        return  # bytes that are no text have no characters
    root = from_data(json.loads(outcome.documents[0]))
    (document,) = loader.documents(outcome, [root], None)
    origins = Origins(file, outcome.places[0], sources_of(outcome.sources), outcome.fields, root)
    assert origins.table, "the places have the document's shape"
    for path, node in walk(root):
        if path and isinstance(path[-1], str):
            span = document.locate(Place(document, path, Part.KEY)).primary
            if span.precision is Precision.EXACT:
                assert _shown(span.text) == path[-1]
        if isinstance(node, Scalar) and node.tag == "!!str":
            _check_pieces(program, origins, path, node.text)
        assert isinstance(node, Mapping) or path


def _shown(text: str) -> str:
    return from_bytes(unquoted(text)[0]) if text[-1] in "'\"" else text


def _check_pieces(program: str, origins: Origins, path: tuple[str | int, ...], text: str) -> None:
    """What a string has of a literal is in that literal, in one case or the other, and a range leads to these very characters."""
    end = 0
    for piece in origins.value(path).pieces:
        assert end <= piece.start <= piece.end <= len(text)
        end = piece.end
        if piece.source < 0 or piece.offset < 0:
            continue
        start, stop = origins.sources[piece.source]
        literal = _shown(program[start:stop])
        assert literal[piece.offset : piece.offset + piece.length].upper() == text[piece.start : piece.end].upper()
        span = origins.within(piece, piece.start, piece.end)
        if "\\" not in span.text:
            assert span.text.upper() == text[piece.start : piece.end].upper()
