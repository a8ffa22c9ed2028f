"""Conditions that cannot all hold."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    EVENTS,
    Conditions,
    Confidence,
    Finding,
    Jsonnet,
    Pipeline,
    Rule,
    Severity,
    Step,
    Trigger,
    impossible,
    listed,
    never_matches,
    satisfiable,
    takes,
    triggering_events,
    unblocked_events,
)
from drone_lint_rules.correctness._dead import cause, remedy
from drone_lint_rules.drone import clones


class NeverRuns(Rule):
    """A pipeline or step can never run: its conditions contradict each other, or those of its pipeline.

    All conditions must hold at once. A step with `when: {event: tag}` never runs in a pipeline that only pushes trigger. A condition that excludes everything that
    it includes never holds; nor, on most SCMs, does `event: tag` together with a `branch`, because a tag has no branch there. Actions and targets exist only
    for some events: `target` for promote and rollback, `cron` for cron. A step that runs only on failure (`status: [failure]`) never runs if nothing before it
    can fail.
    """

    name = "never-runs"
    severity = Severity.WARNING
    confidence = Confidence.MEDIUM
    why = "no build can meet all of the conditions"
    help = "remove or correct one of the conditions"
    trigger = Trigger(keys=("trigger", "when"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger:
          event: push
        steps:
        - name: publish
          image: alpine:3.20
          when:
            event: tag  # <- never-runs
        - name: nothing
          image: alpine:3.20
          when:
            branch: {include: [main], exclude: [main]}  # <- never-runs
        ---
        kind: pipeline
        type: docker
        name: tagged
        trigger:
          event: [tag]
          branch: [main]  # <- never-runs
        ---
        kind: pipeline
        type: docker
        name: targeted
        trigger:
          event: [push]
          target: [production]  # <- never-runs
        ---
        kind: pipeline
        type: docker
        name: branches
        trigger:
          branch: [main, "release/*"]
        steps:
        - name: develop
          image: alpine:3.20
          when:
            branch: [develop, "feature/{a,b}"]  # <- never-runs
        - name: patterns
          image: alpine:3.20
          when:
            branch:  # <- never-runs
              include: ["fix-{1,2}", "hot/*"]
              exclude: ["fix-*", hot/**]
        - name: tags
          image: alpine:3.20
          when:
            event: [push]
            ref: [refs/tags/**]  # <- never-runs
        ---
        kind: pipeline
        type: docker
        name: nightly
        trigger: {event: [cron], cron: [nightly]}
        services:
        - name: weekly
          image: postgres:16.3
          when:
            cron: [weekly]  # <- never-runs
        steps:
        - name: nobody
          image: alpine:3.20
          when:
            action: [opened]  # <- never-runs
        - name: prod
          image: alpine:3.20
          when:
            target: [production]  # <- never-runs
        ---
        kind: pipeline
        type: docker
        name: no-clone
        clone: {disable: true}
        steps:
        - name: ignored
          image: alpine:3.20
          failure: ignore
        - name: on failure
          image: alpine:3.20
          when:
            status: [failure]  # <- never-runs
        ---
        kind: pipeline
        type: docker
        name: tagged-step
        trigger: {event: [tag]}
        steps:
        - name: main
          image: alpine:3.20
          when:
            branch: [main]  # <- never-runs
        ---
        kind: pipeline
        type: docker
        name: refs
        trigger: {ref: [refs/heads/main, "refs/pulls/**", "refs/tags/**"]}
        steps:
        - name: misspelt above
          image: alpine:3.20
          when:
            event: [pull_request]  # <- never-runs
        ---
        kind: pipeline
        type: docker
        name: main
        trigger: {branch: [main]}
        steps:
        - name: tagged
          image: alpine:3.20
          when:
            event: [tag]  # <- never-runs
        """,
        Jsonnet(
            """
        local step(name, event) = { name: name, image: 'alpine:3.20', when: { event: [event] } };
        { kind: 'pipeline', type: 'docker', name: 'a', trigger: { event: ['pull_request'] }, steps: [
          step('a', 'pull_request'),
          step('b', 'cron'),  // <- never-runs
        ] }
        """.replace("when: { event: [event] } };", "when: {\n          event: [event],\n        } };")
            .replace("  // <- never-runs", "")
            .replace("event: [event],", "event: [event],  // <- never-runs")
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger:
          event: [push, tag, promote]
          ref: [refs/heads/main, "refs/tags/**"]
        steps:
        - name: publish
          image: alpine:3.20
          when: {event: tag}
        - name: any
          image: alpine:3.20
          when: {branch: {exclude: [main]}}
        - name: deploy
          image: alpine:3.20
          when: {target: production}
        - name: versions
          image: alpine:3.20
          when: {event: tag, branch: [v1.*]}
        """,
        """
        kind: pipeline
        type: docker
        name: default
        trigger: {branch: [main, "release/*"]}
        steps:
        - name: narrower
          image: alpine:3.20
          when: {branch: [release/1]}
        - name: excluded in part
          image: alpine:3.20
          when: {branch: {include: ["a?c", "fix-*"], exclude: ["a*x", "fix-1"]}}
          failure: ignore
        - name: patterns may meet
          image: alpine:3.20
          when: {branch: ["*/1"]}
        - name: after a failure
          image: alpine:3.20
          when: {status: [failure]}
        - name: always
          image: alpine:3.20
          when: {status: [success, failure]}
        - name: tagged, if not by its pipeline's event
          image: alpine:3.20
          when: {event: [push, tag]}
        ---
        kind: pipeline
        type: docker
        name: no-clone
        clone: {disable: true}
        steps:
        - {name: work, image: "alpine:3.20"}
        - {name: failed, image: "alpine:3.20", when: {status: failure}}
        ---
        kind: pipeline
        type: docker
        name: pull-requests
        trigger: {event: [pull_request], ref: ["refs/pull/**"], action: {exclude: [opened]}}
        ---
        kind: pipeline
        type: docker
        name: any-branch
        trigger: {branch: {exclude: ["*"]}}
        """,
        Jsonnet("""
        local event = std.extVar('build.event');
        { kind: 'pipeline', type: 'docker', name: 'for ' + event, trigger: { event: ['push', 'tag'] }, steps: [
          { name: 'a', image: 'alpine:3.20', when: { event: ['tag'] } },
        ] }
        """),
        """
        kind: pipeline
        type: docker
        name: misspelt
        trigger: {event: [pull-request]}
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        possible = triggering_events(pipeline)
        if not possible:
            yield from self._finding(pipeline.trigger, EVENTS, pipeline.title)
            return
        for step in pipeline.containers:
            if step.when.value is None:
                continue
            if not unblocked_events(step):
                within = tuple(event for event in EVENTS if event in possible)
                yield from self._finding(step.when, within, step.title, pipeline.trigger)
            elif _nothing_can_fail_before(step, pipeline):
                yield self.finding(step.when.value["status"].key, f"{step.title} never runs: nothing before it can fail")

    def _finding(self, conditions: Conditions, events: tuple[str, ...], who: str, trigger: Conditions | None = None) -> Iterator[Finding]:
        if conditions.value is None or _unknown_events(conditions):
            return
        reasons = _reasons(conditions, events, within=None, of_server=trigger is None)
        if trigger is None or any(reason != "event" for reason in reasons):
            yield self._excluded(conditions, reasons, who)
            return
        kept_out = _kept_out(conditions, trigger)
        if kept_out:
            value = conditions.value.get("event") or conditions.value
            because = _elsewhere(kept_out, events, trigger)
            yield self.finding(value.key, f"{who} never runs: {because}", help=_WIDEN)
            return
        reasons = _reasons(conditions, events, within=trigger, of_server=False)
        name = next(iter(reasons), "event")
        because = f"its pipeline's `{name}` takes nothing that its own does"
        if name == "event":
            because = f"its pipeline runs on {listed(frozenset(events))} only"
        yield self.finding((conditions.value.get(name) or conditions.value).key, f"{who} never runs: {because}", help=_WIDEN)

    def _excluded(self, conditions: Conditions, reasons: dict[str, list[str]], who: str) -> Finding:
        """A finding on conditions that no build meets, whatever stands around them."""
        assert conditions.value is not None
        if set(reasons) != {"event"}:
            reasons = {name: events for name, events in reasons.items() if name != "event"}
        names = list(reasons)
        because = dict.fromkeys(_because(name, conditions, reasons[name]) for name in names)
        first = conditions.value[names[0]]
        related = [(f"`{name}` stands here", conditions.value[name].key) for name in names[1:]]
        message = f"{who} never runs: {' and '.join(because)}"
        return self.finding(first.key, message, related=related, help=_remedy(names, conditions))


_WIDEN = "widen the conditions of the pipeline's `trigger`, or remove the step"
_REMEDIES = {
    "cron": "write `event: [cron]`, or remove `cron`",
    "target": "write `event: [promote]`, or remove `target`",
    "action": "write `event: [pull_request]`, or remove `action`",
    "branch": "remove `branch`, or name the tags in `ref`: `ref: [refs/tags/v*]`",
}


def _reasons(conditions: Conditions, events: tuple[str, ...], *, within: Conditions | None, of_server: bool) -> dict[str, list[str]]:
    """The conditions that keep builds out, each with the events of those; `event` only where it alone does."""
    found: dict[str, list[str]] = {}
    for event in events:
        reason = impossible(conditions, event, of_server=of_server, within=within)
        if reason is not None:
            found.setdefault(reason, []).append(event)
    return found


def _because(name: str, conditions: Conditions, events: list[str]) -> str:
    said = cause(name, conditions[name], events)
    if said:
        return said
    if name == "event":
        return "its `event` takes no event"
    some = f"no build of {listed(frozenset(events))}" if len(events) < len(EVENTS) else "no build"
    return f"{some} can meet its `{name}`"


def _remedy(names: list[str], conditions: Conditions) -> str:
    name = names[0]
    formless = [pattern for pattern in conditions[name].include if never_matches(name, pattern)]
    if formless and remedy(name, formless[0]):
        return remedy(name, formless[0])
    if len(names) == 1 and satisfiable(conditions[name]) and name in _REMEDIES:
        return _REMEDIES[name]
    return "remove one of the conditions"


def _kept_out(conditions: Conditions, trigger: Conditions) -> dict[str, str]:
    """The events that a `when` by itself allows, each with the condition of its pipeline's `trigger` that excludes it."""
    wanted = [event for event in EVENTS if impossible(conditions, event, of_server=False) is None]
    found = {event: impossible(trigger, event, of_server=True) for event in wanted}
    return {event: reason for event, reason in found.items() if reason is not None} if None not in found.values() else {}


def _elsewhere(kept_out: dict[str, str], possible: tuple[str, ...], trigger: Conditions) -> str:
    reason = next(iter(kept_out.values()))
    if reason == "event":
        return f"its pipeline runs on {listed(frozenset(possible))} only"
    same = frozenset(one for one, other in kept_out.items() if other == reason)
    said = cause(reason, trigger[reason], same)
    return f"the `{reason}` of its pipeline's trigger excludes {listed(same)}" + (f": {said}" if said else "")


def _nothing_can_fail_before(step: Step, pipeline: Pipeline) -> bool:
    """Whether a step runs only on failure, and nothing before it can fail: there is no clone step, and every earlier step's failure is ignored."""
    status = step.when["status"]
    if not status or not takes(status, "failure") or takes(status, "success") or clones(pipeline) or step.is_service:
        return False
    if any(other.get("depends_on") is not None for other in pipeline.containers) or pipeline.trigger["status"]:
        return False
    before = [*pipeline.services, *pipeline.steps[: step.index]]
    return all((failure := other.get("failure")) is not None and failure.text == "ignore" for other in before)


def _unknown_events(conditions: Conditions) -> bool:
    """Whether the events are misspelled, which `invalid-condition` reports."""
    include = conditions["event"].include
    return bool(include) and not any(event in EVENTS or "*" in event for event in include)
