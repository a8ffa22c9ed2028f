"""Running rules over files: one walk over the documents of each; a rule that fails stops nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from drone_lint.findings.finding import Finding, Problem, Unchecked
from drone_lint.findings.result import Diagnostic, FileReport
from drone_lint.lint.fingerprints import with_fingerprints
from drone_lint.lint.grouping import group
from drone_lint.lint.locating import Run, locate_all
from drone_lint.lint.rule import Rule
from drone_lint.model.document import Document
from drone_lint.settings import Settings
from drone_lint.source.loaded import ConfigFile, Evaluation
from drone_lint.text.deadline import GRACE, OutOfTimeError, at_most, now
from drone_lint.text.dependencies import consulted
from drone_lint.text.position import SourceFile, whole_file


def lint(file: ConfigFile, rules: Sequence[Rule], settings: Settings) -> FileReport:
    """Everything that the rules find in a loaded file. Raises nothing: a rule's own failure is a problem that names it."""
    return Linting([(file, rules)], settings).report(0)


class Linting:
    """Files with the same settings: each is linted on its own, and all at once by the rules that want that (`Rule.check_files`).

    What such rules begin in other processes goes on while the other rules run, and is waited for once.
    """

    def __init__(self, files: Sequence[tuple[ConfigFile, Sequence[Rule]]], settings: Settings) -> None:
        """Run the rules: for each file those that are given with it."""
        self._settings = settings
        self._rules = {rule.name: rule for _, rules in files for rule in rules}
        began = now()
        finish = _begin(files, sum(self._left(file) for file, _ in files))
        spent = now() - began
        self._ran: list[_Ran | None] = []
        by_source: dict[SourceFile, _Ran] = {}
        for file, rules in files:
            with consulted() as looked_at:
                ran = _run_all(self._left(file), file, [rule for rule in rules if rule.on_legacy] if file.legacy else rules)
            ran.consulted = looked_at
            by_source[file.source] = ran
            self._ran.append(ran)
        left = sum(max(self._left(one.file) - one.seconds, 0.0) for one in by_source.values()) - spent
        for file, item in finish(max(left, GRACE)):
            by_source[file.source].add(item, None)

    def _left(self, file: ConfigFile) -> float:
        return self._settings.max_seconds + GRACE - file.seconds

    def consulted(self, number: int) -> set[str]:
        """Absolute paths of other files that rules looked at for one of the files, or looked for."""
        ran = self._ran[number]
        return ran.consulted if ran is not None else set()

    def report(self, number: int) -> FileReport:
        """What was found in one of the files; asked for once, since it lets go of the file."""
        ran, settings = self._ran[number], self._settings
        assert ran is not None, "asked for twice"
        self._ran[number], file = None, ran.file
        try:
            with at_most(self._left(file) - ran.seconds):
                diagnostics = group(locate_all(ran.runs), self._rules, settings, file)
        except OutOfTimeError:
            problem = _out_of_time(file, f"the places of {len(ran.runs)} findings were not all found")
            return FileReport(path=file.source.path, problems=(*file.problems, *ran.problems, problem), fail_on=settings.fail_on)
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
            findings=tuple(with_fingerprints(diagnostics)),
            problems=tuple(dict.fromkeys(problems)),
            unchecked=tuple(ran.unchecked),
            fail_on=settings.fail_on,
        )


def diagnose(findings: Sequence[Finding], file: ConfigFile, rules: dict[str, Rule], settings: Settings) -> list[Diagnostic]:
    """Findings that no hook of a rule made, as the report has them."""
    return list(with_fingerprints(group(locate_all([Run(finding, None) for finding in findings]), rules, settings, file)))


class _Ran:
    """What the rules said of one file."""

    def __init__(self, file: ConfigFile) -> None:
        self.file = file
        self.runs: list[Run] = []
        self.problems: list[Problem] = []
        self.unchecked: list[Unchecked] = []
        self.consulted: set[str] = set()
        self.seconds = 0.0
        self._owners = _owners(file)

    def add(self, item: Finding | Problem | Unchecked, evaluation: Evaluation | None) -> None:
        if isinstance(item, Problem):
            self.problems.append(item)
        elif isinstance(item, Unchecked):
            self.unchecked.append(item)
        else:
            document = item.place.document
            self.runs.append(Run(item, self._owners.get(document, evaluation) if document is not None else None))


def _owners(file: ConfigFile) -> dict[Document, Evaluation | None]:
    """The evaluation that a document belongs to: the ordinary one where several have it, None where several ordinary ones do."""
    found: dict[Document, Evaluation | None] = {}
    for one in file.evaluations:
        for document in dict.fromkeys(document for text in (one.server, *one.texts_of_runners) for document in text):
            if document not in found:
                found[document] = one
            elif not one.given:
                found[document] = None
    return found


_Shared = Iterator[tuple[ConfigFile, "Finding | Problem | Unchecked"]]


