"""Drone's reading of YAML: documents split by lines, nodes as go-yaml decodes them, before and after substitution."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from drone_lint.config_file import ConfigFile, Evaluation, Note, PlacedExpansion
from drone_lint.finding import Problem, Refusal
from drone_lint.model.document import Document
from drone_lint.model.node import Mapping, Node, Scalar, Sequence
from drone_lint.model.value import TextPlace
from drone_lint.settings import Settings
from drone_lint.source.composer import Composer, Remark, TooDeepError, YamlError
from drone_lint.source.documents import Chunk, Split, split
from drone_lint.source.legacy import is_legacy
from drone_lint.source.locate import NodeLocator, Origin
from drone_lint.source.position import SourceFile, Span, whole_file
from drone_lint.source.substitution import Substituted, SubstitutionError, lookup_in, may_change, substitute
from drone_lint.source.variables import values

MISSING_KIND = "yaml: missing kind attribute"
TYPES = ("docker", "kubernetes", "exec", "ssh", "digitalocean", "macstadium", "vm")


@dataclass
class Parsed:
    """What one text gave: the server's text or a runner's."""

    documents: list[Document] = field(default_factory=list)
    failures: list[tuple[YamlError, int]] = field(default_factory=list)
    """What go-yaml refuses, with the number of the chunk."""
    empty: list[tuple[Chunk, int]] = field(default_factory=list)
    """Chunks without content."""
    remarks: list[Remark] = field(default_factory=list)
    split: Split = field(default_factory=lambda: Split(()))


def load_yaml(source: SourceFile, settings: Settings, *, root: str | None = None) -> ConfigFile:
    """Read YAML (or JSON) text as Drone does: what the server sees, and what runners see."""
    text = source.text
    server = parse(source, text, settings)
    runner, substituted, refused = _runner(source, server, settings)
    types = runner_types(text, server, settings)
    notes = [*_document_notes(source, server), *_key_notes(source, server.remarks)]
    problems = _problems(source, server, runner, types)
    if refused is not None:
        notes.append(refused_note(TextPlace(source, refused.start, refused.end), refused, types))
    elif runner is not server and substituted is not None:
        notes += _runner_notes(source, server, runner, substituted, types)
    if not server.documents and not problems:
        problems.append(_empty(source, server))
    evaluation = Evaluation(None, tuple(server.documents), tuple(runner.documents))
    expansions = tuple(PlacedExpansion(one.name, one.form, TextPlace(source, one.start, one.end)) for one in substituted.expansions) if substituted else ()
    return ConfigFile(
        source, "yaml", (evaluation,), tuple(problems), tuple(notes), expansions, legacy=is_legacy(text), root=root, sources=(source,)
    )


def parse(source: SourceFile, text: str, settings: Settings, origin: Origin | None = None) -> Parsed:
    """Split a text and decode each of its documents; `text` is the source's own, or leads back to it by `origin`."""
    parsed = Parsed(split=split(text))
    for number, chunk in enumerate(parsed.split.chunks):
        composer = Composer(chunk.start)
        piece = text[chunk.start : chunk.end]
        try:
            _refuse_what_libyaml_takes(piece, chunk.start)
            node = composer.compose(piece if piece.endswith("\n") else piece + "\n")
        except YamlError as error:
            parsed.failures.append((error, number))
            continue
        if node is None or (isinstance(node, Scalar) and node.value is None):
            parsed.empty.append((chunk, number))
            continue
        locator = NodeLocator(source, node, text, origin)
        parsed.documents.append(Document(len(parsed.documents), node, locator, source, settings.runner))
        parsed.remarks += composer.remarks
    return parsed


def _runner(source: SourceFile, server: Parsed, settings: Settings) -> tuple[Parsed, Substituted | None, SubstitutionError | None]:
    """What runners see; the server's own result where substitution changes nothing."""
    if not may_change(source.text):
        return server, None, None
    try:
        substituted = substitute(source.text, lookup_in(values(settings)))
    except SubstitutionError as error:
        return Parsed(), None, error
    if substituted.text == source.text:
        return server, substituted, None
    return parse(source, substituted.text, settings, substituted.origin), substituted, None


def _refuse_what_libyaml_takes(text: str, base: int) -> None:
    """Refuse what go-yaml v2.1.0's older scanner refuses and libyaml 0.2.5 reads."""
    if "\\/" in text:
        for match in re.finditer(r'"(?:[^"\\\n]|\\.|\n)*?"', text) if text.count('"') > 1 else ():
            slash = re.search(r"(?<!\\)(?:\\\\)*\\/", match.group())
            if slash and _is_double_quoted(text, match.start()):
                raise YamlError("found unknown escape character", base + match.start() + slash.end() - 2)
    if text.startswith("%") or "\n%" in text:
        directive = re.search(r"(?m)^%YAML[ \t]+(\S+)", text)
        if directive and directive[1] != "1.1":
            raise YamlError("found incompatible YAML document", base + directive.start())
    if "?" in text:
        _refuse_question_marks(text, base)


