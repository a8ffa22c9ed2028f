"""Images whose names are almost those of well-known plugins."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from drone_lint.api import (
    CWE,
    OWASP,
    Confidence,
    ConfigFile,
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Rule,
    data_lines,
)
from drone_lint_rules.supply_chain._images import Use, built_here, uses


class TyposquatPlugin(Rule):
    """An image's name is almost that of a well-known plugin.

    `plugin/docker` and `plugins/dockerr` can be registered by anyone, and would then get the secrets that were meant for `plugins/docker`.

    Correct the name. The rule compares with a list of widely used plugins; if the name is correct, use an ignore comment with a reason.
    """

    name = "typosquat-plugin"
    confidence = Confidence.MEDIUM
    why = "anyone can register that name, and would then get the step's secrets"
    references = (OWASP.CICD_SEC_3, CWE(1357))
    fixable = "unsafe"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: publish
          image: plugin/docker:20  # <- typosquat-plugin
        - name: s3
          image: drone/s3:1  # <- typosquat-plugin
        - name: slack
          image: plugins/slakc  # <- typosquat-plugin
        - name: ssh
          image: appelboy/drone-ssh:1.7  # <- typosquat-plugin
        - name: host
          image: docker.io/plugins/dockerr  # <- typosquat-plugin
        - name: tag
          image: plugins/kanico:${DRONE_BUILD_NUMBER}  # <- typosquat-plugin
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'plugins/docekr:20' },  // <- typosquat-plugin
        ] }
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: publish
              image: plugins/dockerr:20  # <- typosquat-plugin
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: publish
              image: plugins/docker:20
            """,
        ),
        Jsonnet(
            """
            local plugin = 'plugins/docekr:20';  // <- typosquat-plugin
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [{ name: 'a', image: plugin }] }
            """,
            fixed="""
            local plugin = 'plugins/docker:20';
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [{ name: 'a', image: plugin }] }
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: a, image: plugins/docker}
        - {name: b, image: plugins/ecr}
        - {name: c, image: plugins/gcr}
        - {name: d, image: ghcr.io/plugin/docker}
        - {name: e, image: acme/docker}
        - {name: f, image: plugins/webhook}
        - {name: g, image: docker}
        - {name: h, image: plugins/gitlab-ci}
        - {name: i, image: plugins/git-push}
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        alike = [(use, meant) for use in uses(file) if (meant := _meant(use)) is not None and use.reference.familiar in use.value.text]
        own = built_here(file) if alike else set()
        for use, meant in alike:
            if use.reference.canonical in own:
                continue
            text = use.value.text.replace(use.reference.familiar, meant, 1)
            fix = Fix(f"write `{text}`", (Edit(use.value.place, text),), safe=False)
            yield self.finding(
                use.value.place,
                f"image `{use.value.text}` is not the well-known `{meant}`; did you mean that?",
                group=use.value.text,
                help=f"write `{text}`",
                fix=fix,
            )


_CONFUSED = ("drone", "plugin", "drone-plugin", "drone-plugins", "droneplugins", "droneci")
"""Namespaces that are often confused with `plugins`."""


def _meant(use: Use) -> str | None:
    """The well-known plugin whose name differs by one or two typos."""
    return _likeness(use.reference.familiar) if use.reference.host == "docker.io" else None


@lru_cache(maxsize=1024)
def _likeness(name: str) -> str | None:
    """The well-known plugin whose name differs from an image's short name by one or two typos; cached, since the same names recur."""
    known = data_lines(__file__, "known_plugins.txt")
    namespace, slash, plugin = name.partition("/")
    if (
        not slash
        or name in known
        or namespace in {one.partition("/")[0] for one in known if one.partition("/")[2] == plugin}
        or _is_other(name)
    ):
        return None
    if namespace in _CONFUSED and f"plugins/{plugin}" in known:
        return f"plugins/{plugin}"
    for one in known:
        other_space, _, other = one.partition("/")
        if _slips(name, one) > _allowed(one):
            continue
        if namespace == other_space and min(len(plugin), len(other)) < 3:
            continue
        if namespace == other_space or plugin == other or _slips(namespace, other_space) <= 1:
            return one
    return None


def _is_other(name: str) -> bool:
    return name in data_lines(__file__, "other_plugins.txt")


def _allowed(name: str) -> int:
    """The maximum number of typos between a name and its imitation: one for short names."""
    return 2 if len(name.partition("/")[2]) >= 6 else 1


def _slips(one: str, other: str) -> int:
    """Insertions, deletions, changes and swaps of neighbours between two names; 3 for more than two."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        after = [i]
        for j, mate in enumerate(other, 1):
            cost = min(row[j] + 1, after[j - 1] + 1, row[j - 1] + (char != mate))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == mate:
                cost = min(cost, before[j - 2] + 1)
            after.append(cost)
        before, row = row, after
    return row[-1]