def _begin(files: Sequence[tuple[ConfigFile, Sequence[Rule]]], seconds: float) -> Callable[[float], _Shared]:
    """Call the rules that look at all files together, for at most so long; gives what waits for them, again at most for a time."""
    asked: dict[Rule, list[ConfigFile]] = {}
    for file, rules in files:
        for rule in rules:
            if type(rule).check_files is not Rule.check_files and (rule.on_legacy or not file.legacy):
                asked.setdefault(rule, []).append(file)
    begun: list[tuple[ConfigFile, Rule, Iterable[tuple[ConfigFile, Finding | Problem | Unchecked]]]] = []
    end = now() + seconds
    for rule, theirs in asked.items():
        try:
            with at_most(end - now()):
                begun.append((theirs[0], rule, rule.check_files(theirs)))
        except OutOfTimeError:
            begun.append((theirs[0], rule, _not_finished(rule, theirs)))
        except Exception as error:  # noqa: BLE001 - a bug in one rule stops nothing else
            begun.append((theirs[0], rule, [(theirs[0], _internal_error(rule, theirs[0], error))]))

    def finish(seconds: float) -> _Shared:
        end = now() + seconds
        for first, rule, found in begun:
            items: list[tuple[ConfigFile, Finding | Problem | Unchecked]] = []
            try:
                with at_most(end - now()):
                    items.extend(found)
            except OutOfTimeError:
                items += _not_finished(rule, asked[rule])
            except Exception as error:  # noqa: BLE001
                items.append((first, _internal_error(rule, first, error)))
            yield from items

    return finish


def _not_finished(rule: Rule, files: Sequence[ConfigFile]) -> list[tuple[ConfigFile, Finding | Problem | Unchecked]]:
    """One problem for each path; several views of a file are one file."""
    by_path = {file.source.path: file for file in files}
    return [(file, _out_of_time(file, f"rule `{rule.name}` was not finished")) for file in by_path.values()]


def _run_all(seconds: float, file: ConfigFile, rules: Sequence[Rule]) -> _Ran:
    ran = _Ran(file)
    began = now()
    differs = any(text is not one.server for one in file.evaluations for text in one.texts_of_runners)
    done = 0
    try:
        with at_most(seconds):
            for rule in rules:
                start = len(ran.runs)
                if _run(ran, rule, file, file.evaluations) and differs:
                    _run_on_other_texts(ran, rule, start)
                done += 1
    except OutOfTimeError:
        ran.problems.append(_out_of_time(file, f"rule `{rules[done].name}` and {len(rules) - done - 1} more were not finished"))
    ran.seconds = now() - began
    return ran


def _out_of_time(file: ConfigFile, undone: str) -> Problem:
    message = f"the time for this file is over: {undone}"
    return Problem(
        "evaluation-limit",
        file.source.path,
        message,
        whole_file(file.source),
        help="raise --max-seconds if the file is meant to be so large",
    )


def _run_on_other_texts(ran: _Ran, rule: Rule, start: int) -> None:
    """Have a rule about security look at what runners see; `start` is where its findings so far begin."""
    from drone_lint.lint.both_views import as_runners_see, changed, looks_twice, not_said_before

    if not looks_twice(rule):
        return
    for other in as_runners_see(ran.file):
        found, ran.runs = ran.runs, []
        _run(ran, rule, other, [changed(*pair) for pair in zip(other.evaluations, ran.file.evaluations, strict=True)])
        ran.runs = [*found, *not_said_before(found[start:], ran.runs, ran.file)]


def _run(ran: _Ran, rule: Rule, file: ConfigFile, evaluations: Sequence[Evaluation]) -> bool:
    """Have a rule look at a file as a whole and walk through evaluations of it; whether it did not fail."""
    try:
        for finding in rule.check_file(file):
            ran.add(finding, None)
        seen: set[Document] = set()
        for evaluation in evaluations:
            documents = [document for document in evaluation.view(rule.view) if document not in seen]
            seen.update(documents)
            for finding in _walk(rule, documents):
                ran.add(finding, evaluation)
    except Exception as error:  # noqa: BLE001 - a bug in one rule stops nothing else
        ran.problems.append(_internal_error(rule, file, error))
        return False
    return True


def _walk(rule: Rule, documents: Iterable[Document]) -> Iterator[Finding]:
    kind = type(rule)
    on_document = kind.check_document is not Rule.check_document
    on_pipeline = kind.check_pipeline is not Rule.check_pipeline
    on_step = kind.check_step is not Rule.check_step
    if not (on_document or on_pipeline or on_step):
        return
    for document in documents:
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


def trace_of(error: BaseException) -> str:
    """The traceback of an error as text."""
    import traceback

    return "".join(traceback.format_exception(error))


def _internal_error(rule: Rule, file: ConfigFile, error: Exception) -> Problem:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" ({trace.tb_frame.f_code.co_name}, line {trace.tb_lineno})" if trace is not None else ""
    return Problem(
        "internal-error",
        file.source.path,
        f"rule `{rule.name}` failed: {type(error).__name__}: {error}{where}; the other rules ran. This is a bug in drone-lint",
        trace=trace_of(error),
    )
