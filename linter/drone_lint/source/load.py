"""One file's bytes to a loaded configuration, whatever its language."""

from __future__ import annotations

import os
from collections.abc import Iterator

from drone_lint.findings.finding import Problem
from drone_lint.settings import Settings
from drone_lint.source.facts import StaleYaml
from drone_lint.source.loaded import ConfigFile, OnDemand, once
from drone_lint.text.files import LARGEST, read_file, relative_path
from drone_lint.text.position import SourceFile, whole_file

_JSONNET = (".jsonnet", ".libsonnet")
_STARLARK = (".star", ".starlark", ".script")


def language_of(path: str) -> str:
    """`jsonnet`, `starlark` or `yaml`: Drone decides by the path alone (drone-semantics 1.1)."""
    if path.endswith(_JSONNET):
        return "jsonnet"
    if path.endswith(_STARLARK):
        return "starlark"
    return "yaml"


def text_of(data: bytes) -> str:
    """A file's text, without a byte order mark; what is not UTF-8 becomes U+FFFD."""
    return data.decode("utf-8", "replace").removeprefix("\ufeff")


def load(
    data: bytes, path: str, settings: Settings, *, root: str | None = None, absolute: str | None = None, compared: bool = False
) -> ConfigFile:
    """Read a configuration. Raises nothing for bad input: what cannot be read is a problem of the result.

    Args:
        data: the file's content.
        path: the path to show, with forward slashes.
        settings: what holds for this file.
        root: absolute path of the repository's root; imports stay below it.
        absolute: absolute path of the file; None for standard input.
        compared: whether YAML is to be compared with what the program beside it gives.
    """
    language = language_of(path)
    if len(data) > LARGEST:
        source = SourceFile(path, "")
        problem = Problem("evaluation-limit", path, f"the file is larger than {LARGEST >> 20} MiB", whole_file(source))
        return ConfigFile(source, language, problems=(problem,), root=root, sources=(source,))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        source = SourceFile(path, data.decode("utf-8", "replace"))
        message = f"not UTF-8 text: byte 0x{data[error.start]:02x} at offset {error.start}"
        return ConfigFile(
            source, language, problems=(Problem("unreadable", path, message, whole_file(source)),), root=root, sources=(source,)
        )
    source = SourceFile(path, text_of(data))
    if language == "starlark":
        from drone_lint.source.starlark.loader import load_starlark

        marked = data.startswith(b"\xef\xbb\xbf")
        return load_starlark(source, settings, root=root, absolute=absolute, marked=marked)
    if language == "jsonnet":
        from drone_lint.source.jsonnet.loader import load_jsonnet

        return load_jsonnet(source, settings, root=root, absolute=absolute)
    from drone_lint.source.yaml.loader import load_yaml

    file = load_yaml(source, settings, root=root, marked=data.startswith(b"\xef\xbb\xbf"))
    if settings.templates:
        from drone_lint.source.templates import expanded

        file = expanded(file, settings, root)
    if compared and absolute is not None:
        demand = OnDemand(StaleYaml, once(lambda: tuple(_compared(source, absolute, settings, root))))
        return file._replace(on_demand=(*file.on_demand, demand))
    return file


def _compared(source: SourceFile, absolute: str, settings: Settings, root: str | None) -> Iterator[StaleYaml]:
    """What the program beside some YAML says of it; nothing where the program gives no value."""
    from drone_lint.source.pairs import program_beside
    from drone_lint.text.dependencies import note as looked_at

    path = program_beside(absolute)
    if path is None:
        return
    looked_at(path)
    beside = relative_path(path, os.path.dirname(absolute))
    shown = os.path.normpath(os.path.join(os.path.dirname(source.path), beside)).replace(os.sep, "/")
    try:
        program = load(read_file(path), shown, settings, root=root, absolute=path)
    except OSError:
        return
    for fact in program.facts(StaleYaml):
        if fact.place.source.text == source.text:
            yield fact._replace(place=fact.place._replace(source=source))
    program.forget()
