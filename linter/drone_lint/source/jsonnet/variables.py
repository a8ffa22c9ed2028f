"""The external variables that the server supplies, with plausible values (harness/drone plugin/converter/jsonnet; drone-semantics 1.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from drone_lint.settings import Settings

_SHA = "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d"
_BUILD = {
    "event": "push",
    "action": "",
    "environment": "",
    "link": "https://git.example.com/octocat/hello-world/commit/" + _SHA,
    "branch": "main",
    "source": "main",
    "before": "762941318ee16e59dabbacb1b4049eec22f0d303",
    "after": _SHA,
    "target": "main",
    "ref": "refs/heads/main",
    "commit": _SHA,
    "title": "Update the readme",
    "message": "Update the readme",
    "source_repo": "",
    "author_login": "octocat",
    "author_name": "The Octocat",
    "author_email": "octocat@example.com",
    "author_avatar": "https://git.example.com/octocat.png",
    "sender": "octocat",
}
_REPO = {
    "uid": "1296269",
    "name": "hello-world",
    "namespace": "octocat",
    "slug": "octocat/hello-world",
    "git_http_url": "https://git.example.com/octocat/hello-world.git",
    "git_ssh_url": "git@git.example.com:octocat/hello-world.git",
    "link": "https://git.example.com/octocat/hello-world",
    "branch": "main",
    "config": ".drone.jsonnet",
    "private": "false",
    "visibility": "public",
    "active": "true",
    "trusted": "false",
    "protected": "false",
    "ignore_forks": "false",
    "ignore_pull_requests": "false",
}
_BOOLEANS = ("private", "active", "trusted", "protected", "ignore_forks", "ignore_pull_requests")
_BY_EVENT = {
    "pull_request": {"action": "opened", "source": "feature", "ref": "refs/pull/1/head", "source_repo": "octocat/hello-world"},
    "tag": {"action": "create", "ref": "refs/tags/v1.0.0", "source": "v1.0.0"},
    "promote": {"environment": "production"},
    "rollback": {"environment": "production"},
}

SUPPLIED = tuple([f"build.{name}" for name in _BUILD] + [f"repo.{name}" for name in _REPO])
"""Every variable that is always there; `build.param.*` besides, where a build has parameters."""

_STRANGERS = "message title author_login author_name author_email author_avatar source branch target ref"
STRANGERS = tuple(f"build.{name}" for name in _STRANGERS.split())
"""Variables in whose value people without any rights, or those who may push no more than a branch, have a say."""


def reads_untrusted(read: Iterable[str]) -> bool:
    """Whether a variable filled by others is among those that a program read."""
    return any(name in STRANGERS or name.startswith("build.param.") for name in read)


def untrusted_variables(texts: Sequence[str], supplied: Iterable[str]) -> tuple[str, ...]:
    """Which variables filled by others a program that reads some may read: those it names, all where it computes a name."""
    names = [name for name in supplied if name in STRANGERS or name.startswith("build.param.")]
    if not any("extVar" in text for text in texts) or any("extVar" in text and _computes_names(text) for text in texts):
        return tuple(names)
    return tuple(name for name in names if any(name in text for text in texts))


def _computes_names(text: str) -> bool:
    import re

    return re.search(r"""extVar\b(?!['"]?\]?\s*\(\s*(?:'[^'\\]*'|"[^"\\]*")\s*\))""", text) is not None


def variables(text: str, settings: Settings, event: str | None) -> dict[str, str]:
    """All external variables for one build. `event` None: none is known, so that all are empty but booleans."""
    if settings.profile == "drone":
        found = dict.fromkeys(SUPPLIED, "") | {f"repo.{name}": "false" for name in _BOOLEANS}
        if event is not None:
            found["build.event"] = event
    else:
        build = _BUILD | _BY_EVENT.get(event or "push", {}) | {"event": event or "push"}
        found = {f"build.{name}": value for name, value in build.items()} | {f"repo.{name}": value for name, value in _REPO.items()}
        found |= dict.fromkeys(parameters(text), "")
        if settings.trust is not None:
            found["repo.trusted"] = "true" if settings.trust == "trusted" else "false"
    found.update(settings.jsonnet.ext_str)
    for name in settings.jsonnet.ext_code:
        found.pop(name, None)
    return found


def parameters(text: str) -> list[str]:
    """The build parameters that a program names: a build may have them or not."""
    if "build.param." not in text:
        return []
    import re

    return re.findall(r"build\.param\.[A-Za-z0-9_.-]+", text)
