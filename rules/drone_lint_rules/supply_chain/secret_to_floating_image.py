"""Secrets given to images that can change."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, ConfigFile, Finding, Jsonnet, Rule, Trigger
from drone_lint_rules.supply_chain._images import built_here, moving_tag, uses, with_secrets


class SecretToFloatingImage(Rule):
    """An image whose tag moves is given a secret.

    The step hands a secret to whatever the tag points at on the day of the build. Whoever can push the tag, or takes over the
    name, reads the secret. This is the one place where pinning an image is worth more than tidiness, so it takes the place of
    `floating-image-tag` for every image that some step gives a secret.

    Name a version, or better a digest.
    """

    name = "secret-to-floating-image"
    why = "whoever can move the tag reads the secret"
    help = "name a version, or better a digest"
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
        own, secret = built_here(file), with_secrets(file)
        for use in uses(file):
            tag = moving_tag(use.reference, self.settings)
            if tag is None or use.value.text not in secret or use.reference.canonical in own:
                continue
            what = f"its tag `{tag}` moves" if tag else "it has no tag, which means `latest`"
            yield self.finding(use.value.place, f"image `{use.value.text}` is given a secret, and {what}", group=use.value.text)
