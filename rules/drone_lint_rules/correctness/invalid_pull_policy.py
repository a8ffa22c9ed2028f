"""Pull policies that do not exist."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Pipeline,
    Rule,
    Step,
    Trigger,
    did_you_mean,
)
from drone_lint_rules.drone import NAMESPACE

_KNOWN = ("always", "if-not-exists", "never")
_MEANT = {
    "true": "always",
    "yes": "always",
    "on": "always",
    "false": "if-not-exists",
    "if-not-present": "if-not-exists",
    "ifnotpresent": "if-not-exists",
    "missing": "if-not-exists",
}


class InvalidPullPolicy(Rule):
    """`pull` has a value that Drone does not know, so it has no effect.

    The choices are `always`, `if-not-exists` and `never`. Any other value, most often `pull: true` from Drone 0.8, means the default: the runner always pulls an image without a tag or with
    the tag `latest`, and any other image only if it does not have it yet.
    """

    name = "invalid-pull-policy"
    why = "Drone uses the default: it pulls `latest` always, and other tags only if the runner does not have them"
    fixable = "safe"
    trigger = Trigger(keys=("pull",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: a
          image: acme/tool:edge
          pull: true  # <- invalid-pull-policy
        - name: b
          image: acme/tool:edge
          pull: if-not-present  # <- invalid-pull-policy
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          {
            name: 'a',
            image: 'acme/tool:1.2',
            pull: 'allways',  // <- invalid-pull-policy
          },
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: a, image: "acme/tool:edge", pull: true}  # <- invalid-pull-policy
            - name: b
              image: acme/tool:edge
              pull: "true"  # <- invalid-pull-policy
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: a, image: "acme/tool:edge", pull: always}
            - name: b
              image: acme/tool:edge
              pull: "always"
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'acme/tool:1.2', pull: true },  // <- invalid-pull-policy
              { name: 'b', image: 'acme/tool:1.2', pull: "if-not-present" },  // <- invalid-pull-policy
            ] }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'acme/tool:1.2', pull: 'always' },
              { name: 'b', image: 'acme/tool:1.2', pull: "if-not-exists" },
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
        - {name: a, image: "acme/tool:edge", pull: Always}
        - {name: b, image: "acme/tool:edge", pull: if-not-exists}
        - {name: c, image: "acme/tool:edge", pull: ""}
        - {name: d, image: "acme/tool:edge", pull: ~}
        """,
    )
    view = "runner"

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        value = step.get("pull")
        if value is None or not value.is_scalar or pipeline.type not in NAMESPACE or value.text.lower() in ("", "default", *_KNOWN):
            return
        meant = _MEANT.get(value.text.lower())
        hint = (
            f"; did you mean `{meant}`?"
            if meant
            else did_you_mean(value.text, _KNOWN) or "; the choices are " + ", ".join(f"`{policy}`" for policy in _KNOWN)
        )
        fix = Fix(f"write `{meant}`", (Edit(value.place, meant),), safe=meant == "always") if meant else None
        yield self.finding(value.place, f"`{value.text}` is not a pull policy{hint}", fix=fix)
