"""One walk over a file's documents: runs rules, isolates a failing one, turns places into spans, groups and orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from drone_lint.findings.finding import Finding, Problem, Severity, Unchecked
from drone_lint.findings.result import Diagnostic, FileReport, PlaceRecord
from drone_lint.lint.rule import Rule
from drone_lint.model.document import Document, Located
from drone_lint.model.node import descend, plain
from drone_lint.model.value import AnyPlace, Place, TextPlace
from drone_lint.settings import Settings
from drone_lint.source.loaded import ConfigFile, Evaluation
from drone_lint.text.dependencies import consulted
from drone_lint.text.position import Precision, Span


def lint(file: ConfigFile, rules: Sequence[Rule], settings: Settings) -> FileReport:
    """Everything that the rules find in a loaded file. Raises nothing: a rule's own failure is a problem that names it."""
    return Linting([(file, rules)], settings).report(file)


class Linting:
    """Files with the same settings: each is linted on its own, and all at once by the rules that want that (`Rule.check_files`).

    What such rules begin in other processes goes on while the other rules run, and is waited for once.
    """

    def __init__(self, files: Sequence[tuple[ConfigFile, Sequence[Rule]]], settings: Settings) -> None:
        """Run the rules: for each file those that are given with it."""
        self._settings = settings
        self._rules = {rule.name: rule for _, rules in files for rule in rules}
        finish = _begin(files)
        self._ran: dict[int, _Ran] = {}
        for file, rules in files:
            with consulted() as looked_at:
                self._ran[id(file)] = _run_all(file, [rule for rule in rules if rule.on_legacy] if file.legacy else rules)
            self._ran[id(file)].consulted = looked_at
        for file, item in finish():
            self._ran[id(file)].add(item, None)

    def consulted(self, file: ConfigFile) -> set[str]:
        """Absolute paths of other files that rules looked at for a file, or looked for."""
        return self._ran[id(file)].consulted

    def report(self, file: ConfigFile) -> FileReport:
        """What was found in one of the files."""
        ran, settings = self._ran.pop(id(file)), self._settings
        diagnostics = _group(_locate_all(ran.runs), self._rules, settings, file)
        if settings.profile == "drone":
            diagnostics = [item for item in diagnostics if item.drone]
        problems = [*file.problems, *(item for one in file.evaluations for item in one.problems), *ran.problems]
        documents = file.evaluations[0].server if file.evaluations else ()
        if any(item.secret for item in diagnostics):
            from drone_lint.lint.redaction import problems_without_secrets, secret_texts, without_secrets

            secrets = secret_texts(diagnostics)
            diagnostics, problems = without_secrets(diagnostics, secrets), problems_without_secrets(problems, secrets)
        return FileReport(
            path=file.source.path,
            documents=len(documents),
            steps=sum(len(document.pipeline.containers) for document in documents if document.pipeline),
            findings=tuple(_with_fingerprints(diagnostics)),
            problems=tuple(dict.fromkeys(problems)),
            unchecked=tuple(ran.unchecked),
            fail_on=settings.fail_on,
        )


def diagnose(findings: Sequence[Finding], file: ConfigFile, rules: dict[str, Rule], settings: Settings) -> list[Diagnostic]:
    """Findings that no hook of a rule made, as the report has them."""
    return list(_with_fingerprints(_group(_locate_all([_Run(finding, None) for finding in findings]), rules, settings, file)))


# -- running


class _Run(NamedTuple):
    finding: Finding
    evaluation: Evaluation | None


class _Ran:
    """What the rules said of one file."""

    def __init__(self, file: ConfigFile) -> None:
        self.runs: list[_Run] = []
        self.problems: list[Problem] = []
        self.unchecked: list[Unchecked] = []
        self.consulted: set[str] = set()
        self._owners = {id(document): one for one in file.evaluations for document in (*one.server, *one.runner)}

    def add(self, item: Finding | Problem | Unchecked, evaluation: Evaluation | None) -> None:
        if isinstance(item, Problem):
            self.problems.append(item)
        elif isinstance(item, Unchecked):
            self.unchecked.append(item)
        else:
            self.runs.append(_Run(item, evaluation or self._owners.get(id(item.place.document))))


_Shared = Iterator[tuple[ConfigFile, "Finding | Problem | Unchecked"]]


