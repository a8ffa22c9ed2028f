"""What a validation request says: the build, its repository and the converted configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from drone_lint.model.condition import EVENTS
from drone_lint.semantics.build import Build


class MalformedError(ValueError):
    """A body that Drone's client would not send; the text says what is wrong and quotes nothing of it."""


class ValidationRequest(NamedTuple):
    """One request. Fields that Drone never fills (`cron`, `deploy_id`, `ignore_pull_requests`, ...) are left out."""

    slug: str
    """The repository, `owner/name`."""
    trusted: bool
    config_path: str
    """Where the configuration stands in the repository; its language is known by it, but `config` is what it was converted to."""
    config: str
    """YAML, or the JSON documents that a program was converted to."""
    event: str
    action: str
    branch: str
    """The branch that conditions look at: `build.target`."""
    ref: str
    after: str
    """The commit."""
    fork: str
    """For a pull request the repository that it comes from; empty where Drone does not say."""
    deploy_to: str

    @property
    def build(self) -> Build:
        """What conditions can be judged by. What Drone left empty is unknown; a cron job's name always is."""
        deploys = self.event in ("promote", "rollback")
        return Build(
            self.event,
            branch=self.branch or None,
            ref=self.ref or None,
            repo=self.slug or None,
            target=(self.deploy_to or None) if deploys else None,
            action=(self.action or None) if self.event in ("pull_request", "tag") else None,
        )

    @property
    def from_fork(self) -> bool:
        """Whether the build is a pull request from another repository, as far as Drone tells."""
        return self.event == "pull_request" and self.fork not in ("", self.slug)


def parse_request(body: bytes) -> ValidationRequest:
    """Read a request's body; unknown keys are ignored, as Drone adds some with every version.

    Raises:
        MalformedError: it is not JSON, or a field that is read has another type.
    """
    try:
        data = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedError("the body is not JSON") from error
    build, repo, config = (_object(data, name) for name in ("build", "repo", "config"))
    event = _text(build, "event")
    if event not in EVENTS:
        raise MalformedError("build.event is not an event of Drone")
    return ValidationRequest(
        slug=_text(repo, "slug"),
        trusted=_flag(repo, "trusted"),
        config_path=_text(repo, "config_path"),
        config=_text(config, "data"),
        event=event,
        action=_text(build, "action"),
        branch=_text(build, "target"),
        ref=_text(build, "ref"),
        after=_text(build, "after"),
        fork=_text(build, "source_repo"),
        deploy_to=_text(build, "deploy_to"),
    )


def _object(data: Any, name: str) -> Mapping[str, Any]:
    found = data.get(name) if isinstance(data, dict) else None
    if not isinstance(found, dict):
        raise MalformedError(f"{name} is not an object")
    return found


def _text(data: Mapping[str, Any], name: str) -> str:
    found = data.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise MalformedError(f"{name} is not text")
    return found


def _flag(data: Mapping[str, Any], name: str) -> bool:
    found = data.get(name)
    if found is None:
        return False
    if not isinstance(found, bool):
        raise MalformedError(f"{name} is not true or false")
    return found
