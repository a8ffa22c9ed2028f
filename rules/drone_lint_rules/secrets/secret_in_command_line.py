"""Passwords among a program's arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import CWE, Edit, Example, Finding, Fix, Jsonnet, Pipeline, Rule, Step, Trigger
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell import Script
    from drone_lint_rules.shell.options import Option
    from drone_lint_rules.shell.syntax import SimpleCommand

_STDIN = ("docker", "podman", "buildah", "nerdctl", "helm", "oras", "skopeo", "crane")
"""Programs whose `login` takes `--password-stdin`."""


class SecretInCommandLine(Rule):
    """A password is an argument of a program.

    Every process on the machine can read the arguments of all others (`ps`, `/proc/*/cmdline`), and programs write them to logs and error messages.

    Pass the password on standard input (`echo "$PASSWORD" | docker login -u ci --password-stdin`), in a file (`curl --netrc`, `mysql --defaults-extra-file`) or in a variable that the
    program reads (`SSHPASS` with `sshpass -e`, `MYSQL_PWD`, `TWINE_PASSWORD`, `REDISCLI_AUTH`).
    """

    name = "secret-in-command-line"
    fixable = "unsafe"
    why = "every process on the machine can read a program's arguments, and they appear in logs"
    help = "pass the password on standard input, in a file, or in an environment variable that the program reads"
    references = (CWE(214), CWE(522))
    trigger = Trigger(keys=("commands",))

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
          - sudo sshpass -phunter2 scp a b:c  # <- secret-in-command-line
          - 'curl -H "Authorization: Bearer $TOKEN" https://example.com'  # <- secret-in-command-line
          - time git clone "https://ci:$TOKEN@example.com/app"  # <- secret-in-command-line
          - npm config set //npm.example.com/:_authToken "$TOKEN"  # <- secret-in-command-line
          - kubectl --token=$TOKEN apply -f x; mvn deploy -Dpassword=$PW  # <- secret-in-command-line, secret-in-command-line
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'docker:27.3.1', commands: [
            'docker login -u $USER -p $PASS',  // <- secret-in-command-line
          ] },
        ] }
        """),
        Example(
            r"""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: publish
              image: docker:27.3.1
              commands:
              - make && docker login -u ci -p $PASSWORD registry.example.com  # <- secret-in-command-line
              - "docker login --username=ci --password=\"$${PW}\""  # <- secret-in-command-line
              - cat x | docker login -u ci -p $PASSWORD  # <- secret-in-command-line
            """,
            fixed=r"""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: publish
              image: docker:27.3.1
              commands:
              - make && echo "$PASSWORD" | docker login -u ci --password-stdin registry.example.com
              - "echo \"$PW\" | docker login --username=ci --password-stdin"
              - cat x | docker login -u ci -p $PASSWORD
            """,
        ),
        Jsonnet(
            r"""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'docker:27.3.1', commands: ["docker login -u $USER -p $PASS"] },  // <- secret-in-command-line
            ] }
            """,
            fixed=r"""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'docker:27.3.1', commands: ["echo \"$PASS\" | docker login -u $USER --password-stdin"] },
            ] }
            """,
        ),
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
          - git clone https://git@example.com/$NAME; ssh -p $PORT host; docker compose -p $NAME up
          - gpg --passphrase-file f x; openssl enc -pass env:PASSWORD -in a; curl -H "Accept: $TYPE" https://example.com
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        script = script_of(step)
        if not script.mentions("-", "://", "$"):
            return
        from drone_lint_rules.secrets._passwords import may_hold, passwords

        if not may_hold(script.text):
            return

        for command in script.commands:
            for option in passwords(command):
                program = "sshpass" if _is_wrapped(command, option.start) else command.program
                label = f"{program}{_subcommand(command, option)} {option.name}".rstrip()
                message = f"`{label}` has a password among its arguments"
                place, plain = script.place(option.start, option.end), any(option.variables)
                yield self.finding(place, message, secret=not plain, fix=_piped(command, option, script))


def _subcommand(command: SimpleCommand, option: Option) -> str:
    """` login` for the `-p` of `docker login`, which means something else without it."""
    words = [word.text for word in command.arguments if word.start < option.start]
    return " login" if option.name in ("-p", "--password") and "login" in words else ""


def _is_wrapped(command: SimpleCommand, at: int) -> bool:
    return any(word.start <= at < word.end for word in command.wrappers)


def _piped(command: SimpleCommand, option: Option, script: Script) -> Fix | None:
    """`echo "$PASSWORD" | docker login --password-stdin`, if the password is a single variable and standard input is not used otherwise."""
    single = len(option.parts) == 1 and option.parts[0].kind == "variable" and not option.parts[0].operator and not option.parts[0].pasted
    free = not command.stage.earlier and not any(one.operator.startswith("<") for one in command.all_redirections)
    login = command.program in _STDIN and "login" in [word.text for word in command.arguments]
    if not login or option.name not in ("-p", "--password") or not single or not free:
        return None
    if script.item(command.start).path != script.item(option.start).path:
        return None
    head = Edit(script.place(command.start, command.start), f'echo "${option.parts[0].name}" | ')
    return Fix("pass the password on standard input", (head, Edit(script.place(option.start, option.end), "--password-stdin")), safe=False)
