"""Values of a condition that no build has, beside others that some build has."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    EVENTS,
    Condition,
    Conditions,
    Confidence,
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Pipeline,
    Place,
    Rule,
    Severity,
    Trigger,
    Value,
    events_taken,
    impossible,
    is_malformed,
    never_matches,
    possible,
    satisfiable,
    triggering_events,
    unblocked_events,
)
from drone_lint_rules.correctness._dead import UNTAGGED, cause, form, remedy


class NeverMatches(Rule):
    """One of the values that a condition lists can never match, so what it was meant for never runs.

    All conditions of a `trigger` or `when` must hold at once. With `event: [push, cron]` and `cron: [nightly]` a push never runs, because it has no `cron`; with
    `event: [push, tag]` and `branch: [main]` a tag does not, because on most SCMs a tag has no branch (a notice, since there are others). An item that `exclude` takes away again, a `branch` that is written as a ref
    (`refs/heads/main`: branches are compared by their bare names) and a `ref` that is none (`v*`, `refs/head/main`) match nothing either; under `exclude` they exclude nothing.

    Write two pipelines or steps, or use `ref`, which every build has: `ref: [refs/heads/main, refs/tags/*]` takes pushes to `main` and all tags.

    Where nothing is left that could run, the finding is `never-runs`.
    """

    name = "never-matches"
    severity = Severity.WARNING
    confidence = Confidence.MEDIUM
    why = "all conditions must hold at once"
    fixable = "unsafe"
    trigger = Trigger(keys=("trigger", "when"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger:
          event:
          - push
          - cron
          - tag  # <- never-matches
          branch: [main]
        steps:
        - name: nightly
          image: alpine:3.20
          when:
            event: [push, cron]  # <- never-matches
            cron: [nightly]
        - name: deploy
          image: alpine:3.20
          when:
            ref:
            - refs/heads/main
            - main  # <- never-matches
            - refs/head/next  # <- never-matches
            event:
              exclude: [cron]
        - name: excluded
          image: alpine:3.20
          when:
            branch:
              include:
              - main
              - release/1  # <- never-matches
              exclude:
              - release/*
              - refs/heads/old  # <- never-matches
        ---
        kind: pipeline
        type: docker
        name: pulls
        trigger:
          event: [pull_request]
          action: [opened, closed]  # <- never-matches
          ref:
          - refs/pull/**
          - refs/heads/**  # <- never-matches
        """,
        Jsonnet("""
        local on(events, target) = { event: events, target: [target] };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'alpine:3.20', when: on([
            'promote',
            'push',  // <- never-matches
          ], 'production') },
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            trigger:
              branch:
              - main
              - refs/heads/next  # <- never-matches
              ref:
                exclude: [v1]  # <- never-matches
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            trigger:
              branch:
              - main
              - next
              ref:
                exclude: [v1]
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [], trigger: {
              branch: ['main', 'refs/heads/next'],  // <- never-matches
            } }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [], trigger: {
              branch: ['main', 'next'],
            } }
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger:
          event: [push, tag, promote, cron]
          ref: [refs/heads/main, "refs/tags/**", "refs/heads/{next,release/*}"]
        steps:
        - name: publish
          image: alpine:3.20
          when: {event: [push, tag], branch: [main, v1.*]}
        - name: reused for pull requests elsewhere
          image: alpine:3.20
          when: {event: [push, pull_request]}
        - name: any but one
          image: alpine:3.20
          when: {branch: {include: ["release/*", main], exclude: [release/1]}}
        - name: excluded
          image: alpine:3.20
          when: {event: {exclude: [pull_request, tag]}, ref: {exclude: ["refs/tags/v0*"]}}
        ---
        kind: pipeline
        type: docker
        name: nothing is left
        trigger: {event: [push, tag], cron: [nightly]}
        ---
        kind: pipeline
        type: docker
        name: not read
        trigger: {event: [push, pull-request], branch: ["!main", "[a"]}
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        events = triggering_events(pipeline)
        yield from self._check(pipeline.trigger, runs=bool(events), of_server=True)
        for step in pipeline.containers:
            if step.when.value is not None:
                yield from self._check(step.when, runs=bool(events and unblocked_events(step)), of_server=False)

    def _check(self, conditions: Conditions, *, runs: bool, of_server: bool) -> Iterator[Finding]:
        named = [event for event in EVENTS if event in events_taken(conditions)]
        for name in sorted(conditions.given - {"status", "instance", "repo"}):
            value = conditions.value[name] if conditions.value is not None else None
            for item in _items(value, "exclude"):
                if never_matches(name, item.text):
                    yield self._formless(name, item)
            listed = list(_items(value, "include"))
            for item in listed if runs and len(listed) > 1 else ():
                yield from self._item(name, item, conditions, named, of_server=of_server)

    def _item(self, name: str, item: Value, conditions: Conditions, named: list[str], *, of_server: bool) -> Iterator[Finding]:
        condition = conditions[name]
        if never_matches(name, item.text):
            yield self._formless(name, item)
        elif not satisfiable(Condition((item.text,), condition.exclude)):
            yield self.finding(item.place, f"`{item.text}` never matches: `exclude` takes it away again", help="remove one of the two")
        elif name == "event" and item.text in EVENTS:
            reason = impossible(conditions, item.text, of_server=of_server)
            if reason is not None and reason != "event":
                yield self._event(item, reason, conditions)
        elif (
            name == "ref" and conditions["event"].include and not any(possible("ref", event, [Condition((item.text,))]) for event in named)
        ):
            why_not = cause("ref", Condition((item.text,)), named) or "no build of its events has such a ref"
            yield self.finding(item.place, f"`{item.text}` never matches: {why_not}", related=_here("event", conditions))

    def _event(self, item: Value, reason: str, conditions: Conditions) -> Finding:
        because = cause(reason, conditions[reason], (item.text,)) or f"no such build has its `{reason}`"
        advice = "use two pipelines or steps, one for it"
        if (item.text, reason) == ("tag", "branch"):
            advice = "use two pipelines or steps, or `ref: [refs/heads/main, refs/tags/*]` in place of `branch`"
        message = f"`{item.text}` never runs here: {because}"
        severity = Severity.NOTICE if because == UNTAGGED else None
        return self.finding(item.place, message, severity=severity, related=_here(reason, conditions), help=advice)

    def _formless(self, name: str, item: Value) -> Finding:
        excludes = "exclude" in item.path
        bare = item.text.removeprefix("refs/heads/")
        fix = Fix(f"write `{bare}`", (Edit(item.place, bare),), safe=False) if name == "branch" and bare != item.text and bare else None
        why = "as an `exclude` it excludes nothing" if excludes else "it takes no build at all"
        return self.finding(item.place, form(name, item.text), why=why, help=remedy(name, item.text), fix=fix)


def _here(name: str, conditions: Conditions) -> Iterator[tuple[str, Place]]:
    if conditions.value is not None:
        yield f"`{name}` stands here", conditions.value[name].key


def _items(value: Value | None, key: str) -> Iterator[Value]:
    """The patterns that a condition includes or excludes, as far as they can be told before `${}` is substituted."""
    if value is None:
        return
    within = value if value.is_list and key == "include" else value.get(key) if value.is_map else None
    for item in within or ():
        if item.is_scalar and item.text and "${" not in item.text and not is_malformed(item.text) and item.text[0] != "!":
            yield item
