"""Values of the wrong type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drone_lint.api import ConfigFile, Edit, Example, Fault, Finding, Fix, Jsonnet, Rule, Severity, Value, expected
from drone_lint_rules.correctness._faults import Refused, refused_values
from drone_lint_rules.drone import is_command


class InvalidType(Rule):
    """A value has a type that Drone's decoders refuse.

    `commands: make` is a string instead of a list, `privileged: "true"` is a string instead of a boolean, and `mem_limit: 2 gigs` is not a valid size. A file is
    decoded twice: by the server before `${}` substitution, into one structure for all types of pipelines; and by the runner after substitution,
    into its own structure. Both must accept the file, and each refuses values that the other does not decode: `ports: ["80:80"]` fails on the server
    although no runner uses it; `from_secret` in the `environment` of a whole pipeline fails only on the runner.

    drone-lint accepts everything that Drone accepts: a number or boolean instead of a string, a single string instead of a list in conditions, a missing `type`.
    """

    name = "invalid-type"
    severity = Severity.ERROR
    why = "Drone cannot decode the file"
    fixable = "safe"

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
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            clone: false  # <- invalid-type
            concurrency: 1  # <- invalid-type
            depends_on: lint  # <- invalid-type
            steps:
            - name: build
              image: golang:1.22.1
              privileged: "true"  # <- invalid-type
              depends_on: on  # <- invalid-type
            volumes:
            - {name: cache, host: /var/cache}  # <- invalid-type
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            clone: {disable: true}
            concurrency: {limit: 1}
            depends_on: [lint]
            steps:
            - name: build
              image: golang:1.22.1
              privileged: true
              depends_on: on
            volumes:
            - {name: cache, host: {path: /var/cache}}
            """,
        ),
        Jsonnet(
            """
            {
              kind: 'pipeline',
              type: 'docker',
              name: 'default',
              depends_on: 'lint',  // <- invalid-type
              clone: false,  // <- invalid-type
              steps: [{ name: 'a', image: 'alpine:3.20', privileged: 'true' }],  // <- invalid-type
            }
            """,
            fixed="""
            {
              kind: 'pipeline',
              type: 'docker',
              name: 'default',
              depends_on: ['lint'],
              clone: false,
              steps: [{ name: 'a', image: 'alpine:3.20', privileged: true }],
            }
            """,
        ),
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
                from drone_lint_rules.correctness._meant import right_form

                advice = right_form(refused.value) if refused.fault.kind == "type" else ""
                yield self.finding(
                    refused.place,
                    _message(refused),
                    drone=refused.refusals,
                    note=_who(refused),
                    help=advice,
                    fix=_fix(refused, file.language),
                )


def _fix(refused: Refused, language: str) -> Fix | None:
    """The form that the value surely stands for: the file is refused as it is, so there is no meaning to lose."""
    value = refused.value
    if refused.fault.kind != "type" or refused.fault.replaced or not value.is_scalar or value.is_null:
        return None
    if not value.is_string and language != "yaml":  # a program's place for what is no text is its key
        return None
    text = _right_text(refused, f"'{value.text}'" if language != "yaml" else value.text)
    if language == "starlark":  # no keys without quotes, and booleans of its own
        text = {"true": "True", "false": "False"}.get(text, "" if text.startswith("{") else text)
    return Fix(f"write `{text}`", (Edit(value.place, text, raw=True),)) if text else None


def _right_text(refused: Refused, written: str) -> str:
    from drone_lint_rules.correctness._meant import place_of

    value = refused.value
    *around, key = refused.fault.path or ("",)
    types = refused.fault.schema.get("type", ())
    match place_of(around), key:
        case ("pipeline" | "step", "depends_on") | ("pipeline", "image_pull_secrets"):
            return f"[{written}]" if _is_word(value.text) else ""
        case "pipeline", "clone":
            return "{disable: true}" if value.data is False else ""
        case "pipeline", "concurrency":
            return f"{{limit: {value.text}}}" if value.text.isdigit() else ""
        case "volume", "host":
            return f"{{path: {written}}}" if re.fullmatch(r"/[\w./-]*", value.text) else ""
    return value.text if "boolean" in types and value.is_string and value.text in ("true", "false") else ""


def _is_word(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z][\w-]*", text) is not None and text.lower() not in (
        "yes",
        "no",
        "on",
        "off",
        "true",
        "false",
        "null",
        "y",
        "n",
    )


def _message(refused: Refused) -> str:
    fault = refused.fault
    name = _name(fault)
    if fault.kind == "size":
        return f"{name}: `{getattr(fault.node, 'text', '')}` is not a size; write a number of bytes, or a number with `k`, `m` or `g`"
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
        return "a string"
    return f"`{value.text}`"


def _who(refused: Refused) -> str:
    if refused.fault.replaced:
        return "a later value of the same key replaces it, but Drone decodes both"
    who = {by for by, _ in refused.refusals}
    if who == {"server"}:
        return "the server refuses the value, although the runner does not read it"
    return "" if "server" in who else "the server accepts the value; the build fails when the runner decodes it"
