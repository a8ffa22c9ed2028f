"""Which program runs what a command downloads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from drone_lint_rules.shell.options import operands, options
from drone_lint_rules.shell.programs import SHELLS

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import Scope, SimpleCommand, Word

FETCH = ("curl", "wget", "http", "https", "xh", "fetch", "aria2c", "lynx")
"""Programs that write what they download to standard output."""
_LANGUAGES = r"python[0-9.]*|pypy[0-9]*|perl|ruby|node|nodejs|deno|bun|php|lua|tclsh|fish|pwsh|Rscript"
_SOURCE = ("source", ".")
_INPUT = ("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")
_SCRIPTS = (".sh", ".bash", ".py", ".pl", ".rb", ".js")
_CHECKS = r"sha\d*sum|shasum|md5sum|b2sum|cksum|rhash|gpgv?2?|cosign|minisign|signify|openssl|cmp|diff|slsa-verifier|sha\d+"
"""Programs that compare a checksum or a signature."""
_NO_PROGRAM = {"perl": "eEnp", "ruby": "en", "node": "ep", "nodejs": "ep", "php": "r", "lua": "e"}
"""Short options with which an interpreter gets its program from its arguments, or reads its input as data."""
_VALUES = {
    "curl": "-o --output -H --header -d --data -X --request -u --user -A -e -b -c -m --max-time --retry --retry-delay --connect-timeout --cacert -x",
    "wget": "-O --output-document -P --directory-prefix -o -t --tries -T --timeout --header --user --password -U",
}


def runner(command: SimpleCommand, others: Iterable[SimpleCommand]) -> str | None:
    """The program that runs a command's output; None if there is none. `others` are all commands of the script."""
    for stage in command.feeds:
        for other in stage.commands:
            if _reads_program(other):
                return other.program
            if _is_remote_shell(other):
                return f"{other.program} ... {other.arguments[-1].text}"
    scope = command.captured
    if scope is not None and scope.outer is not None:
        return _runner_of_text(command, scope, others)
    return None


def _runner_of_text(command: SimpleCommand, scope: Scope, others: Iterable[SimpleCommand]) -> str | None:
    """The program that runs the result of a substitution."""
    outer = scope.outer.commands if scope.outer is not None else []
    holder = next((one for one in outer if one is not command and _holds(one, command.start)), None)
    if holder is None:
        return None
    if scope.kind == "process-in":
        return holder.program if _runs_file(holder, command.start) else None
    if holder.program_word is None or holder.program in ("export", "declare", "local", "readonly", "typeset"):
        return _runner_of_variable(holder, command.start, others)
    if holder.program_word.start <= command.start < holder.program_word.end:
        return "the shell"
    if any(_begins_with(word, command.start) for word in _code(holder)):
        return holder.program
    if holder.program in ("echo", "printf"):
        return runner(holder, others)
    return None


def _holds(command: SimpleCommand, at: int) -> bool:
    bodies = (body for item in command.redirections for body in item.body)
    return command.start <= at < command.end or any(body.start <= at < body.end for body in bodies)


def _runner_of_variable(holder: SimpleCommand, at: int, others: Iterable[SimpleCommand]) -> str | None:
    """The program that runs the variable to which a substitution is assigned."""
    name = next((item.name for item in holder.assignments if item.start <= at < item.end), "")
    for other in others:
        if other.start > holder.start:
            if any(_is_variable(word, name) for word in _code(other)):
                return other.program
            if other.program in ("echo", "printf") and any(_is_variable(word, name) for word in other.arguments):
                found = runner(other, ())
                if found:
                    return found
    return None


def _begins_with(word: Word, at: int) -> bool:
    first = word.parts[0] if word.parts else None
    return first is not None and first.kind == "command" and first.start <= at < first.end


def _is_variable(word: Word, name: str) -> bool:
    return len(word.parts) == 1 and word.parts[0].kind == "variable" and word.parts[0].name == name


def _code(command: SimpleCommand) -> Iterator[Word]:
    """Words that a command runs as code."""
    if command.program == "eval":
        yield from command.arguments[:1]
    elif _is_interpreter(command):
        words = command.arguments
        for at, word in enumerate(words[:-1]):
            if word.text.startswith("-") and not word.text.startswith("--") and word.text[-1:] in ("c", "e", "r"):
                yield words[at + 1]
        if _reads_program(command):
            yield from (body for item in command.redirections for body in item.body)


def _is_interpreter(command: SimpleCommand) -> bool:
    return command.program in SHELLS or bool(re.fullmatch(_LANGUAGES, command.program))


