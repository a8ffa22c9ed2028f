"""`${}` of variables that Drone does not have."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    ConfigFile,
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Place,
    PlacedExpansion,
    Rule,
    Settings,
    Severity,
    SubstitutionSettings,
    TextPlace,
    Trigger,
    did_you_mean,
    drone_variables,
)


class ErasedVariable(Rule):
    """A `${VARIABLE}` is none of Drone's, so Drone replaces it by nothing.

    The runner replaces every `${...}` in the whole file before anything else happens, and knows only its own variables (`DRONE_*`, `CI_*`)
    and a build's parameters. A variable of the shell, of the step's `environment` or a secret is not among them: `${HOME}` and `${VERSION}`
    become empty before the shell sees them, without a word.

    For the shell write `$VERSION` or `$${VERSION}`. Parameters of builds, and what the runner adds (`DRONE_RUNNER_ENVIRON`), can be named in the
    configuration: `substitution: {variables: [RELEASE_CHANNEL]}`.
    """

    name = "erased-variable"
    severity = Severity.ERROR
    why = "Drone replaces it by nothing before the shell sees it"
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
        for expansion in file.expansions:
            if expansion.in_value and expansion.name not in known:
                yield self._finding(expansion, known)

    def _finding(self, expansion: PlacedExpansion, known: frozenset[str]) -> Finding:
        name = expansion.name
        elsewhere = isinstance(expansion.place, Place) and "commands" not in expansion.place.path
        fix = None if elsewhere else escape(expansion)
        if name.startswith(("DRONE_", "CI_")):
            message = f"Drone has no variable `{name}`, and puts nothing in its place{did_you_mean(name, known, 0.85)}"
            return self.finding(expansion.place, message, help="correct the name, or declare it under `substitution: {variables: ...}`")
        message = f"Drone replaces `{expansion.text}` by {_replacement(expansion)}: `{name}` is none of its variables"
        return self.finding(expansion.place, message, help=f"write `${name}` or `${expansion.text}` for the shell", fix=fix)


def _replacement(expansion: PlacedExpansion) -> str:
    return "its default" if expansion.form in ("=", ":=", ":-", ":?", ":+") else "nothing"


def escape(expansion: PlacedExpansion) -> Fix | None:
    """The edit that leaves a `${}` to the shell."""
    place = expansion.place
    if isinstance(place, TextPlace):
        start = TextPlace(place.source, place.start, place.start, place.document)
        return Fix(f"write `${expansion.text}`", (Edit(start, "$", raw=True),))
    if place.range is not None:
        at = Place(place.document, place.path, place.part, (place.range[0], place.range[0]))
        return Fix(f"write `${expansion.text}`", (Edit(at, "$"),))
    return None
