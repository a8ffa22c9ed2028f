"""How commands disable the verification of certificates and host keys."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from drone_lint.api import data_lines
from drone_lint_rules.shell.options import operands, options

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_VALUES = {
    "curl": "-o -H -d -X -u -F -A -e -b -c -T -w -m -x -Y -y -z -r -C -E -K -Q -t -U --output --header --data --data-raw --data-binary --request --user"
    " --key --cert --cacert --form --url-query --json --resolve --connect-to --proxy --user-agent --referer --cookie",
    "wget": "-O -o -P -U --output-document --header --user --password --post-data",
    "ssh": "-o -i -p -P -l -F -J -L -R -e -S -c -b -D -W -m --rsh --rsync-path",
}
_SSH = ("ssh", "scp", "sftp", "rsync", "autossh", "ssh-copy-id", "mosh")
_HOST_KEY = r"stricthostkeychecking[= ]+[\"']?(?:no|off)\b"
_FILES = {
    ".curlrc": r"(?m)^\s*-*(?:insecure|k)\b",
    ".wgetrc": r"check_?certificate\s*=\s*(?:off|no|0)",
    ".npmrc": r"strict-ssl\s*=\s*false",
    ".yarnrc": r"strict-ssl\s+false",
    ".gitconfig": r"sslverify\s*=\s*(?:false|0)",
    "pip.conf": r"trusted-host",
    "config": r"stricthostkeychecking[= ]+(?:no|off)\b",
    "ssh_config": r"stricthostkeychecking[= ]+(?:no|off)\b",
}
"""Configuration files by name, with the pattern that disables verification in them."""
_HERE = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal")  # noqa: S104 - names to compare with


class Offence(NamedTuple):
    """A range of the script that disables verification."""

    start: int
    end: int
    what: str


@lru_cache(maxsize=1)
def _variables() -> dict[str, str]:
    return dict(tuple(line.split(" ", 1)) for line in data_lines(__file__, "tls_variables.txt"))  # type: ignore[misc]


def variable_offends(name: str, value: str) -> bool:
    """Whether a value of an environment variable disables verification."""
    wanted = _variables().get(name.upper() if name.lower().startswith("npm_") else name)
    return wanted is not None and re.fullmatch(wanted, value.lower(), re.DOTALL) is not None


@lru_cache(maxsize=1)
def _options() -> dict[str, tuple[str, ...]]:
    rows = (line.split() for line in data_lines(__file__, "tls_options.txt"))
    return {program: tuple(flags) for programs, *flags in rows for program in programs.split(",")}


def offences(command: SimpleCommand, near: frozenset[str]) -> Iterator[Offence]:
    """The parts of a command that disable verification. `near` are the hosts of the pipeline itself."""
    for item in command.assignments:
        if variable_offends(item.name, item.value.text):
            yield Offence(item.start, item.end, f"{item.name}={item.value.text}")
    program = re.sub(r"^(pip|python)[0-9.]+$", r"\1", command.program)
    flags = _options().get(program, ())
    if flags and not (program in ("curl", "wget") and _is_near(command, near)):
        yield from _flags(command, flags)
    if program == "git":
        yield from _git(command)
    elif program in ("apt", "apt-get"):
        for option in options(command, "-o --option"):
            if re.fullmatch(r"acquire::https::(?:.*::)?verify-(?:peer|host)=(?:false|no|0|off)", (option.value or "").lower()):
                yield Offence(option.start, option.end, f"{program} {option.name} {option.value}")
    elif program in ("npm", "pnpm", "yarn", "pip", "composer"):
        yield from _configured(command)
    if program in _SSH or program == "git":
        yield from _host_keys(command)
    elif program in ("echo", "printf", "cat", "tee"):
        yield from _written(command)


def _flags(command: SimpleCommand, flags: tuple[str, ...]) -> Iterator[Offence]:
    for option in options(command, _VALUES.get(command.program, "--trusted-host --user --password -u -p -n -f -o")):
        off = option.value is not None and option.value.lower() in ("false", "0", "no", "off")
        written = f"{option.name}={(option.value or '').lower()}"
        if (option.name in flags and not off) or written in flags:
            yield Offence(option.start, option.end, f"{command.program} {option.name}")
            return


def _git(command: SimpleCommand) -> Iterator[Offence]:
    off = r"http\.(?:.*\.)?sslverify=(?:false|0|no|off)"
    for option in options(command, "-c -C --config"):
        if option.name in ("-c", "--config") and re.fullmatch(off, (option.value or "").lower()):
            yield Offence(option.start, option.end, f"git {option.name} {option.value}")
    words = command.arguments
    for key, value in itertools.pairwise(words):
        if any(word.text == "config" for word in words[:-2]) and re.fullmatch(off, f"{key.text}={value.text}".lower()):
            yield Offence(key.start, value.end, "git config http.sslVerify false")


def _configured(command: SimpleCommand) -> Iterator[Offence]:
    """`npm config set strict-ssl false` and the like."""
    words = [word for word in command.arguments if not word.text.startswith("-")]
    texts = [word.text.lower() for word in words]
    if "set" not in texts and "config" not in texts:
        return
    for at, word in enumerate(words):
        said = "=".join(texts[at : at + 2])
        if re.match(r"(?:strict-ssl=(?:false|0)|disable-tls=(?:true|1))$|(?:global\.|install\.)?trusted-host=.", said):
            yield Offence(word.start, words[min(at + ("=" not in texts[at]), len(words) - 1)].end, f"{command.program} config {word.text}")
            return


def _host_keys(command: SimpleCommand) -> Iterator[Offence]:
    for option in options(command, "-c --config" if command.program == "git" else _VALUES["ssh"]):
        if option.name in ("-o", "-e", "--rsh", "-c", "--config", "--ssh") and re.search(_HOST_KEY, (option.value or "").lower()):
            yield Offence(option.start, option.end, f"{command.program} {option.name} StrictHostKeyChecking=no")


def _written(command: SimpleCommand) -> Iterator[Offence]:
    """A line that a command writes to a program's configuration file."""
    files = [item.target.text for item in command.all_redirections if item.operator in (">", ">>", ">|")]
    files += [word.text for stage in command.feeds for other in stage.commands if other.program == "tee" for word in operands(other)]
    files += [word.text for word in operands(command)] if command.program == "tee" else []
    bodies = [body for item in command.redirections for body in item.body]
    for file in files:
        folder, _, name = file.rpartition("/")
        wanted = _FILES.get(name) if name != "config" or folder.endswith(("ssh", "ssh_config.d")) else None
        for word in (*command.arguments, *bodies) if wanted is not None else ():
            if re.search(wanted or "", word.text.lower().replace("\\n", "\n")):
                yield Offence(word.start, word.end, f"{command.program} > {name}")
                return


def _is_near(command: SimpleCommand, near: frozenset[str]) -> bool:
    """Whether all URLs are on the step's own machine or in its pipeline."""
    urls = [word.text for word in operands(command, _VALUES[command.program])]
    hosts = [re.sub(r"^(?:[a-z]+://)?(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*).*", r"\1", url, flags=re.DOTALL).lower() for url in urls]
    return bool(hosts) and all(host in _HERE or host in near for host in hosts)
