"""Git commands that need what Drone's clone does not fetch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger, step_events
from drone_lint_rules.drone import CONTAINERS, clones
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_FETCHES = ("fetch", "pull", "clone", "remote", "init")


class MissingGitHistory(Rule):
    """A command asks git for tags, which Drone's clone does not fetch.

    The `clone` step fetches the ref of the build only: there are no tags, except in builds of a tag. `git describe --tags` fails with "No names found", and
    `git tag` lists nothing. Fetch them first: `git fetch --tags`, and `git fetch --unshallow --tags` where `clone.depth` is set.

    The rule is silent if the step, or an earlier one, fetches; for pipelines with a clone of their own; and for steps that run only for tags.
    """

    name = "missing-git-history"
    confidence = Confidence.MEDIUM
    why = "Drone's clone fetches the build's commit and no tags"
    trigger = Trigger(commands=("git describe", "git tag", "describe"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: version
          image: alpine/git:2.43.0
          commands:
          - VERSION=$(git describe --tags --always)  # <- missing-git-history
          - git -C . tag --sort=-v:refname | head -n 1  # <- missing-git-history
        """,
        Jsonnet("""
        local run(command) = { name: 'a', image: 'alpine/git:2.43.0', commands: [command] };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          run('git describe --abbrev=0'),  // <- missing-git-history
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: fetch, image: "alpine/git:2.43.0", commands: [git fetch --tags]}
        - {name: version, image: "alpine/git:2.43.0", commands: [git describe --tags]}
        ---
        kind: pipeline
        type: docker
        name: make
        steps:
        - {name: tag, image: "alpine/git:2.43.0", commands: [git tag v1, git tag -a v2 -m x, git describe --all, "git push --tags"]}
        ---
        kind: pipeline
        type: docker
        name: own
        clone: {disable: true}
        steps:
        - {name: clone, image: "alpine/git:2.43.0", commands: [git clone https://example.com/a .]}
        - {name: version, image: "alpine/git:2.43.0", commands: [git describe --tags]}
        ---
        kind: pipeline
        type: docker
        name: release
        trigger: {event: [tag]}
        steps:
        - {name: version, image: "alpine/git:2.43.0", commands: [git describe --tags]}
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type not in CONTAINERS or not clones(pipeline):
            return
        for step in pipeline.steps:
            script = script_of(step)
            for command in script.commands if script.mentions("git") or _may_fetch(step) else ():
                words = _git_words(command)
                if words[:1] and words[0] in _FETCHES:
                    return
                need = _asks_for_tags(words)
                if need and step_events(step) != frozenset(("tag",)):
                    yield self.finding(
                        script.place(command.start, command.end),
                        f"`git {need}` finds no tags: Drone's clone does not fetch tags",
                        help="run `git fetch --tags` first (with `--unshallow` where `clone.depth` is set)",
                        severity=Severity.NOTICE if "--always" in words else None,
                    )
            if _may_fetch(step):
                return


def _may_fetch(step: Step) -> bool:
    """Whether a step may fetch in a way that commands do not show: the clone plugin, a script of the repository."""
    return step.reference.familiar in ("drone/git", "plugins/git") or (
        not step.commands and step.get("settings") is not None and "git" in step.reference.repository
    )


def _git_words(command: SimpleCommand) -> list[str]:
    """Git's own command with its arguments, without git's options."""
    if command.program != "git":
        return []
    words = [word.text for word in command.arguments]
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] in ("-C", "-c", "--git-dir", "--work-tree") else words[1:]
    return words


def _asks_for_tags(words: list[str]) -> str:
    if words[:1] == ["describe"]:
        return "" if "--all" in words or "--contains" in words else "describe"
    if words[:1] != ["tag"]:
        return ""
    lists = all(word.startswith("-") for word in words[1:]) and not any(
        word in ("-a", "-s", "-d", "-f", "-m", "--delete") for word in words
    )
    return "tag" if lists or any(word in ("-l", "--list", "--points-at", "--contains", "--merged") for word in words) else ""
