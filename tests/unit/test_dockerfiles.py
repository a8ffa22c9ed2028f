"""Dockerfiles as BuildKit reads them: what is wrong is said at its line, and nothing hangs."""

from __future__ import annotations

import time

import pytest

from drone_lint.text.position import SourceFile
from drone_lint_rules.docker.context import copy_sources
from drone_lint_rules.docker.dockerfile import parse_dockerfile
from drone_lint_rules.docker.dockerfile_check import dockerfile_faults


def said(text: str) -> list[tuple[int, str]]:
    file = parse_dockerfile(SourceFile("Dockerfile", text))
    return [(text.count("\n", 0, fault.place.start) + 1, fault.message) for fault in dockerfile_faults(file)]


BROKEN = {
    "a misspelt instruction": ("FROM a\nWORKDRI /x\n", 2, "`WORKDRI` is not an instruction; did you mean `WORKDIR`?"),
    "a lost backslash": ("FROM a\nRUN apk add \\\n  git\n  curl\n", 4, "`CURL` is not an instruction"),
    "no FROM": ("ARG A\n", 1, "the Dockerfile has no `FROM`"),
    "RUN before FROM": ("RUN true\nFROM a\n", 1, "`RUN` stands before the first `FROM`"),
    "nothing": ("# only this\n", 1, "has no instructions"),
    "a flag of another instruction": ("FROM a\nADD --from=b c /\n", 2, "`--from` is not a flag of `ADD`"),
    "a misspelt flag": ("FROM a\nCOPY --chwon=1 b /\n", 2, "did you mean `chown`?"),
    "a flag twice": ("FROM a\nCOPY --chown=1 --chown=2 b /\n", 2, "`--chown` is given twice"),
    "a flag for CMD": ("FROM a\nCMD --x y\n", 2, "`--x` is not a flag of `CMD`"),
    "a here-document that does not end": ("FROM a\nRUN <<END\ntrue\n", 2, "the here-document `END` does not end"),
    "COPY without a destination": ("FROM a\nCOPY b\n", 2, "`COPY` needs a source and a destination"),
    "FROM of two words": ("FROM a b\n", 1, "`FROM` takes an image, or an image and `AS NAME`"),
    "a stage's name in digits": ("FROM a AS 1st\n", 1, "`1st` is not a name for a stage"),
    "ENV without a value": ("FROM a\nENV B\n", 2, "`ENV B` has no value"),
    "a value with a space": ("FROM a\nLABEL b=c d\n", 2, "`d` has no `=`"),
    "a check without CMD": ("FROM a\nHEALTHCHECK curl x\n", 2, "`HEALTHCHECK` is followed by `curl`"),
    "SHELL as text": ("FROM a\nSHELL bash\n", 2, "`SHELL` needs a JSON list"),
    "a trigger of a trigger": ("FROM a\nONBUILD ONBUILD RUN x\n", 2, "`ONBUILD ONBUILD` is not allowed"),
    "a number of no stage": ("FROM a\nCOPY --from=1 b /\n", 2, "there is no stage 1 above this one"),
    "a misspelt stage": ("FROM a AS builder\nFROM c\nCOPY --from=biulder b /\n", 3, "`biulder` is not a stage; did you mean `builder`?"),
    "a stage that comes later": ("FROM a\nCOPY --from=late b /\nFROM c AS late\n", 2, "the stage `late` stands below"),
    "a mount from a later stage": ("FROM a\nRUN --mount=from=late,target=/x true\nFROM c AS late\n", 2, "the stage `late` stands below"),
    "a variable that FROM does not know": ("FROM a:$TAG\nARG TAG=1\n", 1, "`TAG` is empty in `FROM`"),
    "an argument of another scope": ("ARG V=1\nFROM a\nRUN echo $V\n", 3, "`V` is empty here: its `ARG` stands above `FROM`"),
}


@pytest.mark.parametrize(("text", "line", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_form_is_said_at_its_line(text, line, message):
    assert any(at == line and message in words for at, words in said(text)), said(text)


HOSTILE = {
    "continued lines": "FROM a\n" + "RUN a\\\n" * 100_000,
    "one long word": "FROM a\nCOPY " + "\\" * 500_000 + " /\n",
    "quotes": "FROM a\nENV " + "\"'" * 200_000,
    "here-documents": "FROM a\n" + "COPY <<A <<B /x\n" * 30_000,
    "instructions": "FROM a\n" * 100_000,
    "a list in lists": "FROM a\nCMD " + "[" * 100_000,
    "comments": "FROM a\nRUN x \\\n" + "# y\n" * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_ends_soon(text):
    began = time.perf_counter()
    file = parse_dockerfile(SourceFile("Dockerfile", text))
    list(dockerfile_faults(file))
    list(copy_sources(file))
    assert time.perf_counter() - began < 5
