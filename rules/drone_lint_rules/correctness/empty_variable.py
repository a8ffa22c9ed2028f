"""Drone's variables that are empty for the events of a step."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drone_lint.api import (
    EVENTS,
    Conditions,
    Confidence,
    Finding,
    Jsonnet,
    Pipeline,
    Place,
    Rule,
    Severity,
    Step,
    Trigger,
    Value,
    events_taken,
    expansions_in,
    listed,
    step_events,
)
from drone_lint_rules.shell import script_of, shell_text

_TAGGED = frozenset(("tag", "promote", "rollback", "custom"))
_SET_FOR = (
    (("DRONE_TAG", "DRONE_SEMVER", "DRONE_CALVER"), _TAGGED, "tags"),
    (("DRONE_PULL_REQUEST",), frozenset(("pull_request",)), "pull requests"),
    (("DRONE_DEPLOY_TO", "DRONE_DEPLOY_ID"), frozenset(("promote", "rollback")), "promotions and rollbacks"),
)
"""Beginnings of names, the events for which they can be set, and these in words (drone-semantics 8.5). Any build but a push, a pull request and a cron job can be of a tag."""
_WITH_DEFAULT = ("=", ":=", ":-", ":?", ":+", "-", "+", "?")


class EmptyVariable(Rule):
    """A `DRONE_` variable is empty for the builds that a step runs for.

    `DRONE_TAG`, `DRONE_SEMVER*` and `DRONE_CALVER*` are set for tags only, `DRONE_PULL_REQUEST*` for pull requests, `DRONE_DEPLOY_TO` and `DRONE_DEPLOY_ID` for promotions and
    rollbacks. Elsewhere they are empty: `acme/app:${DRONE_TAG}` is no image then, and `./deploy.sh ${DRONE_DEPLOY_TO}` deploys to nowhere.

    Where no event of the step sets the variable, this is a warning. Where some that the step names do, it is a notice, in settings and images that are made of the variable;
    commands may test it, and then there is no finding.

    Limit the step by `when: {event: [tag]}`, or give a default: `${DRONE_TAG:-edge}`.
    """

    name = "empty-variable"
    severity = Severity.WARNING
    trigger = Trigger(words=("DRONE_TAG", "DRONE_SEMVER", "DRONE_CALVER", "DRONE_PULL_REQUEST", "DRONE_DEPLOY_"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger: {event: [push]}
        steps:
        - name: deploy
          image: alpine:3.20
          environment:
            TITLE: "release ${DRONE_TAG}"  # <- empty-variable
          commands:
          - ./deploy.sh ${DRONE_DEPLOY_TO}  # <- empty-variable
          - ./announce.sh "$DRONE_PULL_REQUEST"  # <- empty-variable
        ---
        kind: pipeline
        type: docker
        name: publish
        trigger: {event: [push, tag]}
        steps:
        - name: publish
          image: plugins/docker:20.18
          settings:
            repo: acme/app
            tags:
            - latest
            - ${DRONE_TAG}  # <- empty-variable
        - name: check
          image: acme/app:${DRONE_TAG}  # <- empty-variable
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', trigger: { event: ['pull_request'] }, steps: [
          { name: 'a', image: 'alpine:3.20', commands: [
            'make release VERSION=${DRONE_SEMVER_SHORT}',  // <- empty-variable
          ] },
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger: {event: [push, tag]}
        steps:
        - name: publish
          image: plugins/docker:20.18
          settings: {tags: ["${DRONE_TAG:-edge}"]}
        - name: tags
          image: acme/app:${DRONE_TAG}
          when: {event: tag}
        - name: tell
          image: plugins/slack:1.4
          settings: {template: "built ${DRONE_BRANCH} ${DRONE_TAG}"}
        - name: test
          image: alpine:3.20
          commands:
          - make VERSION=${DRONE_TAG}
        ---
        kind: pipeline
        type: docker
        name: tested
        trigger: {event: [push]}
        steps:
        - name: test
          image: alpine:3.20
          commands:
          - if [ -n "$DRONE_TAG" ]; then make release VERSION=$DRONE_TAG; fi
          - echo "${DRONE_PULL_REQUEST:-none}"
          - echo '$DRONE_DEPLOY_TO'
          - export PULL=${DRONE_PULL_REQUEST}
          - if [ -z "$PULL" ]; then export PULL=none; fi
          - make VERSION=$DRONE_TAG
        ---
        kind: pipeline
        type: docker
        name: any event
        steps:
        - {name: publish, image: "plugins/docker:20.18", settings: {tags: ["${DRONE_TAG}"]}}
        ---
        kind: pipeline
        type: docker
        name: promoted tags
        trigger: {event: promote}
        steps:
        - {name: publish, image: "acme/app:${DRONE_TAG}"}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        events = step_events(step)
        if not events:
            return
        named = _named(pipeline.trigger) | _named(step.when)
        for value in _values(step):
            for expansion in expansions_in(value.text):
                if expansion.form not in _WITH_DEFAULT:
                    place = value.range(expansion.start, expansion.end)
                    if step.is_service or not _is_command(value) or not _is_tested(expansion.name, step):
                        yield from self._check(expansion.name, place, value, events, step, named)
        yield from self._of_shell(step, events)

    def _of_shell(self, step: Step, events: frozenset[str]) -> Iterator[Finding]:
        """`$DRONE_TAG` in commands, which the step's own shell expands."""
        script = script_of(step)
        if not script.mentions("$DRONE_"):
            return
        for command in script.commands:
            if (
                command.program in ("echo", "printf")
                and not any(command.all_redirections)
                and not any(command.feeds)
                and command.captured is None
            ):
                continue
            for word in command.words:
                for part in word.variables():
                    if not part.operator and not _is_tested(part.name, step):
                        place = script.place(part.start, part.end)
                        yield from self._check(part.name, place, script.item(part.start), events, step, frozenset())

    def _check(self, name: str, place: Place, value: Value, events: frozenset[str], step: Step, named: frozenset[str]) -> Iterator[Finding]:
        for beginnings, owners, words in _SET_FOR:
            if not name.startswith(beginnings):
                continue
            without = events - owners
            if without == events:
                yield self.finding(
                    place,
                    f"`{name}` is always empty here: it is set for {words} only",
                    why=f"{step.title} runs for {listed(events)}",
                    help=_remedy(name, owners),
                )
            elif without & named and not _is_command(value) and _is_made_of(value):
                yield self.finding(
                    place,
                    f"`{name}` is empty for {listed(without & named)}, for which {step.title} runs too",
                    severity=Severity.WARNING if value.path[-1] == "image" else Severity.NOTICE,
                    confidence=Confidence.MEDIUM,
                    why=f"it is set for {words} only",
                    help=_remedy(name, owners),
                )


