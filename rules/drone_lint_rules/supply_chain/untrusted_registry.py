"""Images from registries that are not trusted."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, ConfigFile, Example, Finding, ImageSettings, Jsonnet, Rule, Settings, Severity
from drone_lint_rules.supply_chain._images import in_settings, uses
from drone_lint_rules.supply_chain._registries import is_trusted


class UntrustedRegistry(Rule):
    """An image comes from a registry that the configuration does not trust.

    The configuration lists the trusted registries and namespaces: `images: {trusted-registries: [registry.example.com, docker.io/library, "ghcr.io/acme"]}`.
    An entry is a host, a host with a path (which includes everything below it), or a pattern (`*.example.com`). Without a list, the rule is disabled.
    """

    name = "untrusted-registry"
    severity = Severity.ERROR
    profile = "policy"
    listed_in = "images.trusted_registries"
    why = "`images.trusted-registries` in the configuration does not include the image's registry"
    help = "use an image from a trusted registry, or add this one under `images: {trusted-registries: ...}`"
    references = (OWASP.CICD_SEC_3, OWASP.CICD_SEC_8, CWE(829))

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: a
              image: golang:1.23.4
            - name: b
              image: acme/tool:1.0  # <- untrusted-registry
            - name: c
              image: registry.example.com.evil.example/tool:1  # <- untrusted-registry
            - name: d
              image: ghcr.io/acme-evil/tool:1  # <- untrusted-registry
            - name: e
              image: registry.example.com/plugin:1
              settings:
                base_image: quay.io/other:1  # <- untrusted-registry
                cache_from: [registry.example.com/a, quay.io/cache]  # <- untrusted-registry
                build_args:
                - VERSION=quay.io/no-image
                - BASE_IMAGE=quay.io/base:1  # <- untrusted-registry
            - name: tag
              image: quay.io/tool:${DRONE_BUILD_NUMBER}  # <- untrusted-registry
            - name: host
              image: ${REGISTRY}/tool:1  # <- untrusted-registry
            - name: begins alike
              image: registry.example.com${SUFFIX}/tool:1  # <- untrusted-registry
            - name: port
              image: registry.example.com:5000/tool:1  # <- untrusted-registry
            """,
            settings=Settings(images=ImageSettings(trusted_registries=("registry.example.com", "docker.io/library", "ghcr.io/acme"))),
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'alpine:3.20' },  // <- untrusted-registry
            ] }
            """,
            settings=Settings(images=ImageSettings(trusted_registries=("registry.example.com",))),
        ),
    )
    good = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: a, image: "eu.registry.example.com:5000/acme/tool:1"}
            - {name: b, image: "docker.io/alpine"}
            - {name: c, image: "ghcr.io/acme/deep/tool:1"}
            - {name: d, image: "ghcr.io/acme/${DRONE_REPO_NAME}:${DRONE_TAG}"}
            - {name: e, image: "index.docker.io/library/alpine:${DRONE_TAG}"}
            - {name: f, image: "golang:${DRONE_TAG}"}
            - {name: g, image: "ghcr.io/acme/tool:1", settings: {image: badge.png, images: [ghcr.io/acme/x]}}
            """,
            settings=Settings(images=ImageSettings(trusted_registries=("*.registry.example.com:5000", "docker.io", "ghcr.io/acme"))),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        trusted = self.settings.images.trusted_registries
        for use in (*uses(file), *in_settings(file)) if trusted else ():
            if use.reference.repository and not is_trusted(use, trusted):
                yield self.finding(use.value.place, f"image `{use.value.text}` does not come from a trusted registry", group=use.value.text)
