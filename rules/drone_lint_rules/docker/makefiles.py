"""Makefiles: the recipe lines that a call of make runs, with includes, variables, prerequisites and pattern rules.

Conditionals are not decided: the lines of both branches count. What a function of make gives (`$(shell ...)`, `$(call ...)`) is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import copy
from typing import NamedTuple

from drone_lint.api import SourceFile, Surroundings, TextPlace
from drone_lint_rules.docker.folders import join

UNKNOWN = "${MAKE_VARIABLE}"
"""What stands in a recipe for what only make knows."""
_MOST_LINES = 400
_DEEPEST = 8
_LONGEST = 20_000


class Recipe(NamedTuple):
    """One line of a recipe, as its shell gets it."""

    text: str
    place: TextPlace
    target: str


class _Line(NamedTuple):
    source: SourceFile
    start: int
    end: int
    text: str


class _Rule(NamedTuple):
    needs: list[str]
    lines: list[_Line]


class Makefile:
    """A Makefile with all that it includes."""

    def __init__(self, source: SourceFile, folder: str | None, around: Surroundings, root: str) -> None:
        """Read it.

        Args:
            source: the file.
            folder: where make runs, relative to the repository's root: includes are relative to it.
            around: the files of the repository.
            root: the absolute path of the clone.
        """
        self._folder, self._around, self._root = folder, around, root
        self.rules: dict[str, _Rule] = {}
        self.variables: dict[str, str] = {}
        self._weak: set[str] = set()
        self.first = ""
        self.one_shell = False
        self.complete = True
        """Whether every file that it includes was read."""
        self.shells: list[tuple[str, TextPlace]] = []
        """Texts of `$(shell ...)` in variables, which run whenever the file is read."""
        self._seen = {source.path}
        self._read(source, 0)

    # -- reading

    def _read(self, source: SourceFile, depth: int) -> None:
        current: list[_Rule] = []
        defining = False
        for start, end, text in _logical_lines(source.text):
            word = text.split(None, 1)[0] if text.split() else ""
            if defining:
                defining = word != "endef"
            elif text.startswith("\t") and current:
                for rule in current:
                    rule.lines.append(_Line(source, start + 1, end, text[1:]))
            elif word == "define":
                defining = True
            elif word in ("include", "-include", "sinclude"):
                self._include(text.partition(word)[2], depth, optional=word != "include")
            elif word not in ("ifeq", "ifneq", "ifdef", "ifndef", "else", "endif"):
                current = self._statement(source, start, end, text, current)

    def _statement(self, source: SourceFile, start: int, end: int, text: str, current: list[_Rule]) -> list[_Rule]:
        body = _without_comment(text)
        if not body.strip():
            return current
        assigned = re.match(r"\s*(?:export\s+|override\s+)*([\w.-]+)\s*(\?=|\+=|:{0,3}=|!=)\s*(.*)$", body, re.DOTALL)
        if assigned:
            self._assign(assigned[1], assigned[2], assigned[3], TextPlace(source, start, end))
            return []
        found = re.match(r"([^\s:=#][^:=#]*?)\s*::?(?!=)\s*([^;]*)(?:;(.*))?$", body, re.DOTALL)
        if found is None or re.match(r"[\w.-]+\s*[:?+]?=", found[2]):
            return []
        return self._rule(source, start, end, found)

    def _rule(self, source: SourceFile, start: int, end: int, found: re.Match[str]) -> list[_Rule]:
        names = self.expand(found[1]).split()
        if ".ONESHELL" in names:
            self.one_shell = True
        rules = [self.rules.setdefault(name, _Rule([], [])) for name in names]
        for rule in rules:
            rule.needs.extend(name for name in self.expand(found[2]).split() if name != "|")
            if found[3]:
                rule.lines.append(_Line(source, start, end, found[3]))
        if not self.first and names and not names[0].startswith("."):
            self.first = names[0]
        return rules

    def _assign(self, name: str, operator: str, value: str, place: TextPlace) -> None:
        self.shells += [(self.expand(text), place) for text in _shell_calls(value)]
        if operator == "!=":
            self.shells.append((self.expand(value), place))
            value = UNKNOWN
        if operator == "?=" and name in self.variables:
            return
        if operator == "+=" and name in self.variables:
            value = f"{self.variables[name]} {value}"
        self.variables[name] = value[:_LONGEST]
        (self._weak.add if operator == "?=" else self._weak.discard)(name)

    def _include(self, text: str, depth: int, *, optional: bool) -> None:
        for name in self.expand(_without_comment(text)).split():
            path = join(self._folder, name, self._root) if "$" not in name else None
            source = self._around.read(path) if path is not None and depth < _DEEPEST else None
            if source is None:
                self.complete = self.complete and (optional and path is not None)
            elif source.path not in self._seen:
                self._seen.add(source.path)
                self._read(source, depth + 1)

    # -- asking

    def called_with(self, given: Mapping[str, str], environment: Mapping[str, str]) -> Makefile:
        """The same file with what the command line says, which beats the file, and the environment, which beats `?=`."""
        made = copy(self)
        weak = {name: value for name, value in environment.items() if name in self._weak or name not in self.variables}
        made.variables = {**self.variables, **weak, **given}
        return made

    def recipes(self, targets: tuple[str, ...]) -> Iterator[Recipe]:
        """The recipe lines of targets, and of what they need before them, in the order in which make runs them."""
        left = _MOST_LINES
        for recipe in self._of_all(list(targets) or ([self.first] if self.first else []), set()):
            yield recipe
            left -= 1
            if not left:
                return

    def knows(self, target: str) -> bool:
        """Whether a rule makes a target."""
        return target in self.rules or self._pattern(target) is not None

    def _of_all(self, wanted: list[str], seen: set[str], depth: int = 0) -> Iterator[Recipe]:
        for name in wanted:
            rule, stem = self.rules.get(name), ""
            if rule is None or not rule.lines:
                rule, stem = self._pattern(name) or (rule, "")
            if name in seen or rule is None:
                continue
            seen.add(name)
            if depth < 40:
                yield from self._of_all([need.replace("%", stem) for need in rule.needs], seen, depth + 1)
            yield from self._lines(name, stem, rule)

    def _pattern(self, name: str) -> tuple[_Rule, str] | None:
        for pattern, rule in self.rules.items():
            before, percent, after = pattern.partition("%")
            if percent and len(name) > len(before) + len(after) and name.startswith(before) and name.endswith(after):
                return rule, name[len(before) : len(name) - len(after)]
        return None

    def _lines(self, name: str, stem: str, rule: _Rule) -> Iterator[Recipe]:
        automatic = {"@": name, "*": stem, "<": rule.needs[0] if rule.needs else "", "^": " ".join(rule.needs)}
        texts = [(self.expand(line.text, automatic).lstrip("@-+ \t"), line) for line in rule.lines]
        if self.one_shell and texts:
            yield Recipe("\n".join(text for text, _ in texts), _place(texts[0][1])._replace(end=texts[-1][1].end), name)
            return
        for text, line in texts:
            yield Recipe(text, _place(line), name)

    def expand(self, text: str, automatic: Mapping[str, str] | None = None, depth: int = 0) -> str:
        """A text with variables put in; what only make knows becomes `UNKNOWN`."""
        if "$" not in text:
            return text
        kept: list[str] = []
        at = length = 0
        while at < len(text) and length < _LONGEST:
            dollar = text.find("$", at)
            if dollar < 0 or dollar + 1 >= len(text):
                kept.append(text[at:])
                break
            kept.append(text[at:dollar])
            value, at = self._reference(text, dollar, automatic or {}, depth)
            kept.append(value)
            length += len(kept[-1]) + len(kept[-2])
        return "".join(kept)

    def _reference(self, text: str, dollar: int, automatic: Mapping[str, str], depth: int) -> tuple[str, int]:
        following = text[dollar + 1]
        if following == "$":
            return "$", dollar + 2
        if following not in "({":
            return automatic.get(following, self.variables.get(following, UNKNOWN)), dollar + 2
        end = _closing(text, dollar + 1)
        name = text[dollar + 2 : end - 1]
        if name == "MAKE":
            return "make", end
        if name in automatic:
            return automatic[name], end
        value = self.variables.get(name)
        if value is None or depth > 6 or not re.fullmatch(r"[\w.@<^*-]+", name):
            return UNKNOWN, end
        return self.expand(value, automatic, depth + 1), end


def _place(line: _Line) -> TextPlace:
    return TextPlace(line.source, line.start, line.end)


def _closing(text: str, opening: int) -> int:
    """The offset behind the bracket that closes the one at an offset."""
    level = 0
    for at in range(opening, len(text)):
        level += (text[at] in "({") - (text[at] in ")}")
        if level == 0:
            return at + 1
    return len(text)


def _shell_calls(text: str) -> Iterator[str]:
    for found in re.finditer(r"\$[({]shell\s", text):
        end = _closing(text, found.start() + 1)
        yield text[found.end() : end - 1]


def _without_comment(text: str) -> str:
    found = re.search(r"(?<!\\)#", text)
    return (text[: found.start()] if found else text).rstrip()


def _logical_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Lines, those joined that a backslash continues: start, end, and the text."""
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        while end > at and text[end - 1] == "\\" and end < len(text):
            following = text.find("\n", end + 1)
            end = len(text) if following < 0 else following
        yield at, end, text[at:end]
        at = end + 1
