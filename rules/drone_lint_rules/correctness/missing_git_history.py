"""Git commands that need what Drone's clone does not fetch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger, step_events, step_values
from drone_lint_rules.drone import CONTAINERS, clones
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_FETCHES = ("fetch", "pull", "clone", "remote", "init")


class MissingGitHistory(Rule):
    """A command asks git for tags or branches that Drone's clone does not fetch.

    The `clone` step fetches the ref of the build only: there are no tags, except in builds of a tag. `git describe --tags` fails with "No names found", and
    `git tag` lists nothing. Fetch them first: `git fetch --tags`, and `git fetch --unshallow --tags` where `clone.depth` is set.

    `origin/main` exists only in builds of `main` and of pull requests into it: `git diff origin/main` fails in builds of other branches.

    The rule is silent if the step, or an earlier one, fetches; for pipelines with a clone of their own; and for steps that run only for tags.
    """

    name = "missing-git-history"
    confidence = Confidence.MEDIUM
    why = "Drone's clone fetches the build's commit and no tags"
    trigger = Trigger(commands=("git describe", "git tag", "describe", "origin/"))

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
          - git diff --name-only origin/main...HEAD -- src  # <- missing-git-history
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
        - {name: tag, image: "alpine/git:2.43.0", commands: ["git diff HEAD~1", "git diff origin/$DRONE_TARGET_BRANCH", "git log -- origin/x", git tag v1, git tag -a v2 -m x, git describe --all, "git push --tags"]}
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
        - {name: changes, image: "alpine/git:2.43.0", commands: [git diff origin/main], when: {event: [pull_request]}}
        ---
        kind: pipeline
        type: docker
        name: of the branch
        trigger: {branch: [main]}
        steps:
        - {name: changes, image: "alpine/git:2.43.0", commands: [git log origin/main~5..HEAD, git log origin/main]}
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
                branch = _remote_branch(words)
                if branch and _may_lack(step, branch):
                    yield self.finding(
                        script.place(command.start, command.end),
                        f"`git {words[0]}` needs `origin/{branch}`, which exists only in builds of `{branch}`",
                        why="Drone's clone fetches the branch of the build, and no other",
                        help=f"run `git fetch origin +refs/heads/{branch}:refs/remotes/origin/{branch}` first",
                    )
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


_COMPARES = ("diff", "log", "rev-list", "merge-base", "shortlog", "cherry", "format-patch", "merge", "rebase", "show", "diff-tree")


def _remote_branch(words: list[str]) -> str:
    """The `x` of `origin/x` that a command reads, alone or as an end of a range; empty if there is none that is written out."""
    if words[:1] and words[0] in _COMPARES:
        options = words[1 : words.index("--")] if "--" in words else words[1:]
        for word in options:
            for part in re.split(r"\.{2,3}", word):
                found = re.fullmatch(r"(?:refs/remotes/)?origin/(?!HEAD$)([\w./-]+)", part)
                if found:
                    return found[1]
    return ""


def _may_lack(step: Step, branch: str) -> bool:
    """Whether a step runs in builds of another branch; those of pull requests have the branch into which they go, which is most likely this one."""
    events = step_events(step)
    fixed = step_values(step, "branch") == (branch,) or step_values(step, "ref") == (f"refs/heads/{branch}",)
    return not events <= {"pull_request"} and not fixed


def _asks_for_tags(words: list[str]) -> str:
    if words[:1] == ["describe"]:
        return "" if "--all" in words or "--contains" in words else "describe"
    if words[:1] != ["tag"]:
        return ""
    lists = all(word.startswith("-") for word in words[1:]) and not any(
        word in ("-a", "-s", "-d", "-f", "-m", "--delete") for word in words
    )
    return "tag" if lists or any(word in ("-l", "--list", "--points-at", "--contains", "--merged") for word in words) else ""
