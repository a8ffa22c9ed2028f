"""Which of a step's secrets a command prints, and whether the output reaches the log."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from drone_lint_rules.shell.options import operands
from drone_lint_rules.shell.programs import SHELLS, declared

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import Scope, SimpleCommand, Stage, Word

PRINT = ("echo", "printf")
SHOW = (
    *(
        "cat",
        "tee",
        "head",
        "tail",
        "grep",
        "egrep",
        "fgrep",
        "sort",
        "less",
        "more",
        "awk",
        "uniq",
        "jq",
        "nl",
        "strings",
        "column",
        "paste",
    ),
    *("base64", "base32", "rev", "tac", "xxd", "od", "hexdump", "openssl", "sed", "tr", "cut", "fold", "gzip", "xargs"),
)
"""Programs that write what they read, unchanged or encoded."""
_DECLARE = ("export", "declare", "typeset", "readonly")
_LOG = ("/dev/stdout", "/dev/stderr", "/dev/tty", "/proc/self/fd/1", "/proc/self/fd/2", "/dev/fd/1", "/dev/fd/2")
_CODE = {"python": "c", "perl": "eE", "ruby": "e", "node": "ep", "nodejs": "ep", "php": "r"}
_ENVIRON = r"environ\b|process\.env\b|\bENV\b|ENVIRON|getenv"
_WHOLE = r"(?:os\.environ(?:\.items\(\))?|process\.env|\bENV(?:\.to_h|\.inspect)?|\$_ENV|%ENV)\s*(?:\)|$)"
_PRINTS = r"\b(?:print|puts|pp|echo|console\.|stdout|var_dump|printf)"


def exposures(commands: Iterable[SimpleCommand], secrets: frozenset[str]) -> Iterator[tuple[SimpleCommand, str, bool]]:
    """The commands of a script that print a secret into the log, each with a message and whether Drone masks what it prints."""
    known = set(secrets)
    for command in commands:
        found = _traces(command) or (_prints(command, known) if reaches_log(command) else None)
        if found:
            yield command, found, _is_masked(command, secrets, known)
        for item in command.prefixes if not command.words else declared(command):
            names = {part.name for part in item.value.variables() if not _hides(part.operator)}
            if names & known:
                known.add(item.name)


_VERBATIM = frozenset(("cat", "tee", "sort", "less", "more", "uniq", "nl"))
"""Programs that change nothing within a line; not `head -c` or `grep -o`, which cut."""


def _is_masked(command: SimpleCommand, secrets: frozenset[str], known: set[str]) -> bool:
    """Whether all that a command prints of a secret is its exact text, which Drone masks: `echo $TOKEN`, not `echo $TOKEN | base64`."""
    words = command.arguments
    named = command.program == "printenv" and bool(words)
    if not named and command.program not in PRINT and command.program not in _VERBATIM:
        return False
    if command.program == "printf" and re.search(r"%(?!s|%)", words[0].text if words else ""):
        return False
    shown = [*words, *_input(command)]
    changed = any(part.name in known and (part.operator or part.name not in secrets) for word in shown for part in word.variables())
    later = (other.program for stage in command.feeds for other in stage.commands)
    return not changed and command.captured is None and all(program in _VERBATIM for program in later)


def _hides(operator: str) -> bool:
    """Whether the expansion does not reveal the value: `${#X}`, `${X:+y}`."""
    return operator.startswith(("#", "+", ":+")) and operator not in ("##",)


def _traces(command: SimpleCommand) -> str | None:
    """`set -x`, `bash -x script`."""
    words = [word.text for word in command.arguments]
    if command.program != "set" and command.program not in SHELLS:
        return None
    for at, word in enumerate(words):
        if word == "--" or not word.startswith(("-", "+")):
            break
        if word.startswith("-") and not word.startswith("--"):
            named = word[-1] == "o" and words[at + 1 : at + 2] == ["xtrace"]
            if "x" in word or named:
                return f"`{command.program} {word}{' xtrace' if named else ''}` prints every command, including the values of secrets"
            if "c" in word and command.program != "set":
                break
        if word[-1] == "o" and words[at + 1 : at + 2]:
            words[at + 1] = "-"  # its value
    return None


def _prints(command: SimpleCommand, secrets: set[str]) -> str | None:
    program, words = command.program, [word.text for word in command.arguments]
    whole = _whole_environment(command, words)
    if whole:
        return None if _filtered(command, secrets) else f"`{whole}` prints the step's whole environment, including secrets"
    if program in ("printenv", *_DECLARE) and (program == "printenv" or "-p" in words):
        shown = next((word for word in words if word in secrets), None)
        return f"`{program}` prints the secret in `{shown}`" if shown is not None else None
    if program in PRINT or program in SHOW:
        shown = _shown(command.arguments if program in PRINT else _input(command), secrets)
        if shown:
            return f"`{program}` prints the secret in `{shown}`"
    return _code(command, secrets)


def _input(command: SimpleCommand) -> list[Word]:
    return [word for redirection in command.redirections for word in redirection.body]


def _shown(words: Iterable[Word], secrets: set[str]) -> str | None:
    parts = (part for word in words for part in word.variables())
    return next((part.name for part in parts if part.name in secrets and not _hides(part.operator)), None)


def _whole_environment(command: SimpleCommand, words: list[str]) -> str:
    """The command that prints all variables; empty if it does not."""
    program = command.program
    bare = (program in ("env", "printenv") and all(word in ("-0", "--null") for word in words)) or (program == "set" and not words)
    if bare or (program in _DECLARE and words in ([], ["-p"], ["-x"], ["-px"], ["-xp"])):
        return " ".join([program, *words])
    files = [*words, *(item.target.text for item in command.redirections if item.operator == "<")] if program in SHOW else ()
    file = next((word for word in files if re.fullmatch(r"/proc/(?:self|\d+|\$\$?)/environ", word)), "")
    return f"{program} {file}" if file else ""


def _filtered(command: SimpleCommand, secrets: set[str]) -> bool:
    """Whether `env | grep NAME` filters out all secrets."""
    for stage in command.feeds:
        for other in stage.commands:
            words = [word.text for word in other.arguments]
            if other.program not in ("grep", "egrep") or any(re.match("-[a-zA-Z]*v", word) for word in words):
                continue
            sought = next(iter(operands(other, "-A -B -C -m")), None)
            name = sought.text.lstrip("^").partition("=")[0].lower() if sought is not None else ""
            if re.fullmatch(r"\w+", name) and not any(name in secret.lower() for secret in secrets):
                return True
    return False


def _code(command: SimpleCommand, secrets: set[str]) -> str | None:
    """A message for code that prints secrets: `python -c 'print(os.environ)'`."""
    program = re.sub(r"[0-9.]+$", "", command.program)
    words = command.arguments
    text = next((word.text for word in words if not word.text.startswith("-")), "") if program == "awk" else ""
    for flag, code in itertools.pairwise(words):
        if flag.text.startswith("-") and flag.text[-1:] in _CODE.get(program, ""):
            text = f"print {code.text}" if flag.text[-1:] == "p" else code.text
            break
    if not re.search(_ENVIRON, text) or not re.search(_PRINTS, text):
        return None
    shown = next((name for name in secrets if re.search(rf"\b{re.escape(name)}\b", text)), None)
    if shown is not None:
        return f"`{command.program}` prints the secret in `{shown}`"
    return f"`{command.program}` prints the step's whole environment, including secrets" if re.search(_WHOLE, text) else None


# -- destination of the output


def reaches_log(command: SimpleCommand) -> bool:
    """Whether a command's output reaches the log, and not only a file, a variable or a program that does not print it."""
    if any(_to_file(one.operator, one.descriptor, one.target.text) for one in command.all_redirections):
        return any(map(_copies_to_log, command.feeds))
    if not all(map(_passes_on, command.feeds)):
        return any(map(_copies_to_log, command.feeds))
    scope = command.captured
    return scope is None or _is_printed(scope, command)


