"""What of a build context reaches the builder: files of the repository, less what `.dockerignore` leaves out.

Read from moby/patternmatcher and BuildKit (dockerignore, dockerfile2llb), 2026-11.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from drone_lint.api import SourceFile, Surroundings, TextPlace
from drone_lint_rules.docker.dockerfile import Dockerfile, DockerWord, Instruction

_MOST_PATTERNS = 500
_LONGEST = 300
"""Characters of a pattern."""


class Pattern(NamedTuple):
    """A line of `.dockerignore`."""

    text: str
    keeps: bool
    """Whether it begins with `!`."""
    place: TextPlace


class CopySource(NamedTuple):
    """A source of `COPY` or `ADD` that has to be in the context."""

    path: str
    """Relative to the context."""
    word: DockerWord
    instruction: Instruction
    written: str


def copy_sources(file: Dockerfile) -> Iterator[CopySource]:
    """What the instructions of a Dockerfile take from the context by name; not patterns, variables, URLs, stages and here-documents."""
    for stage in file.stages:
        for one in stage.instructions:
            if one.name in ("copy", "add") and one.flag("from") is None:
                yield from _sources(one)
            elif one.name == "run":
                yield from _mounted(one)


def _sources(one: Instruction) -> Iterator[CopySource]:
    for word in one.words[:-1]:
        text = word.text if one.json else word.text.strip("\"'")
        if not re.search(r"[*?\[\\$]|<<|://", text) and not text.startswith("git@") and text:
            yield CopySource(clean(text), word, one, text)


def _mounted(one: Instruction) -> Iterator[CopySource]:
    """`RUN --mount=type=bind,source=...`: of the context where it names no stage."""
    for flag in one.flags:
        parts = dict(part.partition("=")[::2] for part in flag.value.split(",")) if flag.name == "mount" else {}
        source = parts.get("source") or parts.get("src")
        if source and parts.get("type", "bind") == "bind" and "from" not in parts and "$" not in source:
            yield CopySource(clean(source), flag.word, one, source)


def clean(path: str) -> str:
    """A path of a context: `..` does not lead out of it; empty for the context itself."""
    return posixpath.normpath("/" + path).lstrip("/")


def ignored_by(path: str, patterns: tuple[Pattern, ...]) -> Pattern | None:
    """The line that leaves a file or folder out of the context; None where it stays, or part of it may."""
    last: Pattern | None = None
    heads = _heads(path)
    for pattern in patterns:
        if any(_expression(pattern.text).fullmatch(head) for head in heads):
            last = pattern
        elif pattern.keeps and pattern.text.startswith(f"{path}/"):
            return None
        elif pattern.keeps and "*" in pattern.text.partition("/")[0]:
            return None  # it may keep something below
    return last if last is not None and not last.keeps else None


def _heads(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:number]) for number in range(1, len(parts) + 1)]


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    """A pattern as moby/patternmatcher translates it."""
    found, at = "", 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**", at):
            at += 2
            if pattern.startswith("/", at):
                at += 1
                found += "(?:.*/)?"
            else:
                found += ".*"
            continue
        if char == "[" and (end := pattern.find("]", at + 1)) > at + 1:
            inner = pattern[at + 1 : end]
            found += (
                f"[{'^' if inner[0] in '^!' else ''}{re.escape(inner.lstrip('^!')).replace(chr(92) + '-', '-')}]"
                if inner.strip("^!")
                else re.escape(pattern[at : end + 1])
            )
            at = end
        elif char == "\\" and at + 1 < len(pattern):
            at += 1
            found += re.escape(pattern[at])
        else:
            found += {"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char))
        at += 1
    try:
        return re.compile(re.sub(r"(?:\[\^/\]\*){2,}", "[^/]*", found))
    except re.error:
        return re.compile(re.escape(pattern))


def dockerignore(context: str, dockerfile: str, around: Surroundings) -> tuple[Pattern, ...]:
    """The patterns that hold for a build: those beside the Dockerfile (`NAME.dockerignore`) before those of the context."""
    inner = f"{context}/.dockerignore" if context else ".dockerignore"
    for path in (f"{dockerfile}.dockerignore", inner):
        source = around.read(path)
        if source is not None:
            return tuple(_patterns(source))
    return ()


def _patterns(source: SourceFile) -> Iterator[Pattern]:
    at = 0
    for number, line in enumerate(re.split(r"(?<=\n)", source.text)):
        text = line.strip()
        start = at + len(line) - len(line.lstrip())
        at += len(line)
        if not text or line.startswith("#") or number > _MOST_PATTERNS or len(text) > _LONGEST:
            continue
        keeps = text.startswith("!")
        cleaned = posixpath.normpath(text.lstrip("!").strip()).lstrip("/")
        if cleaned and cleaned != ".":
            yield Pattern(cleaned, keeps, TextPlace(source, start, start + len(text)))
