"""Dockerfiles as BuildKit reads them: instructions with their flags, words and here-documents, each with its place.

Read from BuildKit (frontend/dockerfile/parser, instructions), 2026-11. Ours, because the parsers of others lack what is needed: of 574 Dockerfiles of 50
public repositories tree-sitter-dockerfile 0.2.0 takes 126 for faulty, and dockerfile-parse 2.0.1 (2023) takes the lines of here-documents for instructions.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from drone_lint.api import SourceFile, TextPlace

_MOST = 5000
"""Instructions that are read; what people write has fewer than a hundred."""
_DIRECTIVE = re.compile(r"#[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(.+?)[ \t]*$")
_HEREDOC = re.compile(r"""^\d*<<(-?)[ \t]*(?:'([^'<>]+)'|"([^"<>]+)"|([^\s<>'"]+))$""")
_WITH_HEREDOC = ("add", "copy", "run")
_WORD = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"?|'[^']*'?|\\)+""", re.DOTALL)


class DockerWord(NamedTuple):
    """A word of an instruction; `start` and `end` are offsets in the file."""

    text: str
    start: int
    end: int


class Flag(NamedTuple):
    """`--name=value` after an instruction's name."""

    name: str
    value: str
    word: DockerWord


class Instruction(NamedTuple):
    """One instruction."""

    name: str
    """In small letters: `from`, `copy`."""
    flags: tuple[Flag, ...]
    text: str
    """What follows the flags, with continued lines joined."""
    words: tuple[DockerWord, ...]
    """The same in words; those of the exec form (a JSON list) for instructions that have it."""
    json: bool
    """Whether it is in the exec form."""
    source: SourceFile
    start: int
    end: int
    """Of the instruction's own lines, without here-documents."""
    heredocs: tuple[str, ...] = ()
    """Their contents."""
    open_heredoc: str = ""
    """The name of one that does not end."""

    @property
    def keyword(self) -> TextPlace:
        """The instruction's name."""
        return TextPlace(self.source, self.start, self.start + len(self.name))

    def at(self, word: DockerWord) -> TextPlace:
        """The place of one of its words."""
        return TextPlace(self.source, word.start, word.end)

    def flag(self, name: str) -> Flag | None:
        """A flag by name."""
        return next((flag for flag in self.flags if flag.name == name), None)


class Stage(NamedTuple):
    """A build stage: a `FROM` and what follows."""

    name: str
    """In small letters; empty when it has none."""
    base: DockerWord | None
    """The image, or the stage, on which it is built."""
    begin: Instruction
    instructions: tuple[Instruction, ...]


class Dockerfile(NamedTuple):
    """A Dockerfile."""

    source: SourceFile
    instructions: tuple[Instruction, ...]
    stages: tuple[Stage, ...]
    foreign: bool = False
    """Whether `# syntax=` has another program than Docker's read it."""
    truncated: bool = False
    """Whether it is longer than what is read."""

    def stage(self, name: str, before: int | None = None) -> int | None:
        """The index of a stage by name or number, of those before an index; the last of a name counts."""
        last = len(self.stages) if before is None else before
        if name.isdigit() and int(name[:6]) < last:
            return int(name[:6])
        return next((number for number in reversed(range(last)) if self.stages[number].name == name.lower() and name), None)


def parse_dockerfile(source: SourceFile) -> Dockerfile:
    """Read a Dockerfile; never fails, whatever the text."""
    lines = [line for line in re.split(r"(?<=\n)", source.text) if line]
    escape, foreign = _directives(lines)
    found: list[Instruction] = []
    reader = _Reader(source, lines, escape)
    for instruction in reader.instructions():
        found.append(instruction)
        if len(found) >= _MOST:
            return Dockerfile(source, tuple(found), tuple(_stages(found)), foreign, True)
    return Dockerfile(source, tuple(found), tuple(_stages(found)), foreign)


