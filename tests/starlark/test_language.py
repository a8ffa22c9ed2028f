"""The language, program by program: `programs.txt` has what each one does, and the server's engine says the same where it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from starlark.referee import agree, ours, theirs

PROGRAMS = Path(__file__).with_name("programs.txt")
_NEXT, _GIVES = "\n---- next\n", "\n---- gives\n"


def _table() -> list[tuple[str, str]]:
    blocks = PROGRAMS.read_bytes().decode("utf-8").removesuffix("\n").split(_NEXT)
    return [(program, gives) for program, _, gives in (block.partition(_GIVES) for block in blocks)]


TABLE = _table()


def test_every_program_does_what_the_table_says(update_goldens):
    found = [(program, str(ours(program))) for program, _ in TABLE]
    if update_goldens:
        PROGRAMS.write_bytes(_NEXT.join(program + _GIVES + gives for program, gives in found).encode("utf-8") + b"\n")
        return
    assert [one for one, wanted in zip(found, TABLE, strict=True) if one != wanted] == []


def test_the_servers_engine_says_the_same():
    pytest.importorskip("starlark_go")
    programs = [program for program, _ in TABLE if "\0" not in program]
    assert [(program, mine, other) for program in programs if not agree(mine := ours(program), other := theirs(program))] == []


def test_a_program_ends_at_a_zero_character():
    assert ours("x = 1\0garbage ((").values == (("x", "1"),)
