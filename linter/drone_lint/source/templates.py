"""`kind: template`: the documents of a template whose text the configuration says where to find (drone-semantics 1.4).

The server has templates in its database, by name; a repository that keeps its own in files can name them under `templates:`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drone_lint.findings.finding import Problem
from drone_lint.model.document import Document
from drone_lint.model.node import plain
from drone_lint.model.value import Place
from drone_lint.settings import Settings
from drone_lint.source.loaded import ConfigFile
from drone_lint.text.dependencies import note
from drone_lint.text.files import read_file, relative_path
from drone_lint.text.position import SourceFile

_LINE = re.compile(r"^kind:[ \t\r\f\v]+template[ \t\r\f\v]*$", re.MULTILINE)


def expanded(file: ConfigFile, settings: Settings, root: str | None) -> ConfigFile:
    """A configuration with what its template makes of its data: those documents first, as that is what runs."""
    documents = file.evaluations[0].server if file.evaluations else ()
    if not documents or _LINE.search(file.source.text) is None:
        return file
    load = documents[0].value.get("load")
    path = settings.templates.get(load.text) if load is not None else None
    if load is None or path is None:
        return file
    note(path)
    try:
        text = read_file(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return _without(file, documents[0], load.place, "unreadable", f"the template `{load.text}` cannot be read: {error}")
    source = SourceFile(relative_path(path, root) if root is not None else path, text)
    data = documents[0].value.get("data")
    program = _program(source, load.text, path, settings, root, plain(data.node) if data is not None and data.is_map else {})
    if program is None:
        return _without(
            file, documents[0], load.place, "unsupported", f"the template `{load.text}` is a Go template, which drone-lint does not read"
        )
    return file._replace(
        evaluations=(*program.evaluations, *file.evaluations),
        problems=(*file.problems, *program.problems),
        known=(*file.known, *program.known),
        on_demand=(*file.on_demand, *program.on_demand),
        expansions=(*file.expansions, *program.expansions),
        sources=(*file.sources, *program.sources),
        runners=tuple(dict.fromkeys((*program.runners, *file.runners))),
    )


def _without(file: ConfigFile, document: Document, place: Place, rule: str, message: str) -> ConfigFile:
    problem = Problem(rule, file.source.path, message, document.locate(place).primary)
    return file._replace(problems=(*file.problems, problem))


def _program(source: SourceFile, name: str, path: str, settings: Settings, root: str | None, data: Mapping[str, Any]) -> ConfigFile | None:
    """What a template gives; None for one in a language that is not read. The extension in `load` decides."""
    if name.endswith((".star", ".starlark", ".script")):
        from drone_lint.source.starlark.loader import load_starlark

        return load_starlark(source, settings, root=root, data=data)
    if name.endswith(".jsonnet"):
        from drone_lint.source.jsonnet.loader import load_jsonnet

        given = {f"input.{key}": go_text(value) for key, value in data.items()}
        jsonnet = settings.jsonnet._replace(ext_str={**settings.jsonnet.ext_str, **given})
        return load_jsonnet(source, settings._replace(jsonnet=jsonnet), root=root, absolute=path)
    return None


def go_text(value: Any) -> str:
    """A value as Go's `fmt.Sprint` writes it, which is what Jsonnet templates get."""
    if isinstance(value, list):
        return f"[{' '.join(map(go_text, value))}]"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{go_text(item)}' for key, item in sorted(value.items()))}]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "<nil>"}[value]
    if isinstance(value, float):
        from drone_lint.source.starlark.engine.numbers import written_float

        return written_float(value)
    return str(value)