def _refuse_question_marks(text: str, base: int) -> None:
    """In flow collections go-yaml v2.1.0 takes any `?` for the beginning of a key."""
    if "[" not in text and "{" not in text:
        return
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    try:
        for token in yaml.scan(text, Loader=loader):  # type: ignore[no-untyped-call]
            if isinstance(token, (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken)):
                depth += 1
            elif isinstance(token, (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken)):
                depth -= 1
            elif depth and isinstance(token, yaml.ScalarToken) and token.plain and "?" in token.value:
                raise YamlError("did not find expected ',' or ']'", base + token.start_mark.index)
    except yaml.YAMLError:
        return


def _is_double_quoted(text: str, at: int) -> bool:
    """Whether libyaml, too, sees a double-quoted scalar begin at an offset."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for token in yaml.scan(text, Loader=loader):  # type: ignore[no-untyped-call]
            if isinstance(token, yaml.ScalarToken) and token.style == '"' and token.start_mark.index == at:
                return True
    except yaml.YAMLError:
        return True
    return False


# -- who in Drone reads the file


def runner_types(text: str, parsed: Parsed, settings: Settings) -> tuple[str, ...]:
    """The pipeline types of a file; of what could not be read, by its lines."""
    found = dict.fromkeys(document.pipeline.type for document in parsed.documents if document.pipeline is not None)
    for _, number in parsed.failures:
        chunk = parsed.split.chunks[number]
        match = re.search(r"""(?m)^["']?type["']?\s*:\s*["']?(\w+)""", text[chunk.start : chunk.end])
        found.setdefault(match[1] if match else settings.runner)
    return tuple(name for name in found if name in TYPES) or (settings.runner,)


def _problems(source: SourceFile, server: Parsed, runner: Parsed, types: tuple[str, ...]) -> list[Problem]:
    """What cannot be read at all; a failure of the runner's text alone is a finding."""
    found = []
    runners = {number for _, number in runner.failures}
    for error, number in server.failures:
        refusals = [Refusal("server", f"yaml: {error.message}")]
        if number in runners or len(runner.split.chunks) != len(server.split.chunks):
            refusals += [Refusal(f"runner:{name}", f"yaml: {error.message}") for name in types]
        rule = "evaluation-limit" if isinstance(error, TooDeepError) else "invalid-yaml"
        drone = () if isinstance(error, TooDeepError) else tuple(refusals)
        at = min(error.at, len(source.text))
        found.append(Problem(rule, source.path, error.message, Span(source, at, min(at + 1, len(source.text))), drone=drone, help=_yaml_hint(error)))
    return found


def _yaml_hint(error: YamlError) -> str:
    if "tab" in error.message or "cannot start any token" in error.message:
        return "indent with spaces, and quote what begins with a special character"
    if "anchor" in error.message:
        return "anchors do not reach into other documents"
    return ""


def _empty(source: SourceFile, server: Parsed) -> Problem:
    refusals = (Refusal("server", MISSING_KIND),) if server.split.chunks else ()
    message = "the file has no document" if not server.split.chunks else "the file has no document with content"
    return Problem("empty-config", source.path, message, whole_file(source), drone=refusals)


# -- what only the loader sees


def _document_notes(source: SourceFile, parsed: Parsed) -> Iterable[Note]:
    if parsed.documents:
        for chunk, number in parsed.empty:
            yield _empty_document(source, parsed, chunk, number)
    text, found = source.text, parsed.split
    if found.too_long is not None:
        stop = text.find("\n", found.too_long)
        message = "this line is longer than 65,535 bytes: Drone stops reading here, and everything from this line on is lost"
        yield Note("truncated-config", TextPlace(source, found.too_long, min(found.too_long + 80, len(text) if stop < 0 else stop)), message)
    elif found.terminator is not None and text[found.terminator :].partition("\n")[2].strip():
        message = "Drone stops reading at a line that starts with `...`: everything after it is ignored"
        yield Note("truncated-config", TextPlace(source, found.terminator, found.terminator + 3), message)


