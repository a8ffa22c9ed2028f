"""`${VARIABLES}` of compose files: those that must have a value and have none, and forms that Compose does not know.

Read from the Compose specification (chapter interpolation) and compose-go's template package, 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from drone_lint.api import SourceFile, Surroundings, Value
from drone_lint_rules.docker.compose_faults import ComposeFault
from drone_lint_rules.docker.compose_project import Project

_BRACED = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<rest>[^{}]*)\}|\{(?P<bad>[^{}]*)\}?)")
_REST = re.compile(r"(?:(?P<how>:?[-+?])(?P<text>.*))?", re.DOTALL)


def variable_faults(project: Project, has_value: Callable[[str], bool]) -> Iterator[ComposeFault]:
    """What is wrong with the variables of a project's files.

    Args:
        project: the files.
        has_value: whether a variable may have a value where Compose runs.
    """
    seen: set[str] = set()
    for _, content in project.files:
        for document in content.documents:
            if "${" in content.source.text:
                for scalar in document.value.scalars():
                    if "${" in scalar.text:
                        yield from _in_scalar(scalar, has_value, seen)


def _in_scalar(scalar: Value, has_value: Callable[[str], bool], seen: set[str]) -> Iterator[ComposeFault]:
    if not scalar.path or str(scalar.path[0]).startswith("x-"):
        return
    for match in _BRACED.finditer(scalar.text):
        if match["escaped"]:
            continue
        place = scalar.range(match.start(), match.end())
        rest = _REST.fullmatch(match["rest"]) if match["name"] else None
        if rest is None:
            if "{" not in scalar.text[match.start() + 2 : match.end() + 1]:  # one in another is read from the inside out
                help_ = "write `${NAME}` or `${NAME:-default}`; `$$` stands for a dollar sign"
                yield ComposeFault("schema", place, f"`{match[0]}` is not a form that Compose knows", help_)
        elif rest["how"] in (":?", "?") and match["name"] not in seen and not has_value(match["name"]):
            seen.add(match["name"])
            why = f": {rest['text'].strip()}" if rest["text"].strip() else ""
            message = f"`{match['name']}` needs a value and has none{why}"
            yield ComposeFault(
                "variable", place, message, f"set `{match['name']}` in the step's `environment`, or in `.env` beside the file"
            )


def variables_of(source: SourceFile | None) -> frozenset[str]:
    """The names that a `.env` file gives values."""
    if source is None:
        return frozenset()
    return frozenset(re.findall(r"(?m)^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*[=:]", source.text))


def dotenv(folder: str | None, around: Surroundings) -> frozenset[str] | None:
    """The variables of `.env` in a project's folder; None when the folder is not known."""
    if folder is None:
        return None
    return variables_of(around.read(f"{folder}/.env" if folder else ".env"))
