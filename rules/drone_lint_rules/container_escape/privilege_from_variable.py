"""Privileges that a `${}` gives."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, Document, Expansion, Finding, Jsonnet, Part, Place, Rule, Severity, Trigger, Value, expansions_in
from drone_lint_rules.tainted import is_tainted

_OWN_NAMES = ("environment", "settings", "node", "node_selector", "labels", "annotations", "data", "matrix", "deps")
"""Mappings whose keys are names that the author chooses."""
_OF_STEP = ("privileged", "network_mode", "devices")


class PrivilegeFromVariable(Rule):
    """A key, a privilege, a network mode, a host path or a device comes out of a `${}`.

    Drone's server and its reviewers see the text before substitution; the runner runs the text after it. A key such as `${CI#true}privileged` is unknown to the
    server and is `privileged` to the runner. Whether it is depends on the build: on a branch, a tag, or a parameter that the user who starts a build chooses.

    Write keys, `privileged`, `network_mode`, `devices` and the `host` of volumes literally. A host path may contain the repository's name or the build's
    number after a literal folder (`/cache/${DRONE_REPO}`).
    """

    name = "privilege-from-variable"
    severity = Severity.ERROR
    why = "the runner sees other keys and privileges than the server and its reviewers"
    help = "write it literally, without `${}`"
    references = (OWASP.CICD_SEC_4, CWE(94), CWE(250))
    trigger = Trigger(expansions=True)

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          "${DRONE/true/privileged}": true  # <- privilege-from-variable
        - name: mode
          image: golang:1.22.1
          network_mode: "ho${CI#true}st"  # <- privilege-from-variable
          ${DRONE_BRANCH%main}detach: true  # <- privilege-from-variable
        - name: device
          image: golang:1.22.1
          privileged: ${PRIVILEGED}  # <- privilege-from-variable
          devices: [{name: kvm, path: "/dev/${DEVICE}"}]  # <- privilege-from-variable
        volumes:
        - name: socket
          ${CI#true}host: {path: /cache}  # <- privilege-from-variable
        - name: branch
          host: {path: "/cache/${DRONE_COMMIT_MESSAGE}"}  # <- privilege-from-variable
        - name: all
          host: {path: "/cache/${DRONE_REPO_NAME##*}"}  # <- privilege-from-variable
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'golang:1.22.1', network_mode: '${MODE:-host}' },  // <- privilege-from-variable
          { name: 'b', image: 'golang:1.22.1', ['${DRONE_TAG}privileged']: true },  // <- privilege-from-variable
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: ${DRONE_REPO_NAME}
        steps:
        - name: test ${DRONE_BRANCH}
          image: golang:${GO_VERSION}
          environment: {"A_${DRONE_BUILD_NUMBER}": "1", privileged: "${CI}"}
          settings: {"${DRONE_REPO_NAME}": x, network_mode: "${MODE}"}
          "$${CI}": true
        volumes:
        - name: cache
          host: {path: "/cache/${DRONE_REPO}/${DRONE_BUILD_NUMBER}"}
        ---
        kind: secret
        name: a
        """,
    )

    def check_document(self, document: Document) -> Iterator[Finding]:
        if document.kind != "pipeline":
            return
        stack = [document.value]
        while stack:
            value = stack.pop()
            below = list(value.items())
            for key, item in below:
                if "${" in key and expansions_in(key) and value.path[-1:] not in [(name,) for name in _OWN_NAMES]:
                    yield self._finding(Place(document, item.path, Part.KEY), f"the key `{key}` depends on `${{}}`")
            stack.extend([item for _, item in below] or list(value))
        for value in document.value.scalars():
            if "${" in value.text:
                yield from self._of_value(value)

    def _of_value(self, value: Value) -> Iterator[Finding]:
        path = value.path
        expansions = expansions_in(value.text)
        if len(path) >= 3 and path[0] in ("steps", "services") and path[2] in _OF_STEP and expansions:
            yield self._finding(value.place, f"`{path[2]}` depends on `{value.text}`")
        elif len(path) >= 3 and path[0] == "volumes" and path[2] == "host" and any(_is_open(one, value.text) for one in expansions):
            yield self._finding(value.place, f"the host path depends on `{value.text}`")

    def _finding(self, place: Place, message: str) -> Finding:
        return self.finding(place, message)


_FIXED = (
    "DRONE_REPO",
    "DRONE_BUILD_NUMBER",
    "DRONE_COMMIT_SHA",
    "DRONE_COMMIT_BEFORE",
    "DRONE_COMMIT_AFTER",
    "DRONE_STAGE_",
    "DRONE_SYSTEM_",
    "DRONE_RUNNER_",
)
"""Beginnings of names whose values nobody who changes the repository's files chooses."""


def _is_open(expansion: Expansion, text: str) -> bool:
    """Whether a `${}` in a host path may lead elsewhere: into another folder than the literal one before it."""
    before = text[: expansion.start]
    fixed = expansion.name.startswith(_FIXED) and not is_tainted(expansion.name)
    return not (fixed and not expansion.form and before.startswith("/") and before.count("/") >= 2)
