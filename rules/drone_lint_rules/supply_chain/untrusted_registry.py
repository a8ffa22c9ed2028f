"""Images from where they may not come."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from drone_lint.api import CWE, OWASP, ConfigFile, Example, Finding, ImageReference, ImageSettings, Jsonnet, Rule, Settings, Severity
from drone_lint_rules.supply_chain._images import in_settings, uses


class UntrustedRegistry(Rule):
    """An image comes from a registry that is not on the list.

    The configuration names the registries and namespaces that images may come from: `images: {trusted-registries: [registry.example.com, docker.io/library, "ghcr.io/acme"]}`.
    An entry is a host, a host with a path (everything below it counts), or a pattern (`*.example.com`). Without a list the rule is off.
    """

    name = "untrusted-registry"
    severity = Severity.ERROR
    profile = "policy"
    listed_in = "images.trusted_registries"
    why = "the configuration does not name its registry as trusted"
    help = "use an image of a trusted registry, or add this one under `images: {trusted-registries: ...}`"
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
            """,
            settings=Settings(images=ImageSettings(trusted_registries=("*.registry.example.com:5000", "docker.io", "ghcr.io/acme"))),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for use in (*uses(file), *in_settings(file)):
            if use.reference.repository and not self._trusted(use.reference):
                yield self.finding(use.value.place, f"image `{use.value.text}` does not come from a trusted registry", group=use.value.text)

    def _trusted(self, reference: ImageReference) -> bool:
        return any(_covers(entry.strip().rstrip("/").lower(), reference) for entry in self.settings.images.trusted_registries)


def _covers(entry: str, reference: ImageReference) -> bool:
    host, _, path = entry.partition("/")
    if "." not in host and ":" not in host and host != "localhost" and "*" not in host:
        host, path = "docker.io", entry
    full = reference.canonical.partition("/")
    if not fnmatchcase(reference.host.lower(), host):
        return False
    return not path or full[2] == path or full[2].startswith(path + "/") or fnmatchcase(full[2], path)
