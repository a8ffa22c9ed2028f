"""Conditions that Drone cannot read."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    EVENTS,
    Conditions,
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Pipeline,
    Rule,
    Severity,
    Step,
    Trigger,
    Value,
    did_you_mean,
    is_malformed,
    matches,
    nearest,
)

NAMES = ("action", "branch", "cron", "event", "instance", "matrix", "paths", "ref", "repo", "status", "target")
_STATUS = ("success", "failure")


class InvalidCondition(Rule):
    """Drone cannot read a condition of `trigger` or `when`.

    Drone does not refuse the file: it drops the part that it cannot read, and a condition that becomes empty is true for *every* build. So
    `branch: {include: main}` (a string instead of a list), `branch: {includes: [main]}` and `brnch: main` run for every branch, including pull requests
    from untrusted contributors. Unknown events and statuses and malformed patterns never match: a malformed `exclude` does not exclude
    anything.

    Patterns are globs in which `*` does not cross a `/`: `release/**`, `v?.[0-9]*`, `{main,develop}`. There are no regular expressions, and
    `!` does not negate. The server evaluates a `trigger` before substitution, so `${}` is not replaced there.
    """

    name = "invalid-condition"
    severity = Severity.ERROR
    fixable = "unsafe"
    trigger = Trigger(keys=("trigger", "when"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        trigger:
          branch:
            include: main  # <- invalid-condition
          evnt: push  # <- invalid-condition
          event: [push, pull-request]  # <- invalid-condition
          ref:
            includes: [refs/tags/*]  # <- invalid-condition
        steps:
        - name: deploy
          image: alpine:3.20
          when:
            environment: production  # <- invalid-condition
            status: [failed]  # <- invalid-condition
            branch:
              exclude:
              - "[a-"  # <- invalid-condition
            target: [{a: b}]  # <- invalid-condition
        - name: notify
          image: alpine:3.20
          when:
            Branch: main  # <- invalid-condition
            event: [pull-*, "p*"]  # <- invalid-condition
            branch: ["!main"]  # <- invalid-condition
        ---
        kind: pipeline
        type: exec
        name: other
        trigger:
          branch:
          - ${DRONE_REPO_BRANCH}  # <- invalid-condition
        """,
        Jsonnet("""
        local onlyOn(branch) = { branch: {
          incldue: [branch],  // <- invalid-condition
        } };
        { kind: 'pipeline', type: 'docker', name: 'a', trigger: onlyOn('main'), steps: [] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps: []
            trigger:
              brnch: [main]  # <- invalid-condition
              event: {inclde: [push]}  # <- invalid-condition
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps: []
            trigger:
              branch: [main]
              event: {include: [push]}
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [], trigger: {
              brnch: ['main'],  // <- invalid-condition
              event: ['psh'],  // <- invalid-condition
            } }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [], trigger: {
              branch: ['main'],
              event: ['push'],
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
          branch: {include: [main], exclude: ["{a,b}/**"]}
          event: push
          status: [success, failure]
          cron: ~
          repo: []
        steps:
        - name: deploy
          image: alpine:3.20
          when: {target: [production], paths: [docs/**], matrix: {A: b}, instance: ci.example.com}
        - name: substituted
          image: alpine:3.20
          when:
            branch: ["${DRONE_REPO_BRANCH}", "feature/!x"]
            event: {exclude: ["*"]}
            status: "*"
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        yield from self._check(pipeline.trigger, pipeline.title, of_server=True)

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        yield from self._check(step.when, step.title, of_server=False)

    def _check(self, conditions: Conditions, who: str, *, of_server: bool) -> Iterator[Finding]:
        for name, value in conditions.items():
            if name not in NAMES:
                if not name.startswith("x-"):
                    yield self._unknown(name, value, who)
            elif name != "matrix":
                yield from self._malformed(name, value, who)
                for item in _texts(value):
                    if "${" not in item.text:
                        yield from self._pattern(name, item)
                    elif of_server:
                        message = f"`{item.text}` is compared literally: the server does not substitute variables in a `trigger`"
                        yield self.finding(item.place, message, why=_never(item))

    def _unknown(self, name: str, value: Value, who: str) -> Finding:
        from drone_lint_rules.correctness._meant import meant, renaming

        why = f"the condition has no effect on {who}"
        advice = meant("condition", name)
        if advice is not None:
            hint = f"; write `{advice.word}`" if advice.word else ""
            fix = renaming(value, advice.word, ()) if advice.word else None
            return self.finding(
                value.key, f"`{name}` is not a condition that Drone knows, so it is ignored{hint}", why=why, help=advice.advice, fix=fix
            )
        guess = nearest(name, NAMES)
        message = f"`{name}` is not a condition that Drone knows, so it is ignored{did_you_mean(name, NAMES)}"
        return self.finding(value.key, message, why=why, fix=renaming(value, guess, ()) if guess else None)

    def _malformed(self, name: str, value: Value, who: str) -> Iterator[Finding]:
        always = f"the condition has no effect: {who} runs for every build"
        if value.is_list:
            yield from self._items(name, value)
        elif value.is_map:
            for key, part in value.items():
                if key not in ("include", "exclude"):
                    guess = nearest(key, ("include", "exclude"))
                    fix = Fix(f"rename it to `{guess}`", (Edit(part.key, guess),), safe=False) if guess else None
                    message = f"Drone ignores `{key}` in condition `{name}`; it knows only `include` and `exclude`"
                    yield self.finding(part.key, message, why=always if not value_left(value) else "", fix=fix)
                elif part.is_list:
                    yield from self._items(name, part)
                elif not part.is_null:
                    message = f"`{key}` of condition `{name}` must be a list; Drone drops other values"
                    fix = Fix("write a list", (Edit(part.place, f"[{part.text}]", raw=True),), safe=False) if part.is_scalar else None
                    yield self.finding(part.key, message, why=always if not value_left(value) else "", fix=fix)

    def _items(self, name: str, items: Value) -> Iterator[Finding]:
        for item in items:
            if not item.is_scalar:
                yield self.finding(
                    item.place,
                    f"an item of condition `{name}` is not a string; Drone drops it",
                    why="Drone evaluates the condition without this item",
                )

    def _pattern(self, name: str, item: Value) -> Iterator[Finding]:
        known = {"event": EVENTS, "status": _STATUS}.get(name)
        if is_malformed(item.text):
            yield self.finding(item.place, f"the pattern `{item.text}` is malformed and never matches", why=_never(item))
        elif known is not None and not any(matches(item.text, choice) for choice in known):
            guess = _MEANT.get(item.text) or nearest(item.text, known)
            hint = f"; did you mean `{guess}`?" if guess else "; the choices are " + ", ".join(f"`{choice}`" for choice in known)
            fix = Fix(f"write `{guess}`", (Edit(item.place, guess),), safe=False) if guess else None
            yield self.finding(item.place, f"there is no {name} `{item.text}`, so it never matches{hint}", why="", fix=fix)
        elif item.text.startswith("!"):
            message = f"`!` does not negate in `{item.text}`: it matches a literal exclamation mark"
            yield self.finding(item.place, message, why=_never(item), help="write `exclude`")


def _never(item: Value) -> str:
    return "the `exclude` does not exclude any build" if "exclude" in item.path else "the pattern does not match any build"


_MEANT = {
    "deployment": "promote",
    "deploy": "promote",
    "pr": "pull_request",
    "merge_request": "pull_request",
    "release": "tag",
    "failed": "failure",
    "succeeded": "success",
}


def value_left(value: Value) -> bool:
    """Whether a condition is not empty after Drone has dropped the parts that it cannot read."""
    return any(part is not None and part.is_list and any(True for _ in part) for part in (value.get("include"), value.get("exclude")))


def _texts(value: Value) -> Iterator[Value]:
    """The patterns of a condition as Drone decodes it."""
    if value.is_scalar:
        if value.text:
            yield value
        return
    for items in [value] if value.is_list else [value.get("include"), value.get("exclude")]:
        if items is not None and items.is_list:
            yield from (item for item in items if item.is_scalar and item.text)
