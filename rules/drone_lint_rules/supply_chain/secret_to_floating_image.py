"""Secrets in steps whose image can change."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from drone_lint.api import CWE, OWASP, ConfigFile, Example, Finding, ImageSettings, Jsonnet, Rule, Settings, Severity, Trigger
from drone_lint_rules.supply_chain._images import Use, built_here, moving_tag, uses, with_secrets
from drone_lint_rules.supply_chain._registries import is_trusted


class SecretToFloatingImage(Rule):
    """A step passes a secret to an image with a mutable tag.

    The step passes the secret to whichever image the tag refers to at the time of the build. Anyone who can push the tag, or takes over the
    name, can read the secret. Pinning is most important for these images, so this rule replaces
    `floating-image-tag` for every image that gets a secret in any step.

    Use a fixed version, or preferably a digest. If the configuration lists trusted registries (`images: {trusted-registries: [...]}`), an
    image from another registry that gets a secret is an error, regardless of its tag.
    """

    name = "secret-to-floating-image"
    why = "anyone who can push the tag can read the secret"
    help = "use a fixed version, or preferably a digest"
    references = (OWASP.CICD_SEC_3, OWASP.CICD_SEC_6, CWE(829))
    trigger = Trigger(keys=("from_secret",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: publish
          image: plugins/s3  # <- secret-to-floating-image
          settings:
            access_key: {from_secret: key}
        - name: test
          image: golang
        - name: again
          image: plugins/s3
          settings: {bucket: x}
        - name: deploy
          image: acme/deploy:latest  # <- secret-to-floating-image
          environment:
            TOKEN:
              from_secret: token
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'default', steps: [
          { name: 'notify', image: 'plugins/slack', settings: { webhook: { from_secret: 'hook' } } },  // <- secret-to-floating-image
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: elsewhere
              image: acme/deploy:1.2.3  # <- secret-to-floating-image
              settings: {token: {from_secret: token}}
            - name: at home
              image: registry.example.com/deploy:1.2.3
              settings: {token: {from_secret: token}}
            - name: no secret
              image: acme/tool:1.2.3
            """,
            settings=Settings(images=ImageSettings(trusted_registries=("registry.example.com",))),
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: publish
          image: plugins/s3:1.5.1
          settings:
            access_key: {from_secret: key}
        - name: test
          image: golang
          settings: {deep: {nested: {from_secret: key}}}
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        images = tuple(uses(file))
        secret = with_secrets(images)
        given = [use for use in images if use.value.text in secret]
        floating = [(use, tag) for use in given if (tag := moving_tag(use, self.settings, pedantic=self.pedantic)) is not None]
        own = built_here(file) if floating else set()
        for use, tag in floating:
            if use.reference.canonical not in own:
                what = f"has the mutable tag `{tag}`" if tag else "has no tag, which means `latest`"
                yield self.finding(use.value.place, f"image `{use.value.text}` gets a secret, but {what}", group=use.value.text)
        yield from self._from_elsewhere(given, {use.value.text for use, _ in floating})

    def _from_elsewhere(self, given: Sequence[Use], reported: Container[str]) -> Iterator[Finding]:
        trusted = self.settings.images.trusted_registries
        for use in given if trusted else ():
            if use.value.text not in reported and not is_trusted(use, trusted):
                yield self.finding(
                    use.value.place,
                    f"image `{use.value.text}` gets a secret, but does not come from a trusted registry",
                    severity=Severity.ERROR,
                    why="the owner of the image can read the secret",
                    help="use an image from a trusted registry",
                    group=use.value.text,
                )