def _begin(files: Sequence[tuple[ConfigFile, Sequence[Rule]]]) -> Callable[[], _Shared]:
    """Call the rules that look at all files together; gives what waits for them."""
    asked: dict[Rule, list[ConfigFile]] = {}
    for file, rules in files:
        for rule in rules:
            if type(rule).check_files is not Rule.check_files and (rule.on_legacy or not file.legacy):
                asked.setdefault(rule, []).append(file)
    begun: list[tuple[ConfigFile, Rule, Iterable[tuple[ConfigFile, Finding | Problem | Unchecked]]]] = []
    for rule, theirs in asked.items():
        try:
            begun.append((theirs[0], rule, rule.check_files(theirs)))
        except Exception as error:  # noqa: BLE001 - a bug in one rule stops nothing else
            begun.append((theirs[0], rule, [(theirs[0], _internal_error(rule, theirs[0], error))]))

    def finish() -> _Shared:
        for first, rule, found in begun:
            try:
                yield from found
            except Exception as error:  # noqa: BLE001
                yield first, _internal_error(rule, first, error)

    return finish


def _run_all(file: ConfigFile, rules: Sequence[Rule]) -> _Ran:
    ran = _Ran(file)

    def collect(rule: Rule, evaluation: Evaluation | None, found: Callable[[], Iterable[Finding]]) -> bool:
        try:
            for finding in found():
                ran.add(finding, evaluation)
        except Exception as error:  # noqa: BLE001 - a bug in one rule stops nothing else
            ran.problems.append(_internal_error(rule, file, error))
            return False
        return True

    for rule in rules:
        if type(rule).check_file is not Rule.check_file and not collect(rule, None, lambda rule=rule: rule.check_file(file)):  # type: ignore[misc]
            continue
        for evaluation in file.evaluations:
            if not collect(rule, evaluation, lambda rule=rule, evaluation=evaluation: _walk(rule, evaluation)):  # type: ignore[misc]
                break
    return ran


def _walk(rule: Rule, evaluation: Evaluation) -> Iterator[Finding]:
    kind = type(rule)
    on_document = kind.check_document is not Rule.check_document
    on_pipeline = kind.check_pipeline is not Rule.check_pipeline
    on_step = kind.check_step is not Rule.check_step
    if not (on_document or on_pipeline or on_step):
        return
    for document in evaluation.view(rule.view):
        if on_document:
            yield from rule.check_document(document)
        pipeline = document.pipeline
        if pipeline is None:
            continue
        if on_pipeline:
            yield from rule.check_pipeline(pipeline)
        if on_step:
            for step in pipeline.containers:
                yield from rule.check_step(step, pipeline)


def _internal_error(rule: Rule, file: ConfigFile, error: Exception) -> Problem:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" ({trace.tb_frame.f_code.co_name}, line {trace.tb_lineno})" if trace is not None else ""
    return Problem(
        "internal-error",
        file.source.path,
        f"rule `{rule.name}` failed: {type(error).__name__}: {error}{where}; the other rules ran. This is a bug of drone-lint",
    )


# -- locating


class _Occurrence(NamedTuple):
    finding: Finding
    record: PlaceRecord
    lead: Span
    """Findings of a rule with the same one are shown as one: the primary span, or that of the finding's lead."""
    related: tuple[tuple[str, Span], ...]
    events: tuple[str, ...] | None


def _locate_all(runs: Sequence[_Run]) -> list[_Occurrence]:
    _prepare(place for run in runs for place in _places(run.finding))
    return [_locate(run) for run in runs]


def _places(finding: Finding) -> Iterator[AnyPlace]:
    yield finding.place
    yield from (item.place for item in finding.related)
    if finding.lead is not None:
        yield finding.lead


def _prepare(places: Iterable[AnyPlace]) -> None:
    wanted: dict[int, tuple[Any, list[Place]]] = {}
    for place in places:
        if isinstance(place, Place):
            locator = place.document.locator
            wanted.setdefault(id(locator), (locator, []))[1].append(place)
    for locator, asked in wanted.values():
        locator.prepare(asked)


def resolve(place: AnyPlace) -> Located:
    """The spans of any place."""
    if isinstance(place, TextPlace):
        return Located(Span(place.source, place.start, place.end))
    return place.document.locate(place)


def _locate(run: _Run) -> _Occurrence:
    finding = run.finding
    located = resolve(finding.place)
    related = [*located.related]
    for item in finding.related:
        other = resolve(item.place)
        related.append((item.message, other.primary))
    related = [item for item in dict.fromkeys(related) if item[1] != located.primary]
    record = _record(finding, located.primary, tuple(related))
    lead = resolve(finding.lead).primary if finding.lead is not None else located.primary
    return _Occurrence(finding, record, lead, tuple(related), run.evaluation.events if run.evaluation else None)


def _record(finding: Finding, span: Span, related: tuple[tuple[str, Span], ...]) -> PlaceRecord:
    place = finding.place
    document = place.document
    path = place.path if isinstance(place, Place) else ()
    return PlaceRecord(
        document=document.index if document is not None else None,
        pipeline=_pipeline_name(document),
        step=_step_name(document, path),
        pointer=pointer(path),
        span=span,
        place=place,
        message=finding.message,
        related=related,
        content=_digest(place_content(place)),
    )


