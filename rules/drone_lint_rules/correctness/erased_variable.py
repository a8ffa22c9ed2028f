"""`${}` of variables that Drone does not have."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    Confidence,
    ConfigFile,
    Example,
    Finding,
    Jsonnet,
    Pipeline,
    PlacedExpansion,
    Rule,
    Settings,
    Severity,
    Step,
    SubstitutionSettings,
    Trigger,
    Value,
    did_you_mean,
    drone_variables,
)
from drone_lint_rules.drone import server_views
from drone_lint_rules.escape import escape


class ErasedVariable(Rule):
    """A `${VARIABLE}` is not a Drone variable, so Drone replaces it with an empty string.

    The runner replaces every `${...}` in the whole file before anything else happens, and knows only its own variables (`DRONE_*`, `CI_*`)
    and the build's parameters. Shell variables, the step's `environment` and secrets are not among them: `${HOME}` and `${VERSION}`
    silently become empty before the shell sees them.

    In a command, which the shell should expand, this is an error, and so it is in settings and images when the variable stands in an `environment` of this file: Drone does not
    look there. Elsewhere it is a warning, because every build may be started with such a parameter.

    For a shell variable, write `$VERSION` or `$${VERSION}`. Declare build parameters, and variables that the runner adds (`DRONE_RUNNER_ENVIRON`), in the
    configuration: `substitution: {variables: [RELEASE_CHANNEL]}`.
    """

    name = "erased-variable"
    severity = Severity.ERROR
    why = "Drone substitutes the variable before the shell sees it"
    fixable = "safe"
    trigger = Trigger(expansions=True)

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          environment: {VERSION: 1.2.3}
          commands:
          - echo ${VERSION} ${DRONE_TAG}  # <- erased-variable
          - echo "${HOME:-/root}"  # <- erased-variable
          - echo ${DRONE_COMMIT_SHAA}  # <- erased-variable
        """,
        Jsonnet("""
        local greet(name) = 'echo hello ${%s}' % name;
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'alpine:3.20', commands: [
            'echo ${WHO}',  // <- erased-variable
          ] },
        ] }
        """),
        """
        kind: pipeline
        type: docker
        name: default
        environment: {APP_VERSION: 7.1.0}
        steps:
        - name: ship
          image: appleboy/drone-scp:1.6.14
          environment:
            DOMAIN: {from_secret: domain}
            ROOT: /srv/${APP_VERSION}  # <- erased-variable
          settings:
            target: /var/www/${DOMAIN}  # <- erased-variable
            source: ${PWD}/dist  # <- erased-variable
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: plugins/slack:1.4
              settings: {text: "${WHO}"}  # <- erased-variable
            - name: "other"
              image: golang:1.22.1
              commands:
              - echo ${VERSION} ${DRONE_TAG} '${X}'  # <- erased-variable, erased-variable
              - |
                echo "${HOME:-/root}"  # <- erased-variable
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: plugins/slack:1.4
              settings: {text: "${WHO}"}
            - name: "other"
              image: golang:1.22.1
              commands:
              - echo $${VERSION} ${DRONE_TAG} '$${X}'
              - |
                echo "$${HOME:-/root}"
            """,
        ),
        Jsonnet(
            r"""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: name, image: 'alpine:3.20', commands: ['echo \'${WHO}\''] }  // <- erased-variable
              for name in ['a', 'b']
            ] }
            """,
            fixed=r"""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: name, image: 'alpine:3.20', commands: ['echo \'$${WHO}\''] }
              for name in ['a', 'b']
            ] }
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        # a comment may say ${ANYTHING}
        steps:
        - name: test
          image: golang:1.22.1
          commands:
          - echo $VERSION $${VERSION} ${DRONE_TAG##v} ${DRONE_COMMIT_SHA:0:8} ${CI_BUILD_NUMBER} $(date)
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: ${CHANNEL}
            """,
            settings=Settings(substitution=SubstitutionSettings(variables=("CHANNEL",))),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        known = drone_variables(self.settings)
        erased = [expansion for expansion in file.expansions if expansion.in_value and expansion.name not in known]
        own = _own_variables(file) if erased else {}
        for expansion in erased:
            if expansion.name.startswith(("DRONE_", "CI_")) and expansion.name not in own:
                yield self._misspelled(expansion, known)
            elif expansion.for_shell:
                yield self._of_shell(expansion)
            elif expansion.name in own:
                yield self._own(expansion, own[expansion.name], file.language)
            else:
                yield self._elsewhere(expansion)

    def _misspelled(self, expansion: PlacedExpansion, known: frozenset[str]) -> Finding:
        message = f"Drone has no variable `{expansion.name}` and replaces it with {_replacement(expansion)}{did_you_mean(expansion.name, known, 0.85)}"
        return self.finding(
            expansion.place,
            message,
            help="correct the name, or declare it in the configuration under `substitution: {variables: [...]}`",
        )

    def _of_shell(self, expansion: PlacedExpansion) -> Finding:
        advice = f"write `${expansion.name}` or `${expansion.text}` for the shell"
        return self.finding(expansion.place, _message(expansion), help=advice, fix=escape(expansion.place))

    def _own(self, expansion: PlacedExpansion, variable: Value, language: str) -> Finding:
        """In a setting, an image or the like: the variable that was meant is one of this file's `environment`."""
        secret = variable.get("from_secret")
        advice = "write the value itself, or share it by " + ("a `local`" if language == "jsonnet" else "a YAML anchor")
        if secret is not None and secret.text:
            advice = f"no `${{}}` can hold a secret: let a secret hold the whole value, and write `from_secret: {secret.text}` in its place"
        return self.finding(
            expansion.place,
            f"Drone replaces `{expansion.text}` with {_replacement(expansion)}: it does not look at `environment`, where `{expansion.name}` is set",
            why="Drone substitutes its own variables in the text of the file, before any `environment` is read",
            help=advice,
            related=[(f"`{expansion.name}` is set here", variable.key)],
        )

    def _elsewhere(self, expansion: PlacedExpansion) -> Finding:
        if expansion.name in _SHELLS:
            folder = ": the clone is in `/drone/src`, unless `workspace` says otherwise" if expansion.name in ("PWD", "OLDPWD") else ""
            return self.finding(
                expansion.place,
                _message(expansion),
                severity=Severity.WARNING,
                why="no shell reads this value, and Drone substitutes its own variables only",
                help=f"write the value itself{folder}",
            )
        return self.finding(
            expansion.place,
            f"{_message(expansion)}, unless it is a parameter of the build",
            severity=Severity.WARNING,
            confidence=Confidence.MEDIUM,
            why="Drone substitutes its own variables only",
            help="declare variables that builds or runners add in the configuration under `substitution: {variables: [...]}`",
        )


_SHELLS = frozenset(
    [
        "BASH",
        "EUID",
        "GID",
        "HOME",
        "HOSTNAME",
        "IFS",
        "LANG",
        "LOGNAME",
        "OLDPWD",
        "PATH",
        "PPID",
        "PS1",
        "PWD",
        "RANDOM",
        "SECONDS",
        "SHELL",
        "SHLVL",
        "TERM",
        "TMPDIR",
        "UID",
        "USER",
    ]
)
"""Variables that every shell has, and no build is started with."""


def _own_variables(file: ConfigFile) -> dict[str, Value]:
    """The variables of every `environment` in a file."""
    found: dict[str, Value] = {}
    for documents in server_views(file):
        for document in documents:
            pipeline = document.pipeline
            holders: list[Pipeline | Step] = [pipeline, *pipeline.containers] if pipeline is not None else []
            for holder in holders:
                variables = holder.get("environment")
                for name, value in variables.items() if variables is not None else ():
                    found.setdefault(name, value)
    return found


def _message(expansion: PlacedExpansion) -> str:
    return f"Drone replaces `{expansion.text}` with {_replacement(expansion)}: `{expansion.name}` is not a Drone variable"


def _replacement(expansion: PlacedExpansion) -> str:
    return "its default" if expansion.form in ("=", ":=", ":-", ":?", ":+") else "an empty string"