def _empty_document(source: SourceFile, parsed: Parsed, chunk: Chunk, number: int) -> Note:
    text = source.text
    body = text[chunk.start : chunk.end]
    if number == 0 and chunk.separator is None:
        start = chunk.start + len(body) - len(body.lstrip())
        what = "a comment" if body.strip() else "a blank line"
        line_end = text.find("\n", start)
        place = TextPlace(source, start, line_end if start < line_end <= chunk.end else start) if body.strip() else TextPlace(source, chunk.start, chunk.start)
        return Note("text-before-separator", place, f"{what} before the first `---` is a document of its own to Drone, one without a `kind`", _refused_kind())
    separator = chunk.separator or (chunk.start, chunk.start)
    last = number == len(parsed.split.chunks) - 1
    what = "a trailing `---` begins" if last else "this `---` begins"
    return Note("text-before-separator", TextPlace(source, *separator), f"{what} a document without content, and so without a `kind`", _refused_kind())


def _refused_kind() -> tuple[Refusal, ...]:
    return (Refusal("server", MISSING_KIND),)


def _key_notes(source: SourceFile, remarks: Iterable[Remark]) -> Iterable[Note]:
    for remark in remarks:
        place, other = TextPlace(source, remark.start, remark.end), TextPlace(source, *remark.other)
        if remark.kind == "duplicate":
            message = f"key `{remark.key}` is written twice: of values and lists the last wins, maps are merged"
            yield Note("duplicate-key", place, message, related=(("first written here", other),))
        else:
            message = f"this merge overrides `{remark.key}`, which is written before it"
            yield Note("overriding-merge", place, message, related=(("this value is lost", other),))


def refused_note(place: TextPlace, error: SubstitutionError, types: Iterable[str]) -> Note:
    """A `${}` that no runner can substitute."""
    shown = place.source.text[place.start : place.end].split("\n")[0]
    return Note(
        "bad-substitution",
        place,
        f"`{shown}` is no form that Drone can substitute ({error.message}); for the shell, write `${shown}`",
        tuple(Refusal(f"runner:{name}", error.message) for name in types),
    )


def _runner_notes(source: SourceFile, server: Parsed, runner: Parsed, substituted: Substituted, types: tuple[str, ...]) -> list[Note]:
    failed = {number for _, number in server.failures}
    notes = []
    for error, number in runner.failures:
        if number in failed and len(runner.split.chunks) == len(server.split.chunks):
            continue
        at = substituted.origin(error.at)
        notes.append(broken_note(source, at, error, substituted, types))
    if not notes:
        notes += _collapsed(source, server, runner, substituted)
    return notes


def broken_note(source: SourceFile, at: int, error: YamlError, substituted: Substituted, types: Iterable[str]) -> Note:
    """A text that substitution breaks: because of its backslashes, or of a variable's value."""
    drone = tuple(Refusal(f"runner:{name}", f"yaml: {error.message}") for name in types)
    before = [offset for offset in substituted.removed if offset <= at + 1]
    line = source.text.count("\n", 0, at)
    if before and source.text.count("\n", 0, before[-1]) >= line - 1:
        place = TextPlace(source, before[-1], before[-1] + 2)
        message = f"the runner removes this backslash, and then cannot read the file ({error.message})"
        return Note("collapsed-backslash", place, message, drone)
    place = TextPlace(source, at, min(at + 1, len(source.text)))
    return Note("bad-substitution", place, f"after `${{}}` substitution the runner cannot read the file ({error.message})", drone)


def _collapsed(source: SourceFile, server: Parsed, runner: Parsed, substituted: Substituted) -> Iterable[Note]:
    """Backslashes that runners drop inside of values."""
    spans = sorted(_scalar_spans(server.documents))
    for offset in substituted.removed:
        found = _covering(spans, offset)
        if found is not None and not _harmless(source.text, found, offset):
            message = "the runner removes this backslash before it parses the file: it turns `\\/` into `/` and `\\\\` into `\\`"
            yield Note("collapsed-backslash", TextPlace(source, offset, offset + 2), message)


def _harmless(text: str, span: tuple[int, int], offset: int) -> bool:
    """Inside double quotes `\\\\` and the `\\` that is left over may mean the same... only where YAML would refuse it anyway."""
    return text[span[0] : span[0] + 1] == '"' and text.startswith("\\/", offset)


def _scalar_spans(documents: Iterable[Document]) -> Iterable[tuple[int, int]]:
    stack: list[Node] = [document.root for document in documents]
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            if node.start >= 0:
                yield node.start, node.end
        elif isinstance(node, Mapping):
            stack.extend(entry.node for entry in node.entries.values())
        elif isinstance(node, Sequence):
            stack.extend(node.items)


def _covering(spans: list[tuple[int, int]], offset: int) -> tuple[int, int] | None:
    from bisect import bisect_right

    at = bisect_right(spans, (offset, 1 << 62)) - 1
    return spans[at] if at >= 0 and spans[at][0] <= offset < spans[at][1] else None


