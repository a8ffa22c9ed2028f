"""Runs ShellCheck: one process for many scripts, in a temporary folder without any file of the repository."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from drone_lint.api import ConfigFile, ImageReference, Step, data_lines
from drone_lint_rules.shell import Script, script_of

_HEAD = "# shellcheck shell={dialect}\nset -e\n"
"""The dialect, and what stands before a step's commands (runner-docker engine/compiler/shell/shell.go)."""
_HEAD_LINES = 2
_UNKNOWN_SHELL = 1103
_NEVER_FAIL = ("pwd", "date", "whoami", "id", "hostname", "nproc", "uname", "basename", "dirname", "echo", "printf")
"""Programs that practically never fail, so that hiding their exit code is harmless (`SC2155`)."""
_GIVEN = ("DRONE_", "CI_", "PLUGIN_")
_PROXY = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


class FailedError(Exception):
    """ShellCheck did not produce a result; the message gives the reason."""


class Comment(NamedTuple):
    """A message of ShellCheck about a range of the script."""

    code: int
    level: str
    """`error`, `warning`, `info` or `style`."""
    message: str
    start: int
    end: int


class Source(NamedTuple):
    """A script in the form in which ShellCheck reads it."""

    text: str
    dialect: str
    """`bash`, `dash` or `busybox`."""


class Item(NamedTuple):
    """The commands of one step."""

    file: ConfigFile
    step: Step
    script: Script

    @property
    def source(self) -> Source:
        """The script for ShellCheck: text that Drone substitutes becomes a variable, or letters where the shell would not expand one."""
        text = self.script.text
        for start, end, expands in self.script.pasted:
            letters = "".join("\n" if char == "\n" else "x" for char in text[start:end])
            variable = "${" + "X" * (end - start - 3) + "}"
            text = text[:start] + (variable if expands and "\n" not in letters else letters) + text[end:]
        return Source(text, _dialect(self.step.reference))


def scripts(files: Iterable[ConfigFile]) -> Iterator[Item]:
    """All steps and services with commands for a shell."""
    for file in files:
        for evaluation in file.evaluations:
            for document in evaluation.server:
                for step in document.pipeline.containers if document.pipeline is not None else ():
                    script = script_of(step) if step.commands else None
                    if script is not None and script.shell == "sh":
                        yield Item(file, step, script)


def _dialect(image: ImageReference) -> str:
    """Which shell `/bin/sh` is in an image; bash, which accepts the most, for unknown images."""
    if "alpine" in image.repository or "alpine" in image.tag or image.familiar in data_lines(__file__, "sh_is_busybox.txt"):
        return "busybox"
    return "dash" if image.familiar in data_lines(__file__, "sh_is_dash.txt") else "bash"


class Run:
    """A running ShellCheck."""

    def __init__(self, path: str, sources: Sequence[Source], seconds: float) -> None:
        """Start it.

        Raises:
            OSError: it cannot be started.
        """
        import subprocess
        import tempfile

        self._sources = sources
        self._seconds = seconds
        self._folder = tempfile.TemporaryDirectory(prefix="drone-lint-")
        names = [str(number) for number in range(len(sources))]
        for name, source in zip(names, sources, strict=True):
            with open(self._path(name), "w", encoding="utf-8", errors="replace", newline="") as file:
                file.write(_HEAD.format(dialect=source.dialect) + source.text)
        with (
            open(self._path("out"), "wb") as out,
            open(self._path("err"), "wb") as error,
        ):  # files, so that the process never blocks on a full pipe
            self._process = subprocess.Popen(  # noqa: S603 - an absolute path, no shell
                [path, "--norc", "--format=json1", "--severity=style", *names],
                cwd=self._folder.name,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=error,
                env={
                    name: value for name, value in os.environ.items() if name != "SHELLCHECK_OPTS"
                },  # these could make it read other files
            )

    def _path(self, name: str) -> str:
        return os.path.join(self._folder.name, name)

    def comments(self) -> list[list[Comment]]:
        """Wait for the process to end, and return its messages about each script.

        Raises:
            FailedError: it took too long, or its output cannot be read.
        """
        import subprocess

        try:
            self._process.wait(self._seconds)
            return self._read()
        except subprocess.TimeoutExpired as error:
            raise FailedError(f"it took longer than {self._seconds:g} seconds") from error
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            self._folder.cleanup()

    def _read(self) -> list[list[Comment]]:
        if self._process.returncode not in (0, 1):
            raise FailedError(f"exit code {self._process.returncode}{self._complaint()}")
        found: list[list[Comment]] = [[] for _ in self._sources]
        import json

        try:
            with open(self._path("out"), encoding="utf-8") as file:
                items: list[dict[str, Any]] = json.load(file)["comments"]
            starts: dict[int, list[int]] = {}
            for item in items:
                number = int(item["file"])
                lines = starts.setdefault(number, [])
                if not lines:
                    lines.extend(_line_starts(self._sources[number].text))
                found[number].append(_comment(item, lines, len(self._sources[number].text)))
        except (ValueError, LookupError, TypeError) as error:
            raise FailedError(f"its output cannot be read{self._complaint()}") from error
        return [_without_consequences(comments) for comments in found]

    def _complaint(self) -> str:
        with open(self._path("err"), encoding="utf-8", errors="replace") as file:
            line = file.readline(200).strip()
        return f": {line}" if line else ""


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _comment(item: dict[str, Any], lines: list[int], length: int) -> Comment:
    def offset(line: int, column: int) -> int:
        line = min(max(line - _HEAD_LINES, 1), len(lines) - 1)
        return min(lines[line - 1] + column - 1, lines[line] - 1, length)

    start, end = offset(item["line"], item["column"]), offset(item["endLine"], item["endColumn"])
    return Comment(item["code"], item["level"], str(item["message"]), start, max(end, min(start + 1, length)))


def _without_consequences(comments: list[Comment]) -> list[Comment]:
    """The messages without consequences of another one: of a syntax error, and of a dialect that an old ShellCheck does not know."""
    codes = {comment.code for comment in comments}
    if _UNKNOWN_SHELL in codes:  # busybox, before 0.10
        return [comment for comment in comments if comment.code != _UNKNOWN_SHELL and not 3000 <= comment.code < 4000]
    if 1073 in codes:
        return [comment for comment in comments if comment.code not in (1009, 1072)]
    return comments


def excused(comment: Comment, item: Item) -> bool:
    """Whether a message is wrong because of facts that ShellCheck cannot know: Drone's substitution, and variables set from outside."""
    if any(start <= comment.start and comment.end <= end for start, end, _ in item.script.pasted):
        return True
    if comment.code == 2155:
        line = item.script.text[comment.start :].partition("\n")[0]
        return "`" not in line and all(program in _NEVER_FAIL for program in re.findall(r"\$\(\s*(\w+)", line))
    if comment.code != 2154:
        return False
    name = comment.message.partition(" ")[0]
    pipeline = item.step.pipeline.get("environment")
    given = {*item.step.environment, *(dict(pipeline.items()) if pipeline is not None else ()), *_PROXY}
    return name in given or name.startswith(_GIVEN)
