"""Images whose name is only known when the build runs."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger, drone_variables, expansions_in
from drone_lint_rules.injection._tainted import is_tainted


class ImageFromVariable(Rule):
    """An image's name is made of a `${}` variable.

    Which image runs is decided when the build starts, by whoever fills the variable. With the name of a branch or tag that is everyone who may push; with a commit's
    message or author it is everyone who opens a pull request.

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
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        if step.image is None or "${" not in step.image.text:
            return
        known = drone_variables(self.settings) - frozenset(self.settings.substitution.variables)
        for expansion in expansions_in(step.image.text):
            name = expansion.name
            if name in known and not is_tainted(name):
                continue
            bad = is_tainted(name)
            message = f"the image of {step.title} is chosen by `{name}`" + (", which a stranger can fill" if bad else "")
            yield self.finding(step.image.place, message, severity=Severity.ERROR if bad else Severity.WARNING)
            return