def _values(step: Step) -> Iterator[Value]:
    """Every value of a step in which an empty variable does harm; not its name, nor its conditions."""
    for key, value in step.value.items():
        if key not in ("name", "when", "depends_on"):
            yield from (
                scalar for scalar in value.scalars() if "${DRONE_" in scalar.text and not _only_prints(scalar) and "{{" not in scalar.text
            )


def _only_prints(value: Value) -> bool:
    return _is_command(value) and re.fullmatch(r"(echo|printf)\s[^>|\n]*", value.text) is not None


def _is_command(value: Value) -> bool:
    return "commands" in value.path


def _is_tested(name: str, step: Step) -> bool:
    """Whether a command of the step looks whether a variable (or one that is assigned from it) is set, or has something for the case that it is not."""
    text = "\n".join(shell_text(value.text).text for value in step.commands)
    copies = re.findall(rf"(\w+)=[\"']?\$\{{?{re.escape(name)}\b", text)
    return any(_tests(one, text) for one in dict.fromkeys((name, *copies[:8])))


def _tests(name: str, text: str) -> bool:
    variable = rf"\$\{{?{re.escape(name)}\b"
    before = rf"(\[|\btest\b|\bcase\b|-[zn]|==|!=)[^\n;]{{0,200}}{variable}"
    return re.search(rf"{before}|\$\{{{re.escape(name)}:?[-+=?]|{variable}\}}?[\"']?\s*(==|!=|=~)", text) is not None


def _is_made_of(value: Value) -> bool:
    """Whether a value is one word, as an image or a tag is, and not a sentence in which a word is missing."""
    return value.path[2] in ("image", "settings") and not re.search(r"\s", value.text)


def _named(conditions: Conditions) -> frozenset[str]:
    """The events that conditions say they are for: what runs for everything is rarely meant so, and promotions of pull requests are not what `ref` is for."""
    if conditions["event"].include:
        return events_taken(conditions)
    return frozenset(("push", "pull_request", "tag", "cron")) if conditions["ref"].include else frozenset()


def _remedy(name: str, owners: frozenset[str]) -> str:
    event = "tag" if owners == _TAGGED else next(event for event in EVENTS if event in owners)
    return f"limit the step by `when: {{event: [{event}]}}`, or give a default: `${{{name}:-...}}`"
