"""Packages without a version."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from drone_lint.api import OWASP, Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_PYTHON = r"python[0-9.]*|pypy[0-9]*"
_WORDS = ("install", " i ", " add ", "@", "pipx", "uvx", "-y", "dlx", "require", "get", "download")
_PIP_VALUES = "-r --requirement -c --constraint -e --editable -i --index-url --extra-index-url -f --find-links -t --target --prefix --root --python --proxy --timeout --log --src"


class UnpinnedPackageInstall(Rule):
    """A command installs the latest version of a package.

    `pip install x`, `npm install -g x`, `go install x@latest`, `gem install x`: the next build may run different code, and anyone who takes over the package can run code in the step.

    Specify a version (`x==1.2.3`, `x@1.2.3`, `gem install x -v 1.2.3`), or install from a lock file.
    """

    name = "unpinned-package-install"
    severity = Severity.NOTICE
    confidence = Confidence.MEDIUM
    profile = "pedantic"
    why = "the next build may install different code, without any change in the repository"
    help = "specify a version, or install from a lock file"
    references = (OWASP.CICD_SEC_3,)
    trigger = Trigger(keys=("commands",), words=_WORDS)

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
          - npx -y cowsay; yarn dlx cowsay@1  # <- unpinned-package-install, unpinned-package-install
          - sh -c "pip install git+https://github.com/acme/tool"; uvx ruff  # <- unpinned-package-install, unpinned-package-install
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
          - npx eslint .; go get ./...; pip install -c constraints.txt black
          - echo pip install x
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        script = script_of(step)
        if not script.mentions(*_WORDS):
            return
        for command in script.commands:
            package = _unpinned(command)
            if package is not None:
                yield self.finding(
                    script.place(command.start, command.end), f"`{command.program}` installs the latest version of `{package}`"
                )


def _unpinned(command: SimpleCommand) -> str | None:
    """The first package of a command without a version."""
    program, words = command.program, [word.text for word in command.arguments]
    python = re.fullmatch(_PYTHON, program) and words[:2] == ["-m", "pip"]
    if python or re.fullmatch("pip[0-9.]*|pipx|uv|uvx", program):
        return _pip(command, words, "uvx" if program == "uvx" else "")
    if program in ("npm", "pnpm", "yarn", "bun", "npx", "bunx"):
        return _npm(command, words)
    if program == "go":
        verbs = ("install", "get", "run")
        return next((word for word in words[1:] if words[0] in verbs and word.endswith(("@latest", "@main", "@master", "@HEAD"))), None)
    if program == "gem" and not any(word.startswith(("-v", "--version")) for word in words):
        return _first(command, "-i -n --source -s", ("install", "i"), lambda text: ":" in text or text.endswith(".gem"))
    if program == "cargo" and not any(re.match("--(?:vers|path|rev|tag|index)", word) for word in words):
        return _first(command, "--features --root --target --git --branch", ("install", "binstall"), lambda text: "@" in text)
    if program == "composer" and "global" in words:
        return _first(command, "-d --working-dir", ("require",), lambda text: bool(re.search(r":[\^~]?\d", text)))
    return None


def _pip(command: SimpleCommand, words: list[str], verb: str) -> str | None:
    if any(re.match("(?:-c.*|--constraint.*|--require-hashes)$", word) for word in words):
        return None
    if verb:
        first = next(iter(_operands(command, _PIP_VALUES + " --from --with")), "")
        return first if first and "$" not in first and not _pip_is_pinned(first.replace("@", "==")) else None
    return _first(command, _PIP_VALUES, ("install", "run", "download", "inject"), _pip_is_pinned)


def _npm(command: SimpleCommand, words: list[str]) -> str | None:
    program = command.program
    if program in ("npx", "bunx") or words[:1] in (["exec"], ["x"]):
        named = next(iter(_operands(command, "-p --package -c")[program not in ("npx", "bunx") :]), "")
        fresh = any(word in ("-y", "--yes") for word in words) or "@" in named[1:]
        return named if fresh and "$" not in named and not _npm_is_pinned(named) else None
    if words[:1] == ["dlx"]:
        return _first(command, "-p --package", ("dlx",), _npm_is_pinned, most=1)
    everywhere = any(word in ("-g", "--global", "--location=global") for word in words) or words[:2] == ["global", "add"]
    return _first(command, "--prefix --registry", ("install", "i", "add"), _npm_is_pinned) if everywhere else None


def _operands(command: SimpleCommand, valued: str) -> list[str]:
    from drone_lint_rules.shell.options import operands

    return [word.text for word in operands(command, valued)]


def _first(command: SimpleCommand, valued: str, verbs: tuple[str, ...], is_pinned: Callable[[str], bool], most: int = 99) -> str | None:
    """The first package after the verb without a version; packages from variables are not known."""
    texts = _operands(command, valued)
    at = next((index for index, text in enumerate(texts) if text in verbs), None)
    if at is None:
        return None
    return next((text for text in texts[at + 1 :][:most] if "$" not in text and not is_pinned(text)), None)


def _pip_is_pinned(text: str) -> bool:
    """Whether a requirement has a version or is a file, folder or URL."""
    if re.match(r"[a-z]+\+", text):  # a repository: its revision follows the path
        return "@" in text.rpartition("/")[2]
    return (
        ("==" in text and "*" not in text)
        or "@" in text
        or "/" in text
        or text.startswith(".")
        or text.endswith((".whl", ".tar.gz", ".zip"))
    )


def _npm_is_pinned(text: str) -> bool:
    """Whether a package has a full version or is a file, folder or URL."""
    if text.startswith((".", "/", "http", "git", "file:")) or text.endswith(".tgz"):
        return True
    return bool(re.fullmatch(r"v?\d+\.\d+\.\d+.*", text[1:].partition("@")[2]))
