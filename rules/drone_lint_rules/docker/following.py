"""What a command runs in files of the repository: make targets, shell scripts, scripts of package.json, and what test programs start."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from drone_lint.api import SourceFile, Surroundings, TextPlace
from drone_lint_rules.docker.folders import join, tracked, written_path
from drone_lint_rules.docker.runs import Run
from drone_lint_rules.shell.programs import SHELLS

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand, Word

_DEEPEST = 6
"""Files that call files."""
_MOST = 3000
"""Commands below one of a step."""
_PACKAGE_RUNNERS = ("npm", "yarn", "pnpm", "bun")


class Text(NamedTuple):
    """A script inside of a file."""

    text: str
    source: SourceFile
    start: int
    end: int
    """-1: the whole file, whose offsets are those of the text."""
    folder: str | None
    guess: str = ""


class Following:
    """Follows the commands of one step; what it has read for one step serves the next."""

    def __init__(self, around: Surroundings, root: str, environment: Mapping[str, str], *, programs: bool) -> None:
        """Begin.

        Args:
            around: the files of the repository.
            root: the absolute path of the clone.
            environment: the step's variables.
            programs: whether to look into the text of test programs, too.
        """
        self._around, self._root, self._environment, self._programs = around, root, environment, programs
        self._left = _MOST

    def below(self, command: SimpleCommand, folder: str | None) -> tuple[Run, ...]:
        """The commands that a command of the step leads to; their `place` is to be put in."""
        if not command.words:
            return ()
        words = tuple(word.text for word in command.words)
        key = ("below", words, folder, self._root, self._programs, tuple(sorted(self._environment.items())))
        known: tuple[Run, ...] | None = self._around.memo.get(key)
        if known is None:
            self._left = _MOST
            call = " ".join(words[:6])
            known = self._around.memo[key] = tuple(self._below(command, folder, call, (), 0))
        return known

    def _below(self, command: SimpleCommand, folder: str | None, via: str, chain: tuple[TextPlace, ...], depth: int) -> Iterator[Run]:
        from drone_lint_rules.docker.strings import nowhere
        from drone_lint_rules.shell.parser import parse

        if depth >= _DEEPEST:
            return
        for one in self._texts(command, folder):
            whole = one.end < 0
            if whole and any(place.source is one.source for place in chain):
                continue  # a script that calls itself
            for inner, where in tracked(parse(one.text).commands, one.folder, self._root):
                self._left -= 1
                if self._left < 0:
                    return
                start, end = (inner.start, inner.end) if whole else (one.start, one.end)
                place = TextPlace(one.source, start, end)
                if place in chain:
                    continue
                resolved = with_variables(inner)
                yield Run(resolved, where, nowhere(one.source), place, self._root, via, whole and resolved is inner, chain, one.guess)
                if not one.guess:
                    yield from self._below(resolved, where, via, (*chain, place), depth + 1)

    def _texts(self, command: SimpleCommand, folder: str | None) -> Iterator[Text]:
        program = command.program
        if program in ("make", "gmake"):
            yield from self._make(command, folder)
        elif program in _PACKAGE_RUNNERS:
            yield from self._package_script(command, folder)
        elif (source := self._script(command, folder)) is not None:
            yield Text(source.text, source, 0, -1, folder)
        if self._programs:
            from drone_lint_rules.docker.test_programs import texts

            yield from texts(command, folder, self._root, self._around)

    def _script(self, command: SimpleCommand, folder: str | None) -> SourceFile | None:
        word = script_word(command)
        path = written_path(word, folder, self._root) if word is not None else None
        found = join(folder, path, self._root) if path else None
        source = self._around.read(found) if found else None
        if source is None or not (source.path.endswith((".sh", ".bash")) or re.match(r"#!.*\b(?:ba|da|z|k)?sh\b", source.text)):
            return None
        return source

    def _make(self, command: SimpleCommand, folder: str | None) -> Iterator[Text]:
        from drone_lint_rules.docker.makefiles import Makefile
        from drone_lint_rules.docker.named import make_targets

        where, files, targets = make_targets(command, folder, self._root)
        path = self._around.first(files)
        source = self._around.read(path) if path is not None and where is not None else None
        if source is None:
            return
        key = ("makefile", source.path, where)
        known: Makefile | None = self._around.memo.get(key)
        if known is None:
            known = self._around.memo[key] = Makefile(source, where, self._around, self._root)
        caller = f"{self._root}/{folder}".rstrip("/") if folder is not None else "${PWD}"
        given = dict(word.text.split("=", 1) for word in command.arguments if re.match(r"[\w.-]+=", word.text))
        makefile = known.called_with({"PWD": caller, "CURDIR": f"{self._root}/{where}".rstrip("/"), **given}, self._environment)
        for text, place in makefile.shells:
            yield Text(text, place.source, place.start, place.end, where)
        for recipe in makefile.recipes(targets):
            yield Text(recipe.text, recipe.place.source, recipe.place.start, recipe.place.end, where)

    def _package_script(self, command: SimpleCommand, folder: str | None) -> Iterator[Text]:
        """What `npm test`, `npm run X`, `yarn X` stand for in package.json."""
        words = [word.text for word in command.arguments if not word.text.startswith("-")]
        path = join(folder, "package.json", self._root)
        source = self._around.read(path) if path is not None and words else None
        if source is None:
            return
        name = words[1] if words[0] in ("run", "run-script") and len(words) > 1 else words[0]
        scripts = _scripts(source.text)
        for one in (f"pre{name}", name, f"post{name}"):
            if one in scripts:
                start = max(source.text.find(json.dumps(scripts[one])), 0)
                yield Text(scripts[one], source, start, start + len(scripts[one]) + 2, folder)


def _scripts(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    scripts = found.get("scripts") if isinstance(found, dict) else None
    return {name: value for name, value in scripts.items() if isinstance(value, str)} if isinstance(scripts, dict) else {}


def script_word(command: SimpleCommand) -> Word | None:
    """The word that names the script which a command runs."""
    word = command.program_word
    if command.program in SHELLS or command.program in (".", "source"):
        return next((one for one in command.arguments if not one.text.startswith(("-", "+"))), None)
    return word if word is not None and "/" in word.text else None


def with_variables(command: SimpleCommand) -> SimpleCommand:
    """A command whose program is a variable, with the text that the script gave to it: `$COMPOSE up` after `COMPOSE="docker compose"`."""
    word = command.program_word
    if word is None or word.literal is not None or len(word.parts) != 1 or word.parts[0].kind != "variable" or word.parts[0].operator:
        return command
    value = _assigned(command, word.parts[0].name)
    if value is None:
        return command
    from drone_lint_rules.shell.parser import parse

    rest = " ".join(_quoted(other) for other in command.arguments)
    made = parse(f"{value} {rest}").commands
    if len(made) != 1:
        return command
    found = made[0]
    found.start, found.end, found.stage = command.start, command.end, command.stage
    return found


def _quoted(word: Word) -> str:
    if word.literal is None:
        return f'"{word.text}"' if word.quoted else word.text
    return "'" + word.text.replace("'", "'\\''") + "'"


def _assigned(command: SimpleCommand, name: str) -> str | None:
    """The last plain text that the script gave to a variable before a command."""
    scopes = list(command.scopes)
    found = None
    for other in scopes[-1].commands if scopes else ():
        if other.start >= command.start:
            break
        for one in other.assignments:
            if one.name == name:
                found = one.value.literal
    return found
