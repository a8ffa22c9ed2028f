"""Which commands publish or deploy."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from drone_lint.api import data_lines
from drone_lint_rules.shell.options import operands

if TYPE_CHECKING:
    from drone_lint_rules.shell.syntax import SimpleCommand

_HARMLESS = r"--dry-run(?:=(?!none|false).*)?|--check|--syntax-check|--list-hosts|--help|--snapshot|-h"
"""Options with which a command does not publish anything."""
_VALUES = (
    "-n --namespace -f --file --context --kubeconfig -c --config -p --project-name --profile -C -H --host -u --user -r --region --repository --prefix --cwd -i -s"
    " --log-level -w --workspace --kube-context --registry -e --extra-vars -l --limit --tag -t"
)
_HERE = r"(?:docker://)?(?:localhost|127\.0\.0\.1|\[::1\])[:/].*"


@lru_cache(maxsize=1)
def _wanted() -> list[list[str]]:
    return [line.split() for line in data_lines(__file__, "publishing_commands.txt")]


@lru_cache(maxsize=1)
def programs() -> frozenset[str]:
    """Programs that can publish."""
    return frozenset(words[0] for words in _wanted())


def published_by(command: SimpleCommand) -> str | None:
    """The words of a command that publish; None if it does not publish."""
    wanted = _wanted()
    if not any(words[0] == command.program for words in wanted):
        return None
    texts = [word.text for word in operands(command, _VALUES)]
    whole = [command.program, *texts]
    found = max((words for words in wanted if whole[: len(words)] == words), key=len, default=None)
    pushed = (
        command.program == "docker" and ["build"] in (texts[:1], texts[1:2]) and any(word.text == "--push" for word in command.arguments)
    )
    if pushed:
        found = ["docker", *texts[: texts.index("build") + 1]]
    harmless = any(re.fullmatch(_HARMLESS, word.text) for word in command.arguments) or (
        command.program == "goreleaser" and texts[:1] not in ([], ["release"])
    )
    if found is None or harmless or any(re.fullmatch(_HERE, text) for text in texts[len(found) - 1 :][-1:]):
        return None
    if command.program == "aws" and not any(text.startswith("s3:") for text in texts[-1:]) and texts[:1] == ["s3"]:
        return None  # a download
    return " ".join(found)
