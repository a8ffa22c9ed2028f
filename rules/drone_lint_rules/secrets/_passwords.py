"""Which arguments of which programs are passwords."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint_rules.secrets._shapes import WEAK
from drone_lint_rules.shell.options import Option, options
from drone_lint_rules.shell.syntax import Word

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_LOGIN = (
    "docker",
    "podman",
    "buildah",
    "nerdctl",
    "helm",
    "oras",
    "skopeo",
    "crane",
    "buildctl",
    "regctl",
    "az",
    "npm",
    "cargo",
    "heroku",
    "faas-cli",
    "argocd",
    "oc",
)
"""Programs whose `login` takes a password."""
_DATABASES = ("mysql", "mysqldump", "mysqladmin", "mysqlimport", "mariadb", "mariadb-dump", "mariadb-admin", "mysqlcheck")
_PLAIN = {
    "redis-cli": ("-a --pass", "-a --pass -h -p -n -u"),
    "mongo": ("-p --password", "-p --password -u --username --host --port"),
    "mongosh": ("-p --password", "-p --password -u --username --host --port"),
    "mongodump": ("-p --password", "-p --password -u --username -h --host --port -d --db"),
    "mongorestore": ("-p --password", "-p --password -u --username -h --host --port -d --db"),
    "twine": ("-p --password", "-p --password -u --username -r --repository --repository-url"),
    "svn": ("--password", "--password --username"),
    "ldapsearch": ("-w", "-w -D -H -b -x"),
    "sqlcmd": ("-P", "-P -U -S -d -Q"),
    "wget": ("--password --http-password --ftp-password --proxy-password", "--password --http-password --ftp-password --proxy-password -O"),
    "ansible-vault": ("--vault-password", "--vault-password"),
    "openssl": ("-k", "-k -in -out -pass -passin -passout -K -iv"),
    "cf": ("-p", "-p -u -o -s -a"),
    "rabbitmqadmin": ("-p --password", "-p --password -u --username -H"),
    "influx": ("--password -password", "--password -password"),
    "kinit": ("--password", "--password"),
    "unzip": ("-P", "-P -d"),
    "zip": ("-P --password", "-P --password"),
    "7z": ("-p?", "-p?"),
    "gpg": ("--passphrase", "--passphrase -o -u -r"),
    "gpg2": ("--passphrase", "--passphrase -o -u -r"),
}
"""Programs with the options that are passwords, and all that take a value."""
_CURL = "-u --user -U --proxy-user -H --header -X --request -o --output -d --data -F --form -T --upload-file -x --proxy -A -b -c -e -m --data-raw --data-binary --oauth2-bearer --cacert --cert --key -w --retry --connect-timeout --max-time"


_BUILTIN = (
    "echo",
    "printf",
    "test",
    "[",
    "[[",
    "export",
    "read",
    "eval",
    "local",
    "declare",
    "set",
    "cd",
    "exit",
    "return",
    "alias",
    "readonly",
    "unset",
    ":",
)
"""Shell builtins: they do not start a process whose arguments are visible."""
_NAMES = r"--?(?:[\w-]+[-_])?(?:password|passwd|passphrase|token|api-?key|secret|secret-key)"
"""Long options that are passwords for any program."""
_INNOCENT = r".*(?:-stdin|-file|-fd|-from|-env|-path|-name|-ttl|-type|page-token|next-token)"
"""Options that mention a password but do not contain one."""
_KEYS = r"-[DP][\w.-]*(?:password|passwd|token|secret|\.login)=|//[\w./:-]+:_(?:authToken|password|auth)=|--//[\w./:-]+:_(?:authToken|password|auth)="
_HEADERS = r"(?i)(?:proxy-)?authorization:|(?:private|job|deploy|x-[\w-]*|[\w-]*auth)-token:|x-api-key:|[\w-]*-?api-?key:"
_LOCAL = r"(?i)[a-z+.-]+://[^/@]*@(?:localhost|127\.0\.0\.1)\b"


_SIGNS = (
    *("assw", "passphrase", "token", "apikey", "api-key", "api_key", "secret", "login", "auth", "bearer", "creds", "curl", "sshpass"),
    *(program for program in (*_DATABASES[:2], "mariadb", *_PLAIN) if program not in ("wget", "mysqldump", "gpg2", "unzip")),
)


def may_hold(text: str) -> bool:
    """Whether a script may have a password among its arguments: a cheap test that excludes most scripts."""
    lowered = text.lower()
    return any(sign in lowered for sign in _SIGNS) or ("://" in text and "@" in text)


def passwords(command: SimpleCommand) -> Iterator[Option]:
    """The arguments of a command that are passwords worth hiding, without duplicates."""
    seen: set[int] = set()
    for option in _candidates(command):
        if option.start not in seen:
            seen.add(option.start)
            yield option


def _candidates(command: SimpleCommand) -> Iterator[Option]:
    if any(word.text.rpartition("/")[2] == "sshpass" for word in command.wrappers):
        yield from _sshpass(command)
    if command.program in _BUILTIN:
        return
    yield from (option for option in _known(command) if is_secret(option))
    yield from (option for option in _named(command) if any(option.variables))
    yield from _in_words(command)


def _sshpass(command: SimpleCommand) -> Iterator[Option]:
    words = command.wrappers
    at = next(index for index, word in enumerate(words) if word.text.rpartition("/")[2] == "sshpass")
    for word, following in itertools.zip_longest(words[at + 1 :], words[at + 2 :]):
        if word.text == "-p" and following is not None:
            yield Option("-p", following.text, word.start, following.end, following.parts)
        elif re.match("-p.", word.text):
            rest = word.after(2)
            yield Option("-p", rest.text, word.start, word.end, rest.parts)


def _known(command: SimpleCommand) -> Iterator[Option]:
    """Options of programs that are known to take a password there."""
    program = command.program
    if program in _LOGIN:
        words = [word.text for word in command.arguments]
        if "login" in words and "run" not in words[: words.index("login")]:
            found = options(command, "-p --password -u --username --config", first=words.index("login") + 1)
            yield from (option for option in found if option.name in ("-p", "--password"))
    elif program == "curl":
        found = options(command, _CURL)
        users = ("-u", "--user", "-U", "--proxy-user")
        yield from (option for option in found if option.name in users and (option.value or "").partition(":")[2])
    elif program in _DATABASES:
        found = options(command, "-p? --password? -h -u -P -D -e -S")
        yield from (option for option in found if option.name in ("-p", "--password") and option.value)
    elif program in _PLAIN:
        names, valued = _PLAIN[program]
        yield from (option for option in options(command, valued) if option.name in names.replace("?", "").split())
    if program in ("skopeo", "buildah", "podman", "crane"):
        found = options(command, "--creds --src-creds --dest-creds")
        yield from (option for option in found if option.name.endswith("creds") and ":" in (option.value or ""))


def _named(command: SimpleCommand) -> Iterator[Option]:
    """Long options whose names say that they are passwords; only those with a variable are reported."""
    names = {word.text.partition("=")[0] for word in command.arguments if re.fullmatch(_NAMES, word.text.partition("=")[0].lower())}
    names = {name for name in names if not re.fullmatch(_INNOCENT, name)}
    if names:
        yield from (option for option in options(command, " ".join(names)) if option.name in names)
    if command.program in ("curl", "wget"):
        for option in options(command, _CURL):
            if option.name == "--oauth2-bearer" or (option.name in ("-H", "--header") and re.match(_HEADERS, option.value or "")):
                yield option
    if command.program == "openssl":
        for option in options(command, "-pass -passin -passout -in -out"):
            if option.name.startswith("-pass") and (option.value or "").startswith("pass:"):
                yield option


def _in_words(command: SimpleCommand) -> Iterator[Option]:
    """Words with a variable as the password in a URL, or as the value of a key that names a password."""
    for word in command.arguments:
        text = word.text
        credentials = re.match(r"[a-z][a-z0-9+.-]*://([^/@]*)@", text)
        if credentials and _is_password(word, credentials[1]) and not re.match(_LOCAL, text):
            yield Option("", text, word.start, word.end, word.parts)
            continue
        key = re.match(_KEYS, text)
        if key and any(Word(word.after(key.end()).parts, word.start, word.end).variables()):
            yield Option(key[0].rstrip("="), text, word.start, word.end, word.parts)
    if command.program in ("npm", "pnpm", "yarn", "aws", "vault", "snyk", "cargo"):
        yield from _positional(command)


def _is_password(word: Word, credentials: str) -> bool:
    """Whether a variable is the password in `user:password`, or is alone there and does not look like a user's name."""
    user, colon, password = credentials.partition(":")
    secret = password if colon else user
    names = [part.name for part in word.variables() if part.text in secret]
    return bool(names) and (bool(colon) or not re.search("(?i)user|login|name", names[0]))


def _positional(command: SimpleCommand) -> Iterator[Option]:
    words = command.arguments
    texts = [word.text for word in words]
    for at, text in enumerate(texts[:-1]):
        key = re.fullmatch(r"//\S+:_(?:authToken|password|auth)|npmAuthToken|aws_secret_access_key|aws_session_token", text)
        if (key or (at == 0 and text in ("login", "auth"))) and any(words[at + 1].variables()) and not texts[at + 1].startswith("-"):
            yield Option(text, texts[at + 1], words[at + 1].start, words[at + 1].end, words[at + 1].parts)


def is_secret(option: Option) -> bool:
    """Whether a value is worth hiding: a variable or a literal, but not a typical password of a test database."""
    value = option.value or ""
    if any(option.variables):
        return True
    password = value.rpartition(":")[2].strip("\"'")
    return bool(password) and password.lower() not in WEAK and "${" not in value