def _digest(content: object) -> str:
    import hashlib
    import json

    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def pointer(path: tuple[str | int, ...]) -> str:
    """A path as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in path)


def _pipeline_name(document: Document | None) -> str | None:
    if document is None or document.pipeline is None:
        return None
    return document.pipeline.name or "default"


def _step_name(document: Document | None, path: tuple[str | int, ...]) -> str | None:
    if document is None or document.pipeline is None or len(path) < 2 or path[0] not in ("steps", "services"):
        return None
    found = document.value.at(path[0], path[1], "name")
    return found.text if found is not None else ""


# -- grouping


def _group(occurrences: Sequence[_Occurrence], rules: dict[str, Rule], settings: Settings, file: ConfigFile) -> list[Diagnostic]:
    groups: dict[tuple[object, ...], list[_Occurrence]] = {}
    for item in occurrences:
        groups.setdefault(_group_key(item), []).append(item)
    evaluated = {event for one in file.evaluations for event in one.events or ()}
    found = [_diagnostic(items, rules[items[0].finding.rule], settings, evaluated) for items in groups.values()]
    return sorted(
        found,
        key=lambda item: (item.span.file is not file.source, item.span.file.path, item.span.start, item.rule, item.span.end, item.message),
    )


def _group_key(item: _Occurrence) -> tuple[object, ...]:
    finding, span = item.finding, item.lead
    if finding.group is not None:
        return finding.rule, finding.group
    key: tuple[object, ...] = (finding.rule, finding.kind, span.file.path, span.start, span.end)
    if span.precision is Precision.EXACT:
        return key
    place = finding.lead or finding.place
    keys = tuple(part for part in place.path if isinstance(part, str)) if isinstance(place, Place) else finding.message
    return (*key, keys if keys and span.precision is Precision.APPROXIMATE else finding.message)


def _diagnostic(items: Sequence[_Occurrence], rule: Rule, settings: Settings, evaluated: set[str]) -> Diagnostic:
    first = items[0].finding
    records = {
        (item.record.document, item.record.pointer, item.record.span.start, item.record.span.end): item.record for item in reversed(items)
    }
    related = dict.fromkeys(entry for item in items for entry in item.related)
    severity = max((item.finding.severity for item in items), key=lambda found: found.rank)
    return Diagnostic(
        rule=first.rule,
        family=rule.family,
        severity=_severity(rule, severity, settings),
        confidence=first.confidence,
        message=first.message,
        span=items[0].record.span,
        places=tuple(reversed(records.values())),
        label=first.label,
        related=tuple(related),
        drone=tuple(dict.fromkeys(refusal for item in items for refusal in item.finding.drone)),
        why=first.why,
        help=first.help,
        note=first.note,
        events=_events(items, evaluated),
        secret=first.secret,
        fixes=tuple(dict.fromkeys(item.finding.fix for item in items if item.finding.fix is not None)),
    )


def _severity(rule: Rule, severity: Severity, settings: Settings) -> Severity:
    chosen = settings.severity.get(rule.name) or settings.severity.get(rule.family)
    return Severity(chosen) if chosen else severity


def _events(items: Sequence[_Occurrence], evaluated: set[str]) -> tuple[str, ...] | None:
    found: set[str] = set()
    for item in items:
        if item.events is None:
            return None
        found.update(item.events)
    return None if found >= evaluated else tuple(sorted(found))


def _with_fingerprints(found: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    if not found:
        return  # a clean run does not import what follows
    import hashlib

    seen: dict[str, int] = {}
    for item in found:
        content = fingerprint_content(item)
        seen[content] = seen.get(content, 0) + 1
        digest = hashlib.sha256(f"{content}\0{seen[content]}".encode("utf-8", "surrogatepass")).hexdigest()
        yield item._replace(fingerprint=digest[:32])


def fingerprint_content(item: Diagnostic) -> str:
    """What a finding is known by: rule, names of pipelines and steps, and the value. No lines, no folder."""
    import json

    names = sorted({(place.pipeline or "", place.step or "") for place in item.places})
    return json.dumps([item.rule, names, item.places[0].content])


def place_content(place: AnyPlace) -> object:
    """What a place is known by: its keys and the value there, no indices and no lines."""
    if isinstance(place, TextPlace):
        return place.source.text[place.start : place.end].strip()
    keys = [part for part in place.path if isinstance(part, str)]
    node = descend(place.document.root, place.path)
    return [keys, plain(node) if node is not None else None, place.range]
