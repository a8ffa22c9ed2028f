"""Packages without a version."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from drone_lint.api import OWASP, Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Step
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand, Word

_PYTHON = r"python[0-9.]*|pypy[0-9]*"
_PIP_VALUES = "-r --requirement -c --constraint -e --editable -i --index-url --extra-index-url -f --find-links -t --target --prefix --root --python --proxy --timeout --log --src"


class UnpinnedPackageInstall(Rule):
    """A command installs a package of whatever version is newest.

    `pip install x`, `npm install -g x`, `go install x@latest`, `gem install x`: tomorrow's build runs other code, and whoever takes over the package runs in the step.

    Name a version (`x==1.2.3`, `x@1.2.3`, `gem install x -v 1.2.3`), or install from a lock file.
    """

    name = "unpinned-package-install"
    severity = Severity.NOTICE
    confidence = Confidence.MEDIUM
    profile = "pedantic"
    why = "tomorrow it is other code"
    help = "name a version, or install from a lock file"
    references = (OWASP.CICD_SEC_3,)

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: install
          image: alpine:3.20
          commands:
          - pip install requests==2.32.0 black  # <- unpinned-package-install
          - python3 -m pip install --user 'poetry>=1.0'  # <- unpinned-package-install
          - npm install -g yarn  # <- unpinned-package-install
          - npm i --global @acme/tool@latest  # <- unpinned-package-install
          - go install golang.org/x/tools/cmd/goimports@latest  # <- unpinned-package-install
          - sudo gem install bundler  # <- unpinned-package-install
          - yarn global add serverless  # <- unpinned-package-install
          - cargo install cross  # <- unpinned-package-install
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'python:3.12.1', commands: [
            'pip install tox',  // <- unpinned-package-install
          ] },
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: install
          image: alpine:3.20
          commands:
          - pip install -r requirements.txt -c constraints.txt
          - pip install requests==2.32.0 ./local "tool @ https://example.com/tool-1.0.tar.gz" dist/*.whl .[dev]
          - npm install
          - npm ci
          - npm install -g yarn@1.22.22 @acme/tool@2.0.0
          - go install golang.org/x/tools/cmd/goimports@v0.20.0
          - go install ./cmd/tool
          - gem install bundler -v 2.5.0
          - gem install rake:13.0.6
          - cargo install cross --version 0.2.5
          - cargo install --path .
          - echo pip install x
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        script = script_of(step)
        if not script.mentions("install", " i ", " add "):
            return
        for command in script.commands:
            package = _unpinned(command)
            if package is not None:
                yield self.finding(
                    script.place(command.start, command.end), f"`{command.program}` installs `{package}` in whatever version is newest"
                )


def _unpinned(command: SimpleCommand) -> str | None:
    from drone_lint_rules.shell.options import operands

    program, words = command.program, [word.text for word in command.arguments]
    if re.fullmatch("pip[0-9.]*|pipx|uv", program) or (re.fullmatch(_PYTHON, program) and words[:2] == ["-m", "pip"]):
        return _first(operands(command, _PIP_VALUES), ("install",), _pip_is_pinned)
    if (program in ("npm", "pnpm") and any(word in ("-g", "--global") for word in words)) or (
        program == "yarn" and words[:2] == ["global", "add"]
    ):
        return _first(operands(command, "--prefix --registry"), ("install", "i", "add"), _npm_is_pinned)
    if program == "go" and words[:1] == ["install"]:
        return next((word for word in words[1:] if word.endswith(("@latest", "@main", "@master"))), None)
    if program == "gem" and not any(word.startswith(("-v", "--version")) for word in words):
        return _first(operands(command, "-i -n --source -s"), ("install",), lambda text: ":" in text or text.endswith(".gem"))
    if program == "cargo" and not any(word.startswith(("--version", "--vers", "--path", "--git", "--locked")) for word in words):
        return _first(operands(command, "--features --root --target"), ("install",), lambda text: "@" in text)
    return None


def _first(found: list[Word], verbs: tuple[str, ...], is_pinned: Callable[[str], bool]) -> str | None:
    """The first package behind the verb that names no version; what variables hold is not known."""
    texts = [word.text for word in found]
    at = next((index for index, text in enumerate(texts) if text in verbs), None)
    if at is None:
        return None
    return next((text for text in texts[at + 1 :] if "$" not in text and not is_pinned(text)), None)


def _pip_is_pinned(text: str) -> bool:
    """Whether a requirement names its version or is a file, folder or address."""
    return "==" in text or "@" in text or "/" in text or text.startswith(".") or text.endswith((".whl", ".tar.gz", ".zip"))


def _npm_is_pinned(text: str) -> bool:
    """Whether a package names its version or is a file, folder or address."""
    if text.startswith((".", "/", "http", "git", "file:")) or text.endswith(".tgz"):
        return True
    version = text[1:].partition("@")[2]
    return bool(version) and version not in ("latest", "next")
