"""Images that are pushed to another registry than the one that is logged in to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drone_lint.api import Edit, Example, Finding, Fix, Jsonnet, Pipeline, Rule, Step, Trigger
from drone_lint_rules.plugins import plugin_of

_HUB = ("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com")


class RegistryNotInRepo(Rule):
    """`registry` names a host, and `repo` does not begin with it.

    `plugins/docker` and its relatives use `registry` for the login only. The image is pushed to where its own name says, and a name without a host means Docker Hub: the push is denied,
    although the login worked. The plugins for ECR, GCR, GAR and ACR add the host themselves, so the rule leaves them alone.
    """

    name = "registry-not-in-repo"
    why = "the plugin logs in to `registry` and pushes to the host in `repo`, which is Docker Hub if it names none"
    trigger = Trigger(keys=("registry",))
    fixable = "unsafe"

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: publish
              image: plugins/docker:20.18
              settings:
                registry: registry.example.com
                repo: acme/app  # <- registry-not-in-repo
            - name: kaniko
              image: plugins/kaniko:1.9
              settings: {registry: "https://ghcr.io", repo: "acme/${DRONE_REPO_NAME}"}  # <- registry-not-in-repo
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: publish
              image: plugins/docker:20.18
              settings:
                registry: registry.example.com
                repo: registry.example.com/acme/app
            - name: kaniko
              image: plugins/kaniko:1.9
              settings: {registry: "https://ghcr.io", repo: "ghcr.io/acme/${DRONE_REPO_NAME}"}
            """,
        ),
        Jsonnet(
            """
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'plugins/buildx:1', settings: {
            registry: 'quay.io',
            repo: 'acme/app',  // <- registry-not-in-repo
          } },
        ] }
        """,
            fixed="""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'plugins/buildx:1', settings: {
            registry: 'quay.io',
            repo: 'quay.io/acme/app',
          } },
        ] }
        """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: both, image: "plugins/docker:20.18", settings: {registry: "registry.example.com:5000", repo: "registry.example.com:5000/acme/app"}}
        - {name: hub, image: "plugins/docker:20.18", settings: {registry: "https://index.docker.io/v1/", repo: acme/app}}
        - {name: ecr, image: "plugins/ecr:20.18", settings: {registry: 1.dkr.ecr.eu-west-1.amazonaws.com, repo: acme/app}}
        - {name: secret, image: "plugins/docker:20.18", settings: {registry: {from_secret: host}, repo: acme/app}}
        - {name: open, image: "plugins/docker:20.18", settings: {registry: ghcr.io, repo: "${REPO}"}}
        - {name: other, image: "plugins/docker:20.18", settings: {registry: ghcr.io, repo: quay.io/acme/app}}
        - {name: expanded, image: "plugins/kaniko:1.9", settings: {registry: ghcr.io, repo: acme/app, expand_repo: true}}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        plugin = plugin_of(step, self.settings)
        if plugin is None or not (names := plugin.fact("host-in")):
            return
        repository, registry = step.settings.get(names[0]), step.settings.get(names[1])
        unless = step.settings.get(names[2]) if len(names) > 2 else None
        if repository is None or registry is None or not repository.text or "$" in registry.text or (unless is not None and unless.true):
            return
        host = _host(registry.text)
        if not host or host.lower() in _HUB or _names_host(repository.text):
            return
        meant = f"{host}/{repository.text}"
        yield self.finding(
            repository.place,
            f"`{repository.text}` is a name on Docker Hub: it does not begin with `{host}`, to which the plugin logs in",
            help=f"write `{names[0]}: {meant}`",
            related=((f"the login is for `{host}`", registry.place),),
            fix=Fix(f"write `{meant}`", (Edit(repository.place, meant),), safe=False),
        )


def _host(text: str) -> str:
    """The host of a registry's address."""
    return re.sub(r"^[a-z]+://", "", text.strip()).partition("/")[0]


def _names_host(repository: str) -> bool:
    """Whether a repository's name has a host, or may have one."""
    head, slash, _ = repository.partition("/")
    return repository.startswith("$") or (bool(slash) and ("." in head or ":" in head or "$" in head or head == "localhost"))
