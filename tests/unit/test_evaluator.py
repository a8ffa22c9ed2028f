"""Messages between the linter and its evaluator processes."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drone_lint.source.process.child import read, write

PLAIN = st.none() | st.booleans() | st.integers() | st.text(st.characters())
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12)


@given(st.lists(st.dictionaries(st.text(), VALUES, max_size=4), max_size=3))
def test_messages_arrive_as_they_were_sent(messages):
    stream = io.BytesIO()
    for message in messages:
        write(stream, message)
    stream.seek(0)
    assert [read(stream) for _ in messages] == messages
    assert read(stream) is None


@given(st.binary(max_size=60))
def test_what_is_no_message_is_none(data):
    assert read(io.BytesIO(len(data).to_bytes(4, "big") + data)) is None or data.startswith(b"m")


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\0\0\0\1", b"\xff\xff\xff\xff", b"\0\0\0\3m1:", b"\0\0\0\4x1:a", b"\0\0\0\3s9:", b"\0\0\0\4m-1:"]
)
def test_a_broken_message_is_none(data):
    assert read(io.BytesIO(data)) in (None, {})


def test_deep_nesting_does_not_hurt():
    data = b"m1:s0:" + b"l1:" * 100_000
    assert read(io.BytesIO(len(data).to_bytes(4, "big") + data)) is None
