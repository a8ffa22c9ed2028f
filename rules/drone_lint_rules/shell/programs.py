"""Which program a command runs behind its wrappers, and which arguments are scripts themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from drone_lint_rules.shell.syntax import Assignment, SimpleCommand, Word

SHELLS = frozenset(("sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "rbash"))
"""Programs that read POSIX-like shell scripts."""


class _Wrapper(NamedTuple):
    """A program that runs another: options that take a value, and how many words stand before the program."""

    options: str = ""
    """Letters, and long names between blanks."""
    words: int = 0
    assigns: bool = False
    """Whether `NAME=value` may stand before the program."""


_WRAPPERS = {
    "sudo": _Wrapper("ugpCDhrtTUR user group prompt close-from chdir host role type command-timeout other-user chroot", assigns=True),
    "doas": _Wrapper("uC"),
    "env": _Wrapper("uCS unset chdir split-string", assigns=True),
    "exec": _Wrapper("a"),
    "command": _Wrapper(),
    "builtin": _Wrapper(),
    "time": _Wrapper("fo format output"),
    "nohup": _Wrapper(),
    "setsid": _Wrapper(),
    "nice": _Wrapper("n adjustment"),
    "ionice": _Wrapper("cnp class classdata pid"),
    "chrt": _Wrapper("", 1),
    "timeout": _Wrapper("ks kill-after signal", 1),
    "stdbuf": _Wrapper("ioe input output error"),
    "xargs": _Wrapper("ndILPsEa max-args delimiter replace max-lines max-procs max-chars eof arg-file"),
    "chroot": _Wrapper("", 1),
    "gosu": _Wrapper("", 1),
    "su-exec": _Wrapper("", 1),
    "setpriv": _Wrapper(),
    "runuser": _Wrapper("ugG user group"),
    "busybox": _Wrapper(),
    "toybox": _Wrapper(),
    "flock": _Wrapper("wE timeout conflict-exit-code", 1),
    "unbuffer": _Wrapper(),
    "fakeroot": _Wrapper(),
    "eatmydata": _Wrapper(),
    "xvfb-run": _Wrapper("enfsp server-num server-args error-file auth-file"),
    "dumb-init": _Wrapper(),
    "tini": _Wrapper("pe"),
    "strace": _Wrapper("eofpsP"),
    "sshpass": _Wrapper("pfdP"),
    "chronic": _Wrapper(),
    "catchsegv": _Wrapper(),
    "watch": _Wrapper("n interval"),
    "caffeinate": _Wrapper("tw"),
}
_ASSIGNS = r"([A-Za-z_]\w*)="
_DECLARE = frozenset(("export", "declare", "typeset", "local", "readonly", "setenv"))
_QUERIES = frozenset(("-v", "-V"))
_NOT_SCRIPTS = frozenset(("echo", "printf", "cat", "grep"))


def resolve(words: list[Word]) -> tuple[int, tuple[Assignment, ...]]:
    """The index of the word that names the program, and what wrappers assign before it."""
    at, assigned = 0, list[Assignment]()
    while at < len(words):
        wrapper = _WRAPPERS.get(_basename(words[at]))
        if wrapper is None:
            break
        following = _skip_options(words, at + 1, wrapper)
        while wrapper.assigns and following < len(words) and (found := assignment(words[following])):
            assigned.append(found)
            following += 1
        following += wrapper.words
        if following >= len(words) or _is_query(words, at, following):
            break
        at = following
    return at, tuple(assigned)


def _basename(word: Word) -> str:
    return (word.literal or "").rpartition("/")[2]


def _is_query(words: list[Word], at: int, following: int) -> bool:
    """`command -v X` asks for X and does not run it."""
    return words[at].text == "command" and any(word.text in _QUERIES for word in words[at + 1 : following])


def _skip_options(words: list[Word], at: int, wrapper: _Wrapper) -> int:
    letters, *names = wrapper.options.split(" ")
    while at < len(words):
        text = words[at].text
        if text == "--":
            return at + 1
        if not text.startswith("-") or text == "-":
            return at
        at += 1
        takes = text[2:] in names if text.startswith("--") else text[-1] in letters and not any(char in letters for char in text[1:-1])
        at += 1 if takes else 0
    return at


def assignment(word: Word) -> Assignment | None:
    """A word of the form `NAME=value`."""
    found = re.match(_ASSIGNS, word.text)
    return Assignment(found[1], word.after(found.end()), word.start, word.end) if found else None


def declared(command: SimpleCommand) -> Iterator[Assignment]:
    """What `export`, `declare` and the like assign."""
    if command.program in _DECLARE:
        for word in command.arguments:
            found = assignment(word)
            if found:
                yield found


# -- scripts


def scripts_of(command: SimpleCommand) -> Iterator[Word]:
    """Arguments and here-documents of a command that a shell reads as scripts."""
    words, program = command.words, command.program
    if program == "eval":
        yield joined(command.arguments)
    elif program == "trap":
        yield from [word for word in command.arguments if not word.text.startswith("-")][:1]
    elif program in ("su", "runuser", "script", "flock"):
        yield from _after_flag(command.arguments, "c", user=True)
    elif program not in _NOT_SCRIPTS:
        for at, word in enumerate(words):
            if _basename(word) in SHELLS:
                yield from _after_flag(words[at + 1 :], "c")
                break
    if program in SHELLS and reads_input(command):
        yield from here_documents(command)


def joined(words: list[Word]) -> Word:
    """Words as `eval` reads them: one text, blanks between."""
    from drone_lint_rules.shell.syntax import Part

    parts: list[Part] = []
    for word in words:
        if parts:
            at = parts[-1].end
            parts.append(Part("text", " ", (at,), at, at))
        parts.extend(word.parts)
    return Word(parts, parts[0].start if parts else 0, parts[-1].end if parts else 0)


def _after_flag(words: list[Word], letter: str, *, user: bool = False) -> Iterator[Word]:
    """The word after the options among which `-c` is (`-c`, `-lc`, `-e -x -c`); a user may stand before them (`su ci -c script`)."""
    seen = False
    skip = False
    for word in words:
        text = word.text
        if skip:
            skip = False
        elif text.startswith(("-", "+")) and len(text) > 1:
            short = not text.startswith("--")
            seen = seen or (short and letter in text) or text == "--command"
            skip = short and text[-1] in "oO"
        elif seen:
            yield word
            return
        elif not user or word is not words[0]:
            return


def reads_input(command: SimpleCommand) -> bool:
    """Whether a shell without script and without `-c` reads its commands from standard input (`sh`, `bash -s -- x`, `sh -`)."""
    skip = False
    for word in command.arguments:
        text = word.text
        if skip:
            skip = False
        elif text in ("-", "--", "-s", "/dev/stdin", "/proc/self/fd/0"):
            return True
        elif text.startswith(("-", "+")):
            if "c" in text and not text.startswith("--"):
                return False
            if "s" in text and not text.startswith("--"):
                return True
            skip = text in ("-o", "-O", "+o", "+O", "--rcfile", "--init-file")
        else:
            return False
    return True


def here_documents(command: SimpleCommand) -> Iterator[Word]:
    """Here-documents and here-strings that a command reads on its standard input."""
    for redirection in command.redirections:
        if redirection.descriptor in ("", "0"):
            yield from redirection.body


def piped_scripts(command: SimpleCommand) -> Iterator[Word]:
    """What `cat <<EOF | sh` and `echo '...' | sh` give a shell to run."""
    if command.program not in SHELLS or not command.stage.index or not reads_input(command):
        return
    for source in command.stage.pipeline.stages[command.stage.index - 1].commands:
        if source.program in ("echo", "printf"):
            yield from (word for word in source.arguments if not word.text.startswith("-"))
        elif source.program == "cat":
            yield from here_documents(source)
