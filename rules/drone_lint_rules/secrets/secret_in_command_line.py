"""Passwords among a program's arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import CWE, Finding, Jsonnet, Pipeline, Rule, Step
from drone_lint_rules.secrets._shapes import WEAK
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.options import Option
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
    "sshpass": ("-p", "-p -f -d -P"),
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
_CURL = "-u --user -U --proxy-user -H --header -X --request -o --output -d --data -F --form -T --upload-file -x --proxy -A -b -c -e -m --data-raw --data-binary --cacert --cert --key -w --retry --connect-timeout --max-time"


class SecretInCommandLine(Rule):
    """A password is an argument of a program.

    Every process of the machine can read the arguments of all others (`ps`, `/proc/*/cmdline`), and programs write them into logs and error messages.

    Give it on standard input (`echo "$PASSWORD" | docker login -u ci --password-stdin`), in a file (`curl --netrc`, `mysql --defaults-extra-file`) or in a variable that the
    program reads (`SSHPASS` with `sshpass -e`, `MYSQL_PWD`, `TWINE_PASSWORD`, `REDISCLI_AUTH`).
    """

    name = "secret-in-command-line"
    why = "every process can read it, and it ends in logs"
    help = "give it on standard input, in a file, or in a variable that the program reads"
    references = (CWE(214), CWE(522))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: publish
          image: docker:27.3.1
          commands:
          - docker login -u ci -p $PASSWORD registry.example.com  # <- secret-in-command-line
          - make && docker --config x login --username="$U" --password="$${P}"  # <- secret-in-command-line
          - curl -sfu "ci:$TOKEN" https://example.com/upload  # <- secret-in-command-line
          - curl --user $U:$P -T app.zip https://example.com  # <- secret-in-command-line
          - mysql -uroot -p$DB_PW app < dump.sql  # <- secret-in-command-line
          - mysqldump --password="$PW" app | gzip > x  # <- secret-in-command-line
          - sshpass -p "$SSH_PW" ssh host ls  # <- secret-in-command-line
          - sudo sshpass -p hunter2 scp a b:c  # <- secret-in-command-line
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'docker:27.3.1', commands: [
            'docker login -u $USER -p $PASS',  // <- secret-in-command-line
          ] },
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: publish
          image: docker:27.3.1
          commands:
          - echo "$PASSWORD" | docker login -u ci --password-stdin registry.example.com
          - docker run -p 8080:80 -u root app login
          - curl -u ci https://example.com
          - curl --netrc -T app.zip https://example.com
          - mysql -uroot -p app
          - mysql -uroot -proot -h db app
          - mysql -P 3306 --protocol=tcp
          - sshpass -e ssh host
          - mkdir -p $DIR
          - echo "docker login -p $PASSWORD"
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        script = script_of(step)
        if not script.mentions("-p", "-u", "--pass", "--user", "-U", "-a", "-P", "-w"):
            return
        for command in script.commands:
            for option in _passwords(command):
                if _is_secret(option):
                    label = f"{option.name}" if option.name else "option"
                    message = f"`{command.program} {label}` has a password among its arguments"
                    yield self.finding(script.place(option.start, option.end), message, secret=not any(option.variables))


def _passwords(command: SimpleCommand) -> Iterator[Option]:
    from drone_lint_rules.shell.options import options

    program = command.program
    if program in _LOGIN:
        words = [word.text for word in command.arguments]
        if "login" in words and "run" not in words[: words.index("login")]:
            for option in options(command, "-p --password -u --username --config", first=words.index("login") + 1):
                if option.name in ("-p", "--password"):
                    yield option
    elif program == "curl":
        for option in options(command, _CURL):
            if option.name in ("-u", "--user", "-U", "--proxy-user") and (option.value or "").partition(":")[2]:
                yield option
    elif program in _DATABASES:
        yield from (
            option
            for option in options(command, "-p? --password? -h -u -P -D -e -S")
            if option.name in ("-p", "--password") and option.value
        )
    elif program in _PLAIN:
        names, valued = _PLAIN[program]
        yield from (option for option in options(command, valued) if option.name in names.replace("?", "").split())


def _is_secret(option: Option) -> bool:
    """Whether a value is worth hiding: a variable or a text, not what every test database has."""
    value = option.value or ""
    if any(option.variables):
        return True
    password = value.rpartition(":")[2].strip("\"'")
    return bool(password) and password.lower() not in WEAK and "${" not in value
