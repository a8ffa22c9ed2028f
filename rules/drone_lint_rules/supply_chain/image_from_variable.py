"""Images whose name is only known when the build runs."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, Confidence, ConfigFile, Finding, Jsonnet, Rule, Severity, Trigger, drone_variables, expansions_in
from drone_lint_rules.injection._tainted import is_free_text, is_tainted
from drone_lint_rules.supply_chain._images import Use, built_here, uses


class ImageFromVariable(Rule):
    """An image's name is made of a `${}` variable.

    Which image runs is decided when the build starts, by whoever fills the variable. With the name of a branch or tag that is everyone who may push; with a commit's
    message or author it is everyone who opens a pull request. An error where a stranger fills it, or where a branch's name chooses more than the tag; images that the
    file itself builds may have any tag.

    Write the image's name. For an image that the same build makes, its digest or the commit (`${DRONE_COMMIT_SHA}`) is the safe choice: those are left alone.
    """

    name = "image-from-variable"
    confidence = Confidence.MEDIUM
    why = "whoever fills the variable chooses what runs"
    help = "write the image's name, or use `${DRONE_COMMIT_SHA}` for one that this build makes"
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
            message = f"the image of {use.step.title} is chosen by `{name}`"
            if is_tainted(name):
                message += f", which {'a stranger' if is_free_text(name) else 'whoever names a branch or tag'} can fill"
            bad = is_free_text(name) or (is_tainted(name) and not use.only_tag_is_open)
            yield self.finding(use.value.place, message, severity=Severity.ERROR if bad else Severity.WARNING)


def _chosen_by(use: Use, known: frozenset[str]) -> str | None:
    """The variable of a name that matters most: one that others fill, else one that is not Drone's own."""
    names = [expansion.name for expansion in expansions_in(use.value.text)]
    return next((name for name in names if is_tainted(name)), None) or next((name for name in names if name not in known), None)