def _reads_program(command: SimpleCommand) -> bool:
    """Whether a command runs its standard input as a program."""
    texts = [word.text for word in command.arguments]
    if command.program in _SOURCE:
        return texts[:1] in [[name] for name in _INPUT]
    if not _is_interpreter(command):
        return False
    if any(word.text.rpartition("/")[2] == "xargs" for word in command.wrappers):
        return command.program in SHELLS and texts[-1:] != [] and texts[-1].startswith("-") and "c" in texts[-1]
    return _input_is_program(command, texts)


def _is_remote_shell(command: SimpleCommand) -> bool:
    """`docker exec -i x sh`, `ssh host bash`: a shell on another machine or in a container that reads its commands from this command's input."""
    texts = [word.text for word in command.arguments]
    inside = command.program in ("docker", "podman", "nerdctl", "kubectl", "oc") and any(verb in texts for verb in ("exec", "run"))
    if not (inside or command.program == "ssh") or len(texts) < 2:
        return False
    while texts and texts[-1] in ("-", "-s", "-x", "-e", "--"):
        texts.pop()
    return bool(texts[1:]) and texts[-1].rpartition("/")[2] in SHELLS


def _input_is_program(command: SimpleCommand, texts: list[str]) -> bool:
    shell = command.program in SHELLS
    letters = "c" if shell else _NO_PROGRAM.get(command.program, "cm")
    skip = False
    for text in texts:
        if skip:
            skip = False
        elif text in ("-", *_INPUT) or (shell and re.fullmatch("-[a-z]*s[a-z]*", text)):
            return True
        elif text.startswith(("-", "+")):
            if not text.startswith("--") and any(letter in text for letter in letters):
                return False
            skip = shell and text[-1] in "oO"
        else:
            return command.program == "deno" and text == "run" and texts[-1:] == ["-"]
    return True


def _runs_file(command: SimpleCommand, at: int) -> bool:
    """Whether a command runs the file named at an offset: an interpreter's first operand, or its input."""
    if command.program in _SOURCE:
        return any(word.start <= at < word.end for word in command.arguments[:1])
    if not _is_interpreter(command):
        return False
    if any(item.target.start <= at < item.target.end for item in command.redirections):
        return _reads_program(command)
    first = next((word for word in operands(command, "-o -O -W")), None)
    return first is not None and first.start <= at < first.end


# -- files


def run_later(command: SimpleCommand, others: Iterable[SimpleCommand], *, programs: bool = False) -> str | None:
    """The program that runs the file that a command downloads to, if nothing verifies a checksum or signature first.

    Args:
        command: the download.
        others: all commands of the script.
        programs: whether to include files that are run by their own name (`./tool`) and do not have a script's extension.
    """
    file = _path(_target(command))
    if not file or "$" in file:
        return None
    for other in others:
        if other.start <= command.start:
            continue
        if re.fullmatch(_CHECKS, other.program):
            return None
        program = other.program_word
        if program is not None and program.text == "./" + file and (programs or file.endswith(_SCRIPTS)):
            return program.text
        first = next(iter(operands(other, "-o -O")), None) if _is_interpreter(other) or other.program in _SOURCE else None
        if first is not None and _path(first.text) == file:
            return other.program
    return None


def _path(text: str) -> str:
    return text[2:] if text.startswith("./") else text


def _target(command: SimpleCommand) -> str:
    """The file to which a download is written; empty if there is none."""
    written = next((item.target.text for item in command.redirections if item.operator in (">", ">|") and item.descriptor in ("", "1")), "")
    tee = [word.text for stage in command.feeds for other in stage.commands if other.program == "tee" for word in operands(other)]
    found = written or next(iter(tee), "")
    if found or command.program not in _VALUES:
        return found
    remote = command.program == "wget"
    for option in options(command, _VALUES[command.program]):
        if option.name in (("-O", "--output-document") if command.program == "wget" else ("-o", "--output")):
            return option.value or ""
        remote = remote or option.name in ("-O", "--remote-name", "--remote-name-all")
    urls = operands(command, _VALUES[command.program])
    return urls[0].text.partition("?")[0].rpartition("/")[2] if remote and urls else ""


# -- downloads in other languages

_DOWNLOAD_AND_RUN = (
    r"(?s)(?=.*\b(?:exec|eval|system)\b)(?=.*(?:urlopen|urlretrieve|requests\.get|URI\.open|open-uri|Net::HTTP|LWP|fetch\())"
)


def runs_download(command: SimpleCommand) -> bool:
    """Whether code in the arguments of an interpreter downloads and runs (`python -c 'exec(urlopen(...).read())'`)."""
    if command.program in SHELLS or not _is_interpreter(command):
        return False
    return any(re.match(_DOWNLOAD_AND_RUN, word.text) for word in _code(command))
