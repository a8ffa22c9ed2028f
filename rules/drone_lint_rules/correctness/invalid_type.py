"""Values of the wrong type."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Fault, Finding, Jsonnet, Rule, Severity, Value, expected
from drone_lint_rules.correctness._faults import Refused, refused_values
from drone_lint_rules.drone import is_command


class InvalidType(Rule):
    """A value has a type that Drone's decoders refuse.

    `commands: make` is text where a list belongs, `privileged: "true"` is text and no boolean, `mem_limit: 2 gigs` no size. A file is
    decoded twice: by the server, before `${}` substitution, by one structure for all types of pipelines; and by the runner, after it,
    by its own. Both must accept it, and each refuses things that the other does not look at: `ports: ["80:80"]` fails on the server
    although no runner reads it, `environment` of a whole pipeline with `from_secret` fails on the runner only.

    What Drone takes, drone-lint takes: any number or boolean where text belongs, one text for a list in conditions, a missing `type`.
    """

    name = "invalid-type"
    severity = Severity.ERROR
    why = "Drone cannot decode the file"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        clone: false  # <- invalid-type
        environment:
          TOKEN: {from_secret: token}  # <- invalid-type
        depends_on: lint  # <- invalid-type
        steps:
        - name: test
          image: golang:1.22.1
          commands: make  # <- invalid-type
          privileged: "true"  # <- invalid-type
          settings: [a]  # <- invalid-type
          environment: {A: [b]}  # <- invalid-type
          mem_limit: 2 gigs  # <- invalid-type
          when: push  # <- invalid-type
          ports: ["80:80"]  # <- invalid-type
        volumes:
        - name: cache
          host: /var/cache  # <- invalid-type
        """,
        """
        kind: pipeline
        type: docker
        name: default
        x-base: &base
          commands: make all  # <- invalid-type
        steps:
        - name: test
          image: golang:1.22.1
          commands: make  # <- invalid-type
          commands: [make]
        - <<: *base
          name: other
          image: golang:1.22.1
          commands: [make]
        """,
        """
        kind: pipeline
        type: kubernetes
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          user: root  # <- invalid-type
          resources: {limits: {cpu: 100m}}  # <- invalid-type
        """,
        "- a list  # <- invalid-type\n",
        Jsonnet("""
        {
          kind: 'pipeline',
          type: 'docker',
          name: 'default',
          steps: { name: 'a', image: 'alpine:3.20' },  // <- invalid-type
        }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: 1.10
        clone: {disable: no, depth: 50.5}
        environment: {A: 1, B: true, C: ~}
        trigger: {branch: main, event: [push, tag]}
        steps:
        - name: on
          image: 1
          commands: [make, 1, true]
          settings: {a: [b, {c: d}], e: 1, f: {g: h}}
          environment: {A: {from_secret: a}, B: 1}
          mem_limit: 1.5GiB
          ports: [80, {port: 81}]
          privileged: yes
          user:
        """,
        """
        kind: pipeline
        type: kubernetes
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          user: 1000
          resources: {limits: {cpu: 100, memory: 1GiB}}
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for refused in refused_values(file):
            if not is_command(refused.fault.path):
                yield self.finding(refused.place, _message(refused), drone=refused.refusals, note=_who(refused))


def _message(refused: Refused) -> str:
    fault = refused.fault
    name = _name(fault)
    if fault.kind == "size":
        return f"{name}: `{getattr(fault.node, 'text', '')}` is no size; write bytes, or a number with `k`, `m` or `g`"
    return f"{name} must be {expected(fault.schema)}, not {_actual(refused.value)}"


def _name(fault: Fault) -> str:
    if not fault.path:
        return "a document"
    *_, last = fault.path
    if isinstance(last, str):
        return f"`{last}`"
    keys = [key for key in fault.path if isinstance(key, str)]
    return f"item {last + 1} of `{keys[-1]}`"


def _actual(value: Value) -> str:
    if value.is_map:
        return "a map"
    if value.is_list:
        return "a list"
    if value.is_null:
        return "null"
    if value.is_string:
        return "text"
    return f"`{value.text}`"


def _who(refused: Refused) -> str:
    if refused.fault.replaced:
        return "a later value of the same key replaces it, but Drone decodes both"
    who = {by for by, _ in refused.refusals}
    if who == {"server"}:
        return "the server refuses it, although the runner does not read it"
    return "" if "server" in who else "the server accepts it; the build fails when the runner takes it"
