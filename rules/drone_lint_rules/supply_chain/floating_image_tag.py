"""Images with a mutable tag."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, ConfigFile, Example, Finding, ImageSettings, Jsonnet, Rule, Settings
from drone_lint_rules.supply_chain._images import built_here, moving_tag, uses, with_secrets


class FloatingImageTag(Rule):
    """An image has no tag, or a mutable tag.

    `golang`, `golang:latest` or `node:lts` may refer to a different image tomorrow: a build that passed may fail without any change, two runners
    may run different code, and anyone who can push the tag can run code in the pipeline.

    Use a version (`golang:1.23.4`) or a digest (`golang@sha256:...`), and let a bot update it. Declare other mutable tags of your registry
    in the configuration, as patterns: `images: {moving-tags: ["ci-*"]}`. The rule does not report images that the same file builds
    (`settings.repo`, `docker build -t`), or images in steps with a secret, which `secret-to-floating-image` reports. The pedantic profile
    also reports a major version alone (`golang:1`, `tool:v2`).
    """

    name = "floating-image-tag"
    why = "the same name may refer to a different image tomorrow, without any change in the repository"
    help = "use a fixed version such as `image:1.2.3`, or a digest"
    references = (OWASP.CICD_SEC_3, OWASP.CICD_SEC_9, CWE(1357), CWE(829))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: none
          image: golang  # <- floating-image-tag
        - name: again
          image: golang
        - name: latest
          image: docker.io/library/node:latest  # <- floating-image-tag
        - name: port
          image: registry.example.com:5000/acme/tool  # <- floating-image-tag
        - name: case
          image: "alpine:Edge"  # <- floating-image-tag
        - name: variant
          image: node:lts-alpine3.20  # <- floating-image-tag
        - name: behind
          image: mcr.microsoft.com/mssql/server:2017-latest  # <- floating-image-tag
        - name: variable
          image: registry.example.com/${DRONE_REPO_NAME}  # <- floating-image-tag
        services:
        - name: db
          image: postgres:16.2
        - name: major
          image: redis:7  # <- floating-image-tag
        - name: major too
          image: acme/redis:v7  # <- floating-image-tag
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: listed
              image: acme/tool:CI-4  # <- floating-image-tag
            """,
            settings=Settings(images=ImageSettings(moving_tags=("ci-*",))),
        ),
        Jsonnet("""
        local image = 'golang';  // <- floating-image-tag
        local step(name, image) = { name: name, image: image };
        { kind: 'pipeline', type: 'docker', name: 'default', steps: [step('a', image), step('b', image)] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: version
          image: golang:1.22
        - name: digest
          image: golang@sha256:0000000000000000000000000000000000000000000000000000000000000000
        - name: both
          image: registry.example.com:5000/acme/tool:latest@sha256:0000000000000000000000000000000000000000000000000000000000000000
        - name: word
          image: node:20-lts
        - name: publish
          image: plugins/docker:20.18
          settings: {repo: acme/app}
        - name: own
          image: acme/app
        - name: variable
          image: acme/tool:${DRONE_TAG}
        - name: whole
          image: ${IMAGE}
        - name: build
          image: docker:27.3.1
          commands: [docker buildx build --tag registry.example.com/acme/made --push .]
        - name: made
          image: registry.example.com/acme/made:latest
        - name: numbered
          image: acme/publisher:stable-346
        - name: commit
          image: acme/publisher:main-3f9c2b1
        - name: day
          image: acme/publisher:nightly-2024-06-01
        - name: no-image
          commands: [make]
        """,
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: major, image: "golang:1"}
            - {name: major too, image: "acme/tool:v1"}
            """,
            settings=Settings(),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        images = tuple(uses(file))
        secret = with_secrets(images)
        moving = [(use, tag) for use in images if (tag := moving_tag(use, self.settings, pedantic=self.pedantic)) is not None]
        own = built_here(file) if moving else set()
        for use, tag in moving:
            if use.value.text in secret or use.reference.canonical in own:
                continue
            what = f"the mutable tag `{tag}`" if tag else "no tag, which means `latest`"
            yield self.finding(use.value.place, f"image `{use.value.text}` has {what}", group=use.value.text)
