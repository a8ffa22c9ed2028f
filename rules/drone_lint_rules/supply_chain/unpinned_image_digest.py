"""Images without a digest."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, ConfigFile, Finding, Jsonnet, Rule, Severity
from drone_lint_rules.supply_chain._images import built_here, uses


class UnpinnedImageDigest(Rule):
    """An image is not pinned to a digest.

    Any tag can be pushed again: only a digest (`golang:1.23.4@sha256:...`) identifies the exact content. Pinning every image requires a bot that updates the digests, so only
    the pedantic profile has this rule; `secret-to-floating-image` reports images with a mutable tag and a secret in every profile.

    Add the digest after the tag: `docker buildx imagetools inspect IMAGE` prints it.
    """

    name = "unpinned-image-digest"
    severity = Severity.NOTICE
    profile = "pedantic"
    why = "a tag can be pushed again; only a digest identifies the exact content"
    help = "add the digest after the tag: `image:tag@sha256:...`"
    references = (OWASP.CICD_SEC_3, CWE(494))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.23.4  # <- unpinned-image-digest
        - name: again
          image: golang:1.23.4
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'alpine:3.20' },  // <- unpinned-image-digest
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.23.4@sha256:0000000000000000000000000000000000000000000000000000000000000000
        - name: publish
          image: plugins/docker@sha256:0000000000000000000000000000000000000000000000000000000000000000
          settings: {repo: acme/app}
        - name: own
          image: acme/app:1
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        own = built_here(file)
        for use in uses(file):
            if use.literal and not use.reference.digest and use.reference.repository and use.reference.canonical not in own:
                yield self.finding(use.value.place, f"image `{use.value.text}` is not pinned to a digest", group=use.value.text)