def _is_printed(scope: Scope, command: SimpleCommand) -> bool:
    """Whether the result of a command substitution is printed: `echo "$(...)"`."""
    for outer in scope.outer.commands if scope.outer is not None and scope.kind == "substitution" else ():
        if outer is not command and outer.program in PRINT and any(word.start <= command.start < word.end for word in outer.arguments):
            return reaches_log(outer)
    return False


def _to_file(operator: str, descriptor: str, target: str) -> bool:
    if target in _LOG or descriptor not in ("", "1", "&"):
        return False
    return operator.startswith((">", "&>")) and operator not in (">&",) and not target.isdigit()


def _copies_to_log(stage: Stage) -> bool:
    """`tee /dev/stderr`."""
    return any(other.program == "tee" and any(word.text in _LOG for word in other.arguments) for other in stage.commands)


def _passes_on(stage: Stage) -> bool:
    return all(
        other.program in SHOW
        and not any(_to_file(one.operator, one.descriptor, one.target.text) for one in other.redirections)
        and not (other.program.endswith("grep") and any(re.match("-[a-zA-Z]*[qclL]", word.text) for word in other.arguments))
        and not (other.program == "openssl" and any(word.text == "dgst" or word.text.startswith("sha") for word in other.arguments))
        and (other.program != "xargs" or not operands(other))
        for other in stage.commands
    )
