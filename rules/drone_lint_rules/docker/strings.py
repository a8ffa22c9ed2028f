"""Texts in the source of programs: string literals, comments passed over, and the commands of Docker among them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from drone_lint.api import SourceFile, TextPlace

_VERBS = (
    "attach|build|builder|buildx|commit|compose|container|context|cp|create|diff|events|exec|export|history|image|images|import|info|"
    "inspect|kill|load|login|logs|network|node|pause|port|ps|pull|push|rename|restart|rm|rmi|run|save|search|service|stack|start|stats|"
    "stop|swarm|system|tag|top|unpause|update|volume|wait"
)
_COMPOSE_VERBS = (
    "build|config|create|down|events|exec|images|kill|logs|pause|port|ps|pull|push|restart|rm|run|start|stop|top|unpause|up|wait"
)
UNKNOWN = "${PROGRAM_VARIABLE}"
"""What stands in a command for what only the program knows."""


class Literal(NamedTuple):
    """A string literal."""

    text: str
    start: int
    """Of its opening quote."""
    end: int
    """Behind its closing quote."""


def nowhere(source: SourceFile) -> TextPlace:
    """A place that is to be replaced by the step's own."""
    return TextPlace(source, 0, 0)


@lru_cache(maxsize=4)
def _grammar(language: str) -> re.Pattern[str]:
    text = r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\''
    if language == "python":
        return re.compile(
            r'#[^\n]*|[rbuf]{0,2}(?:"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\')|[rbuf]{0,2}(?:' + text + ")",
            re.IGNORECASE,
        )
    return re.compile(r"//[^\n]*|/\*.*?\*/|`(?:[^`\\]|\\.)*`|" + text, re.DOTALL)


def literals(text: str, language: str) -> Iterator[Literal]:
    """The string literals of a source text.

    Args:
        text: the source.
        language: `python`, or anything else for languages with comments as in C.
    """
    for found in _grammar("python" if language == "python" else "c").finditer(text):
        whole = found[0]
        if whole.startswith(("//", "/*", "#")):
            continue
        body = re.sub(r"^[rbufRBUF]{0,2}(?=[\"'])", "", whole)
        width = 3 if body[:3] in ('"""', "'''") else 1
        inner = body[width:-width]
        yield Literal(inner if body[0] == "`" else _unescaped(inner), found.start(), found.end())


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda one: {"n": "\n", "t": "\t"}.get(one[1], one[1]), text) if "\\" in text else text


class Started(NamedTuple):
    """A command in a program's text."""

    text: str
    start: int
    end: int


def docker_commands(source: str, found: list[Literal], constants: Mapping[str, str]) -> Iterator[Started]:
    """The literals that are commands of Docker, or the program of one with its arguments behind it.

    Args:
        source: the text in which the literals stand.
        found: its literals, in order.
        constants: texts of names, to be put in for `%s`, `{x}` and `${x}`.
    """
    whole = re.compile(
        rf"\s*(?:sudo\s+)?(?:docker\s+(?:-\S+\s+(?:\S+\s+)?)*(?:{_VERBS})\b|docker-compose\s+(?:-\S+\s+\S+\s+)*(?:-\S+\s+)*(?:{_COMPOSE_VERBS})\b)"
    )
    for index, one in enumerate(found):
        if one.text in ("docker", "docker-compose"):
            words, end = _arguments(source, found, index, constants)
            if len(words) > 1 and re.match(whole, " ".join(words)):
                yield Started(" ".join(_quoted(word) for word in words), one.start, end)
        elif "docker" in one.text[:24] and whole.match(one.text):
            yield Started(_filled(one, source, constants), one.start, one.end)


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[\w@%+=:,./${}-]+", word) else "'" + word.replace("'", "'\\''") + "'"


def _arguments(source: str, found: list[Literal], index: int, constants: Mapping[str, str]) -> tuple[list[str], int]:
    """The literals that follow one in the same list of arguments, constants put in."""
    words, end = [found[index].text], found[index].end
    for one in found[index + 1 : index + 40]:
        between = source[end : one.start]
        if not re.fullmatch(r"\s*,\s*(?:\[\s*)?(?:(?:[\w.+\s]|\w\([^()]*\))*,\s*)*", between):
            break
        words += [constants.get(name.strip(), UNKNOWN) for name in between.strip(" ,\n\t[").split(",") if name.strip()]
        words.append(one.text)
        end = one.end
    return words, end


def _filled(one: Literal, source: str, constants: Mapping[str, str]) -> str:
    """A format string with constants put in."""
    rest = re.match(r"\s*(?:,|%|\.format\()", source[one.end : one.end + 40])
    values = [_value(part, constants) for part in _given(source[one.end + rest.end() : one.end + 400])] if rest else []

    def value(match: re.Match[str]) -> str:
        if match[0].startswith("%") or match[0] == "{}":
            return values.pop(0) if values else UNKNOWN
        return constants.get(match[1] or match[2] or "", UNKNOWN)

    return re.sub(r"%[svdq]|(?<!\{)\{\}|\$\{([\w.]+)\}|(?<!\{)\{([\w.]+)\}(?!\})", value, one.text)


def _given(text: str) -> list[str]:
    """The arguments up to the bracket that closes the call, divided by commas."""
    level = 0
    for at, char in enumerate(text):
        level += (char in "([{") - (char in ")]}")
        if level < 0 or char == ";":
            text = text[:at]
            break
    return [part.strip().strip("()") for part in text.split(",")]


def _value(text: str, constants: Mapping[str, str]) -> str:
    """A sum of names and literals as one text."""
    parts = [part.strip() for part in text.split("+")]
    made = [part[1:-1] if re.fullmatch(r'"[^"]*"', part) else constants.get(part, UNKNOWN) for part in parts if part]
    return "".join(made) if made else UNKNOWN


def constants_of(text: str) -> dict[str, str]:
    """Names that a source text gives one plain text: `const x = "..."`, `X = '...'`, `x := "..."`, `String x = "..."`."""
    found: dict[str, str] = {}
    for one in re.finditer(
        r"""(?m)^[\t ]*(?:(?:const|var|let|static|final|private|public|protected|export|String|val)\s+)*(\w+)(?:\s+string|\s*:\s*\w+)?\s*:?=\s*(["'])([^"'\n\\]*)\2\s*[;,]?\s*$""",
        text,
    ):
        found.setdefault(one[1], one[3])
    return found
