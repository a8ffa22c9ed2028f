"""Images whose names are not known before the build runs."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    CWE,
    OWASP,
    Confidence,
    ConfigFile,
    Finding,
    Jsonnet,
    Rule,
    Severity,
    Trigger,
    drone_variables,
    expansions_in,
    step_events,
)
from drone_lint_rules.supply_chain._images import Use, built_here, uses
from drone_lint_rules.tainted import is_free_text, is_tainted


class ImageFromVariable(Rule):
    """An image's name contains a `${}` variable.

    The user who controls the variable decides which image runs. For the name of a branch or tag, that is anyone who can push; for a commit's
    message or author, it is anyone who can open a pull request. The finding is an error if untrusted contributors control the variable, if the branch of a pull request sets any part of it, or if a branch's name sets more than the tag. The rule does not report the tags
    of images that the file itself builds.

    Write the image's name literally. For an image that the same build creates, use its digest or the commit (`${DRONE_COMMIT_SHA}`), which the rule does not report.
    """

    name = "image-from-variable"
    confidence = Confidence.MEDIUM
    why = "the user who controls the variable decides which image runs"
    help = "write the image's name literally, or use `${DRONE_COMMIT_SHA}` for an image that this build creates"
    references = (OWASP.CICD_SEC_4, CWE(829))
    trigger = Trigger(expansions=True)

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: acme/tool:${DRONE_BRANCH}  # <- image-from-variable
        - name: param
          image: "${IMAGE}"  # <- image-from-variable
        - name: author
          image: registry.example.com/${DRONE_COMMIT_AUTHOR}/tool:1  # <- image-from-variable
        - name: default
          image: golang:${GO_VERSION:-1.22}  # <- image-from-variable
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'acme/tool:${DRONE_SOURCE_BRANCH}' },  // <- image-from-variable
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: sha, image: "acme/tool:${DRONE_COMMIT_SHA:0:8}"}
        - {name: number, image: "acme/tool:${DRONE_BUILD_NUMBER}-${DRONE_STAGE_ARCH}"}
        - {name: repo, image: "registry.example.com/${DRONE_REPO_NAME}:1"}
        - {name: plain, image: "acme/tool:1.0"}
        - {name: escaped, image: "acme/tool:$${X}"}
        - {name: publish, image: "plugins/docker:20", settings: {repo: acme/made, tags: "${DRONE_BRANCH}"}}
        - {name: made, image: "acme/made:${DRONE_BRANCH}-${DRONE_BUILD_NUMBER}"}
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        known = drone_variables(self.settings) - frozenset(self.settings.substitution.variables)
        open_images = [(use, name) for use in uses(file) if (name := _chosen_by(use, known))]
        own = built_here(file) if any(use.only_tag_is_open for use, _ in open_images) else set()
        for use, name in open_images:
            if use.only_tag_is_open and use.reference.canonical in own:
                continue
            of_pull_request = name == "DRONE_SOURCE_BRANCH" and "pull_request" in step_events(use.step)
            message = f"the image of {use.step.title} depends on `{name}`"
            if is_tainted(name):
                message += f", which {'untrusted contributors control' if is_free_text(name) or of_pull_request else 'anyone who can push a branch or tag controls'}"
            bad = is_free_text(name) or of_pull_request or (is_tainted(name) and not use.only_tag_is_open)
            yield self.finding(use.value.place, message, severity=Severity.ERROR if bad else Severity.WARNING)


def _chosen_by(use: Use, known: frozenset[str]) -> str | None:
    """The most relevant variable of a name: one that other users control, else one that is not Drone's own."""
    names = [expansion.name for expansion in expansions_in(use.value.text)]
    return next((name for name in names if is_tainted(name)), None) or next((name for name in names if name not in known), None)