def _directives(lines: list[str]) -> tuple[str, bool]:
    """The escape character, and whether another front end reads the file; directives stand above everything else."""
    escape, foreign = "\\", False
    for line in lines:
        match = _DIRECTIVE.match(line.strip())
        if match is None:
            break
        if match[1].lower() == "escape" and match[2] == "`":
            escape = "`"
        elif match[1].lower() == "syntax":
            foreign = not re.match(r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?(?:[:@]|$)", match[2])
    return escape, foreign


class _Reader:
    """Goes through the lines of a file."""

    def __init__(self, source: SourceFile, lines: list[str], escape: str) -> None:
        self._source = source
        self._lines = lines
        self._escape = escape
        quoted = re.escape(escape)
        self._continued = re.compile(rf"(?<!{quoted}){quoted}[ \t]*$")
        self._number = 0
        self._offset = 0

    def instructions(self) -> Iterator[Instruction]:
        """Each in turn."""
        while self._number < len(self._lines):
            joined = self._logical_line()
            if joined.text.strip():
                yield self._instruction(joined)

    def _next(self) -> tuple[int, str]:
        line, at = self._lines[self._number], self._offset
        self._number += 1
        self._offset += len(line)
        return at, line

    def _logical_line(self) -> _Joined:
        joined = _Joined()
        at, line = self._next()
        body = line.rstrip("\r\n")
        if body.lstrip().startswith("#"):
            return joined
        while True:
            match = self._continued.search(body)
            joined.add(body[: match.start()] if match else body, at)
            if match is None:
                return joined
            body = ""
            while self._number < len(self._lines) and not body:
                at, line = self._next()
                stripped = line.strip()
                body = "" if not stripped or stripped.startswith("#") else line.rstrip("\r\n")
            if not body:
                return joined

    def _instruction(self, joined: _Joined) -> Instruction:
        text = joined.text
        first = len(text) - len(text.lstrip())
        match = re.compile(r"\S+").match(text, first)
        end = match.end() if match else first
        name = text[first:end].lower()
        flags, at = self._flags(joined, end)
        rest = text[at:].strip()
        at += len(text[at:]) - len(text[at:].lstrip())
        words = tuple(joined.word(one.start(), one.end()) for one in _WORD.finditer(text, at))
        listed = _json_words(rest, joined, at)
        start, stop = joined.source_offset(first), joined.source_offset(len(text.rstrip()))
        made = Instruction(name, flags, rest, listed if listed is not None else words, listed is not None, self._source, start, stop)
        inner = made.words[0].text.lower() if name == "onbuild" and made.words else name
        return self._with_heredocs(made, words) if inner in _WITH_HEREDOC and "<<" in rest else made

    def _flags(self, joined: _Joined, at: int) -> tuple[tuple[Flag, ...], int]:
        flags: list[Flag] = []
        word = re.compile(r"\s*(--[^\s]+)")
        while (match := word.match(joined.text, at)) is not None:
            name, _, value = match[1][2:].partition("=")
            flags.append(Flag(name, value, joined.word(match.start(1), match.end(1))))
            at = match.end()
        return tuple(flags), at

    def _with_heredocs(self, made: Instruction, words: tuple[DockerWord, ...]) -> Instruction:
        texts: list[str] = []
        for word in words:
            match = _HEREDOC.match(word.text)
            if match is None:
                continue
            name = match[2] or match[3] or match[4]
            body: list[str] = []
            ended = False
            while self._number < len(self._lines) and not ended:
                _, line = self._next()
                stripped = line.rstrip("\r\n")
                ended = (stripped.lstrip("\t") if match[1] else stripped) == name
                if not ended:
                    body.append(line)
            texts.append("".join(body))
            if not ended:
                return made._replace(heredocs=tuple(texts), open_heredoc=name)
        return made._replace(heredocs=tuple(texts))


class _Joined:
    """Continued lines as one, which knows where each part stands in the file."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._starts: list[int] = []
        self._offsets: list[int] = []

    @cached_property
    def text(self) -> str:
        """All of it, once it is complete."""
        return "".join(self._pieces)

    def add(self, piece: str, offset: int) -> None:
        self._starts.append(self._length)
        self._offsets.append(offset)
        self._pieces.append(piece)
        self._length += len(piece)

    def source_offset(self, at: int) -> int:
        piece = bisect_right(self._starts, at) - 1
        if piece > 0 and self._starts[piece] == at == len(self.text):
            piece -= 1
        return self._offsets[piece] + at - self._starts[piece]

    def word(self, start: int, end: int) -> DockerWord:
        return DockerWord(self.text[start:end], self.source_offset(start), self.source_offset(end - 1) + 1)


def _json_words(rest: str, joined: _Joined, at: int) -> tuple[DockerWord, ...] | None:
    if not rest.startswith("["):
        return None
    try:
        found = json.loads(rest)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        return None
    places = [joined.word(at + match.start(), at + match.end()) for match in re.finditer(r'"(?:[^"\\]|\\.)*"', rest)]
    return tuple(DockerWord(text, place.start, place.end) for text, place in zip(found, places, strict=False))


def _stages(instructions: list[Instruction]) -> Iterator[Stage]:
    begin: Instruction | None = None
    held: list[Instruction] = []
    for instruction in instructions:
        if instruction.name == "from":
            if begin is not None:
                yield _stage(begin, held)
            begin, held = instruction, []
        elif begin is not None:
            held.append(instruction)
    if begin is not None:
        yield _stage(begin, held)


def _stage(begin: Instruction, held: list[Instruction]) -> Stage:
    words = begin.words
    name = words[2].text.lower() if len(words) > 2 and words[1].text.lower() == "as" else ""
    return Stage(name, words[0] if words else None, begin, tuple(held))
